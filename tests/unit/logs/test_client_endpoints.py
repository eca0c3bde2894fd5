"""A line that names no MySQL speaks of it where it names the database's own place."""

import pytest

from wizard.logs.application.endpoints import Endpoints, endpoints_of
from wizard.logs.application.read import scan_text

REFUSED = "2026/11/23 10:45:15 job failed: dial tcp 127.0.0.1:36146: connect: connection refused"


def signals(text: str, *endpoints: str) -> list[str]:
    return [f.signal for f in scan_text(text, endpoints=endpoints).failures]


def test_the_operators_target_is_known() -> None:
    assert signals(REFUSED) == []
    assert signals(REFUSED, *endpoints_of("127.0.0.1", 36146)) == ["client.refused"]
    assert signals(REFUSED, *endpoints_of("localhost", 36146)) == ["client.refused"]
    assert signals(REFUSED, *endpoints_of("127.0.0.1", 3614)) == []


def test_a_name_alone_is_a_place_too() -> None:
    line = "2026-11-23T10:45:15Z error getaddrinfo ENOTFOUND db.shop.example"
    assert signals(line) == []
    assert signals(line, *endpoints_of("db.shop.example", 3306)) == ["client.name-resolution"]
    assert signals(line.replace("db.shop", "mydb.shop"), "db.shop.example") == []


@pytest.mark.parametrize(
    "first",
    [
        "2026/11/23 10:45:11 using mysql://app:x@127.0.0.1:36146/shop",
        "2026/11/23 10:45:11 dsn app:x@tcp(127.0.0.1:36146)/shop for mysql",
    ],
)
def test_the_applications_own_dsn_tells_the_place(first: str) -> None:
    assert signals(f"{first}\n{REFUSED}") == ["client.refused"]


def test_a_place_beside_another_server_is_not_learnt() -> None:
    known = Endpoints()
    known.learn("redis at cache.example and mysql")
    assert not known.named_in("cache.example is away")


def test_a_pools_bare_timeout_takes_the_reason_that_it_gave_before() -> None:
    first = (
        "2026-11-23 10:45:11.000 ERROR [main] shop.Job - job 1 failed\n"
        "java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available,"
        " request timed out after 3006ms.\n"
        "Caused by: com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link"
        " failure\n"
        "Caused by: java.net.ConnectException: Connection refused\n"
    )
    bare = (
        "{} ERROR [main] shop.Job - job failed: HikariPool-1 - Connection is not available,"
        " request timed out after 3000ms."
    )
    assert signals(first + bare.format("2026-11-23 10:45:15.000")) == ["client.refused"] * 2
    late = first + bare.format("2026-11-23 11:45:15.000")
    assert signals(late) == ["client.refused", "client.pool-timeout"]
