"""When the server stopped, died and came up, as marks for a time axis. Pure."""

from collections.abc import Iterator
from datetime import datetime

from wizard.case import facts
from wizard.case.case import Case
from wizard.case.moments import moment_of

ENDS = {
    "log.shutdown": "S",
    "log.shutdown-unfinished": "S",
    "log.crash": "C",
    "log.unclean-end": "K",
    "kernel.oom-kill": "O",
    "log.supervisor-killed": "K",
}
"""The mark of each signal that ends a server's life."""

UP = "U"
LEGEND = "S stopped, C crashed, K ended without a word, O killed for memory, U up"


def server_life(case: Case) -> tuple[tuple[datetime, str], ...]:
    """Each end and each start inside the window, in their order."""
    window = case.window
    seen = {(at, mark) for at, mark in _marks(case) if window.since <= at <= window.until}
    return tuple(sorted(seen))


def _marks(case: Case) -> Iterator[tuple[datetime, str]]:
    for fact in case.evidence:
        mark = ENDS.get(fact.signal)
        if mark is None or fact.weak:
            continue
        times = [(o.at, o.until) for o in fact.occurrences] or [(fact.first, None)]
        for at, until in times:
            if at is not None:
                yield at, mark
            if until is not None:
                yield until, UP
    started = moment_of(case.fact(facts.STARTED_AT))
    if started is not None:
        yield started, UP
