"""What the kernel log says of a kill, from real and reported lines; and when it says nothing."""

import re
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from knowledge.load import signatures
from knowledge.model import Signature
from tests.unit.health.fake_host import TableHost
from wizard.case.case import Window
from wizard.health.host_zone import host_zone
from wizard.health.kernel_lines import Kill, fold, kills_in, ring_line, syslog_line
from wizard.health.kernel_log import KernelLog, read_kernel_log
from wizard.hosts.protocol import CommandResult, NotPermitted

DATA = Path(__file__).parents[2] / "data" / "kernel"
BOOT = datetime(2026, 11, 23, 12, 21, 45, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
SINCE_BOOT = Window(BOOT, NOW)
CEST = timezone(timedelta(hours=2))

REFUSED = CommandResult(1, "", "dmesg: read kernel buffer failed: Operation not permitted\n")
NO_JOURNAL = CommandResult(0, "-- No entries --\n", "No journal files were found.\n")


def ring(name: str) -> str:
    return (DATA / name).read_text(encoding="utf-8")


def read(host: TableHost, window: Window = SINCE_BOOT, now: datetime = NOW) -> KernelLog:
    return read_kernel_log(host, window, BOOT, now, lambda: None)


def syslog(text: str) -> tuple[Kill, ...]:
    rows = (syslog_line(row, UTC, NOW) for row in text.splitlines())
    return kills_in((row for row in rows if row is not None), "syslog")


@pytest.mark.parametrize("signature", signatures("kernel"), ids=lambda s: s.id)
def test_every_signature_finds_its_own_lines_and_no_others(signature: Signature) -> None:
    assert signature.matches
    for line in signature.matches:
        assert signature.literal in line
        assert re.search(signature.pattern, line), line
    for line in signature.rejects:
        assert not re.search(signature.pattern, line), line


def test_no_signature_takes_long_on_a_hostile_line() -> None:
    for signature in signatures("kernel"):
        began = time.thread_time()
        re.search(signature.pattern, (signature.literal + " (" * 50 + "a,") * 400)
        assert time.thread_time() - began < 2, signature.id


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("dmesg --time-format iso", "dmesg-6.18-memory-cgroup-iso.txt"),
        ("dmesg", "dmesg-6.18-memory-cgroup.txt"),
    ],
)
def test_real_ring_buffer_holds_three_kills(command: str, name: str) -> None:
    """A kernel's own record of each; the older dmesg knows no --time-format."""
    unknown = CommandResult(1, "", "dmesg: unrecognized option '--time-format'\n")
    host = TableHost({"dmesg --time-format iso": unknown, "journalctl": NO_JOURNAL})
    host.commands[command] = ring(name)
    log = read(host)
    assert [(k.pid, k.name) for k in log.kills] == [
        (13045, "mariadbd"),
        (19465, "mariadbd"),
        (19508, "mysqld"),
    ]
    assert all(k.is_server and k.limited for k in log.kills)
    first = log.kills[0]
    assert first.at is not None
    assert abs(first.at - datetime(2026, 11, 23, 12, 41, 4, tzinfo=UTC)) < timedelta(seconds=2)
    assert first.rss == 197712 * 1024
    assert first.cgroup == "/gaw-oom-12995"
    assert first.raw.startswith("Memory cgroup out of memory: Killed process 13045 (mariadbd)")
    assert log.kills[2].asker == "connection"
    assert log.from_boot
    assert log.covers(BOOT)


def test_refused_everywhere_is_not_read() -> None:
    log = read(TableHost({"dmesg": REFUSED, "journalctl": NO_JOURNAL}))
    assert not log.readable
    assert not log.covers(NOW)
    assert any("run as root" in problem for problem in log.problems)
    assert any("no journal" in problem for problem in log.problems)


def test_no_tool_is_not_read() -> None:
    log = read(TableHost())
    assert not log.readable
    assert len(log.problems) == 3


def test_empty_ring_is_not_read() -> None:
    assert not read(TableHost({"dmesg": "", "journalctl": NO_JOURNAL})).readable


