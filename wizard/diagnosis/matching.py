"""How well one piece of evidence explains one failure.

A match is as good as its evidence is near: in identity (the connection's id, the account), in
kind (what the failure says, how long its connection had rested, how large its statement was)
and in time. How strongly the evidence speaks for its cause decides only between equals.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from knowledge.model import Cause, Weighed
from wizard.case.evidence import Evidence, Failure, Occurrence, Phase
from wizard.diagnosis.ends import Ends, Taken

SLACK = 2.0
"""Seconds: MariaDB's log has whole ones, and an application stamps after the fact."""

LINGERS = 5.0
"""Seconds after an outage's end in which connects may still fail: the stamp of a failed connect
is that of its end, and a proxy or a cluster notices the server's return a little later."""

FIRST_USE = 30.0
"""Seconds after an outage in which what a shutdown tells is still taken for its word."""

SAME_IDENTITY = 1.0
SAME_WORDS = 1.0
TOLD = 0.6
"""The failure itself tells what fits: a size, a rest, a last use before the server went."""
WHILE_IT_LASTED = 0.5
NEAR = 0.4
"""What nearness in time is worth at best; it is halved after `HALF` seconds."""
HALF = 5.0

UNTOLD = 0.4
"""What an experiment's finding is worth for a failure that says nothing to compare it with."""

HANG = "client.read-timeout"
"""A client that gave up waiting: it cannot know why no answer came, and an experiment may."""

NEW_CONNECTS = frozenset(
    ("client.refused", "client.connect-lost", "client.connect-timeout", "client.unreachable")
)
"""Failures of a connect: an outage explains them only while it lasts."""

SAME_CLOCK = 0.5
"""Seconds by which a rest's end may seem to come after the failure that it caused."""

TOGETHER = 1.5
"""Seconds within which ends are of one moment, whole seconds of the log included."""

IN_USE = 60.0
"""Ends that a client may notice no later than this many seconds are of connections in use."""

REST_SLACK = 1.0
"""Seconds: a client measures its idle time a little differently from the server."""

SHORTEST_REST = 1.0
"""Seconds: no timeout of the server's is shorter."""


@dataclass(frozen=True, slots=True)
class Clue:
    """One piece of evidence for one cause. `belief` in 0..1 is what is left of the cause after
    all that speaks against it; `tried` says that an experiment of the operator's confirmed it."""

    cause: Cause
    use: Weighed
    evidence: Evidence
    belief: float = 1.0
    tried: bool = False

    @property
    def weight(self) -> float:
        return self.use.weight * self.belief


