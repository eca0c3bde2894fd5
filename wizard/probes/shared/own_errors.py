"""What a probe's own connections leave in the server's log and counters. Pure."""

from collections import Counter
from collections.abc import Iterable

from wizard.probes.shared.outcomes import Outcome

IDLE = 4031
"""ER_CLIENT_INTERACTION_TIMEOUT, which MySQL counts when it ends a session that idled."""

LOST = (1158, 1160)
"""What MySQL counts for a client that is gone without COM_QUIT."""


def errors_left(outcomes: Iterable[Outcome]) -> Counter[int]:
    """How often the server raised which number because of these connections.

    A session that it still lists goes on idling there until it is ended for that.
    """
    found: Counter[int] = Counter()
    for outcome in outcomes:
        if outcome.number is not None:
            found[outcome.number] += 1
        elif not outcome.alive and outcome.listed:
            found[IDLE] += 1
        elif not outcome.alive:
            found.update(LOST)
    return found
