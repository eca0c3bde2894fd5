"""What took many connections in one moment took also the one that nothing else explains."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from wizard.diagnosis.echoes import LOSSES
from wizard.diagnosis.model import Attribution

MOMENT = 1.0
"""Seconds: applications stamp whole ones."""

MANY = 3
"""So many others of one cause, and of no other one, are company."""

IN_COMPANY = "lost in the same moment as others of that cause"


def with_their_company(found: Sequence[Attribution]) -> tuple[Attribution, ...]:
    """Losses at no cause go with those of the same moment, where these have all one cause."""
    if all(a.cause is not None for a in found):
        return tuple(found)
    company = _Company(found)
    return tuple(a if a.cause is not None else _joined(a, company) for a in found)


class _Company:
    """Losses at a cause, by their time. What a moment holds is told without a look at each."""

    def __init__(self, found: Sequence[Attribution]) -> None:
        dated = sorted(
            (a.failure.at.timestamp(), a.cause, a.doubtful)
            for a in found
            if a.failure.at is not None and a.cause is not None and a.failure.signal in LOSSES
        )
        self._times = [at for at, _, _ in dated]
        self._causes = [cause for _, cause, _ in dated]
        self._alike: list[int] = []
        """Of each the first of those before it, in a row, that have its cause."""
        self._sure = [0, *accumulate(not doubtful for _, _, doubtful in dated)]
        """How many before each are not doubtful."""
        for place, cause in enumerate(self._causes):
            goes_on = place and self._causes[place - 1] == cause
            self._alike.append(self._alike[-1] if goes_on else place)

    def of(self, at: float) -> tuple[str, bool] | None:
        """The cause of all that were lost around `at`, and whether each is doubtful; None where
        they are few, or of several causes."""
        begin = bisect_left(self._times, at - MOMENT)
        end = bisect_right(self._times, at + MOMENT)
        if end - begin < MANY or self._alike[end - 1] > begin:
            return None
        return self._causes[begin], self._sure[end] == self._sure[begin]


def _joined(one: Attribution, company: _Company) -> Attribution:
    if one.failure.at is None or one.failure.signal not in LOSSES:
        return one
    known = company.of(one.failure.at.timestamp())
    if known is None:
        return one
    return replace(one, cause=known[0], because=IN_COMPANY, doubtful=known[1])
