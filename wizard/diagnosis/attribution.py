"""Puts each failure that the application saw down to the cause whose evidence fits it best.

Pure. One ended session explains one failure, also where that failure was explained by its own
words. Of all failures and all evidence the best pair is dealt first, then the next best: so the
failure nearest to an end gets it, and what is only counted is left for those that nothing
nearer explains.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush

from wizard.case.evidence import Failure
from wizard.diagnosis.company import with_their_company
from wizard.diagnosis.desk import Desk
from wizard.diagnosis.echoes import AGAIN, followed, leaders
from wizard.diagnosis.matching.chance import doubted
from wizard.diagnosis.matching.clues import Clue, Match
from wizard.diagnosis.matching.seen import Seen, all_seen
from wizard.diagnosis.model import Attribution

_PATIENCE = 8
"""So often a failure looks for another end, where others were nearer to the one it had."""

_Turn = tuple[float, float, int, int, Match]
"""Less the match's score, when the failure was, which one it is, how often it had looked."""


def attribute(
    failures: Sequence[Failure],
    clues: Sequence[Clue],
    resets_the_idle: bool = False,
    ahead: float | None = None,
) -> tuple[Attribution, ...]:
    """One attribution per failure, in the order given. A total since the server's start, which
    cannot be placed in time, explains no failure. `resets_the_idle` says that the server ends
    idle sessions with a reset; `ahead`, where known, by how many seconds its clock is ahead."""
    told = all_seen(failures, resets_the_idle, ahead)
    desk = Desk([c for c in clues if _usable(c)], told)
    chosen: dict[int, Match] = {}
    rivals: dict[int, str] = {}
    echoes = leaders(told)
    own = [i for i in range(len(told)) if i not in echoes]
    later = [i for i in own if told[i].signal == AGAIN and _is_late(told[i])]
    again = frozenset(later)
    for group in ([i for i in own if i not in again], later):
        _deal(told, group, desk, chosen, rivals)
    for index, best in chosen.items():
        if told[index].at is None and (left := desk.left_over(told[index], best)):
            rivals.setdefault(index, left.clue.cause.id)
    return with_their_company(followed(told, chosen, echoes, rivals))


def _usable(clue: Clue) -> bool:
    return bool(clue.use.match) and not clue.use.absent and not clue.evidence.weak


def _deal(
    told: Sequence[Seen],
    group: Sequence[int],
    desk: Desk,
    chosen: dict[int, Match],
    rivals: dict[int, str],
) -> None:
    """Give each failure of the group its match, the best pair first, of equals the earliest.

    `rivals` gets the other cause that a failure without a time may be of.
    """
    waiting = _Waiting(told, group, desk)
    while (first := waiting.first()) is not None:
        _, at, index, looks, best = first
        if not desk.free(best):
            other = desk.best(told[index])
            if other is None:
                continue
            if looks < _PATIENCE and waiting.has_better(other):
                waiting.again((-other.score, at, index, looks + 1, other))
                continue
            best = other
        if told[index].at is None and (rival := desk.rival(told[index], best)):
            doubted(best, rival)
            rivals[index] = rival.clue.cause.id
        desk.consume(told[index], best)
        chosen[index] = best


class _Waiting:
    """Failures with their best match, the best pair first.

    Most are dealt with at their first turn: these are sorted once, and only those that wait
    again for another end go through a heap.
    """

    def __init__(self, told: Sequence[Seen], group: Sequence[int], desk: Desk) -> None:
        self._sorted = [
            (-best.score, _stamp(told[index]), index, 0, best)
            for index in group
            if (best := desk.best(told[index])) is not None
        ]
        self._sorted.sort(reverse=True)
        self._again: list[_Turn] = []

    def first(self) -> "_Turn | None":
        """The best pair, which waits no longer; None where nobody waits."""
        again, waiting = self._again, self._sorted
        if again and (not waiting or again[0] < waiting[-1]):
            return heappop(again)
        return waiting.pop() if waiting else None

    def again(self, turn: "_Turn") -> None:
        heappush(self._again, turn)

    def has_better(self, match: Match) -> bool:
        """Whether somebody waits whose match is better than this one."""
        again, waiting = self._again, self._sorted
        worth = -match.score
        return bool((waiting and waiting[-1][0] < worth) or (again and again[0][0] < worth))


def _is_late(one: Seen) -> bool:
    """Whether a later use only tells again what its log had told before, as far as one can see."""
    return one.worked is None or (one.before is not None and one.worked < one.before)


def _stamp(one: Seen) -> float:
    return one.at if one.at is not None else float("inf")


def tally(attributions: Iterable[Attribution]) -> dict[str, int]:
    """How many failures each cause explains."""
    counts = Counter(a.cause for a in attributions)
    return {cause: count for cause, count in counts.items() if cause is not None}
