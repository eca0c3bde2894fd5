"""Everything that is looked at on a server's machine, gathered in at most three round trips.

The first lists the servers' processes, the second measures and answers what can be foreseen from
them, and the third fetches the files of syslog where nothing else told of the whole window.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from wizard.case.case import Window
from wizard.health import (
    containers,
    file_systems,
    host_boots,
    host_clock,
    kernel_log,
    network_counters,
    packages,
    pressure,
    process_limits,
    services,
)
from wizard.health.cgroup import MemoryGroup, memory_group
from wizard.health.host_zone import host_zone
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import (
    DiskUsage,
    File,
    Host,
    HostError,
    HostMetrics,
    Prefetch,
    ServerProcess,
)
from wizard.hosts.server_process import Facts, could_be, process_for
from wizard.target.model import Target

SAMPLED_ENTRIES = 40
"""Entries of the data directory whose age is looked at."""

MAX_CANDIDATES = 8
"""Server processes whose files are asked for before it is known which is the target's."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that was looked at, before it is judged. `processes` is None where they are hidden;
    `boots` where nobody keeps them; `data_from` is the age of the oldest entry of the data
    directory (epoch seconds), looked for where the host was started in the window, and None where
    it is not known."""

    known: Facts
    processes: tuple[ServerProcess, ...] | None
    own: ServerProcess | None
    places: tuple[file_systems.ServerPath, ...]
    metrics: HostMetrics
    pressure: dict[str, pressure.Pressure]
    group: MemoryGroup | None
    limits: process_limits.ProcessLimits | None
    network: network_counters.Network
    clock: host_clock.Clock
    log: kernel_log.KernelLog
    services: services.Services
    containers: containers.Containers
    boots: tuple[host_boots.Boot, ...] | None
    data_from: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def boot(self) -> datetime:
        return datetime.fromtimestamp(self.metrics.boot_time, UTC)

    @property
    def ports(self) -> frozenset[int]:
        """TCP ports of the server, as far as they are known."""
        listening = self.own.listening if self.own is not None else ()
        port = self.known.get("port")
        return frozenset((*listening, port) if isinstance(port, int) else listening)

    @property
    def memory_that_counts(self) -> int:
        """The machine's memory, or the limit that is set on the server if it is less."""
        total = self.metrics.virtual_memory.total
        limit = self.group.limit if self.group is not None else None
        return min(total, limit) if limit else total


def take(
    host: Host,
    target: Target,
    known: Facts,
    window: Window,
    progress: Callable[[str], None],
    checkpoint: Callable[[], None],
) -> Snapshot:
    """Raises HostError where not even the machine's own numbers can be read."""
    progress("Looking for the server's process")
    processes, notes = _processes(host)
    candidates = _candidates(target, known, processes or ())
    before = {p.pid: network_counters.counters_of(host, p.pid) for p in candidates}
    progress("Sampling processors, memory and disks")
    paths = [place.path for place in _places(known, candidates)]
    asked = time.time()
    metrics = host.metrics(paths, asked_next(host, known, window, candidates))
    ours = min(max(metrics.at, asked), time.time())
    own = process_for(target, known, processes or (), host)
    places = file_systems.places(known, own)
    metrics = replace(metrics, disk_usage=_used_by(places, metrics))
    now, boot = (datetime.fromtimestamp(t, UTC) for t in (metrics.at, metrics.boot_time))
    data_from = _oldest_entry(host, places) if window.holds(boot) else None
    progress("Reading the kernel log")
    log = kernel_log.read_kernel_log(host, window, boot, now, checkpoint)
    progress("Asking the service manager")
    pid = own.pid if own is not None else None
    return Snapshot(
        known,
        processes,
        own,
        places,
        metrics,
        pressure.read_pressure(host),
        memory_group(host, pid) if pid is not None else None,
        process_limits.read_limits(host, pid) if pid is not None else None,
        _network(host, pid, before),
        host_clock.read_clock(host, metrics.at, ours, isinstance(host, LocalHost)),
        log,
        services.read_services(host, window, pid, now, checkpoint),
        containers.read_containers(host, own),
        host_boots.read_boots(host),
        data_from,
        (*notes, *packages.package_notes(host, window, host_zone(host, now))),
    )


def _processes(host: Host) -> tuple[tuple[ServerProcess, ...] | None, tuple[str, ...]]:
    try:
        return host.server_processes(), ()
    except HostError as hidden:
        return None, (str(hidden),)


def _candidates(
    target: Target, known: Facts, processes: Iterable[ServerProcess]
) -> tuple[ServerProcess, ...]:
    """Those that may be the target's come first."""
    ordered = sorted(processes, key=lambda p: not could_be(target, known, p))
    return tuple(ordered[:MAX_CANDIDATES])


def _places(
    known: Facts, candidates: Iterable[ServerProcess]
) -> tuple[file_systems.ServerPath, ...]:
    """Where the server writes, as each of the candidates would see it."""
    seen = [*file_systems.places(known, None)]
    for process in candidates:
        seen += file_systems.places(known, process)
    return tuple({place.path: place for place in seen}.values())


def _used_by(
    places: tuple[file_systems.ServerPath, ...], metrics: HostMetrics
) -> tuple[DiskUsage, ...]:
    """The server's own file systems, not those of the others that it might have been."""
    wanted = {place.path for place in places}
    return tuple(usage for usage in metrics.disk_usage if usage.path in wanted)


def _oldest_entry(host: Host, places: tuple[file_systems.ServerPath, ...]) -> float | None:
    place = next((p for p in places if p.holds("datadir")), None)
    if place is None:
        return None
    try:
        names = host.list_dir(place.path)[:SAMPLED_ENTRIES]
        return min((host.stat(f"{place.path}/{name}").mtime for name in names), default=None)
    except HostError:
        return None


def _network(
    host: Host, pid: int | None, before: dict[int, network_counters.Counters | None]
) -> network_counters.Network:
    settings = network_counters.read_settings(host)
    if pid is None:
        return network_counters.Network(settings)
    return network_counters.Network(
        settings, before.get(pid), network_counters.counters_of(host, pid)
    )


def asked_next(
    host: Host, known: Facts, window: Window, candidates: tuple[ServerProcess, ...]
) -> Prefetch:
    """What the rest of the snapshot asks, as far as it can be foreseen."""
    pid_file = str(known.get("pid_file") or "")
    files = [*packages.FILES, *map(File, (*pressure.FILES, *network_counters.FILES))]
    units: list[str] = []
    for process in candidates:
        files.append(File(network_counters.netstat_path(process.pid)))
        if pid_file:
            files.append(File(process.root.rstrip("/") + "/" + pid_file.lstrip("/")))
        units += services.units_asked(host, process.pid)
    if not candidates:
        units += services.units_asked(host, None)
    commands = [
        *kernel_log.commands(window),
        *services.commands(window, tuple(dict.fromkeys(units))),
        *map(containers.command, containers.CLIENTS),
        host_boots.LAST,
        host_clock.TRACKING,
    ]
    datadirs = (p.path for p in _places(known, candidates) if p.holds("datadir"))
    logs = (name for path in kernel_log.FILES for name in (path, f"{path}.1"))
    return Prefetch(
        files=tuple(files),
        stats=(services.SYSTEMD_RUNS, host_clock.SYNCHRONISED, packages.APK_DATABASE, *logs),
        directories=tuple(datadirs),
        commands=tuple(commands),
    )
