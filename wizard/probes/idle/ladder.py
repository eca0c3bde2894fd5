"""The idle ladder: which connections to let idle for how long, and after how long they died.

Pure: outcomes in, rungs and cuts out. All times are seconds; those of an outcome count from the
last packet before the pause.
"""

import math
from collections.abc import Sequence

from wizard.probes.shared.outcomes import (
    BEYOND,
    PRECISION,
    SAME,
    Cut,
    Half,
    Outcome,
    PlannedRung,
    cut_of,
    halves,
    shared,
)

MAX_ROUNDS = 5
FEWEST, MOST = 4, 24
"""Connections of one round that narrows down."""

_AIM = 0.8 * PRECISION
"""Pauses are measured, and come out a little longer than they were wanted."""


def rests(limit: float) -> tuple[float, ...]:
    """1, 2, 4, 8 ... seconds, and the limit."""
    powers = range(math.ceil(math.log2(limit)) if limit > 1 else 0)
    return (*(float(1 << power) for power in powers), float(limit))


def first_rungs(limit: float, wait_timeout: float, connections: int) -> tuple[PlannedRung, ...]:
    """The ladder with at most so many connections, the longest first.

    Of the plain half one connection outlasts `wait_timeout`: more would end in the same second,
    and each is counted by the server as aborted.
    """
    pairs = _thinned(rests(limit), connections // 2)
    beyond = [rest for rest in pairs if rest >= wait_timeout + SAME]
    plain = [rest for rest in pairs if rest not in beyond[1:]]
    wanted = [PlannedRung(Half.RAISED, rest) for rest in pairs]
    wanted += [PlannedRung(Half.PLAIN, rest) for rest in plain]
    return tuple(sorted(wanted, key=lambda rung: (-rung.seconds, rung.half)))


def _thinned(found: tuple[float, ...], count: int) -> tuple[float, ...]:
    """`count` of them, evenly spread, the last one among them."""
    if count >= len(found):
        return found
    return tuple(found[len(found) * (i + 1) // count - 1] for i in range(count))


def further_rungs(
    outcomes: Sequence[Outcome], pending: Sequence[PlannedRung], connections: int
) -> tuple[PlannedRung, ...]:
    """What to open next: to narrow a silent cut down, and to see each cut a second time.

    `connections` is how many more may be open. A cut that both halves share is narrowed down
    with the raised half alone: sessions that the server cannot be told to end stay there until
    their wait_timeout, and those of that half have a short one.
    """
    split = halves(outcomes)
    cuts = {half: cut for half in Half if isinstance(cut := cut_of(split[half]), Cut)}
    if len(cuts) == 2 and shared(cuts[Half.PLAIN], cuts[Half.RAISED]):
        del cuts[Half.PLAIN]
    wanted: list[PlannedRung] = []
    for half, cut in cuts.items():
        last = max(o.wanted.round for o in split[half])
        waits = any(rung.half is half and rung.round > 0 for rung in pending)
        believed = _believed(cut, outcomes)
        if waits or cut.settled or last >= MAX_ROUNDS or not (believed or not pending):
            continue
        rungs = _next_round(cut, believed, max(0, connections - len(wanted)))
        wanted += [PlannedRung(half, seconds, last + 1) for seconds in rungs]
    return tuple(wanted)


def overdue(outcomes: Sequence[Outcome], half: Half) -> float | None:
    """The pause after which connections of this half are known to be dead.

    Those that idled for longer need not wait to be asked.
    """
    cut = cut_of(halves(outcomes)[half])
    if isinstance(cut, Cut) and cut.asked and _believed(cut, outcomes):
        return cut.high
    return None


def _believed(cut: Cut, outcomes: Sequence[Outcome]) -> bool:
    """Whether it is worth narrowing down: one death alone may be chance."""
    if not cut.asked:
        return True
    alike = [o for o in outcomes if not o.alive and o.asked and o.seconds >= cut.low]
    return len(alike) > 1


def _next_round(cut: Cut, believed: bool, room: int) -> tuple[float, ...]:
    if not cut.asked:
        return (cut.high + max(BEYOND, cut.high / 10),)[:room]
    gap = cut.high - cut.low
    if not believed:
        return (cut.high, cut.high)[:room]
    if gap <= PRECISION:
        return (cut.high, cut.low)[:room]
    # Two rounds of so many reach the precision.
    count = min(max(FEWEST, math.ceil(math.sqrt(gap / _AIM)) - 1), MOST, room)
    return tuple(cut.low + gap * (i + 1) / (count + 1) for i in range(count))
