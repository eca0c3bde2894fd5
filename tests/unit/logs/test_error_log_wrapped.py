"""A server's line is known by its own form, whatever console or paste put something around it."""

from datetime import UTC, datetime

import pytest

from wizard.logs.engine.block import Block
from wizard.logs.error.line import parse_line
from wizard.logs.error.scan import scan

ABORTED = (
    "Aborted connection 5120 to db: 'crm' user: 'crm' host: '10.9.0.4' "
    "(Got an error reading communication packets)"
)
MYSQL = f"2025-02-03T04:05:06.700000Z 5120 [Note] [MY-010914] [Server] {ABORTED}"
MARIADB = f"2025-02-03  4:05:06 5120 [Warning] {ABORTED}"

WRAPPED = (
    f' textPayload:  "{MYSQL}"   ',
    f'  "textPayload": "{MYSQL}",',
    f'{{"insertId":"a","textPayload":"{MYSQL}","timestamp":"2025-02-03T04:05:07Z"}}',
    f'{{"jsonPayload":{{"message":"{MYSQL}"}},"severity":"ERROR"}}',
    f'{{"MESSAGE":"{MYSQL}","_SYSTEMD_UNIT":"mysql.service"}}',
    f'{{"@timestamp":"2025-02-03T04:05:07Z","message":"{MYSQL}"}}',
    f"Mon, Feb 3 2025 4:05:06 am | {MARIADB}",
    f"2/3/2025 4:05:06 AM{MYSQL}",
    f"- {MARIADB}",
    f"  * {MARIADB}",
    f"> {MARIADB}",
    f"> `{MYSQL}`",
    f"3. {MARIADB}",
    f"mysqld.err:812:{MARIADB}",
    f"    {MARIADB}",
    # A console of HTML makes one blank of two.
    MARIADB.replace("  4:", " 4:"),
    f"| 2025-02-03 04:05:06.700000 | 5120 | Note | MY-010914 | Server | {ABORTED} |",
    f'1738555506729,"{MYSQL}"',
    f"2025-02-03 04:05:06.729,{MYSQL}",
    f"[pod/mysql-0/mysql] {MYSQL}",
    f"2025-02-03 04:05:06.700000\t5120\tNote\tMY-010914\tServer\t{ABORTED}",
)


@pytest.mark.parametrize("tags", ["[Warning]", "[Note] [MY-010914] [Server]"])
def test_a_session_end_that_lost_its_time_is_one_without_a_time(tags: str) -> None:
    parsed = parse_line(f"{tags} {ABORTED}", UTC)
    assert parsed is not None
    assert (parsed.at, parsed.text) == (None, ABORTED)
    assert parse_line("[Warning] the cache is cold", UTC) is None


@pytest.mark.parametrize("line", WRAPPED)
def test_what_is_around_a_line_is_looked_through(line: str) -> None:
    parsed = parse_line(line, UTC)
    assert parsed is not None
    assert parsed.text.rstrip(".") == ABORTED
    assert parsed.level in ("note", "warning")
    assert parsed.at is not None
    assert parsed.at.replace(microsecond=0) == datetime(2025, 2, 3, 4, 5, 6, tzinfo=UTC)
    data = f"{line}\n".encode()
    found = scan([Block(data, "error.log", 0, 1, len(data))], UTC)
    assert [(t.signature.id, t.count) for t in found.tallies] == [("aborted-read-error", 1)]
    assert found.understood


@pytest.mark.parametrize(
    "line",
    [
        "Query (7f1e3c0a): SELECT '2025-02-03 04:05:06 5 [Note] x: ready for connections.'",
        "good evening, it is 4:05:06 now",
        '{"message": "nothing of the sort"}',
        "| a | table | of 2025 |",
    ],
)
def test_a_text_that_only_quotes_a_line_is_none(line: str) -> None:
    parsed = parse_line(line, UTC)
    assert parsed is None or not parsed.level


def test_a_file_without_a_single_line_of_an_error_logs_form_is_not_understood() -> None:
    data = b'dear diary\nMay 01 10:00:00 host app[7]: started\n{"message": "hello"}\n'
    found = scan([Block(data, "notes.txt", 0, 1, len(data))], UTC)
    assert not found.understood
    assert not found.tallies


@pytest.mark.parametrize("reason", ["(CLOSE_CONNECTION)", "(Unknown error)", "(Erreur inconnue)"])
def test_an_end_of_unknown_reason_is_counted_as_one(reason: str) -> None:
    line = MARIADB[: MARIADB.rindex("(")] + reason
    data = f"{line}\n{MARIADB}\n".encode()
    found = scan([Block(data, "error.log", 0, 1, len(data))], UTC)
    told = {t.signature.signal: t.count for t in found.tallies}
    assert told == {"log.aborted-unknown": 1, "log.aborted-read-error": 1}


def test_a_connection_that_never_logged_in_is_no_end_of_unknown_reason() -> None:
    line = MARIADB.replace("user: 'crm'", "user: 'unauthenticated'")
    data = f"{line[: line.rindex('(')]}(CLOSE_CONNECTION)\n".encode()
    assert not scan([Block(data, "error.log", 0, 1, len(data))], UTC).tallies
