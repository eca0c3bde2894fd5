"""A snapshot of the host as tables, and what an operator should know beside the evidence."""

from collections.abc import Iterator
from datetime import UTC, datetime

from wizard.case.case import Window
from wizard.case.evidence import Table
from wizard.case.moments import moment_of
from wizard.health import (
    containers,
    cpu_and_memory,
    file_systems,
    host_boots,
    host_clock,
    kernel_oom,
    network_counters,
    pressure,
    process_limits,
    services,
)
from wizard.health.memory_budget import NAMES, budget
from wizard.health.snapshot import Snapshot
from wizard.units import duration, moment

CLOCKS_APART = 15.0
"""Seconds by which the server's start by its own Uptime may differ from its process's."""


def tables(seen: Snapshot) -> Iterator[Table]:
    if (sums := _budget(seen)) is not None:
        yield sums
    yield cpu_and_memory.host_table(
        seen.metrics, (*pressure.rows(seen.pressure), host_clock.row(seen.clock))
    )
    if seen.own is not None:
        limits = seen.limits or process_limits.ProcessLimits()
        yield cpu_and_memory.process_table(seen.own, seen.group, process_limits.rows(limits))
    yield file_systems.table(seen.places, seen.metrics.disk_usage)
    yield network_counters.table(seen.network, seen.own is not None and seen.own.root != "/")
    if (unit := services.table(seen.services)) is not None:
        yield unit
    if (listed := containers.table(seen.containers)) is not None:
        yield listed
    if seen.log.kills:
        yield kernel_oom.table(seen.log.kills)


def _budget(seen: Snapshot) -> Table | None:
    values = {n: v for n in NAMES if isinstance(v := seen.known.get(n), int)}
    resident = seen.own.rss if seen.own is not None else None
    limited = seen.memory_that_counts < seen.metrics.virtual_memory.total
    of = "its cgroup, at most" if limited else "the host"
    return budget(values, seen.memory_that_counts, resident, of)


def notes(seen: Snapshot, window: Window) -> Iterator[str]:
    yield from _log_notes(seen, window)
    yield from services.notes(seen.services)
    yield from seen.containers.problems
    yield from host_boots.notes(seen.boots, window)
    yield from host_clock.notes(seen.clock)
    if seen.own is None and seen.processes is not None:
        yield (
            "no server process on this host is tied to the target: it may run in a container or "
            "on another machine, behind a forward or a proxy"
        )
    elif seen.own is not None and seen.own.num_fds is None:
        yield "the server's open files are not visible to this account; run as root"
    yield from _uptime_note(seen)


def _log_notes(seen: Snapshot, window: Window) -> Iterator[str]:
    log = seen.log
    if not log.readable:
        yield "the kernel log could not be read: " + "; ".join(log.problems)
    elif not log.covers(window.since):
        start = "the host's start, " if log.from_boot else ""
        yield (
            f"the kernel log ({', '.join(log.sources)}) reaches back to {start}"
            f"{moment(log.reaches_back_to)} only; an earlier OOM kill would not be seen"
        )
    if log.kills and "dmesg" in log.sources:
        yield "times from the ring buffer drift by seconds, and by more after a suspend"
    yield from (f"the kernel saw {f.name} crash, {moment(f.at)}: {f.raw}" for f in log.faults)


def _uptime_note(seen: Snapshot) -> Iterator[str]:
    """A start that Uptime hides: a paused machine, or a clock that was set."""
    started = moment_of(seen.known.get("started_at"))
    if seen.own is None or seen.own.create_time is None or started is None:
        return
    apart = seen.own.create_time - started.timestamp()
    if abs(apart) > CLOCKS_APART:
        begun = moment(datetime.fromtimestamp(seen.own.create_time, UTC))
        away = duration(round(abs(apart)))
        yield f"the process was started {begun}, {away} away from what Uptime says"
