"""Hours of one digit, midnight, a year's end and the two changes of daylight saving time."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.logs.error.line import parse_line
from wizard.logs.error.read_log import read_file

BERLIN = ZoneInfo("Europe/Berlin")
ABORTED = (
    "[Warning] Aborted connection {n} to db: 'shop' user: 'app' host: 'web1'"
    " (Got timeout reading communication packets)"
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "at"),
    [
        (b"2026-11-28  9:51:40 0 [ERROR] mariadbd: Got error 28", "2026-11-28T09:51:40"),
        (b"2026-11-28 09:51:40 0 [ERROR] mariadbd: Got error 28", "2026-11-28T09:51:40"),
        (b"261128  9:51:40 [ERROR] mysqld got signal 11 ;", "2026-11-28T09:51:40"),
        (b"261128 19:51:40 [ERROR] mysqld got signal 11 ;", "2026-11-28T19:51:40"),
        (b"261231 23:59:59 [Note] InnoDB: Starting shutdown...", "2026-12-31T23:59:59"),
        (b"270101  0:00:00 [Note] InnoDB: Starting shutdown...", "2027-01-01T00:00:00"),
    ],
)
def test_both_forms_of_an_hour_are_read(line: bytes, at: str) -> None:
    parsed = parse_line(line, UTC)
    assert parsed is not None
    assert parsed.at == utc(at)


def ended(path: Path, since: datetime, until: datetime, zone: ZoneInfo | None = None) -> int:
    reading = read_file(LocalHost(), str(path), Window(since, until), zone or UTC)
    return sum(t.count for t in reading.scan.tallies if t.signature.signal == "log.aborted-timeout")


@pytest.mark.parametrize(
    ("before", "after"),
    [("2026-11-27", "2026-11-28"), ("2026-12-31", "2027-01-01"), ("2028-02-28", "2028-02-29")],
)
def test_a_window_may_pass_midnight(tmp_path: Path, before: str, after: str) -> None:
    log = tmp_path / "error.log"
    stamps = [f"{before} 23:59:40", f"{before} 23:59:50", f"{after}  0:00:00", f"{after}  0:00:10"]
    lines = [f"{stamp} {n} {ABORTED.format(n=n)}" for n, stamp in enumerate(stamps)]
    log.write_text("\n".join(lines) + "\n")
    assert ended(log, utc(f"{before}T23:59:50"), utc(f"{after}T00:00:05")) == 2
    assert ended(log, utc(f"{before}T23:59:40"), utc(f"{after}T00:00:10")) == 4


def test_an_hour_that_happens_twice_is_in_the_window(tmp_path: Path) -> None:
    """Berlin, 2026-10-25: the clock goes from 3:00 back to 2:00, and the log tells no zone."""
    log = tmp_path / "error.log"
    stamps = ["1:59:00", "2:10:00", "2:50:00", "2:10:00", "2:50:00", "3:10:00"]
    log.write_text(
        "".join(
            f"2026-10-25  {stamp} {n} {ABORTED.format(n=n)}\n" for n, stamp in enumerate(stamps)
        )
    )
    whole = ended(log, utc("2026-10-24T23:30:00"), utc("2026-10-25T02:30:00"), BERLIN)
    assert whole == len(stamps)


def test_an_hour_that_never_happens_is_no_hole(tmp_path: Path) -> None:
    """Berlin, 2026-03-29: the clock goes from 2:00 to 3:00."""
    log = tmp_path / "error.log"
    stamps = ["1:30:00", "1:59:59", "3:00:00", "3:30:00"]
    log.write_text(
        "".join(
            f"2026-03-29  {stamp} {n} {ABORTED.format(n=n)}\n" for n, stamp in enumerate(stamps)
        )
    )
    around = (utc("2026-03-29T00:59:00"), utc("2026-03-29T01:01:00"))
    assert ended(log, *around, BERLIN) == 2
