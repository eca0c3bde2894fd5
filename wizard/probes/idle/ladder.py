"""The idle ladder: which connections to let idle for how long, and after how long they died.

Pure: outcomes in, rungs and cuts out. All times are seconds; those of an outcome count from the
last packet before the pause.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from wizard.server.connection_end import ConnectionEnd

PRECISION = 0.5
"""Seconds between the longest pause that was survived and the shortest that was not."""

SAME = 1.0
"""Seconds by which two deaths of one timeout may differ, or a tenth where that is more: some
proxies look only now and then."""

MAX_ROUNDS = 5
FEWEST, MOST = 4, 24
"""Connections of one round that narrows down."""

_AIM = 0.8 * PRECISION
"""Pauses are measured, and come out a little longer than they were wanted."""

BEYOND = 2.0
"""Seconds that a connection waits longer than the timeout that it is to confirm."""


class Half(StrEnum):
    """Of the connections: those with the server's own wait_timeout, and those with a longer one."""

    PLAIN = "plain"
    RAISED = "raised"


@dataclass(frozen=True, slots=True)
class PlannedRung:
    """A rung to open: it is asked after `seconds` of silence. Round 0 is the ladder itself."""

    half: Half
    seconds: float
    round: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a rung ended after idling for `seconds`.

    `ending` is None for one that answered. `asked` tells what was noticed at the question from
    what came by itself. `number` and `text` are of an ERR packet. `listed` says whether the
    server still had the session afterwards, None where that is not known.
    """

    wanted: PlannedRung
    seconds: float
    ending: ConnectionEnd | None = None
    asked: bool = True
    number: int | None = None
    text: str = ""
    listed: bool | None = None

    @property
    def alive(self) -> bool:
        return self.ending is None


@dataclass(frozen=True, slots=True)
class Cut:
    """After how long connections die, between `low` and `high`; `deaths` say so.

    `asked` means that nothing happened at that moment: it was noticed at the next question.
    """

    low: float
    high: float
    asked: bool
    deaths: tuple[Outcome, ...]

    @property
    def seconds(self) -> float:
        return (self.low + self.high) / 2

    @property
    def confirmed(self) -> bool:
        """Whether connections that were opened at different times died alike."""
        return len({death.wanted.round for death in self.deaths}) > 1

    @property
    def settled(self) -> bool:
        return self.confirmed and self.high - self.low <= PRECISION


@dataclass(frozen=True, slots=True)
class Unsteady:
    """Connections died that no idle time explains; `deaths` of them, of `tried`."""

    deaths: tuple[Outcome, ...]
    tried: int


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


def cut_of(outcomes: Iterable[Outcome]) -> Cut | Unsteady | None:
    """Where the connections of one half die; None where none did."""
    found = tuple(outcomes)
    deaths = sorted((o for o in found if not o.alive), key=lambda o: o.seconds)
    if not deaths:
        return None
    longest = max((o.seconds for o in found if o.alive), default=0.0)
    noticed = deaths[0]
    alike = tuple(o for o in deaths if o.asked is noticed.asked)
    if noticed.asked:
        if longest < noticed.seconds:
            return Cut(longest, noticed.seconds, True, alike)
        return Unsteady(tuple(deaths), len(found))
    latest = alike[-1].seconds
    near = latest - noticed.seconds <= max(SAME, noticed.seconds / 10)
    if near and longest <= latest + PRECISION and len(alike) * 2 > len(deaths):
        return Cut(noticed.seconds, noticed.seconds, False, alike)
    return Unsteady(tuple(deaths), len(found))


def halves(outcomes: Iterable[Outcome]) -> dict[Half, tuple[Outcome, ...]]:
    found = tuple(outcomes)
    return {half: tuple(o for o in found if o.wanted.half is half) for half in Half}


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
    """The pause after which connections of this half are known to be dead: those that idled for
    longer need not wait to be asked."""
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


def shared(one: Cut, other: Cut) -> bool:
    """Whether both halves died of one thing, as far as is known."""
    if one.asked is not other.asked:
        return False
    slack = 0.0 if one.asked else max(SAME, one.seconds / 10)
    return one.low <= other.high + slack and other.low <= one.high + slack


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


def with_listing(outcome: Outcome, listed: bool | None) -> Outcome:
    return replace(outcome, listed=listed)
