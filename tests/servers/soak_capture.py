"""kill -9 at random moments of a capture: `python -m tests.servers.soak_capture --rounds 200`.

Prints for each product and victim how often the log was as before within RESTORED_SECONDS with
nothing left behind, and how long it took; of each miss what it was and how busy the machine. Not
part of the tests, which try a handful of moments: two hours, on an idle machine less.
"""

import argparse
import os
import random
import signal
import statistics
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.servers import capture_lab as lab
from tests.servers.harness.server import ServerUnderTest
from tests.servers.harness.templates import data_templates, start_with

VICTIMS = ("wizard", "guard", "both")
_MOMENTS = 4.0
"""Seconds within which the kill comes after the log is on; in one round of EARLY it comes within
as long after the guard's start as switching took the last time, and half as long again."""

EARLY = 4
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Round:
    """`seconds` until everything was as before, or None; `left` is what was not at the end."""

    moment: float
    was_on: bool
    seconds: float | None
    left: str
    load: float

    @property
    def missed(self) -> bool:
        return self.seconds is None or self.seconds > lab.RESTORED_SECONDS

    def __str__(self) -> str:
        when = f"killed after {self.moment:.2f} s, the log {'on' if self.was_on else 'off'}"
        took = "never back" if self.seconds is None else f"back after {self.seconds:.1f} s"
        return f"{when}: {took}{self.left} (load {self.load:.1f})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--product", nargs="+", default=["mariadb", "mysql"])
    parser.add_argument("--victim", nargs="+", default=list(VICTIMS), choices=VICTIMS)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    args = parser.parse_args()
    print(f"seed {args.seed}", flush=True)
    chance = random.Random(args.seed)
    missed = 0
    with ExitStack() as stack:
        # What it leaves in a journal of captures is no concern of this account's.
        state = stack.enter_context(TemporaryDirectory(prefix="soak-"))
        os.environ["XDG_STATE_HOME"] = state
        template = stack.enter_context(data_templates())
        for product in args.product:
            server = start_with(stack, template, product, {})
            for victim in args.victim:
                missed += soak(server, product, victim, args.rounds, chance)
            server.close()
    return 1 if missed else 0


def soak(
    server: ServerUnderTest, product: str, victim: str, rounds: int, chance: random.Random
) -> int:
    """How many rounds missed."""
    before = lab.logging_state(server)
    done: list[Round] = []
    switching = 1.0
    for number in range(rounds):
        early = number % EARLY == 0
        wizard = lab.start(server, "general", "--for", "60s")
        lab.guard_of(wizard.pid)
        began = time.monotonic()
        if not early:
            lab.begun(server, wizard)
            switching = time.monotonic() - began
        moment = chance.uniform(0.0, 1.5 * switching if early else _MOMENTS)
        time.sleep(moment)
        done.append(_killed(server, victim, before, moment, wizard.pid))
        lab.kill(wizard.pid, signal.SIGKILL)
        wizard.communicate(timeout=_PATIENCE)
        if done[-1].missed:
            print(f"{product}, {victim}, round {number}: {done[-1]}", flush=True)
            _settle(server, before)
    took = [r.seconds for r in done if r.was_on and r.seconds is not None]
    print(
        f"{product}, {victim} killed: {rounds} rounds, {sum(r.was_on for r in done)} while the log "
        f"was on, {sum(r.missed for r in done)} not back in {lab.RESTORED_SECONDS:.0f} s; "
        f"median {statistics.median(took or [0.0]):.1f} s, longest {max(took, default=0.0):.1f} s, "
        f"load {statistics.median(r.load for r in done):.1f}",
        flush=True,
    )
    return sum(r.missed for r in done)


def _killed(
    server: ServerUnderTest, victim: str, before: object, moment: float, wizard: int
) -> Round:
    was_on = lab.is_on(server)
    guards = lab.guards_of(wizard)
    if victim in ("guard", "both"):
        for guard in guards:
            lab.kill(guard, signal.SIGKILL)
    if victim in ("wizard", "both"):
        lab.kill(wizard, signal.SIGKILL)
    began = time.monotonic()
    load = os.getloadavg()[0]
    back: float | None = None
    while time.monotonic() - began < _PATIENCE:
        as_before = lab.logging_state(server) == before and not lab.left_files(server)
        passed = time.monotonic() - began
        back = (passed if back is None else back) if as_before else None
        # Nobody who could still switch it on is left, so what is seen now is the end.
        if as_before and not lab.is_held(server) and not any(_runs(pid) for pid in guards):
            return Round(moment, was_on, back, "", load)
        time.sleep(0.05)
    files = ", ".join(path.name for path in lab.left_files(server))
    told = f" {dict(_differing(server, before))} {files}, held {lab.is_held(server)}"
    return Round(moment, was_on, None, told, load)


def _differing(server: ServerUnderTest, before: object) -> Mapping[str, object]:
    assert isinstance(before, dict)
    return {k: v for k, v in lab.logging_state(server).items() if v != before[k]}


def _runs(pid: int) -> bool:
    """A zombie of ours counts as gone."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def _settle(server: ServerUnderTest, before: object) -> None:
    """Before the next round: nothing of this one is left at work."""
    assert isinstance(before, dict)
    lab.wait_until(lambda: not lab.is_held(server), seconds=3 * _PATIENCE)
    for statement in (
        f"SET GLOBAL general_log = {int(bool(before['general_log']))}",
        f"SET GLOBAL general_log_file = '{before['general_file']}'",
    ):
        server.sql(statement)
    for path in lab.left_files(server):
        path.unlink()


if __name__ == "__main__":
    sys.exit(main())
