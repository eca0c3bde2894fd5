"""The patterns in a general log that lose connections, as evidence. Pure.

A general log never says why a connection ended: only that it said Quit, or did not. Who is gone
without a word is known where the server was asked who is still connected.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from wizard import units
from wizard.case.evidence import MAX_OCCURRENCES, Evidence, Occurrence
from wizard.logs.general.limits import GeneralLimits
from wizard.logs.general.lines import seconds_between
from wizard.logs.general.sessions import SessionSeen, Workload

LOOKED_FOR = (
    "general.vanished",
    "general.idle-gap",
    "general.large-statement",
    "general.shared-connection",
    "general.reconnect-storm",
    "general.kill",
    "general.rest-without-ping",
    "general.session-timeout",
    "general.connection-per-statement",
    "general.open-transaction",
)

NEAR_LIMIT = 0.8
"""The share of max_allowed_packet from which on a statement is near it."""

STORM_SECONDS = 10
STORM_CONNECTS = 30
"""Connects of one account within STORM_SECONDS that are a storm: a pool that is healthy opens a
connection when it needs one more, not all of them anew."""

FEW_STATEMENTS = 2
MANY_SESSIONS = 20
"""Sessions of one account, nearly all with few statements, that are a connection a statement."""

LONG_REST = 30.0
"""Seconds: a pool that checks its connections does so well before this."""

OPEN_REST = 5.0
"""Seconds of silence within a transaction, which holds its locks meanwhile."""

_SHOWN = 5

Maker = Callable[[Workload, GeneralLimits, str], Iterator[Evidence]]


def patterns(work: Workload, limits: GeneralLimits, source: str) -> tuple[Evidence, ...]:
    """`source` names the log for the reader."""
    return tuple(found for make in _MAKERS for found in make(work, limits, source))


def looked_for(limits: GeneralLimits) -> tuple[str, ...]:
    """What could be told at all; who vanished only where the server was asked."""
    unknown = set()
    if limits.connected is None:
        unknown |= {"general.vanished", "general.idle-gap"}
    if limits.wait_timeout is None:
        unknown.add("general.idle-gap")
    if limits.max_allowed_packet is None:
        unknown.add("general.large-statement")
    return tuple(name for name in LOOKED_FOR if name not in unknown)


def vanished(work: Workload, limits: GeneralLimits) -> tuple[SessionSeen, ...]:
    """Sessions that are gone without Quit. Refused logins never were sessions."""
    connected = limits.connected
    if connected is None:
        return ()
    return tuple(
        s for s in work.sessions
        if not s.quit and not s.refused and s.connection_id not in connected
    )  # fmt: skip


def _said_last(session: SessionSeen) -> str:
    said = session.last_said
    return f"the last thing that one said: {said}" if said else "that one said nothing in this log"


def _vanished(work: Workload, limits: GeneralLimits, source: str) -> Iterator[Evidence]:
    gone = vanished(work, limits)
    if gone:
        yield _evidence(
            "general.vanished",
            f"{_count(gone, 'connection')} vanished without Quit ({_accounts(gone)})",
            source, gone, _said_last(gone[-1]),
        )  # fmt: skip


def _idle_gap(work: Workload, limits: GeneralLimits, source: str) -> Iterator[Evidence]:
    """Of the vanished, those that were silent for the timeout before the log's end."""
    timeout = limits.wait_timeout
    if timeout is None:
        return
    cut = tuple(
        s for s in vanished(work, limits)
        if seconds_between(s.last, work.last) >= s.timeouts.get("wait_timeout", timeout)
    )  # fmt: skip
    if cut:
        least = min(s.timeouts.get("wait_timeout", timeout) for s in cut)
        yield _evidence(
            "general.idle-gap",
            f"{_count(cut, 'connection')} rested for wait_timeout ({least} s) or longer and "
            f"vanished ({_accounts(cut)})",
            source, cut, _said_last(cut[-1]), value=float(least),
        )  # fmt: skip


def _large(work: Workload, limits: GeneralLimits, source: str) -> Iterator[Evidence]:
    packet = limits.max_allowed_packet
    if packet is None:
        return
    near = tuple(s for s in work.sessions if s.largest >= packet * NEAR_LIMIT)
    if near:
        largest = max(s.largest for s in near)
        yield _evidence(
            "general.large-statement",
            f"{_count(near, 'connection')} sent a statement near max_allowed_packet "
            f"({units.size(packet)}): the largest has {units.size(largest)} ({_accounts(near)}); "
            "larger ones are refused before they are logged",
            source, near, "", value=float(largest),
        )  # fmt: skip


def _shared(work: Workload, _limits: GeneralLimits, source: str) -> Iterator[Evidence]:
    shared = tuple(s for s in work.sessions if s.nested_begins)
    times = sum(s.nested_begins for s in shared)
    if shared:
        yield _evidence(
            "general.shared-connection",
            f"{_count(shared, 'connection')} began a transaction inside another, {times} times "
            f"({_accounts(shared)}): as when two threads or processes use one connection",
            source, shared, "",
        )  # fmt: skip


def _storm(work: Workload, _limits: GeneralLimits, source: str) -> Iterator[Evidence]:
    for account, times in sorted(_connects(work).items()):
        most = _busiest(times)
        if most >= STORM_CONNECTS:
            yield Evidence(
                "general.reconnect-storm",
                f"{account} connected {most} times within {STORM_SECONDS} s",
                source, most, times[0], times[-1], value=float(most),
            )  # fmt: skip


