"""Restart history: containers, wtmp, package managers, and what the kernel dropped."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.health.fake_host import NOW, TableHost
from wizard.case.case import Window
from wizard.health import containers, host_boots, kernel_drops, services
from wizard.health.kernel_lines import drops_in, kills_in, ring_line
from wizard.health.packages import package_notes
from wizard.hosts.protocol import CommandResult, NotPermitted, ServerProcess

END = datetime.fromtimestamp(NOW, UTC)
WINDOW = Window(END - timedelta(hours=2), END)
ID = "4f" * 32
OTHER = "a0" * 32


def at(minutes: float) -> str:
    return (END - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.123456789Z")


def inspected(ended: str, code: int, oom: str = "false", name: str = "/db", id_: str = ID) -> str:
    state = (
        f'{{"Status":"exited","Running":false,"OOMKilled":{oom},"ExitCode":{code},'
        f'"StartedAt":"{at(600)}","FinishedAt":"{ended}"}}'
    )
    return f"{id_}\t{name}\tmariadb:11\t3\talways\t{state}\n"


def docker(text: str | CommandResult) -> TableHost:
    none = CommandResult(127, "", "goneaway-wizard: no such client\n")
    first, second = (" ".join(containers.command(c).words) for c in containers.CLIENTS)
    return TableHost({first: text, second: none})


def test_only_a_container_that_is_alone_and_has_ended_is_the_dead_server_s() -> None:
    def told(text: str) -> str | None:
        return containers.dead_alone(containers.read_containers(docker(text), None), None)

    gone = inspected(at(20), 137)
    ended = (END - timedelta(minutes=20)).timestamp()
    assert told(gone) == f"docker {ID} {ended:.0f}"
    assert told(gone + inspected(at(3), 0, id_=OTHER)) is None
    assert told(gone.replace('"exited"', '"running"')) is None
    assert told(inspected("0001-01-01T00:00:00Z", 0)) is None
    assert told("") is None


def test_what_works_with_a_server_in_a_container_is_no_dead_server() -> None:
    job = inspected(at(20), 0, name="/mysql-backup")
    assert containers.dead_alone(containers.read_containers(docker(job), None), None) is None
    beside = containers.read_containers(docker(job + inspected(at(9), 0, id_=OTHER)), None)
    ended = (END - timedelta(minutes=9)).timestamp()
    assert containers.dead_alone(beside, None) == f"docker {OTHER} {ended:.0f}"


@pytest.mark.parametrize(
    ("state", "minutes", "is_known"),
    [("failed", 5, False), ("failed", 90, True), ("active", 5, True), ("inactive", None, True)],
)
def test_a_service_that_ended_after_the_container_may_be_the_server_as_well(
    state: str, minutes: float | None, is_known: bool
) -> None:
    exited = (
        "" if minutes is None else f"{END - timedelta(minutes=minutes):%a %Y-%m-%d %H:%M:%S} UTC"
    )
    unit = {"Id": "mariadb.service", "ActiveState": state, "ExecMainExitTimestamp": exited}
    gone = containers.read_containers(docker(inspected(at(20), 137)), None)
    ended = services.last_end(services.Services((unit,)))
    assert (containers.dead_alone(gone, ended) is not None) is is_known


def test_a_container_killed_for_want_of_memory() -> None:
    seen = containers.read_containers(docker(inspected(at(20), 137, "true")), None)
    assert seen.looked
    assert not seen.problems
    (one,) = containers.evidence(seen, WINDOW, oom_known=False)
    assert one.signal == "kernel.oom-kill"
    assert "db (mariadb:11)" in one.text
    assert one.first is not None
    assert abs(one.first - (END - timedelta(minutes=20))) < timedelta(seconds=1)
    assert not list(containers.evidence(seen, WINDOW, oom_known=True))
    listed = containers.table(seen)
    assert listed is not None
    assert listed.rows[0][3] == "137, OOMKilled"


def test_how_a_container_ended() -> None:
    for code, signal, value in (
        (137, "host.service-killed", 9.0),
        (139, "host.service-killed", 11.0),
        (0, "host.service-stopped", None),
        (143, "host.service-stopped", None),
    ):
        seen = containers.read_containers(docker(inspected(at(20), code)), None)
        (one,) = containers.evidence(seen, WINDOW, oom_known=False)
        assert (one.signal, one.value) == (signal, value)
    for ended in (at(60 * 24), "0001-01-01T00:00:00Z", "nonsense"):
        seen = containers.read_containers(docker(inspected(ended, 137)), None)
        assert not list(containers.evidence(seen, WINDOW, oom_known=False))


def test_other_containers_are_not_looked_at_unless_the_server_is_in_one() -> None:
    text = inspected(at(20), 137, name="/shop", id_=OTHER).replace("mariadb:11", "shop:1")
    assert containers.parse_inspect(text, "docker") == ()
    files = {"/proc/7/cgroup": f"0::/system.slice/docker-{OTHER}.scope\n"}
    host = docker(text)
    host.files.update(files)
    seen = containers.read_containers(host, ServerProcess(7, "mysqld"))
    assert [c.name for c in seen.found] == ["shop"]
    assert containers.parse_inspect("a\tb\n\n" + ID + "\tx\ty\tz\t\t{", "docker") == ()


def test_a_client_that_says_no_is_told() -> None:
    refused = CommandResult(1, "", "permission denied while trying to connect to the socket\n")
    seen = containers.read_containers(docker(refused), None)
    assert not seen.looked
    assert seen.problems == (
        "docker could not be asked: permission denied while trying to connect to the socket",
    )
    host = docker(refused)
    host.files["/proc/7/cgroup"] = "0::/system.slice/mysql.service\n"
    assert not containers.read_containers(host, ServerProcess(7, "mysqld")).problems
    host.files["/proc/7/cgroup"] = f"0::/system.slice/docker-{OTHER}.scope\n"
    assert containers.read_containers(host, ServerProcess(7, "mysqld")).problems
    late = TableHost({"sh": NotPermitted("sh may not be run")})
    assert len(containers.read_containers(late, None).problems) == 2


LAST = """\
reboot   system boot  6.1.0-18-amd64   Mon Sep 21 13:02:11 2026   still running
shutdown system down  6.1.0-18-amd64   Mon Sep 21 13:01:02 2026 - Mon Sep 21 13:02:11 2026  (00:01)
reboot   system boot  6.1.0-18-amd64   Mon Sep 21 12:31:40 2026 - crash                     (00:29)
reboot   system boot  6.1.0-17-amd64   Tue Sep  1 09:11:00 2026 - Mon Sep 21 12:00:00 2026 (20+02)

