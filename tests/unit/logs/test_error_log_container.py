"""Logs that a container's runtime keeps. None runs here: control groups as they were recorded."""

from datetime import UTC, datetime

import pytest

from tests.unit.health.fake_host import NOW, TableHost
from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import Scalar, StepResult, StepStatus
from wizard.hosts.protocol import CommandResult, HostError, NotFound, NotPermitted, ServerProcess
from wizard.logs.error.container import container_of, followed
from wizard.logs.error.find import find
from wizard.logs.error.line import parse_line
from wizard.logs.error.places import ContainerLog, Found, LogPath, SystemdJournal
from wizard.logs.error.streams import read_output, words
from wizard.target.model import Sources, Target

ID = "4f2a" * 16
OTHER = "beef" * 16
START = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("groups", "client"),
    [
        (f"0::/system.slice/docker-{ID}.scope\n", "docker"),
        (f"12:memory:/docker/{ID}\n0::/\n", "docker"),
        (f"0::/docker/{OTHER}/docker/{ID}\n", "docker"),
        (f"0::/machine.slice/libpod-{ID}.scope/container\n", "podman"),
        (f"0::/user.slice/user@1000.service/user.slice/libpod-{ID}.scope", "podman"),
        (f"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/"
         f"cri-containerd-{ID}.scope", ""),
        (f"4:memory:/kubepods/burstable/pod12ab/{ID}\n", ""),
    ],
)  # fmt: skip
def test_the_container_is_told_by_the_control_group(groups: str, client: str) -> None:
    found = container_of(groups)
    assert found is not None
    assert (found.id, found.client) == (ID, client)


@pytest.mark.parametrize(
    "groups", ["0::/system.slice/mysql.service\n", "0::/\n", "", f"0::/somewhere/{ID}\n"]
)
def test_what_is_in_no_container(groups: str) -> None:
    assert container_of(groups) is None


def found_on(host: TableHost, log_error: str = "stderr") -> Found:
    now = datetime.now(UTC)
    case = Case(now, Window(START, now), TargetFacts("db"))
    facts: dict[str, Scalar] = {
        "log_error": log_error,
        "pid": 7,
        "datadir": "/var/lib/mysql",
        "server_pid": 7,
    }
    case = case.with_step(StepResult("connection", StepStatus.DONE, facts=facts))
    return find(Target(host="127.0.0.1"), Sources(), case, host, "", None)


def server(root: str = "/proc/7/root") -> ServerProcess:
    return ServerProcess(7, "mysqld", ("mysqld",), root=root, listening=(3306,))


def host_of(
    groups: str, files: dict[str, str] | None = None, commands: dict[str, str] | None = None
) -> TableHost:
    told = {"readlink /proc/7/fd/2": "pipe:[4711]\n"}
    return TableHost(
        told | (commands or {}), {"/proc/7/cgroup": groups} | (files or {}), processes=(server(),)
    )


def test_docker_s_own_file_goes_before_its_client() -> None:
    path = f"/var/lib/docker/containers/{ID}/{ID}-json.log"
    groups = f"0::/system.slice/docker-{ID}.scope\n"
    with_file = found_on(host_of(groups, {path: "{}\n"}))
    assert [type(p) for p in with_file.places] == [LogPath, ContainerLog]
    without = found_on(host_of(groups))
    (place,) = without.places
    assert isinstance(place, ContainerLog)
    assert (place.client, place.container) == ("docker", ID)
    assert any(path in tried for tried in without.tried)


def test_kubernetes_keeps_a_file_by_the_container_s_id() -> None:
    groups = f"4:memory:/kubepods/burstable/pod12ab/{ID}\n"
    path = f"/var/log/containers/db-0_shop_mysql-{ID}.log"
    host = host_of(groups, {path: "x\n"})
    host.mtimes[path] = 1.0
    (place,) = found_on(host).places
    assert isinstance(place, LogPath)
    assert place.path == path
    nowhere = found_on(host_of(groups))
    assert not nowhere.places
    assert any("crictl logs" in tried for tried in nowhere.tried)


def test_a_service_s_journal_and_a_pipe_of_nobody() -> None:
    (place,) = found_on(host_of("0::/system.slice/mysql.service\n")).places
    assert isinstance(place, SystemdJournal)
    lost = found_on(host_of("0::/\n"))
    assert not lost.places
    assert any("--error-log" in tried for tried in lost.tried)


def test_a_link_is_followed_from_the_container_s_root() -> None:
    host = TableHost(
        {
            "readlink -- /proc/7/root/opt/logs/mysqld.log": "../other/./m.log\n",
            "readlink -- /proc/7/root/opt/other/m.log": "/dev/stdout\n",
            "readlink -- /proc/7/root/dev/stdout": NotPermitted("no"),
        }
    )
    assert followed(host, "/proc/7/root", "/opt/logs/mysqld.log") == "/dev/stdout"


