"""Health: the machine that the server runs on, its kernel log and its service manager.

Facts: `server_pid`, `server_root` (the process's file system root as seen from the host),
`server_rss` and `memory_limit` (bytes; the limit of its cgroup), `host_memory_total` (bytes),
`boot_time` and `kernel_log_from` (ISO 8601; the oldest moment that the kernel log was seen
back to), `kernel_log_readable` (bool), `oom_pids` (comma list of all servers that the kernel log
knows as killed, in or outside the window), `dead_container`, `units_at_rest`, `let_go_on`.
"""

from collections.abc import Iterator

from wizard.case import facts
from wizard.case.evidence import Evidence, Occurrence, Scalar, StepResult, StepStatus
from wizard.health import (
    containers,
    cpu_and_memory,
    file_systems,
    kernel_drops,
    kernel_oom,
    network_counters,
    pressure,
    process_limits,
    services,
    snapshot_tables,
)
from wizard.health.held_process import can_tell, held_process, let_go_on
from wizard.health.kernel_lines import fold
from wizard.health.server_settings import known_settings
from wizard.health.snapshot import Snapshot, take
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import HostError
from wizard.hosts.server_process import could_be
from wizard.steps import names
from wizard.steps.step import Context, Step
from wizard.units import many, moment, size

NOT_LISTENING = frozenset({"state.refused", "state.no-socket"})
"""What a connection meets where no server is; a refusal by a server is another matter."""


def run(context: Context) -> StepResult:
    host = context.need_host()
    try:
        seen = take(
            host,
            context.target,
            known_settings(context.case, context.target, context.server, context.host),
            context.case.window,
            context.progress,
            context.checkpoint,
        )
    except HostError as error:
        return STEP.failed(str(error))
    evidence = tuple(_evidence(context, seen))
    return StepResult(
        STEP.id,
        StepStatus.DONE,
        headline=_headline(seen, evidence),
        evidence=evidence,
        looked_for=tuple(_looked_for(context, seen)),
        tables=tuple(snapshot_tables.tables(seen)),
        notes=(*seen.notes, *snapshot_tables.notes(seen, context.case.window)),
        facts={**_facts(seen), "let_go_on": let_go_on(seen.own, host)},
    )


def _evidence(context: Context, seen: Snapshot) -> Iterator[Evidence]:
    window = context.case.window
    kills = fold((*seen.log.kills, *seen.services.kills))
    killed = kernel_oom.evidence(kernel_oom.relevant(kills, window, _dead_pids(context)), seen.own)
    servers = [e for e in killed if e.signal == "kernel.oom-kill"]
    yield from servers
    oom_known = bool(servers)
    if not oom_known and not _log_complete(context, seen):
        yield from kernel_oom.counted(seen.group)
    yield from kernel_drops.evidence(seen.log.drops, window, seen.ports)
    yield from services.evidence(seen.services, window)
    yield from containers.evidence(seen.containers, window, oom_known)
    yield from _missing_process(context, seen)
    yield from held_process(seen.own, context.need_host())
    yield from _now(seen)
    if window.holds(seen.boot) and _existed_before(seen):
        yield Evidence(
            "host.rebooted",
            f"the host was started {moment(seen.boot)}",
            "boot time of the host",
            first=seen.boot,
            last=seen.boot,
            occurrences=(Occurrence(at=seen.boot),),
        )
    # What befell others comes after all that concerns the server.
    yield from (e for e in killed if e not in servers)


def _now(seen: Snapshot) -> Iterator[Evidence]:
    """What the machine is short of at this moment."""
    yield from file_systems.full(seen.metrics.disk_usage)
    yield from cpu_and_memory.pressure(seen.metrics, seen.group)
    stalled = pressure.evidence(
        seen.pressure, seen.metrics.cpu_times_percent.idle, cpu_and_memory.BUSY_IDLE
    )
    yield from stalled
    if seen.group is not None and not any(e.signal == "host.memory-stalled" for e in stalled):
        yield from pressure.group_evidence(seen.group.pressure, seen.group.path)
    yield from network_counters.evidence(seen.network)
    yield from cpu_and_memory.open_files(seen.own)
    if seen.own is not None and seen.limits is not None:
        yield from process_limits.evidence(seen.limits, seen.own)


