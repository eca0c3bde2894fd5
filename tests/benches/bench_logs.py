"""`make bench`: what reading logs costs, beside the tools that operators reach for.

Logs are made with known contents, in a temporary directory that is removed in any case; each
reading is checked against what was planted. SIZE (bytes, 100 MB by default) and ROUNDS may be set;
names of logs ("application", "slow") as arguments leave out the others.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from tests.benches.planted import END, WRITERS, Planted
from wizard.hosts.local.host import LocalHost
from wizard.logs.application import triggers
from wizard.logs.application.read import scan_application_log
from wizard.logs.engine import fast
from wizard.logs.engine.block import BLOCK
from wizard.logs.engine.open_log import open_log
from wizard.logs.engine.stamps import Clock, general_clock, slow_clock
from wizard.logs.error import two_halves
from wizard.logs.error.by_size import Way, way_for
from wizard.logs.error.line import error_clock
from wizard.logs.error.scan import Scanner
from wizard.logs.error.scan_model import Scan
from wizard.logs.error.two_halves import scan_part
from wizard.logs.general import never_quit
from wizard.logs.general.never_quit import QuitTally, Sessions
from wizard.logs.slow.read import read_slow_log

SIZE = int(os.environ.get("SIZE", 100 << 20))
ROUNDS = int(os.environ.get("ROUNDS", 3))

NEVER = 1 << 62
"""No file is so large: everything in one process."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds on the wall and of the processor, the best of the rounds."""

    wall: float
    processor: float
    right: bool | None


def main() -> int:
    right = True
    with tempfile.TemporaryDirectory(prefix="goneaway-bench-") as place:
        if shutil.disk_usage(place).free < 2 * SIZE:
            print(f"{place} has not {2 * SIZE >> 20} MiB free: no log is written")
            return 1
        print(f"| log of {SIZE / 1e6:,.0f} MB | read by | MB/s | MB/s of processor time | counts |")
        print("|---|---|---|---|---|")
        for name, write in WRITERS.items():
            if sys.argv[1:] and not name.startswith(tuple(sys.argv[1:])):
                continue
            path = Path(place) / "log"
            planted = write(path, SIZE)
            os.sync()  # what is still to be written would be written beside the readers
            for run in (*ours(name, path, planted), *theirs(name, path)):
                told = measured(run)
                right = right and told.right is not False
                print(row(name, run.what, path.stat().st_size, told), flush=True)
            path.unlink()
    print("every count as planted" if right else "SOME COUNT IS NOT WHAT WAS PLANTED")
    return 0 if right else 1


def measured(run: "Run") -> Measured:
    """What was found is judged behind the clock: that is no part of the reading."""
    best: Measured | None = None
    right: bool | None = None
    for _ in range(ROUNDS):
        wall, spent = time.monotonic(), _processor()
        found = run.read()
        told = Measured(time.monotonic() - wall, _processor() - spent, None)
        best = told if best is None or told.wall < best.wall else best
        if run.judge is not None:
            right = right is not False and run.judge(found)
        if told.wall > 30:
            break
    assert best is not None
    return replace(best, right=right)


def _processor() -> float:
    return sum(os.times()[:4])


def row(name: str, what: str, size: int, told: Measured) -> str:
    judged = {True: "as planted", False: "WRONG", None: ""}[told.right]
    if what.startswith("the window"):
        return f"| {name} | {what} | {told.wall * 1e3:.1f} ms | | {judged} |"
    rates = f"{size / 1e6 / told.wall:,.0f} | {size / 1e6 / max(1e-6, told.processor):,.0f}"
    return f"| {name} | {what} | {rates} | {judged} |"


@dataclass(frozen=True, slots=True)
class Run:
    """One reading of a log, and whether what it found is what was planted."""

    what: str
    read: Callable[[], Any]
    judge: Callable[[Any], bool] | None = None


def ours(name: str, path: Path, planted: Planted) -> Iterator[Run]:
    clock = _clock(name)
    if not name.startswith("application"):
        yield Run("the window of the last hour, sought", lambda: _sought(path, clock))
    if name.startswith("error"):
        yield from _error_runs(path, planted)
    elif name.startswith("general"):
        yield from _general_runs(path, clock, planted)
    elif name.startswith("slow"):
        yield Run(
            "goneaway-wizard, digest",
            lambda: read_slow_log(LocalHost(), str(path), None, UTC).digest.entries,
            lambda entries: entries == planted.statements,
        )
    elif name.startswith("application"):
        yield from _application_runs(path, planted)


