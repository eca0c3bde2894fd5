"""Which timeout ended sessions that the server's log says timed out. Pure.

MariaDB and MySQL 5.7 log a timeout while reading in the same words, whichever it was:
wait_timeout, one that the session set itself, idle_transaction_timeout, net_read_timeout. The
rest before the end tells them apart: the client told how long its connection had rested, and
the log when it ended. Where no rest is told, the server's age is its upper bound. A limit that
was changed since the start, nobody knows when, disproves nothing.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from wizard.case import clocks, facts
from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure, Occurrence
from wizard.case.moments import moment_of
from wizard.diagnosis.cohorts import possible_timeouts
from wizard.diagnosis.derived.failures import IDLE_SLACK, in_force_since, number
from wizard.diagnosis.derived.pairing import ends_of, from_ends, paired, rested
from wizard.units import duration

_LIMITS = ("wait_timeout", "interactive_timeout", "session_wait_timeout_min")
_TRANSACTION_LIMITS = ("idle_transaction_timeout", "idle_readonly_transaction_timeout",
                       "idle_write_transaction_timeout")  # fmt: skip

_SLACK = clocks.WHOLE_SECONDS.total_seconds() + IDLE_SLACK


class _Rest(NamedTuple):
    """How long a session had rested when it ended: exactly, or at most (the server's age).
    `at_rest` says that its client was not in the middle of a statement."""

    end: Occurrence
    told: float | None
    most: float | None
    at_rest: bool

    def can_be(self, limit: float) -> bool:
        if self.told is not None:
            return abs(self.told - limit) <= _SLACK
        return self.most is None or self.most >= limit - clocks.WHOLE_SECONDS.total_seconds()

    def reaches(self, limit: float) -> bool:
        known = self.told if self.told is not None else self.most
        return known is None or known >= limit - _SLACK


def which_timeout(case: Case, lost: Sequence[Failure]) -> Iterator[Evidence]:
    """What the rests before the logged timeouts say of the limits that are in force."""
    limit = min((v for n in _LIMITS if (v := number(case, facts.setting(n)))), default=None)
    ends = ends_of(case, "log.aborted-timeout")
    since = in_force_since(case, "wait_timeout", "interactive_timeout")
    if limit is None or not ends:
        return
    known = [e for e in ends if since is None or e.at is None or e.at >= since]
    rests = _rests(case, lost, known)
    inside = [v for n in _TRANSACTION_LIMITS if (v := number(case, facts.setting(n)))]
    shortest = min((v for v in inside if v < limit), default=None)
    early = [r for r in rests if not r.reaches(limit)]
    if shortest is not None:
        yield from _in_transaction(rests, early, shortest, limit)
    if not _changed_unknown_when(case):
        stalled = number(case, facts.setting("net_read_timeout"))
        yield from _too_early(early, shortest, limit, stalled)
    busy = [r.end for r in early if (r.told or 0.0) <= IDLE_SLACK]
    if shortest is None and busy and number(case, facts.COM_LOAD):
        yield from_ends(
            "derived.timeout-in-transfer",
            "a timeout ended sessions that cannot have idled so long, and LOAD DATA was used: "
            "net_read_timeout governs that",
            "error log, SHOW GLOBAL STATUS (Com_load)",
            busy,
        )


def _changed_unknown_when(case: Case) -> bool:
    changed = case.fact(facts.WAIT_TIMEOUT_CHANGED) is True
    return changed and case.fact(facts.WAIT_TIMEOUT_CHANGED_AT) is None


def _rests(case: Case, lost: Sequence[Failure], ends: list[Occurrence]) -> list[_Rest]:
    # Those that say that they had rested choose first: the others were not ended by a timeout.
    resting = [f for f in lost if (f.idle_seconds or 0.0) > IDLE_SLACK]
    possible = possible_timeouts(lost, ends)
    pairs = {id(pair[1]): pair for pair in paired(resting, possible)}
    left = [end for end in possible if id(end) not in pairs]
    rest = [f for f in lost if f.idle_seconds is None or f.idle_seconds <= IDLE_SLACK]
    pairs |= {id(pair[1]): pair for pair in paired(rest, left)}
    started = moment_of(case.fact(facts.STARTED_AT))
    rests = []
    for end in ends:
        most = None
        if started is not None and end.at is not None and end.at >= started:
            most = (end.at - started).total_seconds()
        pair = pairs.get(id(end))
        idle = pair[0].idle_seconds or 0.0 if pair else 0.0
        rests.append(_Rest(end, rested(pair) if pair else None, most, idle > IDLE_SLACK))
    return rests


def _in_transaction(
    rests: list[_Rest], early: list[_Rest], shortest: float, limit: float
) -> Iterator[Evidence]:
    """The limit inside a transaction is below wait_timeout, so the rest tells which it was."""
    source = "error log, idle_transaction_timeout"
    fits = [r.end for r in early if r.can_be(shortest)]
    if fits:
        text = (
            f"the sessions can have idled for {duration(round(shortest))}, the limit inside a "
            "transaction, but not for wait_timeout"
        )
        yield from_ends("derived.idle-in-transaction", text, source, fits, shortest)
    either = [r.end for r in rests if r.told is None and r.reaches(limit)]
    if either:
        text = (
            f"the rest of {len(either)} of these sessions is not told: it may have been "
            f"{shortest:.0f} s inside a transaction as well as {limit:.0f} s outside"
        )
        yield from_ends("derived.either-timeout", text, source, either, shortest)


def _too_early(
    early: list[_Rest], shortest: float | None, limit: float, stalled: float | None
) -> Iterator[Evidence]:
    """Timeouts before the server's limit: the sessions' own, or another one's.

    Their own, where no other limit of the server's can be meant: those whose rest is not told are
    so where even net_read_timeout is out of reach.
    """
    source = "error log, wait_timeout, uptime"
    own = [
        r
        for r in early
        if shortest is None
        and (r.at_rest or (r.told is None and stalled is not None and not r.reaches(stalled)))
    ]
    if own:
        longest = max(r.told if r.told is not None else r.most or 0.0 for r in own)
        text = (
            f"{len(own)} of these sessions had rested for {duration(round(longest))} or less, not "
            f"for {limit:.0f} s, the server's limit: a timeout that they set themselves?"
        )
        yield from_ends("derived.own-timeout", text, source, [r.end for r in own], longest)
    if len(own) * 2 >= len(early):
        return
    chosen = {id(r) for r in own}
    rest = [r.end for r in early if id(r) not in chosen]
    if rest:
        text = (
            f"{len(rest)} of these sessions cannot have idled for {limit:.0f} s, the server's "
            "limit: another timeout ended them"
        )
        yield from_ends("derived.timeout-too-early", text, source, rest, limit)
