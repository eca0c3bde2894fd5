"""What the server's side alone has seen of each cause, where no application's log was given."""

from datetime import timedelta

from knowledge.model import Cause
from wizard.case.evidence import Evidence
from wizard.diagnosis.case_view import LIFE_ENDS, View

SLACK = timedelta(seconds=2)
"""MariaDB's log has whole seconds."""

AFTERMATH = timedelta(minutes=1)
"""How long after a trouble of the machine was last logged the server may die of it."""


def seen_by_server(cause: Cause, view: View) -> int:
    """How many sessions or outages the server saw end this way.

    The log and a counter see the same ones. A trouble of the machine takes over the outages that it
    led to.
    """
    troubles = _troubles(view)
    counts = [0]
    for use in cause.supports:
        seen = [e for e in view.evidence.get(use.signal, ()) if not e.weak]
        if use.match in ("session", "rest", "text"):
            counts.append(sum(e.count for e in seen))
        elif use.match == "outage":
            counts.append(sum(e.count - _led_to(troubles, e) for e in seen))
        elif use.match == "during" and seen:
            ends = (e for name in LIFE_ENDS for e in view.evidence.get(name, ()))
            counts.append(sum(_led_to(seen, e) for e in ends))
    return 0 if cause.noise else max(counts)


def _troubles(view: View) -> list[Evidence]:
    """What was wrong with the machine while it lasted: a full disk, no more files or threads."""
    signals = {
        use.signal
        for cause in view.knowledge.causes.values()
        for use in cause.supports
        if use.match == "during" and use.conclusive
    }
    return [e for name in signals for e in view.evidence.get(name, ()) if not e.weak]


def _led_to(troubles: list[Evidence], outage: Evidence) -> int:
    """How many of the outages began while one of the troubles lasted, or just after."""
    return sum(
        1
        for o in outage.occurrences
        if o.at is not None
        and any(
            t.first and t.last and t.first - SLACK <= o.at <= t.last + AFTERMATH for t in troubles
        )
    )
