"""Sessions that the server ended: one end explains one failure, the nearest that can be.

Then the counts of ends of which no single one is known.
"""

from bisect import bisect_left, bisect_right

from wizard.case.evidence import Occurrence
from wizard.diagnosis.ends import AHEAD, ahead, latest, nearest
from wizard.diagnosis.matching.clues import (
    DATED,
    HALF,
    NEAR,
    REST_SLACK,
    SAME_IDENTITY,
    SLACK,
    TOLD,
    UNDATED,
    Match,
    Stock,
    near,
)
from wizard.diagnosis.matching.seen import Seen

SAME_CLOCK = 0.5
"""Seconds by which a rest's end may seem to come after the failure that it caused."""

TOGETHER = 1.5
"""Seconds within which ends are of one moment, whole seconds of the log included."""

IN_USE = 60.0
"""Ends that a client may notice no later than this many seconds are of connections in use."""

AT_REST = 10.0
"""Seconds after which the end of a resting connection is half as near: it waits for its use."""

WHOLE_COHORT = 0.1
"""What it speaks for a timeout that as many sessions ended as had been used together."""

SAME_ACCOUNT = 0.1
"""What it speaks for an end that it is known to be of the failure's own account."""

_ROUNDING = 1e-9

IN_ORDER = 0.35
"""What an orderly end speaks against a timeout, on a server that resets those that idle."""

_NO_LEAST = float("-inf")

_ANY_REST = float("inf")
"""How far before the failure the end of a resting connection goes before one after it."""


def of_session(told: Seen, stock: Stock, least: float = _NO_LEAST) -> Match | None:
    """One ended session, one failure: that of its very connection, or the nearest that can be.

    It may be None also where it would be worth less than `least`.
    """
    at, number = told.at, told.number
    if number is not None:
        exact = stock.ends.of_connection(number, at)
        if exact is not None and _same_life(exact, at, stock.lives):
            because = f"connection {exact.connection_id} in the server's log"
            return Match(stock.strength + SAME_IDENTITY, stock, because, exact)
    rest = stock.kind == "rest"
    if rest and told.rest < stock.least_rest:
        return None
    if at is None:
        return _untimed(told, stock)
    if stock.within == 0:
        return _very_one(told, stock, at)
    horizon = stock.within + at - told.since
    reach = told.in_use if stock.within <= IN_USE else told.at_rest
    if reach < horizon:
        horizon = reach
    ends = stock.ends
    lines = (ends.of_unnamed if number is None else ends.of_named)[told.account]
    if not rest:
        found = nearest(lines, at, at - horizon, at + SLACK, AHEAD)
    else:
        # A whole second of the log may be the end of that second, and a timeout takes one.
        idle = told.idle
        since = at - (horizon if idle is None else min(horizon, max(0.0, idle)))
        found = nearest(lines, at, since, at + SAME_CLOCK, _ANY_REST)
    if found is not None and (not rest or _with_its_like(told, stock, found[0])):
        ended, end = found
        apart = told.since - ended if ended <= at else ahead(ended - at)
        worth = _worth_at_rest(told, stock, at, ended, end, apart) if rest else _worth_in_use(apart)
        if told.account and end.account:
            worth += SAME_ACCOUNT
        score = stock.strength + worth
        return None if score < least else Match(score, stock, "a session ended so", end)
    if stock.uncounted > 0 and _spans(stock, at, horizon):
        score = stock.strength + _span_worth(told, stock, at)
        return Match(score, stock, "the server counted such an end", counted=True)
    return None


def most_of_session(stock: Stock, named: bool) -> float:
    """No match is worth more, here for a failure that names its connection (`named`) or not."""
    worth = DATED + NEAR
    if stock.kind == "rest":
        worth = max(worth, TOLD) + WHOLE_COHORT
    worth += SAME_ACCOUNT
    return stock.strength + (max(worth, SAME_IDENTITY) if named else worth) + _ROUNDING


def _with_its_like(told: Seen, stock: Stock, ended: float) -> bool:
    """Whether enough sessions ended together.

    Connections that were last used together reach the same timeout together, so that a lone end is
    of somebody else.
    """
    if told.alike < 2 or not stock.complete:
        return True
    return stock.ends.around(ended, TOGETHER) * 2 > told.alike


def _same_life(end: Occurrence, at: float | None, lives: tuple[float, ...]) -> bool:
    """Whether the end came before the failure, and in the same life of the server."""
    if at is None or end.at is None:
        return True
    ended = end.at.timestamp()
    return ended <= at + SLACK and bisect_right(lives, ended + SLACK) >= bisect_left(lives, at)


def _very_one(told: Seen, stock: Stock, at: float) -> Match | None:
    """Evidence that was made of this very failure."""
    ends = stock.ends
    lines = (ends.of_unnamed if told.number is None else ends.of_named)[told.account]
    found = latest(lines, at - 1e-4, at + 1e-4)
    if found is None:
        return None
    return Match(stock.strength + DATED + NEAR, stock, stock.clue.evidence.text, found[1])


def _untimed(told: Seen, stock: Stock) -> Match | None:
    """A failure without a time: any end may be its own that is no later than its telling."""
    by = float("inf") if told.latest is None else told.latest + SLACK
    end = stock.ends.first_free(by)
    counted = stock.uncounted > 0 and (stock.first is None or stock.first <= by)
    if end is None and not counted:
        return None
    because = "the server saw such an end; no time to compare"
    return Match(stock.strength + DATED, stock, because, end, counted=end is None)


def _worth_in_use(apart: float) -> float:
    """What nearness in time adds to a match."""
    return DATED + (NEAR * HALF / (HALF + apart) if apart > 0 else NEAR)


def _worth_at_rest(
    told: Seen, stock: Stock, at: float, ended: float, end: Occurrence, apart: float
) -> float:
    """In time, and where the driver tells its rest, whether that reached the limit at the end."""
    worth = DATED + NEAR * near(apart, AT_REST)
    if told.idle is not None:
        limit = end.seconds if end.seconds is not None else stock.limit
        if limit is not None and abs(ended - (at - told.idle + limit)) <= SLACK + REST_SLACK:
            worth = max(worth, TOLD)
    if told.in_order:
        worth -= IN_ORDER
    if 1 < told.alike == stock.ends.around(ended, TOGETHER) + stock.uncounted:
        worth += WHOLE_COHORT
    return worth


def _span_worth(told: Seen, stock: Stock, at: float) -> float:
    """How near a count is: by the distance to the span of its ends, and by that span's width."""
    if stock.first is None and stock.last is None:
        return UNDATED
    first = told.since if stock.first is None else stock.first
    last = at if stock.last is None else stock.last
    apart = max(0.0, told.since - last) + max(0.0, last - first) / 2
    rest = stock.kind == "rest"
    worth = DATED + NEAR * near(apart, AT_REST if rest else HALF)
    if rest and told.alike > 1 and told.alike == stock.clue.evidence.count:
        worth += WHOLE_COHORT
    return max(UNDATED, worth)


def _spans(stock: Stock, at: float, horizon: float) -> bool:
    """Whether a count without single times covers the failure's moment."""
    after_first = stock.first is None or at >= stock.first - SLACK
    return after_first and (stock.last is None or at <= stock.last + horizon)