wtmp begins Tue Sep  1 09:11:00 2026
"""


def test_starts_and_ends_of_the_host() -> None:
    found = host_boots.read_boots(TableHost({"last": LAST}))
    assert found is not None
    assert [(b.kind, b.crashed) for b in found] == [
        ("reboot", False),
        ("shutdown", False),
        ("reboot", True),
        ("reboot", False),
    ]
    notes = list(host_boots.notes(found, WINDOW))
    assert len(notes) == 3
    assert "shut down in order, 2026-09-21 13:01:02" in notes[1]
    assert "without an orderly shutdown" in notes[2]


def test_a_host_without_last_tells_nothing() -> None:
    busybox = CommandResult(1, "", "last: invalid option -- 'x'")
    assert host_boots.read_boots(TableHost({"last": busybox})) is None
    assert host_boots.read_boots(TableHost()) is None
    assert list(host_boots.notes(None, WINDOW)) == []


def test_package_history_of_the_distributions() -> None:
    local = END - timedelta(minutes=30)
    files = {
        "/var/log/yum.log": f"{local:%b %d %H:%M:%S} Updated: mariadb-server-5.5.68-1.el7.x86_64\n"
        "Feb 31 25:00:00 Updated: mariadb-server-5.5\n",
        "/var/log/zypp/history": f"{local:%Y-%m-%d %H:%M:%S}|install|mariadb-server|11.4|x86|\n"
        f"{local:%Y-%m-%d %H:%M:%S}|install|vim|9.1|x86|\n",
        "/lib/apk/db/installed": "",
    }
    notes = package_notes(TableHost(files=files), WINDOW, UTC)
    assert len(notes) == 3
    assert "el7" in notes[0]
    assert "zypp" in notes[1]
    assert "apk keeps no log" in notes[2]


@pytest.mark.parametrize(
    ("written", "end"),
    [
        ("Dec 31 23:50:00", datetime(2027, 1, 1, 0, 10, tzinfo=UTC)),
        ("Jan 01 00:05:00", datetime(2026, 12, 31, 23, 59, tzinfo=UTC)),
        ("Feb 29 12:00:00", datetime(2028, 2, 29, 12, 30, tzinfo=UTC)),
    ],
)
def test_yums_lines_have_the_year_that_is_nearest(written: str, end: datetime) -> None:
    line = f"{written} Updated: mariadb-server-5.5.68-1.el7.x86_64\n"
    window = Window(end - timedelta(hours=2), end)
    assert len(package_notes(TableHost(files={"/var/log/yum.log": line}), window, UTC)) == 1


def ring(*rows: str) -> list[str]:
    return [f"[{100 + n}.000000] {row}" for n, row in enumerate(rows)]


def test_what_the_kernel_dropped() -> None:
    boot = END - timedelta(seconds=1000)
    rows = ring(
        "nf_conntrack: nf_conntrack: table full, dropping packet",
        "nf_conntrack: nf_conntrack: table full, dropping packet",
        "TCP: request_sock_TCP: Possible SYN flooding on port 3306. Sending cookies.",
        "TCP: request_sock_TCP: Possible SYN flooding on port 8080. Sending cookies.",
    )
    lines = [line for row in rows if (line := ring_line(row, boot)) is not None]
    found = drops_in(lines, "dmesg")
    assert kills_in(lines, "dmesg") == ()
    full, queue = kernel_drops.evidence(found, WINDOW, frozenset({3306}))
    assert (full.signal, full.count) == ("kernel.conntrack-full", 2)
    assert (queue.signal, queue.count) == ("kernel.listen-overflow", 1)
    assert full.first == boot + timedelta(seconds=100)
    earlier = Window(END - timedelta(days=3), END - timedelta(days=2))
    assert not list(kernel_drops.evidence(found, earlier, frozenset({3306})))
    assert [e.signal for e in kernel_drops.evidence(found, WINDOW, frozenset())] == [
        "kernel.conntrack-full"
    ]
