"""What an application's log tells of work that went well before a failure, and whose zone it is."""

import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from wizard.logs.application.read import scan_application_log, scan_text
from wizard.logs.application.successes import went_well

LOST = "ERROR db: pymysql.err.OperationalError: (2013, 'Lost connection to MySQL server')"
BERLIN = timezone(timedelta(hours=1))
"""In winter, all year: no test may meet the night in which its clocks are changed."""


@pytest.mark.parametrize(
    "line",
    [
        "INFO shop.orders: order done",
        "[worker-3] INFO Import finished in 231 ms",
        "Processed: App\\Jobs\\SendInvoice",
        '10.0.0.7 - - "GET /cart HTTP/1.1" 200 5123',
        "level=info msg=request status=204 duration=12ms",
        "DEBUG HikariPool-1 - Added connection com.mysql.cj.jdbc.ConnectionImpl@1f",
        "committed 12 rows",
        "Reconnected to the database",
    ],
)
def test_a_line_that_says_that_something_was_done_is_a_sign_of_life(line: str) -> None:
    assert went_well(line)


@pytest.mark.parametrize(
    "line",
    [
        "order failed",
        "job not done, retrying",
        "completed with 3 errors",
        "connection closed",
        "starting nightly import",
        "disconnected",
        "gave up: could not be saved",
        '10.0.0.7 - - "GET /cart HTTP/1.1" 502 150',
        "retry 1 of 3: ok",
    ],
)
def test_a_line_of_trouble_or_of_a_beginning_is_none(line: str) -> None:
    assert not went_well(line)


def test_a_failure_knows_when_its_own_source_last_did_its_work() -> None:
    lines = (
        "2026-11-23T10:00:00Z INFO jobs: order done",
        "2026-11-23T10:00:05Z INFO jobs: order done",
        f"2026-11-23T10:00:20Z {LOST}",
        f"2026-11-23T10:01:20Z {LOST}",
        "2026-11-23T10:02:00Z INFO jobs: reconnected",
        f"2026-11-23T10:03:00Z {LOST}",
    )
    worked = [f.worked for f in scan_text("\n".join(lines)).failures]
    first, last = (datetime(2026, 11, 23, 10, *at, tzinfo=UTC) for at in ((0, 5), (2, 0)))
    assert worked == [first, first, last]


def test_another_containers_work_is_no_sign_of_life() -> None:
    lines = (
        "shop-1  | 2026-11-23T10:00:00Z INFO jobs: order done",
        "mail-1  | 2026-11-23T10:00:09Z INFO mails: 3 delivered",
        f"shop-1  | 2026-11-23T10:00:20Z {LOST}",
    )
    (failure,) = scan_text("\n".join(lines)).failures
    assert failure.worked == datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)


def _written(path: Path, stamp: datetime, form: str, ago: timedelta) -> Path:
    path.write_text(f"{stamp.strftime(form)} {LOST}\n", encoding="utf-8")
    written = (datetime.now(UTC) - ago).timestamp()
    os.utime(path, (written, written))
    return path


@pytest.mark.parametrize("hours", [-5, 5.5, 9])
def test_a_live_log_that_names_no_zone_is_read_in_the_zone_that_its_file_tells(
    tmp_path: Path, hours: float
) -> None:
    ago = timedelta(minutes=3)
    then = datetime.now(UTC) - ago
    there = then.astimezone(BERLIN) + timedelta(hours=hours)
    log = _written(tmp_path / "app.log", there, "%Y-%m-%d %H:%M:%S", ago)
    scan = scan_application_log(log, zone=BERLIN)
    assert scan.away == timedelta(hours=-hours)
    (failure,) = scan.failures
    assert failure.at is not None
    assert abs(then - failure.at) < timedelta(seconds=10)


@pytest.mark.parametrize(
    ("form", "hours", "ago"),
    [
        ("%Y-%m-%d %H:%M:%S", 2.2, timedelta(minutes=3)),
        ("%Y-%m-%d %H:%M:%S", 0, timedelta(minutes=3)),
        ("%Y-%m-%d %H:%M:%S", -5, timedelta(days=3)),
        ("%Y-%m-%dT%H:%M:%S%z", -5, timedelta(minutes=3)),
    ],
    ids=["by no half hours", "not at all", "an old copy", "names its zone"],
)
def test_no_other_log_is_moved(tmp_path: Path, form: str, hours: float, ago: timedelta) -> None:
    there = (datetime.now(UTC) - ago).astimezone(BERLIN) + timedelta(hours=hours)
    log = _written(tmp_path / "app.log", there, form, ago)
    assert scan_application_log(log, zone=BERLIN).away == timedelta(0)