def test_wrapped_ring_does_not_cover_the_window() -> None:
    text = ring("dmesg-6.18-memory-cgroup.txt").splitlines()[100:]
    host = TableHost(
        {"dmesg --time-format iso": CommandResult(1, "", "unknown"), "dmesg": "\n".join(text)}
    )
    log = read(host)
    assert log.readable
    assert not log.from_boot
    assert not log.covers(BOOT)
    assert log.covers(BOOT + timedelta(seconds=1890))


def test_message_of_several_lines_and_garbage_are_passed_over() -> None:
    host = TableHost({"dmesg": "garbage\n\x1b[31m\n[    1.0] ok\n  continued\n"})
    log = read(host)
    assert log.reaches_back_to == BOOT + timedelta(seconds=1)


JOURNAL = """\
2026-11-23T12:30:00.000001+00:00 db1 kernel: php-fpm invoked oom-killer: gfp_mask=0x100cca, order=0
2026-11-23T12:30:00.000002+00:00 db1 kernel: oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),\
cpuset=mysql.service,mems_allowed=0,global_oom,task_memcg=/system.slice/mysql.service,task=mysqld,\
pid=16765,uid=112
2026-11-23T12:30:00.000003+00:00 db1 kernel: Out of memory: Killed process 16765 (mysqld) \
total-vm:22267612kB, anon-rss:16649820kB, file-rss:0kB, shmem-rss:0kB, UID:112
2026-11-23T12:30:00.400000+00:00 db1 kernel: oom_reaper: reaped process 16765 (mysqld), \
now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB
"""
EARLIER = "2026-11-01T00:00:00.000000+00:00 db1 kernel: Linux version 6.1.0\n"


def journal(lines: str, earlier: str) -> TableHost:
    base = "journalctl --no-pager -o short-iso-precise"
    return TableHost({base: lines, f"{base} -n 1": earlier})


def test_journal_that_reaches_back_is_enough() -> None:
    host = journal(JOURNAL, EARLIER)
    log = read(host)
    assert [(k.pid, k.asker, k.limited) for k in log.kills] == [(16765, "php-fpm", False)]
    assert log.sources == ("journal",)
    assert log.covers(BOOT)
    assert not any(command[0] == "dmesg" for command in host.ran)


def test_journal_is_asked_for_all_boots() -> None:
    """`-k` implies `-b`, and would lose the kill that the operator rebooted after."""
    host = journal(JOURNAL, EARLIER)
    read(host)
    (command, *_rest) = [c for c in host.ran if c[0] == "journalctl"]
    assert "_TRANSPORT=kernel" in command
    assert not {"-k", "--dmesg", "-b"} & set(command)


def test_journal_without_older_lines_does_not_cover() -> None:
    log = read(journal(JOURNAL, "-- No entries --\n"))
    assert log.kills
    assert not log.covers(BOOT)


def test_the_same_kill_in_journal_and_ring_is_one() -> None:
    host = journal(JOURNAL, "-- No entries --\n")
    host.commands["dmesg"] = "[  495.4] Out of memory: Killed process 16765 (mysqld) total-vm:1kB\n"
    log = read(host)
    assert len(log.sources) == 2
    assert [k.pid for k in log.kills] == [16765]


def test_a_journal_that_began_late_stamps_old_kills_anew() -> None:
    """A journald that starts after the kill reads it from the ring buffer."""
    text = "Memory cgroup out of memory: Killed process 7 (mysqld) total-vm:9kB, anon-rss:9kB"
    late = "2026-11-23T12:59:00.1+00:00 db1 kernel: "
    host = journal(f"{late}Linux version 6.1.0\n{late}{text}\n", "-- No entries --\n")
    host.commands["dmesg"] = f"[    0.0] Linux version 6.1.0\n[  495.0] {text}\n"
    log = read(host)
    assert [(k.pid, k.at) for k in log.kills] == [(7, BOOT + timedelta(seconds=495))]
    assert (log.from_boot, log.reaches_back_to) == (True, BOOT)


def test_a_journal_from_the_boot_says_so() -> None:
    began = (BOOT + timedelta(seconds=2)).isoformat(timespec="microseconds")
    host = journal(f"{began} db1 kernel: Linux version 6.1.0\n", "-- No entries --\n")
    log = read(host, Window(BOOT - timedelta(hours=1), NOW))
    assert (log.from_boot, log.reaches_back_to) == (True, BOOT)
    assert not log.covers(BOOT - timedelta(hours=1))


