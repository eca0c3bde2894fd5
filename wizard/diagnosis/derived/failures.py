"""What the application's failures tell together with the server's settings. Pure."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from wizard.case import clocks, facts
from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure, Occurrence
from wizard.case.facts import Fact
from wizard.case.moments import moment_of
from wizard.units import duration

IDLE_SLACK = 1.0
"""Seconds: a client measures its idle time a little differently from the server."""

DEAD_REUSED = 3
"""So many uses of one dead connection are no accident."""

FAR_BELOW = 0.5
"""A rest of less than this share of a timeout did not reach it, whatever the clocks err."""

SHUTDOWN = timedelta(seconds=30)
"""A client that was thrown out by a shutdown and connects anew does so within this time."""

_NOBODY_THERE = ("client.refused", "client.shutdown", "client.connect-lost")
_IDLE_ENDS = ("client.idle-disconnect", "log.aborted-timeout", "log.idle-timeout",
              "count.idle-timeout", "recorder.idle-timeout")  # fmt: skip
_POOL = re.compile(
    r"hikari|c3p0|dbcp|druid|tomcat\.jdbc|agroal|queuepool|pooled ?connection|maxlifetime"
    r"|closing bad idle connection|pdo::attr_persistent|mysql_pconnect",
    re.IGNORECASE,
)
"""Names by which pools and persistent connections show in an error's text."""

_COMPARED = re.compile(r"longer than the server configured value of '?wait_timeout", re.IGNORECASE)
"""Connector/J says so only where the rest that it measured exceeds the server's own value."""

_DENIALS = ("client.access-denied", "count.access-denied", "log.access-denied")


def failure_clues(case: Case) -> Iterator[Evidence]:
    yield from _idle_gaps(case)
    yield from _short_rests(case)
    yield from _compared(case)
    yield from _sizes(case)
    yield from _closed_objects(case)
    yield from _denied_without_tls(case)
    yield from _pooled(case)
    yield from _killed_by_shutdown(case)


def judged_failures(case: Case) -> Iterator[str]:
    """Which of these signals could be told, whether or not they are there."""
    if shortest_timeout(case) is not None and any(
        f.idle_seconds is not None for f in case.failures
    ):
        yield "derived.idle-above-timeout"
    if number(case, facts.MAX_ALLOWED_PACKET) and any(f.size for f in case.failures):
        yield "derived.size-above-limit"


def number(case: Case, fact: Fact) -> float | None:
    """A step's fact that is a number."""
    value = case.fact(fact)
    return float(value) if isinstance(value, int | float) else None


def shortest_timeout(case: Case) -> float | None:
    """The shortest idle time after which the server closes an application's session, seconds."""
    names = ("wait_timeout", "session_wait_timeout_min")
    values = [v for v in (number(case, facts.setting(n)) for n in names) if v]
    return min(values, default=None)


def in_force_since(case: Case, *names: str) -> datetime | None:
    """Since when these settings are known to be as they are now.

    The server's start, or the last change of one of them. They say nothing of an earlier time.
    """
    told = [moment_of(case.fact(f)) for f in (facts.STARTED_AT, facts.OF_SERVER_STARTED_AT)]
    told += [moment_of(case.fact(facts.changed_at(name))) for name in names]
    return max((at for at in told if at is not None), default=None)


def _in_force(
    failures: Iterable[Failure], since: datetime | None
) -> tuple[list[Failure], tuple[Occurrence, ...]]:
    """Those that the limit can have hit, and the limit's own beginning."""
    if since is None:
        return list(failures), ()
    kept = [f for f in failures if f.at is None or f.at >= since]
    return kept, (Occurrence(at=since),)


def _idle_gaps(case: Case) -> Iterator[Evidence]:
    timeout = shortest_timeout(case)
    if timeout is None:
        return
    rested = [f for f in case.failures if (f.idle_seconds or 0) >= timeout - IDLE_SLACK]
    hits, since = _in_force(rested, in_force_since(case, "wait_timeout"))
    if hits:
        text = f"idle for {_spread(hits)}, while wait_timeout is {timeout:.0f} s"
        found = from_failures("derived.idle-above-timeout", text, hits, timeout)
        yield replace(found, occurrences=since)


def _spread(failures: Sequence[Failure]) -> str:
    """How long they had rested: from the shortest to the longest, in words."""
    rests = [f.idle_seconds or 0 for f in failures]
    shortest, longest = duration(round(min(rests))), duration(round(max(rests)))
    return longest if shortest == longest else f"{shortest} to {longest}"


def _short_rests(case: Case) -> Iterator[Evidence]:
    """Every loss tells a rest far below each timeout that is known, and nobody saw one end it.

    A session may have set a shorter one for itself, so that this speaks against a timeout only.
    """
    known = (shortest_timeout(case), number(case, facts.setting("interactive_timeout")))
    timeout = min((value for value in known if value), default=None)
    changed = case.fact(facts.WAIT_TIMEOUT_CHANGED) is True
    if timeout is None or (changed and case.fact(facts.WAIT_TIMEOUT_CHANGED_AT) is None):
        return
    lost = [f for f in case.failures if f.signal in ("client.lost", "client.sending-packet")]
    since = in_force_since(case, "wait_timeout", "interactive_timeout")
    in_force, _ = _in_force(lost, since)
    rests = [f.idle_seconds for f in lost if f.idle_seconds is not None]
    if not lost or len(in_force) < len(lost) or len(rests) < len(lost):
        return
    if max(rests) < FAR_BELOW * timeout and not any(e.signal in _IDLE_ENDS for e in case.evidence):
        text = (
            f"the lost connections had rested for {duration(round(max(rests)))} or less, and the "
            f"server closes what rests for {timeout:.0f} s: none was seen to reach a timeout"
        )
        yield from_failures("derived.rest-below-timeout", text, lost, timeout)


