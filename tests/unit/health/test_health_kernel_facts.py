"""What the kernel tells of a machine beside its log, on recorded text of several systems."""

from typing import Any

import pytest

from tests.unit.health.fake_host import GIB, TableHost
from wizard.health import host_clock, network_counters, pressure, process_limits
from wizard.health.cgroup import memory_group
from wizard.hosts.protocol import CommandResult, NotFound, ServerProcess

CALM_PSI = (
    "some avg10=0.00 avg60=0.12 avg300=0.40 total=123456\n"
    "full avg10=0.00 avg60=0.05 avg300=0.10 total=23456\n"
)
OLD_CPU_PSI = "some avg10=95.10 avg60=93.00 avg300=60.00 total=987654321\n"
STALLED_PSI = CALM_PSI.replace("full avg10=0.00 avg60=0.05", "full avg10=31.00 avg60=22.70")

LIMITS = """\
Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max processes             94211                94211                processes 
Max open files            32768                524288               files     
Max locked memory         8388608              8388608              bytes     
"""  # noqa: W291 - as the kernel prints it

NETSTAT = (
    "TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPBacklogDrop\n"
    "TcpExt: 0 {} {} 0\n"
    "IpExt: InNoRoutes InTruncatedPkts\nIpExt: 0 0\n"
)
SERVER = ServerProcess(7, "mysqld", num_threads=90, username="mysql")


def test_pressure_files_of_new_and_old_kernels() -> None:
    calm, old = pressure.parse_pressure(CALM_PSI), pressure.parse_pressure(OLD_CPU_PSI)
    assert calm is not None
    assert calm.full is not None
    assert (calm.some.avg60, calm.full.avg300, calm.some.total) == (0.12, 0.1, 123456)
    assert old is not None
    assert old.full is None
    for text in ("", "some avg10=x", "full avg10=0 avg60=0 avg300=0 total=0", "some"):
        assert pressure.parse_pressure(text) is None


def test_only_a_machine_that_stands_still_for_memory_is_accused() -> None:
    files = {"/proc/pressure/memory": CALM_PSI, "/proc/pressure/cpu": OLD_CPU_PSI}
    found = pressure.read_pressure(TableHost(files=files))
    assert pressure.evidence(found, 20.0, 3.0) == ()
    assert [e.signal for e in pressure.evidence(found, 1.0, 3.0)] == ["host.cpu-stalled"]
    files["/proc/pressure/memory"] = STALLED_PSI
    (one,) = pressure.evidence(pressure.read_pressure(TableHost(files=files)), 20.0, 3.0)
    assert (one.signal, one.value) == ("host.memory-stalled", 22.7)
    assert "23 %" in one.text


def test_a_kernel_without_pressure_is_said() -> None:
    assert pressure.read_pressure(TableHost()) == {}
    assert [value for _name, value in pressure.rows({})] == ["not kept by this kernel, or hidden"]


def test_limits_of_a_process() -> None:
    limits = process_limits.parse_limits(LIMITS)
    assert limits["Max processes"] == 94211
    assert limits["Max open files"] == 32768
    assert limits["Max cpu time"] is None
    assert process_limits.parse_limits("") == {}


def test_what_is_not_readable_is_no_missing_limit() -> None:
    unseen = process_limits.read_limits(TableHost(), 7)
    assert not unseen.readable
    rows = dict(process_limits.rows(unseen))
    assert rows["Limits"] == "not visible to this account"
    assert rows["oom_score_adj"] == "unknown"
    assert process_limits.evidence(unseen, SERVER) == ()


@pytest.mark.parametrize(
    ("cgroup", "directory"),
    [
        ("12:pids:/docker/abc\n3:memory:/docker/abc\n0::/\n", "/sys/fs/cgroup/pids/docker/abc"),
        ("0::/docker/abc\n", "/sys/fs/cgroup/docker/abc"),
        ("0::/../../docker/abc\n", "/sys/fs/cgroup"),
    ],
    ids=["v1", "v2", "inside the container"],
)
def test_tasks_of_the_control_group(cgroup: str, directory: str) -> None:
    files = {
        "/proc/7/cgroup": cgroup,
        "/proc/7/limits": LIMITS,
        "/proc/7/oom_score_adj": "-600\n",
        f"{directory}/pids.current": "95\n",
        f"{directory}/pids.max": "100\n",
        f"{directory}/pids.events": "max 4\n",
    }
    limits = process_limits.read_limits(TableHost(files=files), 7)
    assert limits.tasks is not None
    assert (limits.tasks.current, limits.tasks.most, limits.tasks.refused) == (95, 100, 4)
    (one,) = process_limits.evidence(limits, SERVER)
    assert one.signal == "host.threads-near-limit"
    assert "95 tasks" in one.text
    rows = dict(process_limits.rows(limits))
    assert rows["Tasks in its cgroup"] == "95 of 100, 4 refused"
    assert rows["oom_score_adj"].startswith("-600 (spared")


def test_the_tightest_of_several_groups_counts() -> None:
    files = {
        "/proc/7/cgroup": "0::/system.slice/mysql.service\n",
        "/sys/fs/cgroup/system.slice/mysql.service/pids.current": "60\n",
        "/sys/fs/cgroup/system.slice/mysql.service/pids.max": "max\n",
        "/sys/fs/cgroup/system.slice/pids.current": "480\n",
        "/sys/fs/cgroup/system.slice/pids.max": "500\n",
    }
    group = process_limits.task_group(TableHost(files=files), 7)
    assert group is not None
    assert (group.path, group.most) == ("/sys/fs/cgroup/system.slice", 500)


