"""The machine and the server at this moment, for a history of seconds.

A look reads small files only, over SSH in one command. What moves is told by two looks.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from wizard.health import pressure
from wizard.hosts.proc_text import SWAP_UNIT, disk_io, memory, of_proc, pairs, processors
from wizard.hosts.protocol import DiskIoCounters, File, Host, HostError, Prefetch, VirtualMemory
from wizard.hosts.small_files import text_of
from wizard.server.answers import MOST, pairs_of
from wizard.server.session import ServerError, ServerSession
from wizard.units import whole_number

TOO_FAR = 15.0
"""Seconds between two looks above which their difference is no longer a moment."""

_STAT, _MEMORY, _COUNTED, _LOAD, _DISKS = (
    f"/proc/{name}" for name in ("stat", "meminfo", "vmstat", "loadavg", "diskstats")
)
_BLOCKS = "/sys/block"
_STATUS = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_running', 'Threads_connected')"


@dataclass(frozen=True, slots=True)
class Look:
    """What one look saw. `at` is by our monotonic clock; `stat` is the first line of /proc/stat,
    `counted` are the numbers of /proc/vmstat. None is what could not be seen."""

    at: float
    stat: str
    load: float
    cpu_count: int
    memory: VirtualMemory
    counted: Mapping[str, int]
    disks: DiskIoCounters | None
    pressure: Mapping[str, pressure.Pressure]
    rss: int | None
    threads: int | None
    files: int | None
    running: int | None
    connected: int | None


@dataclass(frozen=True, slots=True)
class Moment:
    """What two looks tell: percent, bytes, bytes a second and numbers. None is what could not be
    seen."""

    busy: float
    iowait: float
    steal: float
    load: float
    cpu_count: int
    available: int
    total: int
    swapped_in: float
    swapped_out: float
    read: float | None
    written: float | None
    waited: Mapping[str, float]
    rss: int | None
    threads: int | None
    files: int | None
    running: int | None
    connected: int | None


def look(host: Host, server: ServerSession | None, pid: int | None) -> Look:
    """The machine's numbers at this moment.

    Raises HostError where the machine is out of sight, ConnectionLost never: a server that died is
    seen by its process.
    """
    host.bring(_asked(pid))
    stat = host.read(_STAT, 0, 1 << 16).decode("ascii", "replace")
    meminfo = host.read(_MEMORY).decode("ascii", "replace")
    with of_proc():
        loads = (text_of(host, _LOAD) or "").split()
        seen = memory(pairs(meminfo))
        load = float(loads[0])
        disks = disk_io(text_of(host, _DISKS) or "", "\n".join(_names(host, _BLOCKS) or ()))
    process = pairs(text_of(host, f"/proc/{pid}/status") or "") if pid is not None else {}
    files = _names(host, f"/proc/{pid}/fd") if pid is not None else None
    status = _status(server)
    return Look(
        time.monotonic(),
        stat.partition("\n")[0],
        load,
        sum(line[:3] == "cpu" and line[3:4].isdecimal() for line in stat.splitlines()) or 1,
        seen,
        pairs(text_of(host, _COUNTED) or ""),
        disks,
        pressure.read_pressure(host),
        process["VmRSS"] * 1024 if "VmRSS" in process else None,
        process.get("Threads"),
        len(files) if files is not None else None,
        status.get("threads_running"),
        status.get("threads_connected"),
    )


def _asked(pid: int | None) -> Prefetch:
    paths = [_STAT, _MEMORY, _COUNTED, _LOAD, _DISKS, *pressure.FILES]
    if pid is None:
        return Prefetch(tuple(map(File, paths)), listings=(_BLOCKS,))
    paths.append(f"/proc/{pid}/status")
    return Prefetch(tuple(map(File, paths)), listings=(_BLOCKS, f"/proc/{pid}/fd"))


def _names(host: Host, path: str) -> tuple[str, ...] | None:
    try:
        return host.list_dir(path)
    except HostError:
        return None


def _status(server: ServerSession | None) -> dict[str, int]:
    if server is None:
        return {}
    try:
        rows = pairs_of(server.rows(_STATUS))
    except ServerError:
        return {}
    told = ((name.lower(), whole_number(value, MOST)) for name, value in rows)
    return {name: value for name, value in told if value is not None}


def moment(before: Look, after: Look) -> Moment | None:
    """None where they are too far apart, or tell of no time between them."""
    seconds = after.at - before.at
    if not 0.0 < seconds <= TOO_FAR:
        return None
    try:
        cpu = processors(before.stat, after.stat)
    except ValueError:
        return None
    read = written = None
    if before.disks is not None and after.disks is not None:
        read = (after.disks.read_bytes - before.disks.read_bytes) / seconds
        written = (after.disks.write_bytes - before.disks.write_bytes) / seconds
    into, out = (
        SWAP_UNIT * (after.counted.get(name, 0) - before.counted.get(name, 0)) / seconds
        for name in ("pswpin", "pswpout")
    )
    return Moment(
        busy=min(100.0, cpu.user + cpu.system),
        iowait=cpu.iowait,
        steal=cpu.steal,
        load=after.load,
        cpu_count=after.cpu_count,
        available=after.memory.available,
        total=after.memory.total,
        swapped_in=max(0.0, into),
        swapped_out=max(0.0, out),
        read=read,
        written=written,
        waited={name: found.some.avg10 for name, found in after.pressure.items()},
        rss=after.rss,
        threads=after.threads,
        files=after.files,
        running=after.running,
        connected=after.connected,
    )
