"""Disks, memory, processors and memory groups: too much is evidence, use alone is not."""

from dataclasses import replace

import pytest

from tests.unit.health.fake_host import CALM, GIB, TableHost, disk
from wizard.health import cpu_and_memory, file_systems
from wizard.health.cgroup import MemoryGroup, memory_group
from wizard.health.memory_budget import budget
from wizard.hosts.protocol import (
    CpuTimesPercent,
    DiskUsage,
    HostMetrics,
    ServerProcess,
    SwapMemory,
    VirtualMemory,
)

MIB = 1 << 20


def signals(metrics: HostMetrics, group: MemoryGroup | None = None) -> list[str]:
    return [e.signal for e in cpu_and_memory.pressure(metrics, group)]


def test_a_calm_host_yields_nothing() -> None:
    """Also with three quarters of the swap in use: what lies there untouched costs nothing."""
    assert not signals(CALM)


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        (replace(CALM, virtual_memory=VirtualMemory(16 * GIB, GIB // 3, 98.0, 15 * GIB, 0)),
         ["host.memory-low"]),
        (replace(CALM, virtual_memory=VirtualMemory(16 * GIB, GIB, 94.0, 15 * GIB, 0)), []),
        (replace(CALM, swapped_in=2 * MIB), ["host.swapping"]),
        (replace(CALM, swapped_out=200 << 10), []),
        (replace(CALM, getloadavg=(17.0, 9.0, 4.0),
                 cpu_times_percent=CpuTimesPercent(90.0, 9.0, 1.0)), ["host.cpu-busy"]),
        (replace(CALM, getloadavg=(17.0, 9.0, 4.0)), []),
        (replace(CALM, cpu_times_percent=CpuTimesPercent(90.0, 9.0, 1.0)), []),
        (replace(CALM, swap_memory=SwapMemory(0, 0, 0, 0.0, 0, 0)), []),
    ],
)  # fmt: skip
def test_pressure(metrics: HostMetrics, expected: list[str]) -> None:
    assert signals(metrics) == expected


def test_a_memory_limit_that_is_used_up_counts_beside_a_host_with_room() -> None:
    assert signals(CALM, MemoryGroup("/g", 512 * MIB, 508 * MIB, 0)) == ["host.memory-low"]
    assert not signals(CALM, MemoryGroup("/g", 512 * MIB, 300 * MIB, 0))
    assert not signals(CALM, MemoryGroup("/g", None, 300 * MIB, 0))


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (disk("/d", free=0), ["host.disk-full"]),
        (disk("/d", free=500 * MIB), ["host.disk-full"]),
        (disk("/d", free=50 * GIB), []),
        (disk("/d", free=50 * GIB, total=10_000 * GIB), []),
        (disk("/d", free=60 * MIB, total=61 * MIB), []),
        (disk("/d", free=20 * MIB, total=80 * MIB), ["host.disk-full"]),
        (disk("/d", free=50 * GIB, inodes_free=0), ["host.inodes-full"]),
        (replace(disk("/d", free=50 * GIB, inodes_free=0), inodes_total=0), []),
    ],
)
def test_full(usage: DiskUsage, expected: list[str]) -> None:
    assert [e.signal for e in file_systems.full([usage])] == expected


def test_one_file_system_is_full_once() -> None:
    usages = [replace(disk(path, free=0), device=7) for path in ("/data", "/data/log")]
    (found,) = file_systems.full(usages)
    assert "/data " in found.text


def test_places_are_seen_from_the_host() -> None:
    known = {
        "datadir": "/var/lib/mysql/", "tmpdir": "/tmp:/var/tmp", "log_error": "./db.err",
        "log_bin_basename": "/binlogs/bin", "slow_query_log_file": "slow.log",
    }  # fmt: skip
    process = ServerProcess(7, "mysqld", root="/proc/7/root")
    found = {p.path: p.uses for p in file_systems.places(known, process)}
    assert found == {
        "/proc/7/root/var/lib/mysql": "datadir, log_error, slow_query_log_file",
        "/proc/7/root/tmp": "tmpdir",
        "/proc/7/root/var/tmp": "tmpdir",
        "/proc/7/root/binlogs": "log_bin_basename",
    }


