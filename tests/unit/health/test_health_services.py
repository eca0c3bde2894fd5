"""What systemd's records say, in real words; and that a host without systemd is said."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.unit.health.fake_host import TableHost
from wizard.case.case import Window
from wizard.case.evidence import Evidence
from wizard.health.packages import package_notes
from wizard.health.services import (
    Services,
    at_rest,
    evidence,
    manager_time,
    notes,
    parse_units,
    read_services,
    table,
)
from wizard.hosts.protocol import CommandResult

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(hours=2), NOW)
SHOW = """\
Restart=on-abort
NRestarts=3
ExecMainStartTimestamp=Mon 2026-11-23 12:41:10 UTC
ExecMainExitTimestamp=
ExecMainPID=77
ExecMainCode=0
ExecMainStatus=0
Result=success
LimitNOFILE=32768
Id=mariadb.service
LoadState=loaded
ActiveState=active
SubState=running

Id=mariadb.service
LoadState=loaded
ActiveState=active

Id=mysqld.service
LoadState=not-found
ActiveState=inactive
"""
DEAD = """\
Id=mysqld.service
LoadState=loaded
ActiveState=failed
SubState=failed
Result=signal
Restart=no
ExecMainCode=2
ExecMainStatus=9
ExecMainExitTimestamp=Mon 2026-11-23 12:41:10 UTC
"""
BASE = "journalctl --no-pager -o short-iso-precise"
EARLIER = "2026-11-01T00:00:00.000000+00:00 db1 systemd[1]: Started x.\n"


def said(*words: str) -> str:
    stamp = "2026-11-23T12:41:0{}.5+00:00 db1 systemd[1]: {}\n"
    return "".join(stamp.format(i, w) for i, w in enumerate(words))


def look(journal: str, show: str = SHOW, earlier: str = EARLIER) -> Services:
    host = TableHost(
        {"systemctl show": show, BASE: journal, f"{BASE} -n 1": earlier},
        files={"/run/systemd/system": ""},
    )
    return read_services(host, WINDOW, None, NOW, lambda: None)


def found(services: Services) -> list[tuple[str, int, float | None]]:
    return [(e.signal, e.count, e.value) for e in evidence(services, WINDOW)]


def test_killed_and_restarted_by_itself() -> None:
    services = look(
        said(
            "mariadb.service: Main process exited, code=killed, status=9/KILL",
            "mariadb.service: Failed with result 'signal'.",
            "mariadb.service: Scheduled restart job, restart counter is at 3.",
            "Stopped MariaDB 10.3.17 database server.",
            "Starting MariaDB 10.3.17 database server...",
        )
    )
    assert found(services) == [("host.service-killed", 1, 9.0)]
    assert services.looked
    assert any("counter is at 3" in note for note in notes(services))


def test_stopping_is_orderly_and_counts_once() -> None:
    services = look(
        said(
            "Stopping mariadb.service - MariaDB 10.11.6 database server...",
            "mariadb.service: Main process exited, code=killed, status=15/TERM",
            "mariadb.service: Deactivated successfully.",
            "Stopped mariadb.service - MariaDB 10.11.6 database server.",
        )
    )
    assert found(services) == [("host.service-stopped", 1, None)]


@pytest.mark.parametrize(
    "words",
    [
        "snap.nextcloud.mysql.service: State 'stop-sigterm' timed out. Killing.",
        "snap.nextcloud.mysql.service: Killing process 9769 (mysqld) with signal SIGKILL.",
        "mariadb.service: start operation timed out. Terminating.",
        "mariadb.service: Main process exited, code=dumped, status=6/ABRT",
        "mysqld.service: main process exited, code=killed, status=11/SEGV",
    ],
)
def test_other_ways_to_be_killed(words: str) -> None:
    assert [s for s, _count, _value in found(look(said(words)))] == ["host.service-killed"]


def test_killed_by_the_oom_killer_is_a_kill_record_as_well() -> None:
    services = look(
        said(
            "mariadb.service: A process of this unit has been killed by the OOM killer.",
            "mariadb.service: Main process exited, code=killed, status=9/KILL",
            "mariadb.service: Failed with result 'oom-kill'.",
        )
    )
    assert [k.is_server for k in services.kills] == [True]


def test_outside_the_window_is_history() -> None:
    old = "2026-11-23T08:00:00.5+00:00 db1 systemd[1]: mariadb.service: Main process exited, "
    assert not found(look(old + "code=killed, status=9/KILL\n"))


def test_a_unit_that_lies_dead_is_told_without_the_journal() -> None:
    services = look("-- No entries --\n", DEAD, earlier="-- No entries --\n")
    assert not services.looked
    assert found(services) == [("host.service-killed", 1, 9.0)]
    (one,) = evidence(services, WINDOW)
    assert isinstance(one, Evidence)
    assert one.first == datetime(2026, 11, 23, 12, 41, 10, tzinfo=UTC)


def test_a_running_unit_is_calm_and_an_alias_shows_once() -> None:
    services = look("-- No entries --\n")
    assert not found(services)
    assert [u["Id"] for u in services.units] == ["mariadb.service"]
    shown = table(services)
    assert shown is not None
    assert len(shown.rows) == 1


def test_a_unit_that_stays_down_after_a_kill_is_said() -> None:
    assert any("Restart=on-abort" in note for note in notes(look("-- No entries --\n")))


def test_no_systemd_is_said_and_nothing_looked_for() -> None:
    services = read_services(TableHost(), WINDOW, None, NOW, lambda: None)
    assert not services.looked
    assert "no systemd" in services.problems[0]


def test_a_refusing_systemctl_is_said() -> None:
    refused = CommandResult(1, "", "Failed to connect to bus: Host is down\n")
    host = TableHost({"systemctl show": refused}, files={"/run/systemd/system": ""})
    services = read_services(host, WINDOW, None, NOW, lambda: None)
    assert "Host is down" in services.problems[0]
    assert not services.looked


def test_the_unit_of_the_process_is_asked_for() -> None:
    host = TableHost(
        {"systemctl show": SHOW, BASE: ""},
        files={
            "/run/systemd/system": "",
            "/proc/7/cgroup": "0::/system.slice/mariadb@two.service\n",
        },
    )
    read_services(host, WINDOW, 7, NOW, lambda: None)
    assert "mariadb@two.service" in host.ran[0]


def test_units_and_times() -> None:
    assert [u["Id"] for u in parse_units(SHOW)] == ["mariadb.service"]
    assert manager_time("Mon 2026-11-23 12:40:00 UTC") == datetime(2026, 11, 23, 12, 40, tzinfo=UTC)
    assert manager_time("n/a") is None


def test_package_changes_near_the_window() -> None:
    host = TableHost(
        files={
            "/var/log/dpkg.log": (
                "2026-11-20 12:00:00 upgrade mariadb-server:amd64 1 2\n"
                "2026-11-23 13:30:00 upgrade mariadb-server:amd64 1:10.11.6 1:10.11.19\n"
                "2026-11-23 13:31:00 upgrade vim:amd64 1 2\n"
                "2026-11-23 13:31:00 install mysql-common:all <none> 5.8\n"
            ),
            "/var/log/dnf.rpm.log": "2026-11-23T12:30:00+0000 SUBDEBUG Upgraded: "
            "mysql-community-server-8.0.40-1.el9.x86_64\n",
        }
    )
    found = package_notes(host, WINDOW, timezone(timedelta(hours=1)))
    assert len(found) == 2
    assert "1:10.11.19" in found[0]
    assert "mysql-community-server" in found[1]


def test_only_a_unit_of_a_server_that_neither_runs_nor_is_about_to_is_at_rest() -> None:
    other = DEAD.replace("mysqld", "nginx")
    starting = DEAD.replace("mysqld", "mysql@b").replace("=failed", "=activating")
    assert at_rest(Services(parse_units("\n".join((SHOW, DEAD, other, starting))))) == (
        "mysqld.service",
    )
