"""When the server stopped, died and came up, as marks for a time axis. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from wizard.case import facts
from wizard.case.case import Case
from wizard.case.evidence import Occurrence
from wizard.case.moments import moment_of
from wizard.diagnosis.derived.outages import outages

ENDS = {
    "log.shutdown": "S",
    "log.shutdown-unfinished": "S",
    "log.crash": "C",
    "log.unclean-end": "K",
    "derived.oom-killed": "O",
    "derived.oom-maybe": "o",
    "derived.died-of-signal": "C",
    "log.supervisor-crash": "C",
    "log.supervisor-killed": "K",
}
"""The mark of each signal that ends a server's life. The kernel's note of a kill is none: it may
be of another server on the host, which only the diagnosis tells apart."""

_TELLS_WHY = ("derived.oom-killed", "derived.died-of-signal")
"""Of an end that has one of these, its log's silence is no second one."""

UP = "U"
MEANINGS = {
    "S": "S stopped",
    "C": "C crashed",
    "K": "K ended without a word",
    "O": "O killed for memory",
    "o": "o perhaps killed for memory",
    UP: "U up",
}


def legend(life: Iterable[tuple[datetime, str]]) -> str:
    """What the marks mean, of those that are there."""
    there = {mark for _at, mark in life}
    return ", ".join(meaning for mark, meaning in MEANINGS.items() if mark in there)


def server_life(case: Case) -> tuple[tuple[datetime, str], ...]:
    """Each end and each start inside the window, in their order."""
    window = case.window
    seen = {(at, mark) for at, mark in _marks(case) if window.since <= at <= window.until}
    return tuple(sorted(seen))


def _marks(case: Case) -> Iterator[tuple[datetime, str]]:
    derived = tuple(outages(case))
    told = {o for fact in derived if fact.signal in _TELLS_WHY for o in fact.occurrences}
    for fact in (*case.evidence, *derived):
        mark = ENDS.get(fact.signal)
        if mark is None or fact.weak:
            continue
        known = told if fact.signal == "log.unclean-end" else frozenset[Occurrence]()
        moments = fact.occurrences or (Occurrence(fact.first),)
        for at, until in ((o.at, o.until) for o in moments if o not in known):
            if at is not None:
                yield at, mark
            if until is not None:
                yield until, UP
    started = moment_of(case.fact(facts.STARTED_AT))
    if started is not None:
        yield started, UP
