"""Another machine's metrics, as psutil would give them there, from what METRICS printed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from wizard.hosts.proc_text import (
    NOT_PROC,
    SWAP_UNIT,
    disk_io,
    memory,
    moment,
    net_io,
    of_proc,
    pairs,
    percent,
    processors,
    swap,
)
from wizard.hosts.protocol import DiskUsage, HostError, HostMetrics
from wizard.hosts.remote.sections import sections
from wizard.safety.sanitize import sanitize

Sections = Mapping[tuple[str, ...], str]


def parse_metrics(output: bytes, mark: str, paths: Sequence[str]) -> HostMetrics:
    """Raises HostError where the other side is no Linux with a /proc."""
    found = {name: body.decode("ascii", "replace") for name, body in sections(output, mark)}
    with of_proc():
        return _metrics(found, paths)


def _metrics(found: Sections, paths: Sequence[str]) -> HostMetrics:
    interval = _uptime(found["uptime", "2"]) - _uptime(found["uptime", "1"])
    before, after = pairs(found["vmstat", "1"]), pairs(found["vmstat", "2"])
    meminfo = pairs(found["meminfo",])
    stat = found["stat", "2"].splitlines()
    loads = found["loadavg",].split()
    metrics = HostMetrics(
        at=0.0,
        interval=interval,
        boot_time=moment(pairs(found["stat", "2"])["btime"]),
        cpu_count=sum(line.startswith("cpu") and line[3].isdecimal() for line in stat) or 1,
        getloadavg=(float(loads[0]), float(loads[1]), float(loads[2])),
        cpu_times_percent=processors(found["stat", "1"], found["stat", "2"]),
        virtual_memory=memory(meminfo),
        swap_memory=swap(meminfo, after),
        swapped_in=SWAP_UNIT * (after.get("pswpin", 0) - before.get("pswpin", 0)),
        swapped_out=SWAP_UNIT * (after.get("pswpout", 0) - before.get("pswpout", 0)),
        disk_usage=tuple(
            usage
            for i, path in enumerate(paths)
            if (usage := _disk(path, found.get(("disk", str(i)), ""))) is not None
        ),
        disk_io_counters=disk_io(found.get(("diskstats",), ""), found.get(("blocks",), "")),
        net_io_counters=net_io(found.get(("net",), "")),
    )
    return replace(metrics, at=_clock(found.get(("date",), "")))


def _clock(told: str) -> float:
    """Raises HostError: this is not of /proc."""
    try:
        return moment(told)
    except NOT_PROC:
        words = sanitize(told.strip(), 40) or "nothing"
        raise HostError(f"the host's clock could not be read: date there says {words}") from None


def _uptime(text: str) -> float:
    return float(text.split()[0])


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
        percent=percent(used, used + usable * size),
        inodes_total=inodes,
        inodes_free=inodes_free,
        device=device,
    )
