"""A clue, what it can still explain, and how well it fits a failure. Plain data.

A match is as good as its evidence is near: in identity (the connection's id, the account), in
kind (what the failure says, how long its connection had rested, how large its statement was)
and in time. How strongly the evidence speaks for its cause decides only between near equals.
"""

from dataclasses import dataclass
from datetime import datetime

from knowledge.model import Cause, Weighed
from wizard.case.evidence import Evidence, Occurrence
from wizard.diagnosis.ends import Ends, Taken

SLACK = 2.0
"""Seconds: MariaDB's log has whole ones, and an application stamps after the fact."""

REST_SLACK = 1.0
"""Seconds: a client measures its idle time a little differently from the server."""

SAME_IDENTITY = 1.5
OWN_WORDS = 1.2
TOLD = 0.7
"""The failure itself tells what fits: a size, a rest, a last use before the server went."""
WHILE_IT_LASTED = 0.6
NEAR = 0.4
"""What nearness in time is worth at best; it is halved after `HALF` seconds."""
HALF = 5.0
DATED = 0.15
"""What a time of its own is worth, beside its nearness."""
UNDATED = 0.2
"""What a count is worth of which only the window is known: more than what is far, less than
what is near."""

_STRENGTH = 0.5
"""How much the strength of evidence counts against its nearness."""


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
    """What a clue can still explain: its single ends or outages, then its bare count.

    `strength` is what it adds to each match; `complete` says that no end is without a time;
    `least_rest` is how long a connection must have rested for this timeout to end it.
    """

    clue: Clue
    kind: str
    within: float
    strength: float
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
    least_rest: float = 0.0


@dataclass(slots=True)
class Match:
    """How one clue explains one failure. `end` is the session's end that it takes, and `moment`
    the outage that it is of; `doubtful` that it is taken for want of a better one."""

    score: float
    stock: Stock
    because: str
    end: Occurrence | None = None
    counted: bool = False
    in_outage: bool = False
    moment: datetime | None = None
    doubtful: bool = False

    @property
    def told(self) -> str:
        """Why, with the time of day."""
        if self.moment is not None:
            return f"{self.because} ({_clock(self.moment)})"
        if self.end is not None and self.end.at is not None:
            return f"{self.because} at {_clock(self.end.at)}"
        return self.because


def _clock(at: datetime) -> str:
    """As %T, which takes longer."""
    return at.time().isoformat("seconds")


def near(seconds: float, half: float = HALF) -> float:
    """1 for no distance at all, 0.5 after `half` seconds."""
    return half / (half + seconds) if seconds > 0 else 1.0


def rest_slack(limit: float) -> float:
    """By how much a told rest may fall short of the timeout: a rest of nothing reaches none."""
    return min(REST_SLACK, 0.1 * limit)


def stock_of(
    clue: Clue, taken: Taken, reserved: frozenset[int], lives: tuple[float, ...] = ()
) -> Stock:
    """The clue with its occurrences in order. `lives` are the times at which the server went."""
    evidence, kind = clue.evidence, clue.use.match
    session = kind in ("session", "rest")
    ends = Ends(evidence.occurrences if session else (), taken, reserved)
    outages = _outages(evidence) if kind == "outage" else ()
    limit = evidence.value
    if kind == "rest":
        limit = min((o.seconds for o in evidence.occurrences if o.seconds), default=limit)
    return Stock(
        clue,
        kind,
        clue.use.within,
        _STRENGTH * clue.weight,
        ends,
        outages,
        tuple(began for began, _, _ in outages),
        max(0, evidence.count - ends.count) if session else 0,
        evidence.first.timestamp() if evidence.first else None,
        evidence.last.timestamp() if evidence.last else None,
        limit,
        _valid_since(evidence) if kind in ("gap", "cut", "size", "state") else None,
        lives,
        evidence.count <= ends.count,
        (2 * REST_SLACK if limit is None else limit) - REST_SLACK,
    )


def _outages(evidence: Evidence) -> tuple[tuple[float, float, Occurrence], ...]:
    spans = [
        (o.at.timestamp(), o.until.timestamp() if o.until else float("inf"), o)
        for o in evidence.occurrences
        if o.at is not None
    ]
    return tuple(sorted(spans, key=lambda span: span[0]))


def _valid_since(evidence: Evidence) -> float | None:
    """A limit's, or a state's, one occurrence says since when it is known to be in force."""
    return next((o.at.timestamp() for o in evidence.occurrences if o.at is not None), None)