@dataclass(slots=True)
class Stock:
    """What a clue can still explain: its single ends or outages, then its bare count."""

    clue: Clue
    weight: float
    ends: Ends
    outages: tuple[tuple[float, float, Occurrence], ...] = ()
    began: tuple[float, ...] = ()
    uncounted: int = 0
    first: float | None = None
    last: float | None = None
    limit: float | None = None
    since: float | None = None
    lives: tuple[float, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Match:
    """How one clue explains one failure. `end` is the session's end that it takes."""

    score: float
    stock: Stock
    because: str
    end: Occurrence | None = None
    counted: bool = False
    in_outage: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A failure with its time as a number, for a comparison that is made very often. `alike`
    says how many connections, this one with them, were last used in the same moment."""

    failure: Failure
    at: float | None
    signal: str
    idle: float | None
    alike: int = 1


def rest_slack(limit: float) -> float:
    """By how much a told rest may fall short of the timeout: a rest of nothing reaches none."""
    return min(REST_SLACK, 0.1 * limit)


def seen(failure: Failure, alike: int = 1) -> Seen:
    at = failure.at.timestamp() if failure.at is not None else None
    return Seen(failure, at, failure.signal, failure.idle_seconds, alike)


def stock_of(
    clue: Clue, taken: Taken, reserved: frozenset[int], lives: tuple[float, ...] = ()
) -> Stock:
    """The clue with its occurrences in order. `lives` are the times at which the server went."""
    evidence, match = clue.evidence, clue.use.match
    session = match in ("session", "rest")
    ends = Ends(evidence.occurrences if session else (), taken, reserved)
    outages = _outages(evidence) if match == "outage" else ()
    limit = evidence.value
    if match == "rest":
        limit = min((o.seconds for o in evidence.occurrences if o.seconds), default=limit)
    return Stock(
        clue,
        clue.weight,
        ends,
        outages,
        tuple(began for began, _, _ in outages),
        max(0, evidence.count - ends.count) if session else 0,
        evidence.first.timestamp() if evidence.first else None,
        evidence.last.timestamp() if evidence.last else None,
        limit,
        _valid_since(evidence) if match in ("gap", "size") else None,
        lives,
        evidence.count <= ends.count,
    )


def _outages(evidence: Evidence) -> tuple[tuple[float, float, Occurrence], ...]:
    spans = [
        (o.at.timestamp(), o.until.timestamp() if o.until else float("inf"), o)
        for o in evidence.occurrences
        if o.at is not None
    ]
    return tuple(sorted(spans, key=lambda span: span[0]))


def _valid_since(evidence: Evidence) -> float | None:
    """A limit's one occurrence says since when it is known to be in force."""
    return next((o.at.timestamp() for o in evidence.occurrences if o.at is not None), None)


def match(told: Seen, stock: Stock) -> Match | None:
    """The best way in which the clue explains the failure, or None."""
    kind = stock.clue.use.match
    if kind in ("session", "rest"):
        return _session(told, stock)
    if kind == "outage":
        return _outage(told, stock)
    if kind == "gap":
        return _gap(told, stock)
    if kind == "size":
        return _size(told, stock)
    if kind == "during":
        return _during(told, stock)
    return _as_met(told, stock)


def _as_met(told: Seen, stock: Stock) -> Match | None:
    """As an experiment met it, or as the server is now."""
    clue = stock.clue
    kind, text = clue.use.match, clue.evidence.text
    if kind == "idle" and told.idle is not None:
        return _gap(told, stock)
    if kind in ("idle", "now"):
        worth = 1.0 if told.signal == HANG else UNTOLD
        return Match(stock.weight * worth, stock, f"as an experiment met it: {text}")
    if kind == "state" and told.failure.phase is Phase.CONNECT:
        return Match(stock.weight * 0.5, stock, text)
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
    because = f"idle for {idle:.0f} s, limit {limit:.0f} s"
    return Match(stock.weight + WHILE_IT_LASTED, stock, because)


def _size(told: Seen, stock: Stock) -> Match | None:
    size, limit = told.failure.size, stock.limit
    if size is None or limit is None or size <= limit or _before(told, stock.since):
        return None
    return Match(stock.weight + TOLD, stock, f"{size} bytes, limit {limit:.0f}")


def _before(told: Seen, since: float | None) -> bool:
    """Whether the failure is older than what is known of the limit."""
    return since is not None and told.at is not None and told.at < since - SLACK


def _outage(told: Seen, stock: Stock) -> Match | None:
    """Failures while the server was gone, and the first use of connections older than that. Of
    several outages the nearest counts."""
    weight, at = stock.weight, told.at
    if at is None:
        because = "the failure has no time; the server was gone"
        return Match(weight * 0.3, stock, because)
    place = bisect_right(stock.began, at + SLACK) - 1
    if place < 0:
        return None
    _, ended, outage = stock.outages[place]
    assert outage.at is not None
    connect = told.signal in NEW_CONNECTS or told.failure.phase is Phase.CONNECT
    if at <= ended + (LINGERS if connect else SLACK):
        because = f"while the server was gone ({outage.at:%T})"
        return Match(weight + WHILE_IT_LASTED, stock, because, in_outage=True)
    if connect:
        return None
    if told.idle is not None:
        return _older(told, stock, at - told.idle)
    within = stock.clue.use.within
    if at > ended + within:
        return None
    because = f"just after the server was back ({outage.at:%T})"
    score = weight * 0.8 + 0.3 * _near(at - ended, within / 4)
    return Match(score, stock, because, in_outage=at - ended <= FIRST_USE)


def _older(told: Seen, stock: Stock, used: float) -> Match | None:
    """The first use of a connection that is older than an outage.

    The first one after its last use ended it.
    """
    place = bisect_left(stock.began, used - SLACK)
    if place == len(stock.began) or told.at is None or stock.began[place] > told.at:
        return None
    began, _, outage = stock.outages[place]
    assert outage.at is not None
    score = stock.weight + NEAR + 0.1 * _near(began - used, 600.0)
    because = f"last used before the server went at {outage.at:%T}"
    return Match(score, stock, because, in_outage=True)


def _near(seconds: float, half: float = HALF) -> float:
    return half / (half + max(0.0, seconds))


def _during(told: Seen, stock: Stock) -> Match | None:
    """While a trouble lasted that hurts whoever comes: a full disk, no more files. It goes
    before an outage, for it may be why the server went."""
    evidence, at = stock.clue.evidence, told.at
    if at is None or stock.first is None or stock.last is None or evidence.first is None:
        return None
    if not stock.first - SLACK <= at <= stock.last + stock.clue.use.within:
        return None
    score = stock.weight + WHILE_IT_LASTED + 0.1
    return Match(score, stock, f"{evidence.text} ({evidence.first:%T})")


def _session(told: Seen, stock: Stock) -> Match | None:
    """One ended session, one failure: that of its very connection, or the nearest that can be."""
    at, weight = told.at, stock.weight
    number = told.failure.connection_id
    exact = None if number is None else stock.ends.of_connection(number, at)
    if exact is not None and _same_life(exact, at, stock.lives):
        because = f"connection {exact.connection_id} in the server's log"
        return Match(weight + SAME_IDENTITY, stock, because, exact)
    if stock.clue.use.match == "rest" and not _rested(told, stock.limit):
        return None
    if at is None:
        return _untimed(stock)
    horizon = _horizon(told, stock)
    if horizon == 0:
        return _very_one(told, stock, at)
    found = _nearest(told, stock, at, horizon)
    if (
        found is not None
        and stock.clue.use.match == "rest"
        and not _with_its_like(told, stock, found)
    ):
        found = None
    if found is not None:
        ended, end = found
        assert end.at is not None
        score = weight + _closeness(told, stock, at, ended, end)
        return Match(score, stock, f"a session ended so at {end.at:%T}", end)
    if stock.uncounted > 0 and _spans(stock, at, horizon):
        score = weight + NEAR * _near(_width(stock, at))
        return Match(score, stock, "the server counted such an end", counted=True)
    return None


def _with_its_like(told: Seen, stock: Stock, found: tuple[float, Occurrence]) -> bool:
    """Whether enough sessions ended together.

    Connections that were last used together reach the same timeout together, so that a lone end is
    of somebody else.
    """
    if told.alike < 2 or not stock.complete:
        return True
    return stock.ends.around(found[0], TOGETHER) * 2 > told.alike


def _same_life(end: Occurrence, at: float | None, lives: tuple[float, ...]) -> bool:
    """Whether the end came before the failure, and in the same life of the server."""
    if at is None or end.at is None:
        return True
    ended = end.at.timestamp()
    return ended <= at + SLACK and bisect_right(lives, ended + SLACK) >= bisect_left(lives, at)


def _horizon(told: Seen, stock: Stock) -> float:
    """How long before the failure the end may lie. The connection was alive when it was last
    used; what ends one that is in use comes at that use."""
    within = stock.clue.use.within
    if told.idle is None:
        return within
    if within <= IN_USE and told.idle > SLACK:
        return min(within, SLACK)
    return min(within, told.idle + SLACK)


def _very_one(told: Seen, stock: Stock, at: float) -> Match | None:
    """Evidence that was made of this very failure."""
    failure = told.failure
    found = stock.ends.latest(failure.account, failure.connection_id, at - 1e-4, at + 1e-4)
    if found is None:
        return None
    score = stock.weight + NEAR
    return Match(score, stock, stock.clue.evidence.text, found[1])


def _untimed(stock: Stock) -> Match | None:
    """A failure without a time: any end may be its own."""
    end = stock.ends.first_free()
    if end is None and stock.uncounted <= 0:
        return None
    because = "the server saw such an end; no time to compare"
    return Match(stock.weight * 0.9, stock, because, end, counted=end is None)


def _rested(told: Seen, limit: float | None) -> bool:
    """Whether the connection can have rested for as long as the timeout takes.

    One that tells a shorter rest was ended by something else.
    """
    return (
        told.idle is None or told.idle >= (2 * REST_SLACK if limit is None else limit) - REST_SLACK
    )


def _nearest(
    told: Seen, stock: Stock, at: float, horizon: float
) -> tuple[float, Occurrence] | None:
    """The end nearest to the failure.

    The latest before it, or one within the clocks' slack after it where that is nearer.
    """
    account, number = told.failure.account, told.failure.connection_id
    if stock.clue.use.match == "rest" and told.idle is not None:
        # A whole second of the log may be the end of that second, and a timeout takes one.
        horizon = min(horizon, max(0.0, told.idle))
    before = stock.ends.latest(account, number, at - horizon, at)
    rest = stock.clue.use.match == "rest"
    if before is not None and (rest or at - before[0] <= _ahead(0.0)):
        return before
    after = stock.ends.latest(account, number, at, at + (SAME_CLOCK if rest else SLACK))
    if before is None or after is None:
        return before or after
    return before if at - before[0] <= _ahead(after[0] - at) else after


def _ahead(seconds: float) -> float:
    """What an end after the failure is worth as a distance. The log's stamps are cut, never
    rounded up, so that it is a doubtful one."""
    return 1.0 + 2.0 * seconds


def _closeness(told: Seen, stock: Stock, at: float, ended: float, end: Occurrence) -> float:
    """What nearness adds to a match.

    In time, and where the driver tells its rest, whether the end came when that rest reached the
    limit.
    """
    near = NEAR * _near(at - ended if ended <= at else _ahead(ended - at))
    limit = end.seconds if end.seconds is not None else stock.limit
    if stock.clue.use.match == "rest" and told.idle is not None and limit is not None:
        off = abs(ended - (at - told.idle + limit))
        if off <= SLACK + REST_SLACK:
            near = max(near, TOLD)
    if told.failure.account and end.account:
        near += 0.1
    return near


def _width(stock: Stock, at: float) -> float:
    """How wide the span is in which a count's ends lie, the failure with them, in seconds. A
    count without a time may be of any moment."""
    if stock.first is None and stock.last is None:
        return float("inf")
    first = at if stock.first is None else min(stock.first, at)
    last = at if stock.last is None else max(stock.last, at)
    return last - first


def _spans(stock: Stock, at: float, horizon: float) -> bool:
    """Whether a count without single times covers the failure's moment."""
    after_first = stock.first is None or at >= stock.first - SLACK
    return after_first and (stock.last is None or at <= stock.last + horizon)
