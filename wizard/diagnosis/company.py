"""What took many connections in one moment took also the one that nothing else explains."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

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
    dated = sorted(
        (a.failure.at.timestamp(), a.cause, a.doubtful)
        for a in found
        if a.failure.at is not None and a.cause is not None and a.failure.signal in LOSSES
    )
    times = [at for at, _, _ in dated]
    return tuple(a if a.cause is not None else _joined(a, times, dated) for a in found)


def _joined(
    one: Attribution, times: Sequence[float], dated: Sequence[tuple[float, str, bool]]
) -> Attribution:
    if one.failure.at is None or one.failure.signal not in LOSSES:
        return one
    at = one.failure.at.timestamp()
    near = dated[bisect_left(times, at - MOMENT) : bisect_right(times, at + MOMENT)]
    causes = {cause for _, cause, _ in near}
    if len(near) < MANY or len(causes) != 1:
        return one
    doubtful = all(doubt for _, _, doubt in near)
    return replace(one, cause=causes.pop(), because=IN_COMPANY, doubtful=doubtful)
