"""The shapes of lines: stamps, prefixes, codes, and what is no stamp."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from wizard.logs.error.line import parse_line

EAST = timezone(timedelta(hours=9))


def utc(year: int, month: int, day: int, hour: int, minute: int, second: int) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "at", "level", "text"),
    [
        (
            "2026-11-23T10:45:15.696065Z 7 [Note] Aborted",
            datetime(2026, 11, 23, 10, 45, 15, 696065, UTC), "note", "Aborted",
        ),
        ("2019-06-11T02:25:09.164143+08:00 1 [Note] x",
         datetime(2019, 6, 10, 18, 25, 9, 164143, UTC), "note", "x"),
        ("2026-11-23T11:16:33.690140-00:00 201 [Note] x",
         datetime(2026, 11, 23, 11, 16, 33, 690140, UTC), "note", "x"),
        # Local time of the server: 9 hours ahead of UTC here.
        ("2020-06-17  5:21:41 193529 [Warning] x", utc(2020, 6, 16, 20, 21, 41), "warning", "x"),
        ("140613  5:51:38 [ERROR] x", utc(2014, 6, 12, 20, 51, 38), "error", "x"),
        ("261123 10:52:38 [ERROR] mysqld got signal 11 ;", utc(2026, 11, 23, 1, 52, 38), "error",
         "mysqld got signal 11 ;"),
        ("230412 11:15:18 mysqld_safe Starting mariadbd daemon", utc(2023, 4, 12, 2, 15, 18), "",
         "mysqld_safe Starting mariadbd daemon"),
        # A signal handler writes UTC.
        ("2026-11-23T10:52:41Z UTC - mysqld got signal 11 ;", utc(2026, 11, 23, 10, 52, 41),
         "error", "mysqld got signal 11 ;"),
        ("2020-04-22 03:34:07+00:00 [Note] [Entrypoint]: Temporary server started.",
         utc(2020, 4, 22, 3, 34, 7), "note", "Temporary server started."),
    ],
)  # fmt: skip
def test_stamps(line: str, at: datetime, level: str, text: str) -> None:
    parsed = parse_line(line.encode(), EAST)
    assert parsed is not None
    assert (parsed.at, parsed.level, parsed.text) == (at, level, text)


@pytest.mark.parametrize(
    "prefix",
    [
        "mysql_1  | ",
        "friendicame-db-1  | ",
        "database-mysql/mysql-0[mysql]: ",
        "Nov 22 08:00:01 obstex01 mariadbd[638]: ",
        "Okt 17 08:00:01 obstex01 mariadbd[638]: ",
    ],
)
def test_a_prefix_changes_nothing(prefix: str) -> None:
    line = "2022-04-13T16:06:50.729324Z 3 [System] [MY-010116] [Server] starting"
    assert parse_line(prefix + line, EAST) == parse_line(line, EAST)


def test_the_journal_knows_the_zone_better_than_the_server() -> None:
    parsed = parse_line(
        "2026-11-23T09:00:00.250000+0000 db1 mariadbd[638]: 2026-11-23 10:00:00 9 [Note] x", EAST
    )
    assert parsed is not None
    assert parsed.at == datetime(2026, 11, 23, 9, 0, 0, 250000, UTC)
    assert parsed.text == "x"


def test_codes_subsystems_and_threads() -> None:
    parsed = parse_line("2026-11-23T10:47:33.801593Z 104 [ERROR] [MY-013833] [Server] Closed.")
    assert parsed is not None
    assert (parsed.code, parsed.subsystem, parsed.thread) == ("MY-013833", "Server", 104)


def test_the_json_sink() -> None:
    parsed = parse_line(
        '{ "prio" : 3, "err_code" : 10914, "subsystem" : "Server", "msg" : "Aborted connection 65",'
        ' "time" : "2026-11-23T10:59:24.515041Z", "thread" : 65, "label" : "Note" }'
    )
    assert parsed is not None
    assert parsed.at == datetime(2026, 11, 23, 10, 59, 24, 515041, UTC)
    assert (parsed.code, parsed.level, parsed.thread) == ("MY-010914", "note", 65)
    assert parsed.text == "Aborted connection 65"


def test_the_json_sink_repeats_a_crash_without_its_first_stamp() -> None:
    parsed = parse_line(
        '{ "log_type" : 1, "err_code" : 13951, "prio" : 0, "msg" : "2026-11-23T14:58:26Z UTC -'
        ' mysqld got signal 11 ;", "time" : "2026-11-23T14:58:26.000000Z", "label" : "System" }'
    )
    assert parsed is not None
    assert parsed.text == "mysqld got signal 11 ;"


def test_a_time_without_a_date_takes_the_day_of_the_line_before() -> None:
    evening = utc(2026, 11, 23, 23, 59, 50)
    same = parse_line("23:59:58 UTC - mysqld got signal 11 ;", EAST, evening)
    next_day = parse_line("00:00:03 UTC - mysqld got signal 11 ;", EAST, evening)
    assert same is not None
    assert same.at == utc(2026, 11, 23, 23, 59, 58)
    assert next_day is not None
    assert next_day.at == utc(2026, 11, 24, 0, 0, 3)


@pytest.mark.parametrize(
    "line",
    [
        "", "stack_bottom = 0x0 thread_stack 0x49000", "Query (0x1): select 1", "{", "{}", "[1]",
        "{" * 100_000, "9999-99-99T99:99:99Z 1 [Note] x no", "\x00\x01\xff",
    ],
)  # fmt: skip
def test_what_is_no_line(line: str) -> None:
    parsed = parse_line(line.encode("latin-1"))
    assert parsed is None or parsed.at is None
