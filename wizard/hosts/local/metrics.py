"""This machine's metrics, from psutil."""

import os
import time
from collections.abc import Sequence
from pathlib import Path, PurePath

import psutil

from wizard.hosts.protocol import (
    CpuTimesPercent,
    DiskIoCounters,
    DiskUsage,
    HostMetrics,
    NetIoCounters,
    SwapMemory,
    VirtualMemory,
)

SAMPLE_SECONDS = 0.6
"""Long enough for 60 ticks of a 100 Hz clock on each processor, short enough to wait for."""


def local_metrics(paths: Sequence[PurePath | str]) -> HostMetrics:
    """One look at this machine; blocks for SAMPLE_SECONDS."""
    swap_before = psutil.swap_memory()
    began = time.monotonic()
    cpu = psutil.cpu_times_percent(interval=SAMPLE_SECONDS)
    interval = time.monotonic() - began
    swap = psutil.swap_memory()
    memory = psutil.virtual_memory()
    return HostMetrics(
        at=time.time(),
        interval=interval,
        boot_time=psutil.boot_time(),
        cpu_count=psutil.cpu_count() or 1,
        getloadavg=psutil.getloadavg(),
        cpu_times_percent=CpuTimesPercent(
            cpu.user, cpu.system, cpu.idle, getattr(cpu, "iowait", 0.0), getattr(cpu, "steal", 0.0)
        ),
        virtual_memory=VirtualMemory(
            memory.total, memory.available, memory.percent, memory.used, memory.free
        ),
        swap_memory=SwapMemory(swap.total, swap.used, swap.free, swap.percent, swap.sin, swap.sout),
        swapped_in=swap.sin - swap_before.sin,
        swapped_out=swap.sout - swap_before.sout,
        disk_usage=tuple(u for path in paths if (u := _disk_usage(path)) is not None),
        disk_io_counters=_disk_io(),
        net_io_counters=_net_io(),
    )


def _disk_usage(path: PurePath | str) -> DiskUsage | None:
    try:
        usage = psutil.disk_usage(str(path))
        file_system = os.statvfs(path)
        device = Path(path).stat().st_dev
    except OSError:
        return None
    return DiskUsage(
        path=str(path),
        total=usage.total,
        used=usage.used,
        free=usage.free,
        percent=usage.percent,
        inodes_total=file_system.f_files,
        inodes_free=file_system.f_favail,
        device=device,
    )


def _disk_io() -> DiskIoCounters | None:
    io = psutil.disk_io_counters()
    if io is None:
        return None
    return DiskIoCounters(
        io.read_count, io.write_count, io.read_bytes, io.write_bytes, io.read_time, io.write_time
    )


def _net_io() -> NetIoCounters | None:
    io = psutil.net_io_counters()
    if io is None:
        return None
    return NetIoCounters(
        io.bytes_sent,
        io.bytes_recv,
        io.packets_sent,
        io.packets_recv,
        io.errin,
        io.errout,
        io.dropin,
        io.dropout,
    )
