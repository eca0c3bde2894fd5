"""What can be where little is known: directions that the failures themselves give. Pure.

None of these confirms anything. Each names a thing that happens so, and the report says what
would decide it.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from wizard.case import clocks, facts
from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure, Occurrence, Phase
from wizard.case.moments import moment_of
from wizard.diagnosis.derived.clients_account import clients_account
from wizard.diagnosis.derived.failures import (
    IDLE_SLACK,
    from_failures,
    in_force_since,
    number,
    shortest_timeout,
)
from wizard.diagnosis.derived.pairing import by_time, ends_of
from wizard.diagnosis.derived.unlogged_ends import telling_of_ends
from wizard.units import duration

AT_REST = 2.0
"""Seconds without traffic from which on a connection counts as having rested."""

DEFAULT_WAIT = 28800.0
"""wait_timeout where nobody changed it, in seconds (both servers' manuals)."""

TOGETHER = timedelta(seconds=1.5)
MANY = 3
"""So many connections that are lost in one moment were lost by one event."""

NEAR_LIFE_END = timedelta(minutes=2)

CLOSED_WITHIN = timedelta(seconds=5)
"""A client that lost its connection tries a new one within this time."""

LOOK_UP = timedelta(seconds=30)
"""A resolver that does not answer is given up within this time (resolv.conf(5), timeout)."""

_WAITED = ("client.read-timeout", "client.connect-lost", "client.connect-timeout")

RESETS = (104, 54, 10053, 10054)
"""ECONNRESET on Linux and macOS, WSAECONNABORTED and WSAECONNRESET."""

_LOST = ("client.lost", "client.sending-packet", "client.closed-object", "client.read-timeout")
_GONE = (*_LOST, "client.refused", "client.connect-lost", "client.connect-timeout",
         "client.shutdown", "client.unreachable")  # fmt: skip
_LIVES = ("log.shutdown", "log.crash", "log.unclean-end")
_DUMP = re.compile(
    r"\bwhen dumping table\b|\bmysqldump\b|\bmariadb-dump\b|\bat row: \d"
    r"|\bcould not read data from \S+: ",
    re.I,
)
_TUNNEL = re.compile(
    r"\bssh(?:d|tunnel|[ _-]?tunnel|[ _-]?forward)?\b.*\b(?:clos|fail|lost|refus|time|broken|down)"
    r"|channel \d+: open failed|client_loop: send disconnect|SSHTunnelForwarder"
    r"|(?<!:3306->)\b(?:127\.0\.0\.1|localhost|::1\]?):(?!3306\b)\d{4,5}\b(?!->)",
    re.I,
)
_FROZEN = re.compile(
    r"clock leap detected|Thread starvation|resum(?:ed|ing) (?:after|from) (?:sleep|suspen)"
    r"|\bSIGCONT\b|aws[ _-]?lambda|\blambda\b.*\b(?:frozen|freeze|thaw|resum)|Init Duration",
    re.I,
)
_MANAGED = re.compile(
    r"\b[\w.-]+\.(?:rds\.amazonaws\.com|mysql\.database\.azure\.com|mariadb\.database\.azure\.com"
    r"|rds\.aliyuncs\.com|db\.ondigitalocean\.com|aivencloud\.com|psdb\.cloud"
    r"|mysql\.database\.chinacloudapi\.cn)\b|/cloudsql/|cloudsql",
    re.I,
)


def hints(case: Case) -> Iterator[Evidence]:
    lost = [f for f in case.failures if f.signal in _LOST]
    tells = telling_of_ends(case)
    untold = [f for f in lost if not tells(f)]
    yield from _at_rest(case, untold)
    yield from _intervals(case, untold)
    yield from _in_result(untold)
    yield from clients_account(untold)
    yield from _lost_together(case, lost)
    yield from _way_closed(case, lost)
    yield from _reset_below_limit(case, lost)
    yield from _unresolved_logins(case)
    yield from _worded(case)


def _at_rest(case: Case, lost: Sequence[Failure]) -> Iterator[Evidence]:
    rested = [f for f in lost if (f.idle_seconds or 0.0) >= AT_REST or f.phase is Phase.IDLE]
    if not rested:
        return
    longest = max((f.idle_seconds or 0.0) for f in rested)
    told = f" for up to {duration(round(longest))}" if longest else ""
    text = f"connections that had rested{told} were dead at their next use"
    yield from_failures("derived.lost-at-rest", text, rested)
    long = [f for f in rested if (f.idle_seconds or 0.0) >= DEFAULT_WAIT - IDLE_SLACK]
    if long and number(case, facts.WAIT_TIMEOUT) is None:
        text = (
            f"a rest of {duration(round(longest))} is longer than the usual wait_timeout of 28800 s"
        )
        yield from_failures("derived.rest-above-default", text, long, DEFAULT_WAIT)


def _intervals(case: Case, lost: Sequence[Failure]) -> Iterator[Evidence]:
    """The hint of failures whose pauses reach the timeout.

    No rest is told, but each use finds what the pause before it has cost.
    """
    timeout = shortest_timeout(case)
    since = in_force_since(case, "wait_timeout")
    dated = by_time(f for f in lost if f.idle_seconds is None)
    dated = [f for f in dated if since is None or (f.at is not None and f.at >= since)]
    steps = [
        (b.at - a.at).total_seconds() for a, b in pairwise(dated) if a.at and b.at and a.at != b.at
    ]
    if timeout is None or len(steps) < MANY - 1:
        return
    middle = median(steps)
    if middle < timeout - IDLE_SLACK or middle > 60 * timeout:
        return
    text = (
        f"the failures come about {duration(middle)} apart, and the server closes what rests for "
        f"{timeout:.0f} s (wait_timeout)"
    )
    yield from_failures("derived.interval-above-timeout", text, dated, timeout)


def _in_result(lost: Sequence[Failure]) -> Iterator[Evidence]:
    dumped = [f for f in lost if f.phase is Phase.RESULT or _DUMP.search(f.text)]
    if dumped:
        text = "the connection was lost while rows were still coming: a reader that is too slow?"
        yield from_failures("derived.lost-in-result", text, dumped)


def _lost_together(case: Case, lost: Sequence[Failure]) -> Iterator[Evidence]:
    """Several connections end in one moment while the server goes on."""
    dated = by_time(lost)
    ends = [o.at for o in ends_of(case, *_LIVES) if o.at is not None]
    if case.target.reachable is False and not ends:
        return
    group: list[Failure] = []
    hits: list[Failure] = []
    for failure in dated:
        if group and failure.at and group[0].at and failure.at - group[0].at > TOGETHER:
            hits += group if len(group) >= MANY else []
            group = []
        group.append(failure)
    hits += group if len(group) >= MANY else []
    kept = [f for f in hits if not _by_a_life_end(f, ends)]
    if kept:
        text = f"{len(kept)} connections were lost together while the server went on"
        yield from_failures("derived.lost-together", text, kept)


def _by_a_life_end(failure: Failure, ends: Sequence[datetime]) -> bool:
    """Whether the server had gone, or went, as far as the clocks can tell. `ends` are in order."""
    at = failure.at
    return at is not None and _any_in(ends, at - NEAR_LIFE_END, at + clocks.OWN_TRACES)


def _way_closed(case: Case, lost: Sequence[Failure]) -> Iterator[Evidence]:
    """Connections are lost and new ones refused while the server is up, as its uptime proves."""
    started = moment_of(case.fact(facts.STARTED_AT))
    if started is None:
        return
    ends = [o.at for o in ends_of(case, *_LIVES) if o.at is not None]
    up = [
        f
        for f in case.failures
        if f.at is not None and f.at >= started + CLOSED_WITHIN
        and not _by_a_life_end(f, ends)
    ]  # fmt: skip
    refused = sorted(f.at for f in up if f.signal == "client.refused" and f.at is not None)
    signals = {f.signal for f in lost}
    hits = {id(f) for f in up if f.signal in signals and f.at and _any_near(refused, f.at)}
    if not hits:
        return
    told = [f for f in up if f.signal == "client.refused" or id(f) in hits]
    text = (
        "connections were lost and new ones refused in the same moment, while the server was up: "
        "what stands before it went away (a tunnel, a proxy)"
    )
    found = from_failures("derived.way-closed", text, told)
    each = tuple(Occurrence(at=f.at, account=f.account) for f in told)
    yield replace(found, occurrences=each)


def _unresolved_logins(case: Case) -> Iterator[Evidence]:
    """The hint of clients that gave up while the server looked for their name.

    It did not find it: it greets only then (skip_name_resolve).
    """
    failed = sorted(o.at for o in ends_of(case, "log.dns-failed") if o.at is not None)
    hits = [
        f
        for f in case.failures
        if f.signal in _WAITED and f.at is not None and _any_in(failed, f.at, f.at + LOOK_UP)
    ]
    if hits:
        text = "clients gave up while the server was looking for their name, which it did not find"
        found = from_failures("derived.login-unresolved", text, hits)
        yield replace(
            found, occurrences=tuple(Occurrence(at=f.at, account=f.account) for f in hits)
        )


def _any_in(times: Sequence[datetime], since: datetime, until: datetime) -> bool:
    place = bisect_left(times, since)
    return place < len(times) and times[place] <= until


def _any_near(times: Sequence[datetime], at: datetime) -> bool:
    return _any_in(times, at - CLOSED_WITHIN, at + CLOSED_WITHIN)


def _reset_below_limit(case: Case, lost: Sequence[Failure]) -> Iterator[Evidence]:
    """The same statement, small enough, is answered by a reset each time."""
    limit = number(case, facts.MAX_ALLOWED_PACKET)
    reset = [
        f
        for f in lost
        if f.errno in RESETS
        and (f.idle_seconds or 0.0) < AT_REST
        and (f.size is None or limit is None or f.size <= limit)
        and f.phase is not Phase.IDLE
    ]
    texts = Counter(_shape(f.text) for f in reset)
    same = [f for f in reset if texts[_shape(f.text)] >= MANY and f.size is not None]
    if same:
        text = "statements below the packet limit are answered by a reset, again and again"
        yield from_failures("derived.reset-below-limit", text, same)


def _shape(text: str) -> str:
    return re.sub(r"\d+", "#", text)[:200]


def _worded(case: Case) -> Iterator[Evidence]:
    """What the failures' own texts give away of the path, and of the client's machine."""
    gone = [f for f in case.failures if f.signal in _GONE]
    texts = {f.text for f in gone}
    tunnel = _with_words(gone, texts, _TUNNEL)
    if tunnel:
        text = "the connections went through a forwarded port on the client's own machine"
        yield from_failures("derived.lost-in-tunnel", text, tunnel)
    frozen = _with_words(gone, texts, _FROZEN)
    if frozen:
        text = "the client's process stood still for a while: its clock leapt, or it was frozen"
        yield from_failures("derived.client-stood-still", text, frozen)
    managed = bool(_MANAGED.search(case.target.host or "")) or any(
        _MANAGED.search(text) for text in texts
    )
    down = [
        f for f in gone if f.signal in ("client.refused", "client.connect-lost", "client.shutdown")
    ]
    if managed and down:
        text = "a managed service refused connections: its own maintenance or failover?"
        yield from_failures("derived.managed-outage", text, down)


def _with_words(
    told: Sequence[Failure], texts: Iterable[str], words: re.Pattern[str]
) -> list[Failure]:
    """Those with such words; of failures with the same text one is read."""
    found = {text for text in texts if words.search(text)}
    return [f for f in told if f.text in found] if found else []