def test_places_of_a_server_that_cannot_be_asked_come_from_its_command_line() -> None:
    process = ServerProcess(7, "mysqld", ("mysqld", "--datadir=/srv/d", "--log-error=stderr"))
    assert [p.path for p in file_systems.places({}, process)] == ["/srv/d"]
    assert not file_systems.places({}, None)


def test_open_files_near_the_limit() -> None:
    near = ServerProcess(7, "mysqld", num_fds=950, max_fds=1000)
    assert [e.signal for e in cpu_and_memory.open_files(near)] == ["host.files-near-limit"]
    assert not cpu_and_memory.open_files(replace(near, num_fds=900))
    assert not cpu_and_memory.open_files(replace(near, num_fds=None))
    assert not cpu_and_memory.open_files(None)


V2 = {
    "/proc/7/cgroup": "0::/system.slice/mariadb.service\n",
    "/sys/fs/cgroup/system.slice/mariadb.service/memory.max": "max\n",
    "/sys/fs/cgroup/system.slice/mariadb.service/memory.current": str(900 * MIB),
    "/sys/fs/cgroup/system.slice/mariadb.service/memory.stat": f"anon 5\ninactive_file {400 * MIB}",
    "/sys/fs/cgroup/system.slice/mariadb.service/memory.events": "low 0\noom 2\noom_kill 2\n",
    "/sys/fs/cgroup/system.slice/memory.max": str(2 * GIB),
}


def test_version_2_takes_the_parents_limit_and_leaves_droppable_pages_out() -> None:
    group = memory_group(TableHost(files=V2), 7)
    place = "/sys/fs/cgroup/system.slice/mariadb.service"
    assert group == MemoryGroup(place, 2 * GIB, 500 * MIB, 2)


def test_version_1_knows_no_limit_as_a_huge_one() -> None:
    base = "/sys/fs/cgroup/memory/docker/9f"
    files = {
        "/proc/7/cgroup": "12:cpu,cpuacct:/x\n4:memory:/docker/9f\n0::/\n",
        f"{base}/memory.limit_in_bytes": "9223372036854771712\n",
        f"{base}/memory.usage_in_bytes": "1000\n",
        f"{base}/memory.stat": "total_inactive_file 400\n",
        f"{base}/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n",
    }
    assert memory_group(TableHost(files=files), 7) == MemoryGroup(base, None, 600, 1)
    files[f"{base}/memory.limit_in_bytes"] = "1048576\n"
    group = memory_group(TableHost(files=files), 7)
    assert group is not None
    assert group.limit == MIB


def test_inside_a_container_the_mount_itself_is_the_group() -> None:
    files = {
        "/proc/7/cgroup": "4:memory:/kubepods/pod1/abc\n",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "1048576\n",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes": "1000\n",
    }
    assert memory_group(TableHost(files=files), 7) == MemoryGroup(
        "/sys/fs/cgroup/memory", MIB, 1000, None
    )


def test_no_memory_group_is_none() -> None:
    assert memory_group(TableHost(files={"/proc/7/cgroup": "0::/\n"}), 7) is None
    assert memory_group(TableHost(), 7) is None


def test_budget_sums_the_worst_case() -> None:
    values = {"innodb_buffer_pool_size": GIB, "sort_buffer_size": 2 * MIB, "max_connections": 500}
    table = budget(values, GIB, resident=100 * MIB)
    assert table is not None
    assert ("Sum, the worst case", "2 GiB") in table.rows
    assert ("Left", "-1000 MiB") in table.rows
    assert "OOM" in table.note
    roomy = budget(values, 4 * GIB, resident=None)
    assert roomy is not None
    assert not roomy.note
    assert budget({"sort_buffer_size": 1}, GIB, None) is None
