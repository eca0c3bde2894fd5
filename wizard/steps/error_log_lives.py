"""What the wizard itself heard of the server, for the reading of its error log. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from wizard.case import facts
from wizard.case.case import Case
from wizard.case.evidence import Evidence
from wizard.case.moments import moment_of
from wizard.logs.error.reading import Reading


def answers(case: Case, reading: Reading) -> tuple[datetime, ...]:
    """When the server is known to have lived, in this life and in the one before.

    The stamp of a start may count whole seconds: an answer of the life before came before it.
    """
    now, earlier = (
        moment_of(case.fact(fact)) for fact in (facts.ANSWERED_AT, facts.ANSWERED_BEFORE_START)
    )
    start = _last_start(reading)
    if earlier is not None and start is not None:
        earlier = min(earlier, start - timedelta(microseconds=1))
    return tuple(at for at in (now, earlier) if at is not None)


def missed(case: Case, reading: Reading) -> datetime | None:
    """When the life before this one was first met gone: no later than its log's next start."""
    told, start = moment_of(case.fact(facts.MISSED_BEFORE_START)), _last_start(reading)
    return told if told is None or start is None else min(told, start)


def unlogged(evidence: Iterable[Evidence]) -> frozenset[str]:
    """Signals of which a log without a line proves nothing: one just happened, and it has none.

    MariaDB logs no refusal of an account that is locked or whose password has expired.
    """
    refused = any(e.signal == "state.access-denied" for e in evidence)
    return frozenset({"log.access-denied"} if refused else ())


def _last_start(reading: Reading) -> datetime | None:
    return reading.life.last.started if reading.life.last is not None else None
