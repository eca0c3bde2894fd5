"""The word of kubelet, docker and systemd on the server, in a log that is given as an app's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.load import signatures
from tests.cpu_time import lines_run
from wizard.case.case import Window
from wizard.logs.error.pods import Page, with_pods
from wizard.logs.error.scan_model import LinePlace, LogEvent, Tally
from wizard.logs.error.supervisor import supervisors_in_file

NOW = datetime.now(UTC)
WINDOW = Window(NOW - timedelta(days=1), NOW)


def found(tmp_path: Path, text: str) -> dict[str, int]:
    path = tmp_path / "app.log"
    path.write_text(text, encoding="utf-8")
    seen = supervisors_in_file(path, WINDOW, lambda p: p.open("rb"))
    return {e.signal: e.count for e in seen}


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        (
            "  Normal  Killing  2m (x9 over 1h)  kubelet  Container percona-0 failed liveness "
            "probe, will be restarted",
            "log.supervisor-killed",
        ),
        ("mysql-0   0/1   CrashLoopBackOff   47 (2m ago)   3h", "log.supervisor-loop"),
        (
            "Containers:\n  mysql:\n    Image:   mysql:8\n    State:   Waiting\n"
            "      Reason:  CrashLoopBackOff",
            "log.supervisor-loop",
        ),
        ("crm-mariadb-1 exited with code 137", "log.supervisor-killed"),
        ("    Last State:  Terminated\n      Reason:    OOMKilled", "log.supervisor-oom"),
        (
            "  Warning BackOff 1m kubelet Back-off restarting failed container",
            "log.supervisor-loop",
        ),
        (
            "Stopping MariaDB 10.5.12 database server...\nmariadb.service: Succeeded.\n"
            "Stopped MariaDB 10.5.12 database server.",
            "log.supervisor-stopped",
        ),
        (
            "Failed to start mariadb.service - MariaDB 10.5.12 database server.",
            "log.supervisor-no-start",
        ),
        (
            "container oom 3f1c2b9a (image=mysql:8.0, name=shop-db-1)",
            "log.supervisor-oom",
        ),
        (
            "[ 3888.900101] Killed process 11648 (mysqld.bin) total-vm:1206420kB, "
            "anon-rss:265232kB, file-rss:0kB",
            "log.supervisor-oom",
        ),
    ],
)
def test_a_supervisors_word_is_heard(tmp_path: Path, text: str, signal: str) -> None:
    assert found(tmp_path, f"hello\n{text}\nbye\n") == {signal: 1}


def test_what_befell_another_container_is_not_the_servers(tmp_path: Path) -> None:
    text = (
        "Container web failed liveness probe, will be restarted\n"
        "crm-web-1 exited with code 137\n"
        "Feb 03 07:12:09 db1 systemd[1]: nginx.service: Main process exited, code=killed, "
        "status=9/KILL\n"
    )
    assert found(tmp_path, text) == {}


def test_only_the_windows_days_count(tmp_path: Path) -> None:
    stamp = "{:%Y-%m-%dT%H:%M:%S+00:00}"
    line = stamp + " db1 systemd[1]: mariadb.service: State 'stop-sigterm' timed out. Killing.\n"
    old, new = line.format(NOW - timedelta(days=9)), line.format(NOW - timedelta(hours=1))
    assert found(tmp_path, old + new) == {"log.supervisor-killed": 1}


DESCRIBED = """Name:         shop-0
Containers:
  {name}:
    Container ID:   containerd://9f2c
    Image:          {image}
    State:          Running
      Started:      {started}
    Last State:     Terminated
      Reason:       OOMKilled
      Exit Code:    137
      Started:      {before}
      Finished:     {ended}
    Ready:          True
