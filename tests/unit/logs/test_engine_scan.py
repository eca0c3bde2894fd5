"""What a scan counts is what was planted, however the log is cut into blocks."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from tests.benches.planted import Planted, error_log
from wizard.hosts.local.host import LocalHost
from wizard.logs.engine import second_process
from wizard.logs.engine.kept import KeptBlock, Newest
from wizard.logs.engine.open_log import open_log
from wizard.logs.engine.tally import MAX_CELLS, MAX_NAMES, OTHERS, Histogram, Names
from wizard.logs.error.line import error_clock
from wizard.logs.error.line_kinds import LineKinds
from wizard.logs.error.minutes import Minutes
from wizard.logs.error.scan import scan
from wizard.logs.error.scan_model import Scan
from wizard.logs.error.two_halves import scan_part


def scanned(path: Path, length: int = 1 << 18) -> Scan:
    log = open_log(LocalHost(), str(path), error_clock(UTC))
    return scan(log.blocks(0, log.size, 1, length), UTC)


def told(found: Scan) -> Planted:
    """As Planted, from what a scan found."""
    result = Planted()
    for tally in found.tallies:
        name = tally.signature.id
        result.signatures[name] = tally.count
        for second, n in tally.minutes.cells.items():
            at = datetime.fromtimestamp(second, UTC)
            result.minutes[f"{at:%Y-%m-%dT%H:%M}", name] += n
        for account, n in tally.accounts.counts.items():
            result.accounts[account, name] += n
    return result


@pytest.mark.parametrize("mysql", [False, True], ids=["mariadb", "mysql"])
@pytest.mark.parametrize("length", [4096, 77_777, 1 << 18])
def test_the_counts_are_what_was_planted(tmp_path: Path, mysql: bool, length: int) -> None:
    path = tmp_path / "error.log"
    planted = error_log(path, 1 << 20, mysql)
    found = scanned(path, length)
    seen = told(found)
    assert seen.signatures == planted.signatures
    assert seen.minutes == planted.minutes
    assert seen.accounts == planted.accounts
    assert (found.lines, found.bytes_scanned) == (planted.lines, planted.size)


def test_any_cut_into_blocks_tells_the_same(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    error_log(path, 1 << 20)
    whole = scanned(path, 64 << 20)
    for length in (700, 5_000, 65_536, 333_333):
        assert scanned(path, length) == whole


def test_system_time_with_a_change_of_summer_time_is_counted_apart(tmp_path: Path) -> None:
    """`log_timestamps=SYSTEM`: the hour from two to three comes twice."""
    path = tmp_path / "error.log"
    text = "[Note] [MY-010926] [Server] Access denied for user 'a'@'h' (using password: YES)"
    path.write_text(
        f"2026-10-25T02:30:01.000000+02:00 8 {text}\n"
        f"2026-10-25T02:30:59.000000+02:00 8 {text}\n"
        f"2026-10-25T02:30:02.000000+01:00 9 {text}\n"
    )
    (tally,) = scanned(path).tallies
    assert tally.minutes.cells == {1792888200: 2, 1792891800: 1}


def test_a_histogram_grows_coarser_and_loses_nothing() -> None:
    histogram = Histogram()
    for minute in range(2 * MAX_CELLS):
        histogram.add(minute * 60)
    assert histogram.width == 600
    assert sum(histogram.cells.values()) == 2 * MAX_CELLS
    other = Histogram()
    other.add(60, 5)
    other.merge(histogram)
    assert other.width == 600
    assert other.cells[0] == 15


def test_names_beyond_the_limit_are_counted_together() -> None:
    names = Names()
    for number in range(MAX_NAMES + 3):
        names.add(f"'u{number}'@'h'")
    names.add("'u1'@'h'")
    assert names.counts["'u1'@'h'"] == 2
    assert names.counts[OTHERS] == 3


def test_the_newest_are_kept_however_they_came() -> None:
    plain: list[bytes] = []
    newest: Newest[int] = Newest(100, LineKinds((), Minutes(UTC), UTC).numbers)
    for number in range(300):
        lines = [b"%d %d" % (number, n) for n in range(number % 120)]
        block = KeptBlock(lines, [0] * len(lines), [7], number)
        if number % 3:
            for n, line in enumerate(lines):
                newest.add_line(7, line, number, n)
        elif lines:
            newest.add_block(7, block, len(lines))
        plain += lines
        if number % 50 == 0:
            assert [line for line, _, _ in newest.of(7)] == plain[-100:]
    assert Counter(line for line, _, _ in newest.of(7)) == Counter(plain[-100:])


def test_two_processes_tell_what_one_tells(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    error_log(path, 1 << 20)
    lines = path.read_bytes().split(b"\n")
    abort = lines[-3][:19] + b" 0 [ERROR] Aborting"
    error = lines[40][:19] + b" 0 [ERROR] InnoDB: something is wrong"
    path.write_bytes(b"\n".join([*lines[:40], error, *lines[40:-2], abort, *lines[-2:]]))
    log = open_log(LocalHost(), str(path), error_clock(UTC))
    one = scan_part(log, 0, log.size, UTC)
    two = scan_part(log, 0, log.size, UTC, large=1000)
    assert two == one
    assert told(two).minutes == told(one).minutes
    assert told(two).accounts == told(one).accounts
    assert two.marks[0].error.endswith("something is wrong")


def test_a_second_process_ends_when_the_first_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    error_log(path, 8 << 20)
    log = open_log(LocalHost(), str(path), error_clock(UTC))

    class Stopped(Exception):
        pass

    def stop() -> None:
        raise Stopped

    # Tests that ran before in this process may have left children of their own.
    before = {child.pid for child in psutil.Process().children()}
    with pytest.raises(Stopped):
        scan_part(log, 0, log.size, UTC, stop, large=1000)
    assert {child.pid for child in psutil.Process().children()} <= before


def test_a_second_process_that_cannot_work_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "error.log"
    error_log(path, 1 << 19)
    log = open_log(LocalHost(), str(path), error_clock(UTC))
    one = scan_part(log, 0, log.size, UTC)
    monkeypatch.setattr(second_process, "_PROGRAM", "raise SystemExit(3)")
    assert scan_part(log, 0, log.size, UTC, large=1000) == one
