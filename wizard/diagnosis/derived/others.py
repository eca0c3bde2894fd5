"""Timeouts that are another program's: most of them met no failure of ours. Pure.

Each worker that finds its connection closed tells it at its next use. An account whose sessions
time out again and again inside the time that our log covers, mostly without a failure of ours,
is somebody else's; its timeouts lie near our failures by chance.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from wizard.case import facts
from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure
from wizard.case.moments import moment_of
from wizard.diagnosis.derived.pairing import ends_of, from_ends, paired
from wizard.diagnosis.ends import user_of

_TIMEOUTS = ("log.aborted-timeout", "log.idle-timeout")

_MANY = 4
"""So many timeouts of one account are a habit."""

_FELT = 0.4
"""So large a part of them meets failures where they are of our own connections."""


def others(case: Case, lost: Sequence[Failure]) -> Iterator[Evidence]:
    """Nothing where a rest is told: that tells better which timeout it was."""
    since, until = moment_of(case.fact(facts.LOG_FROM)), moment_of(case.fact(facts.LOG_TO))
    if since is None or until is None or not lost:
        return
    if any(f.idle_seconds is not None for f in lost):
        return
    ends = [o for o in ends_of(case, *_TIMEOUTS) if o.at and since <= o.at <= until]
    met = {id(end) for _, end in paired(lost, ends)}
    total = Counter(user_of(end.account) for end in ends)
    felt = Counter(user_of(end.account) for end in ends if id(end) in met)
    foreign = {u for u, n in total.items() if n >= _MANY and felt[u] < _FELT * n}
    unmet = [o for o in ends if user_of(o.account) in foreign and id(o) not in met]
    if unmet and foreign == set(total):
        text = (
            f"{len(unmet)} sessions of the same account timed out without a failure of this "
            "application: those near its failures may be another program's too"
        )
        yield from_ends("derived.idle-of-others", text, "application's log, error log", unmet)