def test_the_limit_of_the_account_binds_no_root() -> None:
    limits = process_limits.ProcessLimits(readable=True, max_processes=95)
    assert len(process_limits.evidence(limits, SERVER)) == 1
    root = ServerProcess(7, "mysqld", num_threads=90, username="root")
    assert process_limits.evidence(limits, root) == ()


def test_hits_and_pressure_of_a_memory_group() -> None:
    at = "/sys/fs/cgroup/docker/abc"
    second = {
        "/proc/7/cgroup": "0::/docker/abc\n",
        f"{at}/memory.max": str(GIB),
        f"{at}/memory.current": str(GIB // 2),
        f"{at}/memory.events": "low 0\nhigh 0\nmax 812\noom 1\noom_kill 0\n",
        f"{at}/memory.pressure": STALLED_PSI,
    }
    group = memory_group(TableHost(files=second), 7)
    assert group is not None
    assert (group.limit_hits, group.oom_kills) == (812, 0)
    assert [e.source for e in pressure.group_evidence(group.pressure, group.path)] == [at]
    at = "/sys/fs/cgroup/memory/docker/abc"
    first = {
        "/proc/7/cgroup": "9:memory:/docker/abc\n",
        f"{at}/memory.limit_in_bytes": str(GIB),
        f"{at}/memory.usage_in_bytes": str(GIB // 2),
        f"{at}/memory.failcnt": "31\n",
    }
    group = memory_group(TableHost(files=first), 7)
    assert group is not None
    assert (group.limit_hits, group.pressure) == (31, None)


def _network(
    before: tuple[int, int], after: tuple[int, int], **known: int
) -> network_counters.Network:
    counters = [network_counters.parse_netstat(NETSTAT.format(*pair)) for pair in (before, after)]
    return network_counters.Network(known, *counters)


def test_drops_count_only_while_they_rise() -> None:
    assert not list(network_counters.evidence(_network((40, 41), (40, 41))))
    (one,) = network_counters.evidence(_network((40, 41), (43, 44)))
    assert (one.signal, one.count) == ("host.listen-drops", 3)
    unseen = network_counters.Network(
        {}, None, network_counters.parse_netstat(NETSTAT.format(9, 9))
    )
    assert not list(network_counters.evidence(unseen))
    assert "host.listen-drops" not in set(network_counters.looked_for(unseen))
    assert network_counters.parse_netstat("TcpExt: A\n") == {}


def test_a_full_table_of_connections() -> None:
    half = _network((0, 0), (0, 0), nf_conntrack_count=5000, nf_conntrack_max=10000)
    assert not list(network_counters.evidence(half))
    assert "host.conntrack-full" in set(network_counters.looked_for(half))
    full = _network((0, 0), (0, 0), nf_conntrack_count=9700, nf_conntrack_max=10000)
    (one,) = network_counters.evidence(full)
    assert (one.signal, one.value) == ("host.conntrack-full", 97.0)


def test_how_long_the_kernel_waits_for_a_peer() -> None:
    files = dict(zip(network_counters.FILES, ("7200", "75", "9", "15", "0", "4096"), strict=False))
    known = network_counters.read_settings(TableHost(files=files))
    rows = {
        row[0]: row for row in network_counters.table(network_counters.Network(known), False).rows
    }
    assert "2 h + 9 x 75 s = 2 h 11 min" in rows["A dead peer is noticed by"][2]
    assert "15 min 25 s" in rows["An unanswered send ends by"][2]
    assert rows["Tracked connections"][1] == "not tracked, or not visible"
    rows = {row[0]: row for row in network_counters.table(network_counters.Network({}), True).rows}
    assert rows["A dead peer is noticed by"][2] == "unknown"


CHRONY = "Reference ID    : C0248F97\nStratum         : 3\nLeap status     : {}\n"


@pytest.mark.parametrize(
    ("commands", "files", "kept"),
    [
        ({"chronyc": CHRONY.format("Normal")}, {}, True),
        ({"chronyc": CHRONY.format("Not synchronised")}, {}, False),
        ({"chronyc": CommandResult(1, "506 Cannot talk to daemon\n", "")}, {}, None),
        ({}, {host_clock.SYNCHRONISED: ""}, True),
        ({}, {}, None),
    ],
)
def test_who_keeps_the_clock(
    commands: dict[str, Any], files: dict[str, str], kept: bool | None
) -> None:
    seen = host_clock.read_clock(TableHost(commands, files), 100.0, 100.0, True)
    assert (seen.ahead, seen.synchronised) == (None, kept)
    assert any("not synchronised" in note for note in host_clock.notes(seen)) is (kept is False)


def test_a_clock_that_is_off_is_said() -> None:
    host = TableHost({"chronyc": NotFound("none")})
    (note,) = host_clock.notes(host_clock.read_clock(host, 100.0, 220.0, False))
    assert "2 min behind ours" in note
    assert not list(host_clock.notes(host_clock.read_clock(host, 101.0, 100.0, False)))
