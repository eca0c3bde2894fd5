"""`check --ssh` through a real sshd: the answer is the one that a run on the machine gives."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.servers.check_run import CheckRun, check
from tests.servers.conftest import StartServer
from tests.servers.harness.faults import server_oom_killed
from tests.servers.harness.server import ServerUnderTest
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import SshDaemon, kept_port
from tests.servers.sshd.fixtures import StartSshd, client_home, sshd, start_sshd
from wizard.case.case_file import load
from wizard.case.window import parse_window
from wizard.hosts.protocol import HostError
from wizard.investigation.begin import Beginning
from wizard.investigation.begin_ssh import Reached
from wizard.server.failed_attempt import Stage
from wizard.server.greeting import AttemptFailed
from wizard.server.login_stages import LoginStages
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.server.session import CannotConnect
from wizard.server.ssh_forward import ThroughSsh
from wizard.target.model import Secret, Sources, SslMode, Target, Tls

__all__ = ["client_home", "sshd", "start_sshd"]


def _target(server: ServerUnderTest, **fields: Any) -> Target:
    password = Secret(server.passwords["admin"])
    base = Target(host="127.0.0.1", port=server.port, user="admin", password=password)
    return replace(base, **fields)


def _in_short(run: CheckRun) -> dict[str, Any]:
    return {
        "exit": run.exit_code,
        "accused": run.accused,
        "causes": {d["cause"]: d["verdict"] for d in run.answer["diagnosis"]},
        "failures": run.answer["failures"],
        "steps": {s["id"]: s["status"] for s in run.answer["steps"]},
        "flavor": run.answer["target"]["flavor"],
        "version": run.answer["target"]["version"],
    }


def test_a_killed_server_is_explained_as_it_is_there(
    start_server: StartServer, sshd: SshDaemon
) -> None:
    """The crash stands in the error log, which only the host's own file tells."""
    server = start_server("mariadb")
    server.segv()
    server.wait_until_gone()
    server.start()
    way = ("--ssh", f"root@127.0.0.1:{sshd.port}")
    here, there = check(server), check(server, *way)
    assert "server-crash" in here.accused, here.told()
    assert _in_short(there) == _in_short(here), there.told()
    assert f"connected to root@127.0.0.1:{sshd.port}" in there.stderr


def test_a_server_killed_for_want_of_memory_is_explained_from_afar(
    start_server: StartServer, sshd: SshDaemon
) -> None:
    """Only the kernel's log tells it: root's view, through the connection."""
    server = start_server("mariadb")
    dead = server.pid
    server_oom_killed(server)
    run = check(server, "--ssh", f"root@127.0.0.1:{sshd.port}")
    assert "server-oom-killed" in run.accused, run.told()
    (finding,) = [d for d in run.answer["diagnosis"] if d["cause"] == "server-oom-killed"]
    assert any(f"Killed process {dead}" in reason["excerpt"] for reason in finding["for"])


@pytest.mark.parametrize("by_socket", [False, True])
@pytest.mark.parametrize("mode", [SslMode.DISABLED, SslMode.REQUIRED])
def test_sessions_go_through_the_connection(
    product: str, start_server: StartServer, sshd: SshDaemon, client_home: ClientHome,
    by_socket: bool, mode: SslMode,
) -> None:  # fmt: skip
    if mode is SslMode.REQUIRED and product == "mariadb":
        pytest.skip("a MariaDB 10.11 server has no certificate of its own")
    server = start_server(product)
    host = client_home.host(sshd)
    target = _target(
        server,
        tls=Tls(mode),
        ssh=host.link.place,
        **({"host": None, "socket": str(server.socket)} if by_socket else {}),
    )
    session = PyMySqlConnector(target, ThroughSsh(host.link, host)).connect()
    large = "x" * 3_000_000
    assert session.value("SELECT LENGTH(%s)", (large,)) == len(large)
    assert len(session.value("SELECT REPEAT('y', 3000000)")) == 3_000_000
    seen = session.value("SELECT host FROM information_schema.processlist WHERE id = "
                         "CONNECTION_ID()")  # fmt: skip
    assert str(seen).startswith("localhost" if by_socket else ("127.0.0.1", "localhost"))
    session.close()
    host.close()


def test_sessions_that_end_side_by_side_leave_the_connection_open(
    mariadb: ServerUnderTest, sshd: SshDaemon, client_home: ClientHome
) -> None:
    """sshd disconnects whoever says something on a channel that is closed already."""
    host = client_home.host(sshd)
    connector = PyMySqlConnector(_target(mariadb, ssh=host.link.place), ThroughSsh(host.link, host))
    first = host.link.connection()

    def come_and_go(_: int) -> None:
        for _ in range(25):
            session = connector.login(10.0, LoginStages())
            assert session.value("SELECT 1") == 1
            session.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(come_and_go, range(8)))
    assert not first.lost
    assert host.link.connection() is first
    assert "nonexistent channel" not in sshd.log()
    host.close()


