"""How one clue explains one failure: the rule for each kind of evidence."""

from collections.abc import Callable
from functools import lru_cache

from wizard.diagnosis.matching.clues import (
    SLACK,
    TOLD,
    WHILE_IT_LASTED,
    Match,
    Stock,
    rest_slack,
)
from wizard.diagnosis.matching.outages import of_outage
from wizard.diagnosis.matching.seen import Seen
from wizard.diagnosis.matching.sessions import of_session
from wizard.units import duration

HANG = "client.read-timeout"
"""A client that gave up waiting: it cannot know why no answer came, and an experiment may."""

AS_MET = 0.1
"""What an experiment's finding is worth for a failure that says nothing to compare it with."""

GAVE_UP = 0.6
"""What it is worth for one that gave up waiting."""


def _as_met(told: Seen, stock: Stock) -> Match | None:
    """As an experiment met it, or as the server is now."""
    kind, text = stock.kind, stock.clue.evidence.text
    if kind == "idle" and told.idle is not None:
        return _gap(told, stock)
    if kind in ("idle", "now"):
        worth = GAVE_UP if told.signal == HANG else AS_MET
        return Match(stock.strength + worth, stock, f"as an experiment met it: {text}")
    if kind == "state" and told.connect and not _before(told, stock.since):
        return Match(stock.strength, stock, text)
    return None


def _gap(told: Seen, stock: Stock) -> Match | None:
    idle, limit = told.idle, stock.limit
    if (
        idle is None
        or limit is None
        or idle < limit - rest_slack(limit)
        or _before(told, stock.since)
    ):
        return None
    return Match(stock.strength + WHILE_IT_LASTED, stock, _rest_and_limit(idle, limit))


@lru_cache(maxsize=4096)
def _rest_and_limit(idle: float, limit: float) -> str:
    return f"idle for {duration(round(idle))}, limit {limit:.0f} s"


def _size(told: Seen, stock: Stock) -> Match | None:
    size, limit = told.failure.size, stock.limit
    if size is None or limit is None or size <= limit or _before(told, stock.since):
        return None
    return Match(stock.strength + TOLD, stock, f"{size} bytes, limit {limit:.0f}")


def _before(told: Seen, since: float | None) -> bool:
    """Whether the failure is older than what is known of the limit."""
    return since is not None and told.at is not None and told.at < since - SLACK


def _during(told: Seen, stock: Stock) -> Match | None:
    """While a trouble lasted that hurts whoever comes: a full disk, no more files. It goes
    before an outage, for it may be why the server went."""
    at, evidence = told.at, stock.clue.evidence
    if at is None or stock.first is None or stock.last is None:
        return None
    if not stock.first - SLACK <= at <= stock.last + stock.within:
        return None
    score = stock.strength + WHILE_IT_LASTED + 0.15
    return Match(score, stock, evidence.text, moment=evidence.first)


Rule = Callable[[Seen, Stock], Match | None]
"""The best way in which a clue explains a failure, or None."""

_RULES: dict[str, Rule] = {
    "session": of_session,
    "rest": of_session,
    "outage": of_outage,
    "gap": _gap,
    "cut": _gap,
    "size": _size,
    "during": _during,
}


def rule_for(kind: str) -> Rule:
    """The rule for this kind of evidence."""
    return _RULES.get(kind, _as_met)
