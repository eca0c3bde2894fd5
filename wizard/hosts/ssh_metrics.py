"""Another machine's metrics, as psutil would give them there, from what METRICS printed."""

from collections.abc import Mapping, Sequence

from wizard.hosts.base import (
    CpuTimesPercent,
    DiskIoCounters,
    DiskUsage,
    HostError,
    HostMetrics,
    NetIoCounters,
    SwapMemory,
    VirtualMemory,
)
from wizard.hosts.ssh_sections import sections

_SWAP_UNIT = 4096
"""Bytes that psutil counts for a page of pswpin and pswpout."""

_SECTOR = 512
"""Bytes of a sector in /proc/diskstats, whatever the disk's own."""

Sections = Mapping[tuple[str, ...], str]


def parse_metrics(output: bytes, mark: str, paths: Sequence[str]) -> HostMetrics:
    """Raises HostError where the other side is no Linux with a /proc."""
    found = {name: body.decode("ascii", "replace") for name, body in sections(output, mark)}
    try:
        return _metrics(found, paths)
    except (KeyError, ValueError, IndexError):
        raise HostError("the host's metrics could not be read: is its /proc mounted?") from None


def _metrics(found: Sections, paths: Sequence[str]) -> HostMetrics:
    interval = _uptime(found["uptime", "2"]) - _uptime(found["uptime", "1"])
    before, after = _pairs(found["vmstat", "1"]), _pairs(found["vmstat", "2"])
    memory = _pairs(found["meminfo",])
    stat = found["stat", "2"].splitlines()
    loads = found["loadavg",].split()
    return HostMetrics(
        at=float(found["date",]),
        interval=interval,
        boot_time=float(_pairs(found["stat", "2"])["btime"]),
        cpu_count=sum(line.startswith("cpu") and line[3].isdigit() for line in stat) or 1,
        getloadavg=(float(loads[0]), float(loads[1]), float(loads[2])),
        cpu_times_percent=_processors(found["stat", "1"], found["stat", "2"]),
        virtual_memory=_memory(memory),
        swap_memory=_swap(memory, after),
        swapped_in=_SWAP_UNIT * (after.get("pswpin", 0) - before.get("pswpin", 0)),
        swapped_out=_SWAP_UNIT * (after.get("pswpout", 0) - before.get("pswpout", 0)),
        disk_usage=tuple(
            usage
            for i, path in enumerate(paths)
            if (usage := _disk(path, found.get(("disk", str(i)), ""))) is not None
        ),
        disk_io_counters=_disk_io(found.get(("diskstats",), ""), found.get(("blocks",), "")),
        net_io_counters=_net_io(found.get(("net",), "")),
    )


def _uptime(text: str) -> float:
    return float(text.split()[0])


def _pairs(text: str) -> dict[str, int]:
    words = (line.replace(":", " ").split() for line in text.splitlines())
    return {w[0]: int(w[1]) for w in words if len(w) > 1 and w[1].isdigit()}


def _percent(part: float, whole: float) -> float:
    return round(100.0 * part / whole, 1) if whole > 0 else 0.0


def _processors(before: str, after: str) -> CpuTimesPercent:
    first, last = (
        [int(word) for word in text.split("\n", 1)[0].split()[1:]] for text in (before, after)
    )
    spent = [max(0, b - a) for a, b in zip(first, last, strict=True)]
    spent += [0] * (10 - len(spent))
    user, nice, system, idle, iowait, irq, softirq, steal = spent[:8]
    # Time of guests is part of user and nice already (proc(5)).
    total = user + nice + system + idle + iowait + irq + softirq + steal
    shares = [_percent(part, total) for part in (user, system, idle, iowait, steal)]
    return CpuTimesPercent(*shares)


def _memory(table: Mapping[str, int]) -> VirtualMemory:
    total, free = table["MemTotal"] * 1024, table["MemFree"] * 1024
    cached = (table.get("Cached", 0) + table.get("Buffers", 0)) * 1024
    # Kernels before 3.14 have no MemAvailable.
    available = table["MemAvailable"] * 1024 if "MemAvailable" in table else free + cached
    available = available if 0 <= available <= total else free
    used = total - available
    return VirtualMemory(total, available, _percent(used, total), used, free)


def _swap(table: Mapping[str, int], counted: Mapping[str, int]) -> SwapMemory:
    total, free = table.get("SwapTotal", 0) * 1024, table.get("SwapFree", 0) * 1024
    used = total - free
    moved = [_SWAP_UNIT * counted.get(name, 0) for name in ("pswpin", "pswpout")]
    return SwapMemory(total, used, free, _percent(used, total), *moved)


def _disk(path: str, text: str) -> DiskUsage | None:
    words = text.split()
    if len(words) != 7:
        return None
    device, size, blocks, free, usable, inodes, inodes_free = (int(word) for word in words)
    used = (blocks - free) * size
    return DiskUsage(
        path=path,
        total=blocks * size,
        used=used,
        free=usable * size,
        percent=_percent(used, used + usable * size),
        inodes_total=inodes,
        inodes_free=inodes_free,
        device=device,
    )


def _disk_io(text: str, blocks: str) -> DiskIoCounters | None:
    """Whole disks only: their partitions are counted in them."""
    disks = set(blocks.split())
    lines = [line.split() for line in text.splitlines()]
    rows = [w for w in lines if len(w) >= 14 and w[2].replace("/", "!") in disks]
    if not rows:
        return None
    reads, read_sectors, read_ms, writes, write_sectors, write_ms = (
        sum(int(row[i]) for row in rows) for i in (3, 5, 6, 7, 9, 10)
    )
    return DiskIoCounters(
        reads, writes, read_sectors * _SECTOR, write_sectors * _SECTOR, read_ms, write_ms
    )


def _net_io(text: str) -> NetIoCounters | None:
    rows = [line.rpartition(":")[2].split() for line in text.splitlines() if ":" in line]
    rows = [row for row in rows if len(row) >= 12]
    if not rows:
        return None
    sent, received, packets_sent, packets_received, errin, errout, dropin, dropout = (
        sum(int(row[i]) for row in rows) for i in (8, 0, 9, 1, 2, 10, 3, 11)
    )
    return NetIoCounters(
        sent, received, packets_sent, packets_received, errin, errout, dropin, dropout
    )