def _clock(name: str) -> Clock:
    if name.startswith("general"):
        return general_clock(UTC)
    return slow_clock(UTC) if name.startswith("slow") else error_clock(UTC)


def _sought(path: Path, clock: Clock) -> None:
    log = open_log(LocalHost(), str(path), clock)
    log.seek(END - timedelta(hours=1))


def _error_runs(path: Path, planted: Planted) -> Iterator[Run]:
    def judge(found: Scan) -> bool:
        return same(found, planted)

    yield Run("goneaway-wizard, one process", lambda: _errors(path, NEVER), judge)
    yield Run("goneaway-wizard, two processes", lambda: _errors(path, 1 << 20), judge)
    if way_for(SIZE).scanner is not Scanner:
        yield Run("goneaway-wizard, without the extra", lambda: _errors_without(path), judge)


def _errors(path: Path, large: int) -> Scan:
    log = open_log(LocalHost(), str(path), error_clock(UTC))
    return scan_part(log, 0, log.size, UTC, large=large)


def _errors_without(path: Path) -> Scan:
    with mock.patch.object(two_halves, "way_for", return_value=Way(Scanner, BLOCK)):
        return _errors(path, NEVER)


def same(found: Scan, planted: Planted) -> bool:
    """Whether all of the counts are what was planted."""
    signatures = {t.signature.id: t.count for t in found.tallies}
    accounts = {(a, t.signature.id): n for t in found.tallies for a, n in t.accounts.counts.items()}
    minutes = {
        (time.strftime("%Y-%m-%dT%H:%M", time.gmtime(second)), t.signature.id): n
        for t in found.tallies
        for second, n in t.minutes.cells.items()
    }
    return (signatures, accounts, minutes) == (
        dict(planted.signatures), dict(planted.accounts), dict(planted.minutes),
    )  # fmt: skip


def _general_runs(path: Path, clock: Clock, planted: Planted) -> Iterator[Run]:
    def judge(found: Sessions) -> bool:
        return set(found.open) == planted.never_quit

    yield Run("goneaway-wizard, who never quit", lambda: _never_quit(path, clock), judge)
    if fast.matcher([b"x"]) is not None:
        yield Run(
            "goneaway-wizard, the same without the extra",
            lambda: _never_quit_without(path, clock),
            judge,
        )


def _never_quit(path: Path, clock: Clock) -> Sessions:
    log = open_log(LocalHost(), str(path), clock)
    tally = QuitTally(clock)
    for block in log.blocks(0, log.size):
        tally.take(block)
    return tally.finish()


def _never_quit_without(path: Path, clock: Clock) -> Sessions:
    with mock.patch.object(never_quit, "_finder", return_value=None):
        return _never_quit(path, clock)


def _application_runs(path: Path, planted: Planted) -> Iterator[Run]:
    def judge(total: int) -> bool:
        return total == planted.signatures["failure"]

    yield Run("goneaway-wizard, without the extra", lambda: _application_without(path), judge)
    if fast.matcher([b"x"]) is not None:
        yield Run(
            "goneaway-wizard, with the extra `fast`",
            lambda: scan_application_log(path).total,
            judge,
        )


def _application_without(path: Path) -> int:
    with mock.patch.object(triggers, "matcher", return_value=None):
        return scan_application_log(path).total


WORD = "Got timeout reading communication packets"


def theirs(name: str, path: Path) -> Iterator[Run]:
    """Tools that are installed here, each at what it can do."""
    words = ("-c", "-F", WORD if name.startswith("error") else "gone away", str(path))
    commands: list[tuple[str, tuple[str, ...]]] = [
        ("grep, one word", ("grep", *words)),
        ("ripgrep, one word", ("rg", *words)),
    ]
    if name.startswith("slow"):
        commands = [
            ("pt-query-digest", ("pt-query-digest", "--limit", "5", str(path))),
            ("mysqldumpslow", ("mysqldumpslow", "-t", "5", str(path))),
        ]
    elif name.startswith("general"):
        commands.append(
            ("pt-query-digest", ("pt-query-digest", "--type", "genlog", "--limit", "5", str(path)))
        )
    elif name.startswith("error"):
        commands.append(("lnav, one word", lnav_command(path)))
    for what, command in commands:
        if shutil.which(command[0]):
            yield Run(what, partial(_run, command))


def lnav_command(path: Path) -> tuple[str, ...]:
    return ("lnav", "-n", "-c", f":filter-in {re.escape(WORD)}", str(path))


def _run(command: tuple[str, ...]) -> None:
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    # Into a pipe: grep ends at the first match where its answer goes to /dev/null.
    subprocess.run(command, env=environment, capture_output=True, check=False)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
