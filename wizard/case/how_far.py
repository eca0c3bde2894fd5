"""How far a change of the server came, and whether it still holds. Pure."""

from datetime import timedelta

from wizard.case.case import Case, Change, Outcome
from wizard.case.clocks import STARTED
from wizard.case.facts import CLOCK_SKEW_SECONDS, STARTED_AT
from wizard.case.moments import moment_of

OVER = ("undone", "failed", "done")
"""States of a change of which nothing is left to take back."""

_WORDS = frozenset(str(outcome) for outcome in Outcome)


def standing(state: str, proof: str) -> str:
    """How far a change came: `applied: changed, not proven`, by the first word of its proof."""
    if state not in ("applied", "verified"):
        return state
    word = proof.partition("; ")[0]
    return f"applied: {word}" if word in _WORDS else "applied"


def ended_by_start(change: Change, case: Case) -> bool:
    """Whether the server was started after a change that its start forgets.

    The change is told by this machine's clock, the start by the server's."""
    started, skew = moment_of(case.fact(STARTED_AT)), case.fact(CLOCK_SKEW_SECONDS)
    if change.lasting or started is None:
        return False
    ahead = timedelta(seconds=skew if isinstance(skew, int | float) else 0)
    return started - ahead > change.at + STARTED


def how_far(change: Change, case: Case) -> str:
    """How far a change came, and whether it still holds."""
    return standing(change.state, change.verified) + ended_words(change, case)


def ended_words(change: Change, case: Case) -> str:
    """What is said behind how far a change came that no longer holds; empty for others."""
    ended = change.state not in OVER and ended_by_start(change, case)
    return "; ended by the server's restart" if ended else ""