def test_an_older_kernels_announcement_gives_way_to_the_victim() -> None:
    """Kubernetes issue 56891: the announcement named a thread, the next line the victim."""
    kills = syslog(
        "Nov 23 12:30:00 db1 kernel: [4709.1] Memory cgroup out of memory: Kill process 24572 "
        "(mysqld) score 108 or sacrifice child\n"
        "Nov 23 12:30:00 db1 kernel: [4709.2] Killed process 28438 (mysqld) total-vm:1121372kB, "
        "anon-rss:452468kB, file-rss:0kB\n"
    )
    assert [k.pid for k in kills] == [28438]
    assert kills[0].limited


def test_an_announcement_alone_still_counts() -> None:
    kills = syslog(
        "Nov 23 12:30:00 db1 kernel: [4709.1] Out of memory: Kill process 16765 (mysqld) "
        "score 176 or sacrifice child\n"
    )
    assert [(k.pid, k.is_server) for k in kills] == [(16765, True)]


def test_another_victim_is_no_server() -> None:
    kills = syslog(
        "Nov 23 12:30:00 db1 kernel: [1.0] mysqld invoked oom-killer: gfp_mask=0x0, order=0\n"
        "Nov 23 12:30:00 db1 kernel: [1.1] Out of memory: Killed process 99 (java) total-vm:9kB\n"
    )
    assert [(k.name, k.is_server, k.asker) for k in kills] == [("java", False, "mysqld")]


def test_only_the_kernel_and_the_killers_are_believed() -> None:
    words = "Out of memory: Killed process 16765 (mysqld) total-vm:1kB, anon-rss:1kB"
    assert not syslog(f"Nov 23 12:30:00 db1 root: {words}\nNov 23 12:30:00 db1 php[7]: {words}\n")


@pytest.mark.parametrize(
    ("line", "by", "server"),
    [
        (
            'earlyoom[608]: sending SIGTERM to process 696 uid 112 "mysqld": badness 757',
            "earlyoom",
            True,
        ),
        (
            "systemd-oomd[612]: Killed /system.slice/mariadb.service due to memory pressure for "
            "/system.slice being 62.27% > 60.00% for > 30s with reclaim activity",
            "systemd-oomd",
            True,
        ),
        ("systemd[1]: mariadb.service: systemd-oomd killed 3 process(es) in this unit.",
         "systemd-oomd", True),
        ("systemd[1]: mysql.service: Failed with result 'oom-kill'.", "the OOM killer", True),
        (
            "systemd[1]: user-1021.slice: A process of this unit has been killed by the OOM "
            "killer.",
            "the OOM killer",
            False,
        ),
        ("systemd[1]: mysql-router.service: Failed with result 'oom-kill'.", "the OOM killer",
         False),
    ],
)  # fmt: skip
def test_killers_in_user_space(line: str, by: str, server: bool) -> None:
    kills = syslog(f"2026-11-23T12:30:00.136582+00:00 db1 {line}\n")
    assert [(k.by, k.is_server) for k in kills] == [(by, server)]


def test_systemd_repeats_of_a_kill_are_one_record_with_its_pid() -> None:
    kills = syslog(
        JOURNAL + "2026-11-23T12:30:01.1+00:00 db1 systemd[1]: mysql.service: A process of this "
        "unit has been killed by the OOM killer.\n"
        "2026-11-23T12:30:02.1+00:00 db1 systemd[1]: mysql.service: Failed with result "
        "'oom-kill'.\n"
    )
    assert [k.pid for k in kills] == [16765]


def test_two_kills_stay_two() -> None:
    at = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    one = Kill(at, "k", "dmesg", "raw", pid=1, name="mysqld")
    other = Kill(at + timedelta(seconds=30), "k", "dmesg", "raw", pid=2, name="mysqld")
    again = Kill(at + timedelta(hours=1), "k", "dmesg", "other", pid=1, name="mysqld")
    assert len(fold([one, other, again])) == 3


def test_a_line_without_a_year_is_never_in_the_future() -> None:
    now = datetime(2026, 1, 2, 8, 0, tzinfo=UTC)
    line = syslog_line("Dec 31 23:59:58 db1 kernel: [1.0] x", CEST, now)
    assert line is not None
    assert line.at == datetime(2025, 12, 31, 21, 59, 58, tzinfo=UTC)
    leap = syslog_line("Feb 29 10:00:00 db1 kernel: x", UTC, now)
    assert leap is not None
    assert leap.at is None


