"""Health: the machine that the server runs on, its kernel log and its service manager.

Facts: `server_pid`, `server_root` (the process's file system root as seen from the host),
`server_rss` and `memory_limit` (bytes; the limit of its cgroup), `host_memory_total` (bytes),
`boot_time` and `kernel_log_from` (ISO 8601; the oldest moment that the kernel log was seen
back to), `kernel_log_readable` (bool), `oom_pids` (comma list of all servers that the kernel log
knows as killed, in or outside the window).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from wizard.evidence import Evidence, Occurrence, Scalar, StepResult, StepStatus, Table
from wizard.health import file_systems, load, oom, services
from wizard.health.cgroup import MemoryGroup, memory_group
from wizard.health.figures import moment, size
from wizard.health.kernel_lines import fold
from wizard.health.kernel_log import KernelLog, host_zone, read_kernel_log
from wizard.health.known_settings import known_settings
from wizard.health.memory_budget import NAMES, budget
from wizard.health.own_process import Facts, could_be, process_for
from wizard.health.packages import package_notes
from wizard.health.services import Services, read_services
from wizard.hosts.base import Host, HostError, HostMetrics, ServerProcess
from wizard.hosts.local import LocalHost
from wizard.steps.base import Context, Step

NOT_LISTENING = frozenset({"state.refused", "state.no-socket"})
"""What a connection meets where no server is; a refusal by a server is another matter."""

CLOCKS_APART = 15.0
"""Seconds by which the server's start by its own Uptime may differ from its process's."""

SAMPLED_ENTRIES = 40
"""Entries of the data directory whose age is looked at."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """All that was looked at, before it is judged. `processes` is None where they are hidden."""

    known: Facts
    processes: tuple[ServerProcess, ...] | None
    own: ServerProcess | None
    places: tuple[file_systems.Place, ...]
    metrics: HostMetrics
    group: MemoryGroup | None
    log: KernelLog
    services: Services

    @property
    def boot(self) -> datetime:
        return datetime.fromtimestamp(self.metrics.boot_time, UTC)


def run(context: Context) -> StepResult:
    host = context.need_host()
    try:
        seen, notes = _look(context, host)
    except HostError as error:
        return STEP.failed(str(error))
    evidence = tuple(_evidence(context, host, seen))
    return StepResult(
        STEP.id,
        StepStatus.DONE,
        headline=_headline(seen, evidence),
        evidence=evidence,
        looked_for=tuple(_looked_for(context, seen)),
        tables=tuple(_tables(seen)),
        notes=(*notes, *_notes(context, seen)),
        facts=_facts(seen),
    )


def _look(context: Context, host: Host) -> tuple[_Seen, tuple[str, ...]]:
    window = context.case.window
    context.progress("Looking for the server's process")
    known = known_settings(context)
    notes: list[str] = []
    processes: tuple[ServerProcess, ...] | None = None
    try:
        processes = host.server_processes()
    except HostError as hidden:
        notes.append(str(hidden))
    own = process_for(context.target, known, processes or (), host)
    places = file_systems.places(known, own)
    context.progress("Sampling processors, memory and disks")
    metrics = host.metrics([place.path for place in places])
    group = memory_group(host, own.pid) if own is not None else None
    now, boot = (datetime.fromtimestamp(t, UTC) for t in (metrics.at, metrics.boot_time))
    context.progress("Reading the kernel log")
    log = read_kernel_log(host, window, boot, now, context.checkpoint)
    context.progress("Asking the service manager")
    pid = own.pid if own is not None else None
    manager = read_services(host, window, pid, now, context.checkpoint)
    notes += package_notes(host, window, host_zone(host))
    seen = _Seen(known, processes, own, places, metrics, group, log, manager)
    return seen, tuple(notes)


def _evidence(context: Context, host: Host, seen: _Seen) -> Iterator[Evidence]:
    window = context.case.window
    kills = fold((*seen.log.kills, *seen.services.kills))
    killed = oom.evidence(oom.relevant(kills, window, _dead_pids(context)), seen.own)
    yield from killed
    if not any(e.signal == "kernel.oom-kill" for e in killed) and not _log_complete(context, seen):
        yield from oom.counted(seen.group)
    yield from services.evidence(seen.services, window)
    yield from _missing_process(context, seen)
    yield from file_systems.full(seen.metrics.disk_usage)
    yield from load.pressure(seen.metrics, seen.group)
    yield from load.open_files(seen.own)
    if window.holds(seen.boot) and _existed_before(host, seen):
        yield Evidence(
            "host.rebooted",
            f"the host was started {moment(seen.boot)}",
            "boot time of the host",
            first=seen.boot,
            last=seen.boot,
            occurrences=(Occurrence(at=seen.boot),),
        )


def _dead_pids(context: Context) -> frozenset[int]:
    """Servers that the error log knows as dead, where that step ran before this one."""
    listed = str(context.case.fact("error-log", "dead_pids") or "")
    return frozenset(int(p) for p in listed.split(",") if p.strip().isdigit())


def _missing_process(context: Context, seen: _Seen) -> Iterator[Evidence]:
    """Only where the target is this machine, refuses connections, and every server process is
    plainly another one."""
    if not _is_here(context) or not _refused(context) or seen.processes is None:
        return
    if any(could_be(context.target, seen.known, p) for p in seen.processes):
        return
    others = f" ({len(seen.processes)} others run)" if seen.processes else ""
    text = f"no mysqld or mariadbd process for {context.target.label} runs on this host{others}"
    yield Evidence("host.process-missing", text, "process list")


def _is_here(context: Context) -> bool:
    """Whether the target is on the host that is looked at; elsewhere a firewall may refuse."""
    return context.target.is_loopback or isinstance(context.host, LocalHost)


def _refused(context: Context) -> bool:
    step = context.case.step("connection")
    return (
        context.server is None
        and step is not None
        and any(e.signal in NOT_LISTENING for e in step.evidence)
    )


def _existed_before(host: Host, seen: _Seen) -> bool:
    """Whether the server's data are older than the boot: a restart of the host takes no
    connection from a server that was only set up after it. Unknown counts as yes."""
    place = next((p for p in seen.places if "datadir" in p.uses.split(", ")), None)
    if place is None:
        return True
    try:
        names = host.list_dir(place.path)[:SAMPLED_ENTRIES]
        ages = [host.stat(f"{place.path}/{name}").mtime for name in names]
    except HostError:
        return True
    return not ages or min(ages) < seen.metrics.boot_time


def _log_complete(context: Context, seen: _Seen) -> bool:
    """Whether an OOM record that is not there was never made.

    A log that begins with the boot is complete for this boot: what was before it is lost, and
    matters only if something is known to have failed then.
    """
    window = context.case.window
    if seen.log.covers(window.since):
        return True
    failed = [f.at for f in context.case.failures if f.at is not None]
    return seen.log.from_boot and all(at >= seen.boot for at in failed)


def _looked_for(context: Context, seen: _Seen) -> Iterator[str]:
    found = any(kill.is_server for kill in seen.log.kills)
    if _log_complete(context, seen) or found:
        yield from ("kernel.oom-kill", "kernel.oom-other")
    if _is_here(context) and seen.processes is not None:
        yield "host.process-missing"
    if seen.services.looked:
        yield from ("host.service-killed", "host.service-stopped")
    if _datadir_seen(seen):
        yield from ("host.disk-full", "host.inodes-full")
    yield from ("host.memory-low", "host.swapping", "host.cpu-busy", "host.rebooted")
    if seen.own is not None and seen.own.num_fds is not None and seen.own.max_fds:
        yield "host.files-near-limit"


def _datadir_seen(seen: _Seen) -> bool:
    looked = {usage.path for usage in seen.metrics.disk_usage}
    return any(p.path in looked and "datadir" in p.uses.split(", ") for p in seen.places)


def _tables(seen: _Seen) -> Iterator[Table]:
    yield load.host_table(seen.metrics)
    if seen.own is not None:
        yield load.process_table(seen.own, seen.group)
    yield file_systems.table(seen.places, seen.metrics.disk_usage)
    if (unit := services.table(seen.services)) is not None:
        yield unit
    if seen.log.kills:
        yield oom.table(seen.log.kills)
    values = {n: v for n in NAMES if isinstance(v := seen.known.get(n), int)}
    resident = seen.own.rss if seen.own is not None else None
    if (sums := budget(values, _memory_there_is(seen), resident)) is not None:
        yield sums


def _memory_there_is(seen: _Seen) -> int:
    total = seen.metrics.virtual_memory.total
    limit = seen.group.limit if seen.group is not None else None
    return min(total, limit) if limit else total


def _notes(context: Context, seen: _Seen) -> Iterator[str]:
    if not seen.log.readable:
        yield "the kernel log could not be read: " + "; ".join(seen.log.problems)
    elif not seen.log.covers(context.case.window.since):
        start = "the host's start, " if seen.log.from_boot else ""
        yield (
            f"the kernel log ({', '.join(seen.log.sources)}) reaches back to {start}"
            f"{moment(seen.log.reaches_back_to)} only; an earlier OOM kill would not be seen"
        )
    if seen.log.kills and "dmesg" in seen.log.sources:
        yield "times from the ring buffer drift by seconds, and by more after a suspend"
    yield from (f"the kernel saw {f.name} crash, {moment(f.at)}: {f.raw}" for f in seen.log.faults)
    yield from services.notes(seen.services)
    if seen.own is None and seen.processes is not None:
        yield (
            "no server process on this host is tied to the target: it may run in a container or "
            "on another machine, behind a forward or a proxy"
        )
    yield from _uptime_note(seen)


def _uptime_note(seen: _Seen) -> Iterator[str]:
    """A start that Uptime hides: a paused machine, or a clock that was set."""
    started = seen.known.get("started_at")
    if seen.own is None or seen.own.create_time is None or not isinstance(started, str):
        return
    apart = seen.own.create_time - datetime.fromisoformat(started).timestamp()
    if abs(apart) > CLOCKS_APART:
        begun = moment(datetime.fromtimestamp(seen.own.create_time, UTC))
        yield f"the process was started {begun}, {abs(apart):.0f} s away from what Uptime says"


def _facts(seen: _Seen) -> dict[str, Scalar]:
    own, log = seen.own, seen.log
    back = log.reaches_back_to
    pids = sorted({k.pid for k in log.kills if k.is_server and k.pid is not None})
    return {
        "server_pid": own.pid if own is not None else None,
        "server_root": own.root if own is not None else None,
        "server_rss": own.rss if own is not None else None,
        "host_memory_total": seen.metrics.virtual_memory.total,
        "memory_limit": seen.group.limit if seen.group is not None else None,
        "boot_time": seen.boot.isoformat(timespec="seconds"),
        "kernel_log_from": back.isoformat(timespec="seconds") if back is not None else None,
        "kernel_log_readable": log.readable,
        "oom_pids": ",".join(str(pid) for pid in pids),
    }


def _headline(seen: _Seen, evidence: tuple[Evidence, ...]) -> str:
    if evidence:
        more = f" (and {len(evidence) - 1} more)" if len(evidence) > 1 else ""
        return evidence[0].text + more
    memory = f"{size(seen.metrics.virtual_memory.available)} memory available"
    if seen.own is None:
        return f"nothing wrong on the host; {memory}"
    return f"nothing wrong on the host; server process {seen.own.pid}, {memory}"


STEP = Step(
    "health",
    "Health",
    "The host's kernel log, service manager, memory, disks and processors",
    run,
)
