"""How watched connections ended, and where they die: one timeout, or nothing that fits.

Pure. All times are seconds; those of an outcome count from the last packet before the pause.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from wizard.server.connection_end import ConnectionEnd

PRECISION = 0.5
"""Seconds between the longest pause that was survived and the shortest that was not."""

SAME = 1.0
"""Seconds by which two deaths of one timeout may differ, or a tenth where that is more: some
proxies look only now and then."""

BEYOND = 2.0
"""Seconds that a connection waits longer than the timeout that it is to confirm."""

WAS_KILLED = frozenset({1927, 3169})
"""ER_CONNECTION_KILLED (MariaDB), ER_SESSION_WAS_KILLED (MySQL)."""


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


def shared(one: Cut, other: Cut) -> bool:
    """Whether both halves died of one thing, as far as is known."""
    if one.asked is not other.asked:
        return False
    slack = 0.0 if one.asked else max(SAME, one.seconds / 10)
    return one.low <= other.high + slack and other.low <= one.high + slack


def with_listing(outcome: Outcome, listed: bool | None) -> Outcome:
    return replace(outcome, listed=listed)
