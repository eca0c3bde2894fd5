"""The server was gone: what failed while it lasted, and the first use of older connections."""

from bisect import bisect_left, bisect_right
from itertools import accumulate
from math import inf

from wizard.case import clocks
from wizard.case.evidence import Occurrence
from wizard.diagnosis.matching.clues import HALF, SLACK, TOLD, WHILE_IT_LASTED, Match, Stock, near
from wizard.diagnosis.matching.seen import Seen

LINGERS = 5.0
"""Seconds after an outage's end in which connects may still fail: the stamp of a failed connect
is that of its end, and a proxy or a cluster notices the server's return a little later."""

FIRST_USE = 30.0
"""Seconds after an outage in which what a shutdown tells is still taken for its word."""

_FIRST = 0.5
"""What the first loss of a log after an outage is worth, at best."""

_AT_A_GUESS = 0.6
"""The part of its strength that a death whose time is guessed has for a failure of that very
moment: the server lived when it wrote its last line, and that line may be what explains it."""

_LATER = 0.1
"""What a later one is worth: of a pool, whose connections are used one by one."""


_ONE_EVENT = clocks.KERNEL_LOG.total_seconds()
"""Seconds between two records of one outage at the most."""


def of_outage(told: Seen, stock: Stock) -> Match | None:
    """The best way in which an outage explains the failure. Of several the nearest counts."""
    at = told.at
    if at is None:
        if told.latest is not None and stock.began and stock.began[0] > told.latest + SLACK:
            return None
        because = "the failure has no time; the server was gone"
        worth = stock.strength + WHILE_IT_LASTED if told.amid else 0.6 * stock.strength
        return Match(worth, stock, because)
    place = bisect_right(stock.began, at + SLACK) - 1
    if place < 0:
        return None
    began, ended, outage = stock.outages[place]
    if told.since <= ended + (LINGERS if told.connect else SLACK):
        certain = not _is_last_line(outage) or at > began + SLACK
        score = stock.strength + WHILE_IT_LASTED if certain else _AT_A_GUESS * stock.strength
        return Match(score, stock, "while the server was gone", None, False, True, outage.at)
    if told.connect:
        return None
    if told.idle is not None:
        return _older(told, stock, at - told.idle)
    return _first_use(told, stock, at, ended, outage)


def was_gone_else(told: Seen, stock: Stock, other: Stock) -> bool:
    """Whether one of the stock's outages, before the failure was told, is none of the other's."""
    longest = list(accumulate((ended for _, ended, _ in other.outages), max))
    latest = inf if told.latest is None else told.latest + SLACK
    for began, ended, _ in stock.outages:
        place = bisect_right(other.began, ended + _ONE_EVENT) - 1
        is_met = place >= 0 and longest[place] >= began - _ONE_EVENT
        if other.outages and began <= latest and not is_met:
            return True
    return False


def _is_last_line(outage: Occurrence) -> bool:
    """Whether the death has the time of the log's last line, as no line tells of it.

    Said of a server that was back."""
    return outage.seconds == 0 and outage.until is not None


def _older(told: Seen, stock: Stock, used: float) -> Match | None:
    """The first use of a connection that is older than an outage.

    The first one after its last use ended it.
    """
    place = bisect_left(stock.began, used - SLACK)
    if place == len(stock.began) or told.at is None or stock.began[place] > told.at:
        return None
    began, _, outage = stock.outages[place]
    score = stock.strength + TOLD + 0.1 * near(began - used, 600.0)
    because = "last used before the server went"
    return Match(score, stock, because, None, False, True, outage.at)


def _first_use(
    told: Seen, stock: Stock, at: float, ended: float, outage: Occurrence
) -> Match | None:
    """A loss soon after the outage, of which no rest is told.

    It may be the first use of a connection that is older. One that has worked since, or a second
    one in the same log, is hardly so.
    """
    since = at - ended
    if since > stock.within or (told.most is not None and told.most < since - SLACK):
        return None
    lost_since = told.before is not None and told.before > ended + SLACK
    worked_since = told.worked is not None and told.worked > ended + SLACK
    doubtful = lost_since or worked_since
    score = stock.strength + (_LATER if doubtful else _FIRST) * near(since, HALF)
    because = "just after the server was back"
    return Match(score, stock, because, None, False, since <= FIRST_USE, outage.at, doubtful)