def test_an_image_that_links_its_log_to_a_stream_is_asked_of_the_runtime() -> None:
    host = host_of(
        f"0::/system.slice/docker-{ID}.scope\n",
        commands={"readlink -- /proc/7/root/opt/logs/mysqld.log": "/dev/stdout\n"},
    )
    (place,) = found_on(host, "/opt/logs/mysqld.log").places
    assert isinstance(place, ContainerLog)
    assert "is a link to /dev/stdout" in place.how


def found_dead(
    ended: float | None, *files: str, others: tuple[ServerProcess, ...] = ()
) -> list[object]:
    """The server is gone; the files were written last at NOW, the container ended at `ended`."""
    told = None if ended is None else f"docker {ID} {ended:.0f}"
    now = datetime.now(UTC)
    case = Case(now, Window(START, now), TargetFacts("db"))
    case = case.with_step(StepResult("health", StepStatus.DONE, facts={"dead_container": told}))
    host = TableHost({}, dict.fromkeys(files, "a line\n"), processes=others)
    places = find(Target(host="127.0.0.1"), Sources(), case, host, "", None).places
    return [p.path if isinstance(p, LogPath) else type(p) for p in places]


def test_the_only_database_container_s_log_is_found_when_it_is_dead() -> None:
    usual, own = "/var/log/mysql/error.log", f"/var/lib/docker/containers/{ID}/{ID}-json.log"
    other = (ServerProcess(9, "mysqld", ("mysqld",), listening=(3307,)),)
    assert found_dead(NOW) == [ContainerLog]
    assert found_dead(NOW, own) == [own, ContainerLog]
    assert found_dead(NOW + 60, usual) == [ContainerLog], "a server of before wrote that"
    assert found_dead(NOW - 60, usual) == [usual]
    assert found_dead(NOW - 60, usual, others=other) == [ContainerLog]
    assert found_dead(None, usual, others=other) == []
    assert found_dead(None) == [SystemdJournal]


def test_the_time_of_kubernetes_lines_is_the_runtime_s() -> None:
    line = (
        "2026-11-23T10:00:01.123456789Z stderr F 2026-11-23 11:00:01 5 [Warning] Aborted "
        "connection 5 to db: 'a' user: 'b' host: 'c' (Got timeout reading communication packets)"
    )
    parsed = parse_line(line)
    assert parsed is not None
    assert parsed.at == datetime(2026, 11, 23, 10, 0, 1, 123456, tzinfo=UTC)
    assert parsed.text.startswith("Aborted connection 5")
    bare = parse_line("2026-11-23T10:00:01.5Z stderr F Version: '8.4.3'  socket: ''  port: 3306")
    assert bare is not None
    assert bare.text.startswith("Version:")


def test_commands_name_the_time_in_utc() -> None:
    until = datetime(2026, 11, 24, tzinfo=UTC)
    assert words(ContainerLog("docker", ID, ""), START, until) == (
        "docker", "logs", "--since", "2026-11-23T00:00:00Z", "--until", "2026-11-24T00:00:00Z", ID,
    )  # fmt: skip
    journal = words(SystemdJournal(("mysql.service",), ""), START, until)
    assert journal[0] == "journalctl"
    assert journal[journal.index("--since") + 1] == "2026-11-23 00:00:00 UTC"


def test_what_was_cut_of_a_journal_is_said_and_later_lines_are_known() -> None:
    """A window that lies in the past ends before the log does."""
    line = "2026-11-23T{}+0000 db mysqld[7]: 2026-11-23T{}Z 0 [Note] something\n"
    lines = [line.format(*(f"{h:02}:00:00.000000",) * 2) for h in (1, 2, 20)]
    journal = SystemdJournal(("mysql.service",), "")
    window = Window(START, START.replace(hour=10))
    host = TableHost({"sh -c": "".join(lines)})
    reading = read_output(host, journal, window)
    assert (reading.scan.lines, reading.to_its_end, reading.cuts) == (2, False, ())
    cut = TableHost({"sh -c": CommandResult(-1, "".join(lines), "", truncated=True)})
    assert any("only the first 48 MiB" in r for r in read_output(cut, journal, window).cuts)
    with pytest.raises(NotFound, match=r"no lines of mysql\.service"):
        read_output(TableHost({"sh -c": ""}), journal, window)
    refused = TableHost({"sh -c": CommandResult(1, "No journal files were opened\n", "")})
    with pytest.raises(HostError, match="No journal files were opened"):
        read_output(refused, journal, window)
