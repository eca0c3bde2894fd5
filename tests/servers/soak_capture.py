"""kill -9 at random moments of a capture: `python -m tests.servers.soak_capture --rounds 200`.

Prints for each product and victim how often the log was as before within RESTORED_SECONDS, and how
long it took. Not part of the tests, which try a handful of moments: half an hour.
"""

import argparse
import random
import signal
import statistics
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from tests.servers import capture_lab as lab
from tests.servers.harness.server import ServerUnderTest
from tests.servers.harness.templates import data_templates, start_with

VICTIMS = ("wizard", "guard", "both")
_MOMENTS = 4.0
"""Seconds within which the kill comes: after the log is on, and in one round of EARLY after the
wizard's start, so that some come before and while it is switched."""

EARLY = 4


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--product", nargs="+", default=["mariadb", "mysql"])
    parser.add_argument("--victim", nargs="+", default=list(VICTIMS), choices=VICTIMS)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    args = parser.parse_args()
    print(f"seed {args.seed}", flush=True)
    chance = random.Random(args.seed)
    failed = 0
    with ExitStack() as stack:
        template = stack.enter_context(data_templates())
        for product in args.product:
            server = start_with(stack, template, product, {})
            for victim in args.victim:
                failed += soak(server, product, victim, args.rounds, chance)
            server.close()
    return 1 if failed else 0


def soak(
    server: ServerUnderTest, product: str, victim: str, rounds: int, chance: random.Random
) -> int:
    """How many rounds failed."""
    before = lab.logging_state(server)
    took: list[float] = []
    while_on = failed = 0
    for number in range(rounds):
        moment = chance.uniform(0.0, _MOMENTS)
        was_on, seconds = _round(server, victim, before, moment, early=number % EARLY == 0)
        while_on += was_on
        if seconds is None:
            failed += 1
        elif was_on:
            took.append(seconds)
    middle = statistics.median(took) if took else 0.0
    print(
        f"{product}, {victim} killed: {rounds} rounds, {while_on} while the log was on, "
        f"{failed} not back in {lab.RESTORED_SECONDS:.0f} s; median {middle:.1f} s, "
        f"longest {max(took, default=0.0):.1f} s",
        flush=True,
    )
    return failed


def _round(
    server: ServerUnderTest, victim: str, before: object, moment: float, early: bool
) -> tuple[bool, float | None]:
    """Whether the log was on at the kill, and how long it took to be as before."""
    wizard = lab.start(server, "general", "--for", "20s")
    if not early:
        lab.wait_until(lambda: lab.is_on(server))
    time.sleep(moment)
    was_on = lab.is_on(server)
    guards = lab.guards_of(wizard.pid)
    if victim in ("guard", "both"):
        for guard in guards:
            lab.kill(guard, signal.SIGKILL)
    if victim in ("wizard", "both"):
        lab.kill(wizard.pid, signal.SIGKILL)
    began = time.monotonic()
    seconds: float | None = None
    while time.monotonic() - began < lab.RESTORED_SECONDS:
        as_before = lab.logging_state(server) == before and not lab.left_files(server)
        if as_before and (was_on or victim == "guard" or not _alive(guards)):
            seconds = time.monotonic() - began
            break
        time.sleep(0.05)
    lab.kill(wizard.pid, signal.SIGKILL)
    wizard.communicate(timeout=60)
    _settle(server, before)
    return was_on, seconds


def _alive(guards: list[int]) -> bool:
    """A zombie of ours counts as gone."""
    return any(Path(f"/proc/{pid}/cmdline").exists() and _command(pid) for pid in guards)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _settle(server: ServerUnderTest, before: object) -> None:
    """Before the next round: nothing of this one is left at work."""
    lab.wait_until(
        lambda: server.sql("SELECT IS_USED_LOCK('goneaway-wizard.capture') AS id")[0]["id"] is None
    )
    for statement in (
        f"SET GLOBAL general_log = {int(bool(_of(before, 'general_log')))}",
        f"SET GLOBAL general_log_file = '{_of(before, 'general_file')}'",
    ):
        server.sql(statement)
    for path in lab.left_files(server):
        path.unlink()


def _of(state: object, name: str) -> object:
    assert isinstance(state, dict)
    return state[name]


if __name__ == "__main__":
    sys.exit(main())
