"""Processor, memory and swap: what the sample says, and when it is too much."""

from collections.abc import Iterable
from datetime import UTC, datetime

from wizard.case.evidence import Evidence, Table
from wizard.health.cgroup import MemoryGroup
from wizard.hosts.protocol import HostMetrics, ServerProcess
from wizard.safety.sanitize import sanitize
from wizard.units import duration, many, moment, size

MIN_AVAILABLE = 0.03
"""Below 3 % of memory available the kernel spends its time reclaiming pages, and the OOM killer
is one larger query away."""

BUSY_LOAD = 4.0
"""Runnable tasks per processor: each waits three times as long as it runs."""

BUSY_IDLE = 3.0
"""Percent idle over the sample: a high load average with idle processors is past, or waits for
disks."""

SWAP_RATE = 1 << 20
"""Bytes a second in and out of swap. Pages that lie in swap untouched cost nothing."""

FILES_SHARE = 0.9
"""Share of the limit of open files; the rest goes in one burst of connections and tables."""


def pressure(metrics: HostMetrics, group: MemoryGroup | None) -> tuple[Evidence, ...]:
    """Evidence for a machine, or a memory limit, that is at its end now."""
    return (*_memory(metrics), *_group_memory(group), *_swap(metrics), *_processors(metrics))


def _memory(metrics: HostMetrics) -> tuple[Evidence, ...]:
    memory = metrics.virtual_memory
    if memory.total <= 0 or memory.available >= MIN_AVAILABLE * memory.total:
        return ()
    text = f"only {size(memory.available)} of {size(memory.total)} memory is available"
    return (Evidence("host.memory-low", text, "memory of the host", value=memory.percent),)


def _group_memory(group: MemoryGroup | None) -> tuple[Evidence, ...]:
    if group is None or not group.limit or group.used is None:
        return ()
    if group.limit - group.used >= MIN_AVAILABLE * group.limit:
        return ()
    text = f"the server's memory limit is used up: {size(group.used)} of {size(group.limit)}"
    share = 100 * group.used / group.limit
    return (Evidence("host.memory-low", text, group.path, value=share),)


def _swap(metrics: HostMetrics) -> tuple[Evidence, ...]:
    if metrics.interval <= 0:
        return ()
    rate = (metrics.swapped_in + metrics.swapped_out) / metrics.interval
    if rate < SWAP_RATE:
        return ()
    text = f"the host swaps {size(rate)} a second"
    return (Evidence("host.swapping", text, "swap activity of the host", value=rate),)


def _processors(metrics: HostMetrics) -> tuple[Evidence, ...]:
    per_core = metrics.getloadavg[0] / max(1, metrics.cpu_count)
    idle = metrics.cpu_times_percent.idle
    if per_core <= BUSY_LOAD or idle >= BUSY_IDLE:
        return ()
    text = (
        f"the processors are saturated: load {metrics.getloadavg[0]:.1f} on "
        f"{metrics.cpu_count}, {idle:.0f} % idle"
    )
    return (Evidence("host.cpu-busy", text, "load of the host", value=per_core),)


def open_files(process: ServerProcess | None) -> tuple[Evidence, ...]:
    """Evidence that the server's open files are near its limit."""
    if process is None or process.num_fds is None or not process.max_fds:
        return ()
    if process.num_fds <= FILES_SHARE * process.max_fds:
        return ()
    text = f"the server has {process.num_fds} files open and may have {process.max_fds}"
    source = f"/proc/{process.pid}/fd"
    return (Evidence("host.files-near-limit", text, source, value=float(process.num_fds)),)


def host_table(metrics: HostMetrics, more: Iterable[tuple[str, str]] = ()) -> Table:
    """The machine in a few lines, and what others know of it."""
    cpu, memory = metrics.cpu_times_percent, metrics.virtual_memory
    load = " ".join(f"{x:.2f}" for x in metrics.getloadavg)
    rows = [
        ("Processors", str(metrics.cpu_count)),
        ("Load (1, 5, 15 min)", load),
        (
            "Processor time",
            f"{cpu.user:.0f} % user, {cpu.system:.0f} % system, {cpu.iowait:.0f} % waiting for "
            f"disks, {cpu.steal:.0f} % stolen, {cpu.idle:.0f} % idle",
        ),
        ("Memory", f"{size(memory.available)} available of {size(memory.total)}"),
        ("Swap", _swap_row(metrics)),
        ("Up for", duration(metrics.at - metrics.boot_time)),
    ]
    if (disk := metrics.disk_io_counters) is not None:
        moved = f"{size(disk.read_bytes)} read, {size(disk.write_bytes)} written since boot"
        rows.append(("Disks", moved))
    if (net := metrics.net_io_counters) is not None:
        lost = f"{net.errin + net.errout} errors, {net.dropin + net.dropout} drops since boot"
        rows.append(("Network", lost))
    rows += more
    return Table("Host", ("What", "Value"), tuple(rows))


def _swap_row(metrics: HostMetrics) -> str:
    swap = metrics.swap_memory
    if not swap.total:
        return "none"
    moved = ""
    if metrics.interval > 0:
        into, out = (n / metrics.interval for n in (metrics.swapped_in, metrics.swapped_out))
        moved = f", {size(into)}/s in, {size(out)}/s out"
    return f"{size(swap.used)} used of {size(swap.total)}{moved}"


def process_table(
    process: ServerProcess, group: MemoryGroup | None, more: Iterable[tuple[str, str]] = ()
) -> Table:
    """The server's process in a few lines, and what others know of it."""
    rows = [
        ("Process", f"{process.name}, pid {process.pid}, user {process.username or 'unknown'}"),
        ("Started", _started(process)),
        ("Resident memory", size(process.rss)),
        ("Open files", f"{_count(process.num_fds)} of {_count(process.max_fds)}"),
        ("Threads", _count(process.num_threads)),
        ("Listens on", ", ".join(str(port) for port in process.listening) or "not visible"),
    ]
    if process.root != "/":
        rows.append(("Root directory", sanitize(process.root, 200)))
    if group is not None:
        limit = "none" if group.limit is None else f"{size(group.limit)}, {size(group.used)} used"
        rows.append(("Memory limit", limit))
        if group.oom_kills is not None:
            rows.append(("OOM kills in its cgroup", str(group.oom_kills)))
        if group.limit_hits is not None and group.limit is not None:
            rows.append(
                ("Met its memory limit", f"{many(group.limit_hits, 'time')} since it was made")
            )
    rows += more
    return Table("Server process", ("What", "Value"), tuple(rows))


def _started(process: ServerProcess) -> str:
    if process.create_time is None:
        return "unknown"
    return moment(datetime.fromtimestamp(process.create_time, UTC))


def _count(number: int | None) -> str:
    return "unknown" if number is None else str(number)