def _dead_pids(context: Context) -> frozenset[int]:
    """Servers that the error log knows as dead, where that step ran before this one."""
    listed = str(context.case.fact(facts.DEAD_PIDS) or "")
    return frozenset(int(p) for p in listed.split(",") if p.strip().isdecimal())


def _missing_process(context: Context, seen: Snapshot) -> Iterator[Evidence]:
    """The evidence that no server process is there.

    Only where the target is this machine, refuses connections, and every server process is plainly
    another one.
    """
    if not _is_here(context) or not _refused(context) or seen.processes is None:
        return
    if any(could_be(context.target, seen.known, p) for p in seen.processes):
        return
    count = len(seen.processes)
    others = f" ({many(count, 'other runs', 'others run')})" if count else ""
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


def _existed_before(seen: Snapshot) -> bool:
    """Whether the server's data are older than the boot.

    A restart of the host takes no connection from a server that was only set up after it. Unknown
    counts as yes.
    """
    return seen.data_from is None or seen.data_from < seen.metrics.boot_time


def _log_complete(context: Context, seen: Snapshot) -> bool:
    """Whether an OOM record that is not there was never made.

    A log that begins with the boot is complete for this boot: what was before it is lost, and
    matters only if something is known to have failed then.
    """
    window = context.case.window
    if seen.log.covers(window.since):
        return True
    failed = [f.at for f in context.case.failures if f.at is not None]
    return seen.log.from_boot and all(at >= seen.boot for at in failed)


def _looked_for(context: Context, seen: Snapshot) -> Iterator[str]:
    found = any(kill.is_server for kill in seen.log.kills)
    if _log_complete(context, seen) or found:
        yield from ("kernel.oom-kill", "kernel.oom-other")
    if _log_complete(context, seen):
        yield from ("kernel.conntrack-full", "kernel.listen-overflow")
    if _is_here(context) and seen.processes is not None:
        yield "host.process-missing"
    if seen.services.looked:
        yield from ("host.service-killed", "host.service-stopped")
    if _datadir_seen(seen):
        yield from ("host.disk-full", "host.inodes-full")
    yield from ("host.memory-low", "host.swapping", "host.cpu-busy", "host.rebooted")
    if "memory" in seen.pressure:
        yield "host.memory-stalled"
    if "cpu" in seen.pressure:
        yield "host.cpu-stalled"
    yield from network_counters.looked_for(seen.network)
    if seen.own is not None and can_tell(seen.own, context.need_host()):
        yield "host.process-stopped"
    if seen.own is not None and seen.own.num_fds is not None and seen.own.max_fds:
        yield "host.files-near-limit"
    if seen.own is not None and seen.limits is not None and seen.limits.readable:
        yield "host.threads-near-limit"


def _datadir_seen(seen: Snapshot) -> bool:
    looked = {usage.path for usage in seen.metrics.disk_usage}
    return any(p.path in looked and p.holds("datadir") for p in seen.places)


def _facts(seen: Snapshot) -> dict[str, Scalar]:
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
        "dead_container": containers.dead_alone(seen.containers, services.last_end(seen.services)),
        "units_at_rest": " ".join(services.at_rest(seen.services)) or None,
        "oom_pids": ",".join(str(pid) for pid in pids),
    }


def headline_of(evidence: tuple[Evidence, ...]) -> str:
    """The first of what was found, and how much more there is."""
    more = f" (and {len(evidence) - 1} more)" if len(evidence) > 1 else ""
    return evidence[0].text + more


def _headline(seen: Snapshot, evidence: tuple[Evidence, ...]) -> str:
    if evidence:
        return headline_of(evidence)
    memory = f"{size(seen.metrics.virtual_memory.available)} memory available"
    if seen.own is None:
        return f"nothing wrong on the host; {memory}"
    return f"nothing wrong on the host; server process {seen.own.pid}, {memory}"


STEP = Step(*names.HEALTH, run)