def test_why_the_server_was_not_reached(
    mariadb: ServerUnderTest, sshd: SshDaemon, client_home: ClientHome, tmp_path: Path
) -> None:
    host = client_home.host(sshd)

    def refusal(**fields: Any) -> CannotConnect:
        target = _target(mariadb, **fields)
        with pytest.raises(CannotConnect) as refused:
            PyMySqlConnector(target, ThroughSsh(host.link, host)).connect()
        return refused.value

    assert refusal(port=kept_port()).signal == "state.refused"
    assert refusal(socket=str(tmp_path / "none.sock")).signal == "state.no-socket"
    assert refusal(host="no-such-host.invalid").signal == "state.name-unknown"
    mariadb.kill9()
    assert refusal(socket=str(mariadb.socket)).signal == "state.refused"
    host.close()


def test_sshd_may_forbid_forwarding(
    mariadb: ServerUnderTest, start_sshd: StartSshd, client_home: ClientHome
) -> None:
    daemon = start_sshd(authorized=(client_home.key(),), options={"AllowTcpForwarding": "no"})
    client_home.knows(daemon)
    host = client_home.host(daemon)
    with pytest.raises(AttemptFailed) as failed:
        ThroughSsh(host.link, host)(_target(mariadb), 5.0, LoginStages())
    assert failed.value.attempt.stage is Stage.OPEN
    assert "AllowTcpForwarding" in failed.value.attempt.text
    host.close()


@pytest.mark.parametrize("database_host_too", [False, True])
def test_the_application_s_host_is_connected_and_named(
    mariadb: ServerUnderTest, sshd: SshDaemon, database_host_too: bool, tmp_path: Path
) -> None:
    place = f"root@127.0.0.1:{sshd.port}"
    more = ("--ssh", f"127.0.0.1:{sshd.port}") if database_host_too else ()
    case = tmp_path / "case"
    run = check(mariadb, "--app-ssh", place, *more, "--save-case", str(case))
    assert run.answer["target"]["app_host"] == place, run.told()
    assert f"connected to {place}" in run.stderr
    assert load(case).target.app_host == place


def test_the_steps_are_given_the_application_s_host(
    mariadb: ServerUnderTest, sshd: SshDaemon, client_home: ClientHome
) -> None:
    app = client_home.host(sshd)
    app.link.connection()
    window = parse_window(None, None, datetime.now().astimezone())
    beginning = Beginning(_target(mariadb), Sources(), window, app_reached=Reached(app))
    context = beginning.begin().context
    assert context.app_host is app
    assert context.host is not app
    context.stop.set()
    with pytest.raises(HostError, match="stopped"):
        app.run(["sleep", "30"])
    app.close()


@pytest.mark.parametrize(
    ("shell", "said"),
    [("/usr/sbin/nologin", "currently not available"), ("/bin/false", ""), ("chatty", "Welcome")],
)
def test_an_account_without_a_shell_still_leads_to_the_server(
    mariadb: ServerUnderTest, client_home: ClientHome, start_sshd: StartSshd, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, shell: str, said: str,
) -> None:  # fmt: skip
    """What cannot be seen there is said; nothing is read wrong."""
    if shell == "chatty":
        shell = str(tmp_path / "chatty")
        Path(shell).write_text('#!/bin/sh\necho Welcome!\nexec /bin/sh "$@"\n')
        Path(shell).chmod(0o755)
    daemon = start_sshd(authorized=(client_home.key(),), shell=shell)
    client_home.knows(daemon)
    monkeypatch.setenv("HOME", str(client_home.home))
    run = check(mariadb, "--ssh", f"root@127.0.0.1:{daemon.port}")
    assert run.answer["target"]["reachable"] is True, run.told()
    assert run.step("connection")["status"] == "done"
    health = run.step("health")
    assert health["status"] == "skipped", run.told()
    for told in (health["reason"], run.stderr):
        assert "root@127.0.0.1 may not run commands" in told
        assert said in told


def test_no_connection_is_told_in_one_line_and_exit_code_3(
    client_home: ClientHome, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setenv("HOME", str(client_home.home))
    done = subprocess.run(
        [sys.executable, "-m", "wizard.cli", "check", "--ssh", f"127.0.0.1:{kept_port()}"],
        capture_output=True, text=True, timeout=180, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 3
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "nothing listens" in line
