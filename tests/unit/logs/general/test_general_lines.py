"""A general log's entries, in both servers' formats, however the file is cut into chunks."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from wizard.logs.general.lines import KEPT, GeneralEntry, entries

MYSQL = b"""/usr/sbin/mysqld, Version: 9.7.4-2 ((Debian)). started with:
Tcp port: 3306  Unix socket: /run/mysqld.sock
Time                 Id Command    Argument
2026-03-01T10:00:00.250000Z\t    8 Connect\tapp@web1.example on shop using SSL/TLS
2026-03-01T10:00:00.300000Z\t    8 Query\tselect a,
  b from t
2026-03-01T12:00:05.000000+02:00\t    8 Init DB\tother
2026-03-01T10:00:06.000000Z\t    8 Quit\t
"""

MARIADB = b"""/usr/sbin/mariadbd, Version: 10.11.6-MariaDB (Debian). started with:
Tcp port: 3306  Unix socket: /run/mysqld/mysqld.sock
Time\t\t    Id Command\tArgument
260301 10:00:00\t    31 Connect\tapp@localhost on shop using Socket
\t\t    31 Query\tselect 1
\t\t    32 Connect\tAccess denied for user 'app'@'h' (using password: YES)
260301  9:00:01\t    31 Query\tinsert into t values ('x\x00y
z')
\t\t    31 Quit\t
"""


def told(data: bytes, size: int = 1 << 20) -> list[GeneralEntry]:
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    return list(entries(chunks, timezone(timedelta(hours=1))))


def test_mysql_times_have_their_own_offset() -> None:
    found = told(MYSQL)
    assert [e.command for e in found] == ["Connect", "Query", "Init DB", "Quit"]
    assert found[0].at == datetime(2026, 3, 1, 10, 0, 0, 250000, UTC)
    assert found[2].at == datetime(2026, 3, 1, 10, 0, 5, tzinfo=UTC)
    assert found[1].text == b"select a,\n  b from t"


def test_mariadb_writes_a_time_once_a_second_in_the_servers_own_zone() -> None:
    found = told(MARIADB)
    assert [e.connection_id for e in found] == [31, 31, 32, 31, 31]
    assert {e.at for e in found[:3]} == {datetime(2026, 3, 1, 9, 0, 0, tzinfo=UTC)}
    assert found[3].at == datetime(2026, 3, 1, 8, 0, 1, tzinfo=UTC)
    assert found[3].text == b"insert into t values ('x\x00y\nz')"


@pytest.mark.parametrize(
    "before", ["10:00:00.250000Z", "10:00:00Z", "12:00:00.25+02:00", "99:00:00Z"]
)
@pytest.mark.parametrize("then", ["10:00:00.250001Z", "10:00:00.3Z", "10:00:00.250000+02:00", "9"])
def test_a_time_is_read_the_same_whichever_came_before(before: str, then: str) -> None:
    lines = "".join(f"2026-03-01T{time}\t 8 Ping\t\n" for time in (before, then))
    found = [e.at for e in told(lines.encode())]
    alone = [
        e.at for time in (before, then) for e in told(f"2026-03-01T{time}\t 8 Ping\t\n".encode())
    ]
    assert found == [at or alone[0] for at in alone]
    assert told(b"2026-03-01T10:00:00.25Z\t 8 Ping\t\n")[0].at == datetime(
        2026, 3, 1, 10, 0, 0, 250_000, UTC
    )


@pytest.mark.parametrize("size", [1, 7, 64, 333])
@pytest.mark.parametrize("log", [MYSQL, MARIADB])
def test_it_does_not_matter_how_the_file_is_cut(log: bytes, size: int) -> None:
    assert told(log, size) == told(log)


def test_a_huge_statement_is_counted_and_not_kept() -> None:
    head = b"2026-03-01T10:00:00.000000Z\t    8 Query\t"
    huge = b"insert into t values ('" + b"x\n" * (3 << 20) + b"')"
    after = b"\n2026-03-01T10:00:01.000000Z\t    8 Quit\t\n"
    first, second = told(head + huge + after, 1 << 16)
    assert (first.size, len(first.text)) == (len(huge), KEPT)
    assert second.command == "Quit"


def test_a_restart_of_the_server_ends_the_statement_before_it() -> None:
    found = told(MYSQL + MYSQL)
    assert [e.command for e in found].count("Quit") == 2
    assert found[3].text == b""


def test_what_is_no_general_log_has_no_entries() -> None:
    assert told(b"\x00\xff\n" * 1000 + b"some text\n") == []