"""


def described(name: str, image: str, ended: datetime) -> str:
    form = "{:%a, %d %b %Y %H:%M:%S +0000}".format
    before, started = form(ended - timedelta(hours=2)), form(ended + timedelta(seconds=8))
    return DESCRIBED.format(
        name=name, image=image, before=before, ended=form(ended), started=started
    )


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("web", "registry.example.com/shop/web:1.2"),
        ("manager", "ghcr.io/mariadb-operator/mariadb-operator:0.15.1"),
        ("metrics", "prom/mysqld-exporter:v0.15.0"),
        ("mysql-backup", "mysql:8.0"),
        ("proxy", "proxysql/proxysql:2.5"),
        ("db", "postgres:16"),
    ],
)
def test_another_container_that_died_for_memory_is_not_the_server(
    tmp_path: Path, name: str, image: str
) -> None:
    assert found(tmp_path, described(name, image, NOW - timedelta(hours=1))) == {}


def test_each_of_several_dead_containers_is_told_by_its_own_name_and_time(tmp_path: Path) -> None:
    ends = [NOW - timedelta(hours=h) for h in (5, 3, 1)]
    path = tmp_path / "app.log"
    path.write_text(
        described("mysql", "mysql:8.0.30", ends[0])
        + described("web", "shop/web:1.2", ends[1])
        + described("database", "docker.io/library/mariadb:10.11", ends[2])
    )
    (told,) = supervisors_in_file(path, WINDOW, lambda p: p.open("rb"))
    whole = [end.replace(microsecond=0) for end in (ends[0], ends[2])]
    assert [o.at for o in told.occurrences] == whole


INSPECTED = """[
    {{
        "State": {{
            "Status": "exited",
            "OOMKilled": true,
            "ExitCode": 137,
            "FinishedAt": "{ended:%Y-%m-%dT%H:%M:%S}.171492914Z"
        }},
        "Image": "sha256:9f2c",
        "Name": "/{name}",
    }}
]
"""


@pytest.mark.parametrize(("name", "count"), [("shop-mysql-1", 1), ("shop-web-1", 0)])
def test_docker_inspect_tells_whose_container_it_was(tmp_path: Path, name: str, count: int) -> None:
    text = INSPECTED.format(ended=NOW - timedelta(hours=1), name=name)
    assert found(tmp_path, text).get("log.supervisor-oom", 0) == count


def test_a_back_off_of_another_pod_is_not_the_servers(tmp_path: Path) -> None:
    line = "  Warning  BackOff  1m  kubelet  Back-off restarting failed container"
    assert found(tmp_path, f"Name:    shop-web-0\n{line}\n") == {}
    assert found(tmp_path, f"{line} web in pod shop-0_default(9f2c)\n") == {}
    assert found(tmp_path, f"Name:    shop-mysql-0\n{line}\n") == {"log.supervisor-loop": 1}


def test_systemd_tells_a_crash_and_a_loop(tmp_path: Path) -> None:
    unit = f"{NOW - timedelta(hours=1):%Y-%m-%dT%H:%M:%S+00:00} db1 systemd[1]: mariadb.service: "
    text = (
        f"{unit}Main process exited, code=killed, status=6/ABRT\n"
        f"{unit}Scheduled restart job, restart counter is at 359.\n"
    )
    assert found(tmp_path, text) == {"log.supervisor-crash": 1, "log.supervisor-loop": 1}


def test_a_containers_pod_is_not_sought_anew_for_each_of_its_failures() -> None:
    """The log of a kubelet names no pod above, and holds thousands of its lines."""
    line = "  Warning BackOff 1m kubelet Back-off restarting failed container"
    event = LogEvent(
        "supervisor-back-off", "log.supervisor-loop", NOW, LinePlace("log", 1, 0), line
    )
    (known,) = (s for s in signatures("error-log") if s.id == event.signature)

    def steps(count: int) -> int:
        events = [replace(event, place=LinePlace("log", n, 0)) for n in range(1, count + 1)]
        tally = Tally(known, count, NOW, NOW, events, ())
        return lines_run(lambda: with_pods(tally, Page([line] * count)))

    assert steps(800) < 10 * steps(100)


@pytest.mark.parametrize("days", [0, 30])
def test_dockers_events_have_a_time(tmp_path: Path, days: int) -> None:
    at = NOW - timedelta(days=days, hours=1)
    event = "container oom 3f1c2b9a (image=mysql:8.0, name=shop-db-1)"
    seen = found(tmp_path, f"{at:%Y-%m-%dT%H:%M:%S.%f}000Z {event}\n")
    assert seen == ({} if days else {"log.supervisor-oom": 1})