def _compared(case: Case) -> Iterator[Evidence]:
    """The driver compared the connection's rest with the server's wait_timeout itself."""
    hits = [f for f in case.failures if _COMPARED.search(f.text)]
    if hits:
        text = "the driver itself found that its connection had rested longer than wait_timeout"
        found = from_failures("derived.driver-compared", text, hits)
        moments = tuple(Occurrence(at=f.at) for f in hits if f.at is not None)
        yield replace(found, occurrences=moments)


def _sizes(case: Case) -> Iterator[Evidence]:
    limit = number(case, facts.MAX_ALLOWED_PACKET)
    if limit is None:
        return
    above = [f for f in case.failures if (f.size or 0) > limit]
    hits, since = _in_force(above, in_force_since(case, "max_allowed_packet"))
    if hits:
        largest = max(f.size or 0 for f in hits)
        text = f"statements up to {largest} bytes, while max_allowed_packet is {limit:.0f}"
        found = from_failures("derived.size-above-limit", text, hits, limit)
        yield replace(found, occurrences=since)


_LOST_BEFORE = " after fatal error"
"""What mysqljs says of a connection that it has lost, and nobody of one that was closed."""


def _closed_objects(case: Case) -> Iterator[Evidence]:
    """A driver says once how it lost a connection; only later uses say that it is closed."""
    closed = [f for f in case.failures if f.signal == "client.closed-object"]
    if not closed:
        return
    losses = [f for f in case.failures if f.signal != "client.closed-object"]
    times = sorted(f.at for f in losses if f.at is not None)
    timeless = len(times) < len(losses)
    unprovoked = [
        f
        for f in closed
        if not timeless and not _provoked(f, times) and _LOST_BEFORE not in f.text.lower()
    ]
    if unprovoked:
        text = "a closed connection was used, and nothing before says that it had been lost"
        yield from_failures("derived.closed-unprovoked", text, unprovoked)
    reused = len(closed) - len(unprovoked)
    if reused >= DEAD_REUSED:
        text = f"a lost connection was used {reused} times more"
        yield from_failures("derived.dead-reused", text, closed)


def _provoked(later: Failure, losses: Sequence[datetime]) -> bool:
    """Whether one of `losses`, in order of time, came shortly before. Without a time any can."""
    if later.at is None:
        return bool(losses)
    place = bisect_right(losses, later.at)
    return place > 0 and losses[place - 1] >= later.at - clocks.ECHO


def _denied_without_tls(case: Case) -> Iterator[Evidence]:
    """MariaDB answers 1045 to an unencrypted login where it wants TLS (MySQL 3159)."""
    if case.target.flavor != "mariadb":
        return
    if case.fact(facts.REQUIRE_SECURE_TRANSPORT) != "ON":
        return
    denied = next((e for e in case.evidence if e.signal in _DENIALS), None)
    if denied is not None:
        yield Evidence(
            "derived.denied-without-tls",
            "logins are refused (1045) and require_secure_transport is ON: MariaDB answers so to "
            "a login without TLS, whatever its password",
            f"{denied.source}; @@require_secure_transport",
            count=denied.count,
            first=denied.first,
            last=denied.last,
        )


def _killed_by_shutdown(case: Case) -> Iterator[Evidence]:
    """MariaDB up to 10.5 tells idle clients of a shutdown "Connection was killed" (1927). After
    a KILL the next connect succeeds; after a shutdown it is refused, or the server is younger."""
    killed = [f for f in case.failures if f.signal == "client.killed" and f.at is not None]
    refused = [f.at for f in case.failures if f.signal in _NOBODY_THERE and f.at is not None]
    started = moment_of(case.fact(facts.STARTED_AT))
    refused = sorted([*refused, started] if started is not None else refused)
    hits = [f for f in killed if f.at is not None and _any_in(refused, f.at, f.at + SHUTDOWN)]
    if not hits:
        return
    gone = case.target.reachable is False
    signal = "derived.killed-and-gone" if gone else "derived.killed-and-back"
    text = "clients were told that they were killed (1927), and then nobody listened: a shutdown"
    found = from_failures(signal, text, hits)
    back = None if gone else max(refused)
    yield replace(found, occurrences=(Occurrence(at=found.first, until=back),))


def _any_in(times: Sequence[datetime], since: datetime, until: datetime) -> bool:
    place = bisect_left(times, since)
    return place < len(times) and times[place] <= until


def _pooled(case: Case) -> Iterator[Evidence]:
    """Sessions ended for idling, and the failures come from a pool: it keeps them longer."""
    if not any(e.signal in _IDLE_ENDS for e in case.evidence):
        return
    pooled = {text for text in {f.text for f in case.failures} if _POOL.search(text)}
    hits = [f for f in case.failures if f.text in pooled]
    if hits:
        text = "a connection pool met connections that the server had closed for idling"
        yield from_failures("derived.pool-kept-longer", text, hits)


def from_failures(
    signal: str, text: str, hits: list[Failure], value: float | None = None
) -> Evidence:
    times = [f.at for f in hits if f.at is not None]
    return Evidence(
        signal,
        text,
        hits[0].source,
        count=len(hits),
        first=min(times, default=None),
        last=max(times, default=None),
        excerpt=hits[0].text,
        value=value,
    )
