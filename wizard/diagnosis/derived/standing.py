"""Since when the server can have been as the wizard met it: gone. Pure.

That nobody answers now explains no failure of a time at which the server lived: it answered the
wizard or a job later, its log tells of sessions after it, or it was started since. And where
nothing is known of the time between, a refusal of now reaches back only as far as the
application's own refused connects do.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from wizard.case import clocks, facts
from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure, Occurrence
from wizard.case.moments import moment_of
from wizard.diagnosis.case_view import LIFE_ENDS

GONE = frozenset(
    {"state.refused", "state.no-socket", "state.timeout", "state.unreachable",
     "state.no-greeting", "probe.silent-port", "host.process-stopped", "log.process-runs"}
)  # fmt: skip
"""What the wizard meets where no server answers."""

_NOBODY = frozenset({"client.refused", "client.unreachable", "client.connect-timeout"})

_JUST_NOW = timedelta(minutes=10)
"""For so long a state that is met is taken to have lasted, where nothing tells."""

_SERVERS = (range(1000, 2000), range(3000, 5000))
"""Error numbers of servers; clients' own lie between (Error Message Reference)."""

_LEFT_BEHIND = frozenset({1053, 1927, 3032, 3169, 4031})
"""Those that a server sends unasked as it ends a session: a client may read one long after."""

_SESSIONS = ("log.aborted-", "log.idle-timeout")


def with_its_beginning(case: Case) -> Case:
    """The case with each such state dated by its earliest possible beginning."""
    if not any(e.signal in GONE for e in case.evidence):
        return case
    begun = (Occurrence(at=_gone_since(case)),)
    for step in case.steps:
        if any(e.signal in GONE for e in step.evidence):
            dated = tuple(
                replace(e, occurrences=begun) if e.signal in GONE else e for e in step.evidence
            )
            case = case.with_step(replace(step, evidence=dated))
    return case


def _gone_since(case: Case) -> datetime:
    """When the application first met nobody since the last sign of life, or just now."""
    alive = max(signs_of_life(case), default=None)
    refused = (
        f.at
        for f in case.failures
        if f.signal in _NOBODY and f.at is not None and (alive is None or f.at > alive)
    )
    met = [e.last for e in case.evidence if e.signal in GONE and e.last is not None]
    recent = max(met, default=case.created) - _JUST_NOW
    return min((*refused, recent if alive is None else max(recent, alive)))


def signs_of_life(case: Case) -> Iterator[datetime]:
    """Moments at which the server is known to have lived."""
    told = (moment_of(case.fact(f)) for f in (facts.ANSWERED_AT, facts.ANSWERED_BEFORE_START))
    yield from (at for at in told if at is not None)
    yield from (f.worked for f in case.failures if f.worked is not None)
    yield from (f.at for f in case.failures if f.at is not None and _is_answer(f))
    for evidence in case.evidence:
        yield from _told_by(evidence)


def lived_after(case: Case, end: datetime) -> bool:
    """Whether the server is known to have lived after that moment, which was not its end then."""
    return any(at > end + clocks.WHOLE_SECONDS for at in signs_of_life(case))


def _is_answer(failure: Failure) -> bool:
    """Whether a server has said it then, and no proxy that speaks its language in its stead."""
    number = failure.number
    if number is None or number in _LEFT_BEHIND or "proxy" in failure.text.lower():
        return False
    return any(number in numbers for numbers in _SERVERS)


def _told_by(evidence: Evidence) -> Iterator[datetime]:
    """The moments at which it lived after this record of the server's log."""
    if evidence.signal in LIFE_ENDS:
        for one in evidence.occurrences:
            if one.until is not None:
                yield one.until
            elif one.at is not None:
                yield one.at - timedelta(seconds=one.seconds or 0)
    elif evidence.signal.startswith(_SESSIONS):
        yield from (one.at for one in evidence.occurrences if one.at is not None)
