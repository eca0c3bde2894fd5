"""The times of application logs: every form, and what only the whole file can settle."""

import os
import random
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from wizard.logs.application.prefixes import unwrap
from wizard.logs.application.read import scan_application_log, scan_text
from wizard.logs.application.stamps import StampReader

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
MOMENT = datetime(2026, 3, 7, 15, 4, 5, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
LOST = "ERROR 2006 (HY000): MySQL server has gone away"

# The same moment, as loggers write it; the zone is UTC where they name none.
FORMS = """\
2026-03-07 15:04:05
2026-03-07T15:04:05,250Z x
2026-03-07T16:04:05.123456+01:00 x
2026-03-07 16:04:05+01 x
2026-03-07 16:04:05 CET x
2026-03-07 15:04:05.123 UTC [123] ERROR
2026/03/07 15:04:05.123456 main.go:12: x
2026.03.07 15:04:05 x
2026-3-7 15:04:05 x
2026-03-07 3:04:05 PM x
2026-03-07_15:04:05 x
2026-03-07.15:04:05 [NOTICE] x
2026年03月07日 15:04:05 x
10.0.0.1 - - [07/Mar/2026:15:04:05 +0000] "GET / HTTP/1.1" 200
[07-Mar-2026 15:04:05] NOTICE: x
[07-Mar-2026 16:04:05 Europe/Berlin] PHP Warning:  x
07-Mar-2026 15:04:05.123 SEVERE [main] x
7 Mar 2026, 15:04:05 x
Sat, 07 Mar 2026 15:04:05 GMT x
Saturday, 07-Mar-26 15:04:05 GMT x
[Sat Mar 07 15:04:05.123456 2026] [php:error] x
Sat Mar 7 15:04:05 UTC 2026 x
Sat Mar 07 2026 15:04:05 GMT+0000 (Coordinated Universal Time) x
Mar 7, 2026 3:04:05 PM com.shop.Orders query
March 7, 2026 3:04:05 PM UTC x
Mar  7 15:04:05 host app[1]: x
7 Mar 15:04:05 - [error] [mysql:1] x
07 Mar 15:04:05.250 - [red] x
07/Mar/26:15:04:05 x
<34>Mar  7 15:04:05 host app[1]: x
<165>1 2026-03-07T15:04:05.003Z host app 12 ID47 - x
Mär 7 15:04:05 host app: x
7 mars 2026 15:04:05 x
E0307 15:04:05.123456   12 x.go:1] x
I, [2026-03-07T15:04:05.123456 #99]  INFO -- : x
1:M 07 Mar 2026 15:04:05.123 * x
20260307T150405Z x
20260307150405 x
  123:20260307:150405.123 x
260307 15:04:05 x
26/03/07 15:04:05 INFO x
3/7/2026, 3:04:05 PM x
[03/07/26 3:04 PM WARNING] x
07.03.2026, 15:04:05.123 x
[07.03.26 15:04:05] x
03-07 15:04:05.123 E/Tag: x
[2026-03-07 15:04:05,123: ERROR/ForkPoolWorker-1] x
[ERROR][2026-03-07 15:04:05] x
[Nest] 1  - 03/07/2026, 3:04:05 PM   ERROR x
level=error ts=2026-03-07T15:04:05Z msg=x
time="2026-03-07T15:04:05Z" level=error msg="x"
"2026-03-07 15:04:05","ERROR","x"
(2026-03-07 15:04:05) x
1772895845 x
1772895845.123 x
1772895845123456 x
@1772895845 x
app-1  | 2026-03-07T15:04:05.123Z x
2026-03-07T15:04:09.123456789Z stdout F 2026-03-07 15:04:05 x
Sat 2026-03-07 15:04:05 UTC unit[3]: x
* 2026-03-07 15:04:05 x""".splitlines()


@pytest.mark.parametrize("line", FORMS)
def test_every_form_is_read(line: str) -> None:
    at = StampReader(UTC, NOW).moment(unwrap(line).text)
    if at is None:
        at = StampReader(UTC, NOW).moment(unwrap(line).outer)
    assert at is not None
    # Some forms have no seconds, some more.
    assert at.replace(second=5, microsecond=0) == MOMENT


@pytest.mark.parametrize(
    "line",
    [
        "the backup of 2026-03-07 15:04:05 is missing and so is that",
        "2026-03-07 25:04:05 x",
        "    at Query.run (/srv/app/query.js:52:25)",
        "ERROR 2006 (HY000) at line 12:30:11",
    ],
)
def test_what_stands_in_a_text_is_no_time_of_its_line(line: str) -> None:
    assert StampReader(UTC, NOW).moment(line) is None


def times(text: str, zone: tzinfo = UTC) -> list[datetime | None]:
    return [f.at for f in scan_text(text, zone=zone).failures]


def in_file(path: Path, written: datetime, text: str, zone: tzinfo = UTC) -> list[datetime | None]:
    path.write_text(text)
    os.utime(path, (written.timestamp(), written.timestamp()))
    return [f.at for f in scan_application_log(path, zone=zone).failures]


def test_the_hour_that_is_told_twice_is_told_apart() -> None:
    clocks = ("01:59:00", "02:30:00", "02:59:59", "02:00:01", "02:30:00", "03:00:00")
    text = "".join(f"2026-10-25 {clock} ERROR x {LOST}\n" for clock in clocks)
    hours = [at.astimezone(UTC) for at in times(text, BERLIN) if at is not None]
    assert hours == sorted(hours)
    assert [(at.hour, at.minute) for at in hours] == [
        (23, 59), (0, 30), (0, 59), (1, 0), (1, 30), (2, 0),
    ]  # fmt: skip


def test_lines_that_swap_places_put_no_clock_back() -> None:
    text = f"2026-10-25 02:30:00.2 ERROR x {LOST}\n2026-10-25 02:30:00.1 ERROR y {LOST} again\n"
    first, second = times(text, BERLIN)
    assert first is not None
    assert second is not None
    assert abs(first - second) < timedelta(seconds=1)


def test_a_year_ends_between_two_lines(tmp_path: Path) -> None:
    text = f"Dec 31 23:59:58 h app[1]: {LOST}\nJan  1 00:00:02 h app[1]: {LOST}\n"
    written = datetime(2026, 1, 1, 0, 0, 5, tzinfo=UTC)
    assert in_file(tmp_path / "x.log", written, text) == [
        datetime(2025, 12, 31, 23, 59, 58, tzinfo=UTC),
        datetime(2026, 1, 1, 0, 0, 2, tzinfo=UTC),
    ]


def test_bare_clocks_get_their_days_from_when_the_file_was_written(tmp_path: Path) -> None:
    text = f"[23:59:50 WARN]: {LOST}\n[23:59:58 INFO]: a\n[00:00:03 WARN]: {LOST}\n"
    written = datetime(2026, 3, 2, 0, 0, 5, tzinfo=UTC)
    assert in_file(tmp_path / "x.log", written, text) == [
        datetime(2026, 3, 1, 23, 59, 50, tzinfo=UTC),
        datetime(2026, 3, 2, 0, 0, 3, tzinfo=UTC),
    ]
    # A copy was written at another time, which tells nothing.
    assert in_file(tmp_path / "y.log", written + timedelta(hours=9), text) == [None, None]


@pytest.mark.parametrize(
    ("days", "month", "day"),
    [
        (("01/03/2026", "02/03/2026", "13/03/2026"), 3, 1),
        (("03/01/2026", "03/02/2026", "03/13/2026"), 3, 1),
        (("01/03/2026", "02/03/2026", "03/03/2026"), 3, 1),
        (("03/01/2026", "03/02/2026", "03/03/2026"), 3, 1),
        (("01-03-26", "02-03-26", "13-03-26"), 3, 1),
    ],
)
def test_day_or_month_first_is_what_the_whole_file_tells(
    days: tuple[str, ...], month: int, day: int
) -> None:
    text = "".join(f"{told} 10:00:00 ERROR x {LOST}\n" for told in days)
    first, *_others = times(text)
    assert first is not None
    assert (first.year, first.month, first.day) == (2026, month, day)


def test_a_date_far_down_settles_the_order_of_those_above(tmp_path: Path) -> None:
    calm = "".join(f"04/05/2026 10:00:00 INFO job {n}\n" for n in range(9000))
    text = f"04/05/2026 09:00:00 ERROR x {LOST}\n{calm}04/15/2026 10:00:00 INFO end\n{calm}"
    (at,) = in_file(tmp_path / "x.log", datetime(2026, 11, 1, tzinfo=UTC), text)
    assert at is not None
    assert (at.month, at.day) == (4, 5)


def test_a_containers_zone_places_the_programs_own_clock() -> None:
    line = f"2026-03-07T15:04:06.123456789Z stdout F 2026-03-07 17:04:05 ERROR x {LOST}"
    assert times(line, UTC) == [MOMENT]


def test_times_are_the_same_wherever_they_are_read() -> None:
    """Property: a moment that is written with its offset comes back, in any form and zone."""
    chance = random.Random(9)
    for _ in range(300):
        at = datetime.fromtimestamp(chance.randrange(946684800, 1795000000), UTC)
        offset = timezone(timedelta(minutes=15 * chance.randrange(-48, 57)))
        local = at.astimezone(offset)
        form = chance.choice(
            ["%Y-%m-%d %H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.000%z", "%d/%b/%Y:%H:%M:%S %z",
             "%a, %d %b %Y %H:%M:%S %z", "%d-%b-%Y %H:%M:%S %z", "[%Y/%m/%d %H:%M:%S %z]"]
        )  # fmt: skip
        reader = StampReader(timezone(timedelta(hours=chance.randrange(-11, 13))), NOW)
        assert reader.moment(f"{local:{form}} x") == at, local.strftime(form)


def test_failures_stay_in_order_and_none_is_lost_or_doubled() -> None:
    """Property: any mix of records at least two seconds apart tells each failure once."""
    chance = random.Random(4)
    for _ in range(40):
        at, lines, failed = MOMENT, [], 0
        for _ in range(chance.randrange(1, 40)):
            at += timedelta(seconds=chance.randrange(2, 4000))
            stamp = f"{at:%Y-%m-%d %H:%M:%S},{chance.randrange(1000):03}"
            if chance.random() < 0.4:
                lines += [
                    f"{stamp} ERROR app.jobs: job failed",
                    "Traceback (most recent call last):",
                    '  File "/srv/app/jobs.py", line 7, in run',
                    "    raise OperationalError(2006, 'MySQL server has gone away')",
                    "pymysql.err.OperationalError: (2006, 'MySQL server has gone away')",
                ][: chance.choice((5, 5, 5, 1))]
                failed += lines[-1].startswith("pymysql")
            else:
                lines.append(f"{stamp} INFO app.jobs: all is well")
        found = times("\n".join(lines))
        assert len(found) == failed
        known = [moment for moment in found if moment is not None]
        assert known == sorted(known)
        assert len(known) == failed


@pytest.mark.parametrize(
    "written",
    [
        "[Nov 23 10:45:15] ERROR[812]: x",
        "Nov 23 10:45:15 AM  x",
        "ts=1795430715.123 level=error",
        'time="1795430715" x',
        "10:45:15.123 23.11.2026 x",
        "10:45:15 23/11/2026 x",
        "10:45:15 2026-11-23 x",
        "Nov-23-2026 10:45:15 x",
        "2026-Nov-23 10:45:15 x",
        "2026 Nov 23 10:45:15 x",
        "Mo 23. Nov 10:45:15 UTC 2026 x",
        "=ERROR REPORT==== 23-Nov-2026::10:45:15.069729 ===",
        "=CRASH REPORT==== 23-Nov-2026::10:45:15 ===",
    ],
)
def test_rarer_forms_are_read_too(written: str) -> None:
    moment = StampReader(UTC, datetime(2026, 11, 24, tzinfo=UTC)).moment(written)
    assert moment is not None
    assert moment.replace(microsecond=0) == datetime(2026, 11, 23, 10, 45, 15, tzinfo=UTC)


def test_a_catalogs_day_and_clock_without_seconds_is_a_time() -> None:
    reader = StampReader(UTC, datetime(2026, 11, 24, tzinfo=UTC))
    assert reader.moment("23-Nov 10:45 bacula-dir JobId 0: x") == datetime(
        2026, 11, 23, 10, 45, tzinfo=UTC
    )


def test_an_applications_level_in_brackets_makes_no_servers_line() -> None:
    line = "[2026-11-23 10:45:15.123] [ERROR] MySQL server has gone away"
    assert scan_text(line, zone=UTC).total == 1
    assert scan_text("2026-11-23 10:45:15 7 [ERROR] " + line[35:], zone=UTC).total == 0


@pytest.mark.parametrize("number", ["7", "42", "165", "1234", "12345", "123456"])
def test_zabbix_pads_its_process_number(number: str) -> None:
    """It is printed as %6d: a container's small ones have up to five blanks before them."""
    lost = "[Z3005] query failed: [2013] Lost connection to MySQL server during query [commit;]"
    line = f"{number:>6}:20190116:135334.275 {lost}\n"
    (only,) = scan_text(line, zone=UTC).failures
    assert str(only.at) == "2019-01-16 13:53:34.275000+00:00"