def _kills(work: Workload, _limits: GeneralLimits, source: str) -> Iterator[Evidence]:
    killers = tuple(s for s in work.sessions if any(not k.query_only for k in s.kills))
    if not killers:
        return
    kills = [(k, s) for s in killers for k in s.kills if not k.query_only]
    yield Evidence(
        "general.kill",
        f"{_plural(len(kills), 'KILL')} of a connection, by {_accounts(killers)}",
        source, len(kills), _first(k.at for k, _ in kills), _last(k.at for k, _ in kills),
        excerpt=f"KILL {kills[-1][0].victim}",
        occurrences=tuple(
            Occurrence(k.at, connection_id=k.victim, account=_account_of(work, k.victim))
            for k, _ in kills[:MAX_OCCURRENCES]
        ),
    )  # fmt: skip


def _unchecked(work: Workload, _limits: GeneralLimits, source: str) -> Iterator[Evidence]:
    rested = tuple(
        s for s in work.sessions if s.longest_rest >= LONG_REST and not s.pings_after_rest
    )
    if rested:
        longest = max(s.longest_rest for s in rested)
        yield _evidence(
            "general.rest-without-ping",
            f"{_count(rested, 'connection')} rested up to {units.duration(longest)} and went on "
            f"without a ping first ({_accounts(rested)})",
            source, rested, "", value=longest,
        )  # fmt: skip


def _timeouts(work: Workload, _limits: GeneralLimits, source: str) -> Iterator[Evidence]:
    setting = tuple(s for s in work.sessions if s.timeouts)
    if setting:
        name, value = min(
            ((n, v) for s in setting for n, v in s.timeouts.items()), key=lambda pair: pair[1]
        )
        yield _evidence(
            "general.session-timeout",
            f"{_count(setting, 'connection')} set a timeout of its own: {name} = {value} s is the "
            f"shortest ({_accounts(setting)})",
            source, setting, "", value=float(value),
        )  # fmt: skip


def _short_lived(work: Workload, _limits: GeneralLimits, source: str) -> Iterator[Evidence]:
    groups: dict[str, list[SessionSeen]] = defaultdict(list)
    for session in work.sessions:
        if session.connected and session.quit and not session.refused:
            groups[session.account].append(session)
    for account, sessions in sorted(groups.items()):
        few = [s for s in sessions if s.statements - s.settings <= FEW_STATEMENTS]
        if len(sessions) >= MANY_SESSIONS and len(few) >= 0.9 * len(sessions):
            yield _evidence(
                "general.connection-per-statement",
                f"{account} opens a connection for every statement or two: {len(few)} of "
                f"{len(sessions)} connections did no more",
                source, few, "",
            )  # fmt: skip


def _open_rests(work: Workload, _limits: GeneralLimits, source: str) -> Iterator[Evidence]:
    held = tuple(s for s in work.sessions if s.open_rest >= OPEN_REST)
    if held:
        longest = max(s.open_rest for s in held)
        yield _evidence(
            "general.open-transaction",
            f"{_count(held, 'connection')} rested inside an open transaction, up to "
            f"{units.duration(longest)} ({_accounts(held)})",
            source, held, "", value=longest,
        )  # fmt: skip


_MAKERS: tuple[Maker, ...] = (
    _vanished, _idle_gap, _large, _shared, _storm, _kills, _unchecked, _timeouts, _short_lived,
    _open_rests,
)  # fmt: skip


def _evidence(
    signal: str,
    text: str,
    source: str,
    sessions: Sequence[SessionSeen],
    excerpt: str,
    value: float | None = None,
) -> Evidence:
    return Evidence(
        signal, text, source, len(sessions),
        _first(s.first for s in sessions), _last(s.last for s in sessions), excerpt, value,
        occurrences=tuple(
            Occurrence(s.last, connection_id=s.connection_id, account=s.account, size=s.largest,
                       seconds=s.longest_rest)
            for s in sessions[:MAX_OCCURRENCES]
        ),
    )  # fmt: skip


def _count(sessions: Sequence[SessionSeen], noun: str) -> str:
    return _plural(len(sessions), noun)


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _accounts(sessions: Iterable[SessionSeen]) -> str:
    counted = Counter(s.account + (f", {s.program}" if s.program else "") for s in sessions)
    told = [f"{name} {count}×" for name, count in counted.most_common(_SHOWN)]
    return "; ".join(told + ["…"] * (len(counted) > _SHOWN))


def _connects(work: Workload) -> dict[str, list[datetime]]:
    times: dict[str, list[datetime]] = defaultdict(list)
    for session in work.sessions:
        if session.connected and session.first is not None:
            times[session.account].append(session.first)
    return {account: sorted(found) for account, found in times.items()}


def _busiest(times: Sequence[datetime]) -> int:
    """The most connects within STORM_SECONDS."""
    most = start = 0
    for end, at in enumerate(times):
        while seconds_between(times[start], at) > STORM_SECONDS:
            start += 1
        most = max(most, end - start + 1)
    return most


def _account_of(work: Workload, connection_id: int) -> str | None:
    found = (s for s in work.sessions if s.connection_id == connection_id and s.user)
    return next((s.account for s in found), None)


def _first(times: Iterable[datetime | None]) -> datetime | None:
    return min((t for t in times if t is not None), default=None)


def _last(times: Iterable[datetime | None]) -> datetime | None:
    return max((t for t in times if t is not None), default=None)
