"""Which packet to try next, and what the tries say. Pure: tries in, sizes and verdicts out.

Sizes are bytes of a packet's payload: for a statement its command byte and its text, for an
answer the text of its one value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from wizard.server.connection_end import ConnectionEnd

PRECISION = 1024
"""Bytes within which a limit is found; the server rounds max_allowed_packet to as much."""

TOO_LARGE = 1153
"""ER_NET_PACKET_TOO_LARGE."""

TRIES = 2
"""A lost connection counts when it was lost as often at one size: any may be lost by chance."""

LARGEST_FRAME = 9200
"""Bytes that no Ethernet carries in one frame (jumbo frames, rounded up)."""

_FIRST = (100, 1000, 1250, 1400, 1700, 2000, 4000, 8000, LARGEST_FRAME)
"""Around the size of one segment the steps are small; above, they double."""


class Direction(StrEnum):
    """Where the large packet goes."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Try:
    """One packet. `ending` is None where the answer came; `number` is MySQL's, where it was
    told; `seconds` is how long it took."""

    size: int
    ending: ConnectionEnd | None = None
    number: int | None = None
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return self.ending is None


class By(StrEnum):
    """What ends the ladder."""

    NOTHING = "nothing"
    """The largest size that was allowed passes, and it is below the server's limit."""
    SERVER = "server"
    """All passes that max_allowed_packet allows, to the KiB."""
    PATH = "path"
    """Below that."""
    BLACK_HOLE = "black hole"
    """Small packets pass, and those above one segment are never heard of again."""
    STALLS = "stalls"
    """Some size hangs, which loss or a slow machine may do as well."""
    UNKNOWN = "unknown"
    """Too little was tried to say."""


@dataclass(frozen=True, slots=True)
class PacketLadder:
    """The sizes of one direction. `top` is the largest that may be tried; `limit` is what the
    server says that it takes at most.

    Nothing is sent above `limit`: the server would count and log it as a failure, which the next
    look at the server would then find.
    """

    top: int
    limit: int


@dataclass(frozen=True, slots=True)
class PacketVerdict:
    """`passes` is the largest size that passed, `fails` the smallest that did not; `ending` is
    how that one ended."""

    by: By
    passes: int = 0
    fails: int | None = None
    ending: ConnectionEnd | None = None


def next_size(ladder: PacketLadder, tries: Sequence[Try]) -> int | None:
    """The size to try next, or None where the tries are enough."""
    if (open_size := _undecided(tries)) is not None:
        return open_size
    passes, failing = _largest_passed(tries), _failed(tries)
    if not failing:
        return next((size for size in _steps(ladder) if size > passes), None)
    lost = [t for t in tries if t.size == failing[0]]
    if all(t.ending is ConnectionEnd.SILENT for t in lost):
        return _after_silence(ladder, failing)
    return _between(passes, failing[0])


def verdict(ladder: PacketLadder, tries: Sequence[Try]) -> PacketVerdict:
    """What the tries say; also of tries that were cut short."""
    passes, failing = _largest_passed(tries), _failed(tries)
    if passes > ladder.limit - PRECISION:
        return PacketVerdict(By.SERVER, passes)
    if not failing:
        done = passes > 0 and next_size(ladder, tries) is None
        return PacketVerdict(By.NOTHING if done else By.UNKNOWN, passes)
    fails = failing[0]
    lost = [t for t in tries if t.size == fails]
    ending = lost[0].ending
    if passes == 0:
        return PacketVerdict(By.UNKNOWN, 0, fails, ending)
    if all(t.ending is ConnectionEnd.SILENT for t in lost):
        segment = fails <= LARGEST_FRAME and _silent_throughout(failing, tries)
        return PacketVerdict(By.BLACK_HOLE if segment else By.STALLS, passes, fails, ending)
    by = By.SERVER if fails > ladder.limit - PRECISION else By.PATH
    return PacketVerdict(by, passes, fails, ending)


def _steps(ladder: PacketLadder) -> list[int]:
    """All sizes that would be tried where everything passes."""
    sizes = [size for size in _FIRST if size < ladder.top]
    size = 16 << 10
    while size < ladder.top:
        sizes.append(size)
        size *= 2
    return [*sizes, ladder.top]


def _undecided(tries: Sequence[Try]) -> int | None:
    """A size that was lost, may have been so by chance, and has not passed."""
    open_sizes = {t.size for t in tries} - {t.size for t in tries if t.passed}
    return next((size for size in open_sizes if not _lost_for_good(size, tries)), None)


def _lost_for_good(size: int, tries: Sequence[Try]) -> bool:
    """Nobody says by chance that a packet is too large."""
    lost = [t for t in tries if t.size == size]
    return len(lost) >= TRIES or any(t.number == TOO_LARGE for t in lost)


def _largest_passed(tries: Sequence[Try]) -> int:
    return max((t.size for t in tries if t.passed), default=0)


def _failed(tries: Sequence[Try]) -> list[int]:
    """Sizes that never passed, ascending, above the largest that did.

    One that failed below it failed by chance.
    """
    passes = _largest_passed(tries)
    above = {t.size for t in tries if t.size > passes}
    return sorted(size for size in above if _lost_for_good(size, tries))


def _after_silence(ladder: PacketLadder, failing: list[int]) -> int | None:
    """A second size to try, since one alone may have met a burst of loss.

    Further ones would each cost the whole wait.
    """
    if len(failing) > 1 or failing[0] > LARGEST_FRAME:
        return None
    return next((size for size in _steps(ladder) if size > failing[0]), None)


def _between(passes: int, fails: int) -> int | None:
    return None if fails - passes <= PRECISION else (passes + fails) // 2


def _silent_throughout(failing: list[int], tries: Sequence[Try]) -> bool:
    lost = [t for t in tries if t.size in failing]
    sizes = {t.size for t in lost if t.ending is ConnectionEnd.SILENT}
    return len(sizes) >= TRIES and all(t.ending is ConnectionEnd.SILENT for t in lost)