def test_syslog_files_are_read_where_the_kernel_is_silent() -> None:
    lines = (
        "Nov 23 12:00:00 db1 systemd[1]: Started x\n"
        "Nov 23 14:30:00 db1 kernel: [495.4] Out of memory: Killed process 16765 (mysqld) "
        "total-vm:1kB, anon-rss:1kB\n"
    )
    host = TableHost(
        {"dmesg": REFUSED, "journalctl": NO_JOURNAL, "env -u TZ date +%z": "+0200\n"},
        files={"/var/log/messages": lines},
    )
    log = read(host)
    assert [(k.pid, k.at) for k in log.kills] == [
        (16765, datetime(2026, 11, 23, 12, 30, tzinfo=UTC))
    ]
    assert log.covers(BOOT)


@pytest.mark.parametrize(
    ("place", "hour"),
    [
        ("/usr/share/zoneinfo/Europe/Berlin", 10),
        ("/usr/share/zoneinfo/posix/Europe/Berlin", 10),
        ("/etc/localtime", 11),
        ("/usr/share/zoneinfo/Asia/Tokyo", 11),
        ("/usr/share/zoneinfo/No/Where", 11),
    ],
)
def test_a_local_time_of_before_the_clocks_were_changed(place: str, hour: int) -> None:
    """Rules count where they are the machine's own; a place that cannot be gives its offset."""
    host = TableHost({"env -u TZ date +%z": "+0100\n", "readlink -f /etc/localtime": f"{place}\n"})
    zone = host_zone(host, datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
    summer = datetime(2026, 10, 24, 12, 0, tzinfo=zone)
    assert summer.astimezone(UTC) == datetime(2026, 10, 24, hour, 0, tzinfo=UTC)


def test_the_rotated_file_is_read_where_the_newest_begins_too_late() -> None:
    killed = "Out of memory: Killed process 16765 (mysqld) total-vm:1kB, anon-rss:1kB"
    host = TableHost(
        {"dmesg": REFUSED},
        files={
            "/var/log/kern.log": "Nov 23 12:50:00 db1 kernel: [2.0] x\n",
            "/var/log/kern.log.1": "Nov 22 01:00:00 db1 kernel: [1.0] x\n"
            f"Nov 23 12:40:00 db1 kernel: [1.5] {killed}\n",
            "/var/log/syslog": f"Nov 22 01:00:00 db1 kernel: [1.5] {killed}\n",
        },
    )
    log = read(host)
    assert [k.pid for k in log.kills] == [16765]
    assert log.covers(BOOT)
    assert log.sources == ("/var/log/kern.log",)


def test_a_syslog_without_kernel_lines_tells_nothing() -> None:
    host = TableHost(
        {"dmesg": REFUSED}, files={"/var/log/syslog": "Nov 23 12:00:00 db1 systemd[1]: Started x\n"}
    )
    assert not read(host).readable


def test_a_crash_is_a_fault_and_no_kill() -> None:
    host = TableHost(
        {
            "dmesg": "[ 1.5] connection[13046]: segfault at 0 ip 000055d0 sp 00007f1e error 6 in "
            "mysqld[55d0a000+238000]\n[ 1.6] php-fpm[3]: segfault at 0 ip 0 sp 0 error 6 in "
            "php-fpm[55d0a000+238000]\n"
        }
    )
    log = read(host)
    assert not log.kills
    assert [f.name for f in log.faults] == ["mysqld"]


def test_hostile_names_are_sanitized() -> None:
    line = ring_line("[ 1.0] Killed process 7 (my\x1b[31m\u202esqld) total-vm:1kB", BOOT)
    assert line is not None
    (kill,) = kills_in([line], "dmesg")
    assert "\x1b" not in kill.name + kill.raw
    assert "\u202e" not in kill.name + kill.raw


def test_a_permission_error_of_the_host_is_a_problem_not_a_crash() -> None:
    log = read(TableHost({"journalctl": NotPermitted("no"), "dmesg": NotPermitted("never")}))
    assert "never" in log.problems
