"""Who stands at the other end: greetings, variables and names to proxies and services."""

import pytest

from wizard.probes.path.peers import recognised, same_end
from wizard.server.foreign_greeting import speaker

MARIADB = {"version": "10.11.19-MariaDB-log", "version_comment": "Debian n/a"}
MYSQL = {"version": "8.4.3", "version_comment": "MySQL Community Server - GPL"}


@pytest.mark.parametrize(
    ("greeting", "variables", "host", "name"),
    [
        ("8.0.11 (ProxySQL)", MYSQL, None, "ProxySQL"),
        ("5.5.30", {**MYSQL, "version_comment": "(ProxySQL)"}, None, "ProxySQL"),
        ("8.4.3-router", MYSQL, None, "MySQL Router"),
        ("10.6.8 23.08.1-maxscale", MARIADB, None, "MaxScale"),
        ("8.0.30-Vitess", {}, None, "Vitess (vtgate)"),
        ("8.0.39", MYSQL, "app.proxy-c0ffee.eu-west-1.rds.amazonaws.com", "Amazon RDS Proxy"),
        ("8.0.39", MYSQL, "mine.ELB.amazonaws.com.", "AWS load balancer"),
        ("5.7.30", MYSQL, "db.internal", "a proxy"),
    ],
)
def test_a_proxy_is_recognised(
    greeting: str, variables: dict[str, str], host: str | None, name: str
) -> None:
    first = recognised(greeting, variables, host)[0]
    assert (first.name, first.is_proxy) == (name, True)


@pytest.mark.parametrize(
    ("greeting", "variables", "host", "name"),
    [
        ("8.0.11-TiDB-v8.1.0", {}, None, "TiDB"),
        ("8.0.28", {"version": "8.0.28", "aurora_version": "3.04"}, None, "Amazon Aurora"),
        ("8.4.3", {**MYSQL, "basedir": "/rdsdbbin/mysql-8.4/"}, None, "Amazon RDS"),
        ("8.0.31-google", {"version": "8.0.31-google"}, None, "Google Cloud SQL"),
        ("8.4.3", MYSQL, "x.cluster-ro-abc.us-east-1.rds.amazonaws.com", "Amazon Aurora"),
        ("8.4.3", MYSQL, "x.mysql.database.azure.com", "Azure Database for MySQL"),
    ],
)
def test_a_service_is_no_proxy(
    greeting: str, variables: dict[str, str], host: str | None, name: str
) -> None:
    first = recognised(greeting, variables, host)[0]
    assert (first.name, first.is_proxy) == (name, False)


@pytest.mark.parametrize(
    ("greeting", "variables"),
    [
        ("5.5.5-10.11.19-MariaDB-log", MARIADB),
        ("11.8.2-MariaDB", {"version": "11.8.2-MariaDB-log"}),
        ("8.4.3", MYSQL),
        ("8.4.3", {}),
        ("", {}),
    ],
)
def test_a_server_of_its_own_is_nobody_else(greeting: str, variables: dict[str, str]) -> None:
    assert recognised(greeting, variables, "db1.example.com") == ()


@pytest.mark.parametrize(
    ("ours", "seen", "addresses", "same"),
    [
        ("10.0.0.5:41000", "10.0.0.5:41000", (), True),
        ("10.0.0.5:41000", "app.example.com:41000", (), True),
        ("10.0.0.5:41000", "10.0.0.1:41000", (), False),
        ("10.0.0.5:41000", "app.example.com:52000", (), False),
        ("::ffff:10.0.0.5:41000", "10.0.0.5:41000", (), True),
        ("fd00::5:41000", "fd00::5:41000", (), True),
        ("10.0.0.5:41000", "localhost", (), None),
        ("10.0.0.5:41000", "", (), None),
        ("", "10.0.0.5:41000", ("127.0.0.1", "10.0.0.5"), True),
        ("", "10.0.0.1:41000", ("127.0.0.1", "10.0.0.5"), False),
        ("", "app.example.com:41000", ("10.0.0.5",), None),
        ("", "10.0.0.1:41000", (), None),
    ],
)
def test_the_ends_of_a_connection_are_compared(
    ours: str, seen: str, addresses: tuple[str, ...], same: bool | None
) -> None:
    assert same_end(ours, seen, addresses) is same


@pytest.mark.parametrize(
    ("heard", "who"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "an HTTP server"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "an SSH server"),
        (b"\x15\x03\x01\x00\x02\x02\x28", "a TLS server"),
        (b"\x16\x03\x03\x00\x7a\x02", "a TLS server"),
        (b"-ERR unknown command\r\n", "a Redis server"),
        (b"\x05\x00\x00\x00\x0b\x08\x05\x1a\x00", "the X protocol"),
        (b"\x00\x01\x02", "something else"),
    ],
)
def test_a_speaker_is_known_by_how_it_begins(heard: bytes, who: str) -> None:
    assert speaker(heard).startswith(who)
