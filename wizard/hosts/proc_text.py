"""Text of /proc as numbers in psutil's names and shapes. proc(5). Pure functions.

They raise one of NOT_PROC for text of something else.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from wizard.hosts.protocol import (
    CpuTimesPercent,
    DiskIoCounters,
    HostError,
    NetIoCounters,
    SwapMemory,
    VirtualMemory,
)

SWAP_UNIT = 4096
"""Bytes that psutil counts for a page of pswpin and pswpout."""

_SECTOR = 512
"""Bytes of a sector in /proc/diskstats, whatever the disk's own."""


NOT_PROC = (KeyError, ValueError, IndexError, ArithmeticError)


@contextmanager
def of_proc() -> Iterator[None]:
    """Metrics are made in here, of text that may be something else. Raises HostError."""
    try:
        yield
    except NOT_PROC:
        raise HostError("the host's metrics could not be read: is its /proc mounted?") from None


_NO_CLOCK = 1 << 37
"""Epoch seconds of the year 6325; a few thousand years more, and there is no date."""


def moment(seconds: str | float) -> float:
    """Epoch seconds that a clock may show."""
    at = float(seconds)
    if not 0 <= at < _NO_CLOCK:
        raise ValueError(f"{at} is no time")
    return at


def pairs(text: str) -> dict[str, int]:
    """Lines of a name and a number."""
    words = (line.replace(":", " ").split() for line in text.splitlines())
    return {w[0]: int(w[1]) for w in words if len(w) > 1 and w[1].isdecimal()}


def percent(part: float, whole: float) -> float:
    """Rounded as psutil does."""
    return round(100.0 * part / whole, 1) if whole > 0 else 0.0


def processors(before: str, after: str) -> CpuTimesPercent:
    """Between two looks at /proc/stat."""
    first, last = (
        [int(word) for word in text.split("\n", 1)[0].split()[1:]] for text in (before, after)
    )
    spent = [max(0, b - a) for a, b in zip(first, last, strict=True)]
    spent += [0] * (10 - len(spent))
    user, nice, system, idle, iowait, irq, softirq, steal = spent[:8]
    # Time of guests is part of user and nice already (proc(5)).
    total = user + nice + system + idle + iowait + irq + softirq + steal
    shares = [percent(part, total) for part in (user, system, idle, iowait, steal)]
    return CpuTimesPercent(*shares)


def memory(table: Mapping[str, int]) -> VirtualMemory:
    """From the pairs of /proc/meminfo."""
    total, free = table["MemTotal"] * 1024, table["MemFree"] * 1024
    cached = (table.get("Cached", 0) + table.get("Buffers", 0)) * 1024
    # Kernels before 3.14 have no MemAvailable.
    available = table["MemAvailable"] * 1024 if "MemAvailable" in table else free + cached
    available = available if 0 <= available <= total else free
    used = total - available
    return VirtualMemory(total, available, percent(used, total), used, free)


def swap(table: Mapping[str, int], counted: Mapping[str, int]) -> SwapMemory:
    """From the pairs of /proc/meminfo and of /proc/vmstat."""
    total, free = table.get("SwapTotal", 0) * 1024, table.get("SwapFree", 0) * 1024
    used = total - free
    moved = [SWAP_UNIT * counted.get(name, 0) for name in ("pswpin", "pswpout")]
    return SwapMemory(total, used, free, percent(used, total), *moved)


def disk_io(text: str, blocks: str) -> DiskIoCounters | None:
    """From /proc/diskstats and the names in /sys/block. Whole disks only: their partitions are
    counted in them."""
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


def net_io(text: str) -> NetIoCounters | None:
    """From /proc/net/dev."""
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
