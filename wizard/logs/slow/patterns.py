"""What slow statements have to do with connections that go away, as evidence. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from wizard import units
from wizard.case.evidence import MAX_OCCURRENCES, Evidence, Failure, Occurrence
from wizard.logs.slow.digest import SlowDigest
from wizard.logs.slow.entry import SlowEntry
from wizard.logs.slow.masked import masked_statement
from wizard.server.statement_limits import SlowLimits

LOOKED_FOR = (
    "slow.near-statement-limit",
    "slow.stopped",
    "slow.slowly-read",
    "slow.long-statement",
    "slow.during-failure",
)

NEAR = 0.8
"""The share of a limit from which on a statement is near it."""

LONG = 30.0
"""Seconds: the shortest read timeouts of usual clients and proxies (a load balancer's 30 s, PHP's
and nginx's 60 s)."""

MANY_BYTES = 1 << 20
"""An answer that does not fit the buffers of both ends: the server waits for the reader."""

SLACK = timedelta(seconds=1)
"""Both times are whole seconds in many logs."""


def patterns(
    found: SlowDigest, limits: SlowLimits, failures: Sequence[Failure], source: str
) -> tuple[Evidence, ...]:
    """`failures` are those of the application that have a time."""
    return (
        *_near(found, limits, source),
        *_stopped(found, source),
        *_slowly_read(found, limits, source),
        *_long(found, limits, source),
        *_during(found, failures, source),
    )


def looked_for(limits: SlowLimits, with_failures: bool) -> tuple[str, ...]:
    """What could be told at all."""
    unknown = set()
    if limits.statement is None:
        unknown.add("slow.near-statement-limit")
    if limits.net_write_timeout is None:
        unknown.add("slow.slowly-read")
    if not with_failures:
        unknown.add("slow.during-failure")
    return tuple(name for name in LOOKED_FOR if name not in unknown)


def running_at(found: SlowDigest, at: datetime) -> tuple[SlowEntry, ...]:
    """The statements that ran at that moment, the longest first."""
    return tuple(
        e
        for e in found.longest
        if e.began is not None
        and e.began - SLACK <= at <= e.began + timedelta(seconds=e.seconds) + SLACK
    )


def _near(found: SlowDigest, limits: SlowLimits, source: str) -> Iterator[Evidence]:
    limit = limits.statement
    near = found.taking(limit * NEAR) if limit else ()
    if near and limit:
        count = found.at_least(limit * NEAR)
        yield _evidence(
            "slow.near-statement-limit",
            f"{_count(count)} took {NEAR:.0%} or more of {limits.variable} ({limit:g} s), up to "
            f"{units.duration(near[0].seconds)}",
            near, count, source,
        )  # fmt: skip


def _stopped(found: SlowDigest, source: str) -> Iterator[Evidence]:
    if found.ended:
        yield _evidence(
            "slow.stopped",
            f"{_count(found.stopped)} ended by being killed or timed out, after up to "
            f"{units.duration(found.ended[0].seconds)}",
            found.ended, found.stopped, source,
        )  # fmt: skip


def _slowly_read(found: SlowDigest, limits: SlowLimits, source: str) -> Iterator[Evidence]:
    timeout = limits.net_write_timeout
    if timeout is None:
        return
    large = [e for e in found.taking(timeout / 2) if (e.bytes_sent or 0) >= MANY_BYTES]
    if large:
        most = max(e.bytes_sent or 0 for e in large)
        yield _evidence(
            "slow.slowly-read",
            f"{_count(len(large))} sent up to {units.size(most)} and took half of "
            f"net_write_timeout ({timeout:g} s) or more: the client reads slowly, or the server "
            "works meanwhile",
            large, len(large), source,
        )  # fmt: skip


def _long(found: SlowDigest, limits: SlowLimits, source: str) -> Iterator[Evidence]:
    """Held against what is known of the client and the proxy, else against usual ones."""
    known = {"the client's read timeout": limits.client, "the proxy's timeout": limits.proxy}
    shortest = min(((s, name) for name, s in known.items() if s), default=None)
    least = shortest[0] * NEAR if shortest else LONG
    long = found.taking(least)
    if long:
        told = (
            f"{NEAR:.0%} or more of {shortest[1]} ({shortest[0]:g} s), up to "
            f"{units.duration(long[0].seconds)}"
            if shortest
            else f"{LONG:.0f} s or longer, up to {units.duration(long[0].seconds)}: longer than "
            "many clients and proxies wait for an answer"
        )
        count = found.at_least(least)
        yield _evidence(
            "slow.long-statement", f"{_count(count)} took {told}", long, count, source
        )  # fmt: skip


def _during(found: SlowDigest, failures: Iterable[Failure], source: str) -> Iterator[Evidence]:
    met: dict[int, SlowEntry] = {}
    count = 0
    for failure in failures:
        running = running_at(found, failure.at) if failure.at is not None else ()
        count += bool(running)
        for entry in running[:3]:
            met[id(entry)] = entry
    if met:
        entries = sorted(met.values(), key=lambda e: -e.seconds)
        longest = entries[0]
        yield _evidence(
            "slow.during-failure",
            f"while {count} failure{'' if count == 1 else 's'} of the application happened, "
            f"{_count(len(entries))} ran; the long-running query is the one of "
            f"{longest.account} that took {units.duration(longest.seconds)}",
            entries, len(entries), source,
        )  # fmt: skip


def _evidence(
    signal: str, text: str, entries: Sequence[SlowEntry], count: int, source: str
) -> Evidence:
    """Of the longest one the shape is shown."""
    times = sorted(e.began for e in entries if e.began is not None)
    return Evidence(
        signal, text, source, count,
        times[0] if times else None, times[-1] if times else None,
        masked_statement(entries[0].text)[:400],
        entries[0].seconds,
        occurrences=tuple(
            Occurrence(
                e.began + timedelta(seconds=e.seconds) if e.began is not None else None,
                connection_id=e.connection_id, account=e.account, seconds=e.seconds,
                size=e.bytes_sent,
            )
            for e in entries[:MAX_OCCURRENCES]
        ),
    )  # fmt: skip


def _count(number: int) -> str:
    return f"{number} statement{'' if number == 1 else 's'}"
