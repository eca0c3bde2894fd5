"""What binlog readers, routers, pools and monitors say of a connection: once, by its meaning."""

import pytest

from wizard.case.evidence import Phase
from wizard.logs.application.read import scan_text

HEAD = "2026-05-11 08:14:02,310 ERROR "


@pytest.mark.parametrize("role", ["slave", "replica"])
@pytest.mark.parametrize(
    "told",
    [
        "Received error packet: errno = 1236, sqlstate = HY000 errmsg = A {0} with the same"
        " server_uuid/server_id as this {0} has connected to the {1}; the first event 'b.7' at 9",
        "ERROR 1236 (HY000): A {0} with the same server_uuid/server_id as this {0} has connected"
        " to the {1}; the first event 'b.7' at 9",
        "ERROR 4052 (HY000): A {0} with the same server_id is already connected; the first event",
        "errno = 4052 errmsg = A {0} with the same server_uuid/server_id is already connected",
    ],
)
def test_a_reader_is_told_that_its_id_is_taken(told: str, role: str) -> None:
    source = {"slave": "master", "replica": "source"}[role]
    failures = scan_text(HEAD + told.format(role, source) + "\n").failures
    assert [f.signal for f in failures] == ["client.same-server-id"]


@pytest.mark.parametrize(
    "end",
    [
        "Caused by: java.io.EOFException: Failed to read next byte from position 8812",
        "Caused by: java.io.EOFException: Failed to read remaining 9 of 80 bytes from position 7",
        "",
    ],
)
def test_a_stream_that_ends_in_an_event_was_lost_while_rows_came(end: str) -> None:
    text = (
        f"{HEAD}cdc.Reader - x.binlog.event.deserialization.EventDataDeserializationException: "
        f"Failed to deserialize data of EventHeaderV4{{timestamp=1778487242000, flags=0}}\n{end}\n"
    )
    failures = scan_text(text).failures
    assert [(f.signal, f.phase) for f in failures] == [("client.lost", Phase.RESULT)]


@pytest.mark.parametrize(
    ("lines", "signals"),
    [
        (
            [
                "  811:20260511:081402.310 [Z3001] connection to database 'zbx' failed: [2003]"
                " Can't connect to MySQL server on '10.0.0.5' (111)",
                "  811:20260511:081402.311 database is down: reconnecting in 10 seconds",
            ],
            ["client.refused"],
        ),
        (
            ["  811:20260511:081402.311 database is down: reconnecting in 10 seconds"],
            ["client.connect-lost"],
        ),
        (
            [
                "2026-05-11 08:14:02,310 WARN  [x.r2dbc.mysql.client.ReactorNettyClient] -"
                " Connection has been closed by peer",
                "2026-05-11 08:14:02,313 ERROR [reactor.core.publisher.Operators] - dropped",
                "x.mysql.client.MySqlConnectionClosedException: Connection unexpectedly closed",
            ],
            ["client.lost"],
        ),
        (
            [
                HEAD + "shop: io.r2dbc.spi.R2dbcNonTransientResourceException: [H1000] [08000]"
                " Connection unexpectedly closed"
            ],
            ["client.lost"],
        ),
        (
            [
                HEAD + "shop: org.mariadb.r2dbc.ExceptionFactory$X:"
                " Connection is close. Cannot send anything"
            ],
            ["client.closed-object"],
        ),
        (
            [HEAD + "java.sql.SQLException: Acquisition timeout while waiting for new connection"],
            ["client.pool-timeout"],
        ),
        (
            [
                HEAD + "com.mchange.v2.resourcepool.TimeoutException: A client timed out while"
                " waiting to acquire a resource from com.mchange.v2.resourcepool.X@1"
            ],
            ["client.pool-timeout"],
        ),
        (
            [
                "2026-05-11 08:14:02 routing WARNING [7f3c] No available servers found for"
                " SECONDARY routing"
            ],
            ["client.refused"],
        ),
    ],
)
def test_one_event_by_its_meaning(lines: list[str], signals: list[str]) -> None:
    assert [f.signal for f in scan_text("\n".join(lines) + "\n").failures] == signals
