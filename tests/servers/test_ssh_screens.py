"""The wizard's screens on a server behind a real sshd: connections that are lost, and prompts."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from screens.app import WizardApp
from screens.launch import _Form
from screens.opening import Live, Unknown
from screens.places import STEP_IDS
from screens.windows.ask import Ask
from tests.pty.terminal import Terminal
from tests.screens.driving import text_of
from tests.servers.harness.server import ServerUnderTest
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import OPERATOR, SshDaemon
from tests.servers.sshd.fixtures import StartSshd, client_home, sshd, start_sshd
from wizard.case.evidence import StepStatus
from wizard.case.window import parse_window
from wizard.investigation.begin import Beginning
from wizard.investigation.begin_ssh import Reached
from wizard.target.flags import TargetArguments
from wizard.target.model import Secret, Sources, Target

__all__ = ["client_home", "sshd", "start_sshd"]

PASSWORD = "correct horse"
LIMIT = 180.0
NOTICED = 10.0
"""Seconds within which a loss has to be shown."""


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "TMUX", "TEXTUAL_THEME", "TEXTUAL_COLOR_SYSTEM"):
        monkeypatch.delenv(name, raising=False)


def _live(
    server: ServerUnderTest, home: ClientHome, daemon: SshDaemon, error_log: Path | None = None
) -> Live:
    host = home.host(daemon)
    host.link.connection()
    target = Target(
        host="127.0.0.1", port=server.port, user="admin",
        password=Secret(server.passwords["admin"]), ssh=host.link.place,
    )  # fmt: skip
    window = parse_window(None, None, datetime.now().astimezone())
    beginning = Beginning(target, Sources(error_log=error_log), window, Reached(host))
    return Live(beginning.target, beginning.sources, beginning.begin, beginning)


async def _until(pilot: Pilot[None], condition: Callable[[], bool]) -> float:
    """Wait for the condition; how many seconds that took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < LIMIT, "the condition never came true"
        await asyncio.sleep(0.05)
    took = time.monotonic() - began
    await pilot.pause()
    return took


def _top(app: WizardApp) -> str:
    return text_of(app).splitlines()[0].rstrip()


def _ran(app: WizardApp) -> Callable[[], bool]:
    return lambda: app.state.settled and not app.state.running and app.state.up is True


def _notices_within(live: Live) -> float:
    """In how many seconds the keepalives find a silent peer, on a machine that is not slow."""
    assert isinstance(live.links, Beginning)
    assert live.links.reached is not None
    return 2 * live.links.reached.host.link.connection().settings.keepalive


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_loss_is_shown_and_made_good_with_the_case_kept(
    mariadb: ServerUnderTest, client_home: ClientHome, sshd: SshDaemon, number: signal.Signals
) -> None:
    live = _live(mariadb, client_home, sshd)
    app = WizardApp(live)
    stopped: list[int] = []
    async with app.run_test(size=(80, 24)) as pilot:
        await _until(pilot, _ran(app))
        assert _notices_within(live) <= NOTICED
        kept = app.state.case
        assert kept is not None
        try:
            stopped = sshd.sessions()
            sshd.signal_sessions(number)
            await _until(pilot, lambda: "SSH LOST" in _top(app))
            lost = f"F5 tries again: the SSH connection to root@127.0.0.1:{sshd.port} is lost"
            assert lost in text_of(app)
            assert app.state.case == kept
            await pilot.press("3", "f5")
            await _until(pilot, lambda: _top(app).endswith("connected"))
            await _until(pilot, _ran(app))
        finally:
            for pid in stopped:
                if Path(f"/proc/{pid}").exists():
                    os.kill(pid, signal.SIGKILL)
        case = app.state.case
        assert case is not None
        assert all(case.step(s.id) is not None for s in kept.steps)
        again = case.step("error-log")
        assert again is not None
        assert again.status is StepStatus.DONE, "it was read anew"
        health = case.step("health")
        assert health is not None
        assert health.status is StepStatus.DONE
        ended = [e.signal for e in again.evidence if e.signal.startswith("log.aborted-")]
        assert not ended, "the wizard's own session, lost with the way, is nobody's fault"


async def test_a_log_that_is_being_read_when_the_line_falls_silent(
    mariadb: ServerUnderTest, client_home: ClientHome, sshd: SshDaemon, tmp_path: Path
) -> None:
    """What was not read to its end is not shown as read."""
    log = tmp_path / "error.log"
    now = f"{datetime.now():%Y-%m-%d %H:%M:%S}"
    line = f"{now} 1 [Note] nothing of interest to anybody, ever\n".encode()
    with log.open("wb") as stream:
        for _ in range(64):
            stream.write(line * (1 << 14))
    client_home.configure("Host *\n ServerAliveInterval 1\n")
    app = WizardApp(_live(mariadb, client_home, sshd, log))
    stopped: list[int] = []
    async with app.run_test(size=(80, 24)) as pilot:
        try:
            await _until(
                pilot, lambda: app.state.running == "error-log" and "reading " in app.state.said
            )
            stopped = sshd.sessions()
            sshd.signal_sessions(signal.SIGSTOP)
            await _until(pilot, lambda: app.state.ssh_lost != "" or app.state.settled)
            await _until(pilot, lambda: app.state.settled)
        finally:
            for pid in stopped:
                if Path(f"/proc/{pid}").exists():
                    os.kill(pid, signal.SIGKILL)
        case = app.state.case
        assert case is not None
        read = case.step("error-log")
        assert read is not None
        assert read.status is not StepStatus.DONE, read.headline
        assert "the SSH connection to 127.0.0.1 is lost" in str(read.reason)
        assert read.looked_for == ()
        assert case.target.version is not None


async def test_the_connect_form_asks_in_the_window_and_connects(
    mariadb: ServerUnderTest, client_home: ClientHome, start_sshd: StartSshd,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """An unknown host key, then a password; nobody is at the terminal."""
    monkeypatch.setenv("HOME", str(client_home.home))
    daemon = start_sshd(
        password=PASSWORD, pam=True, options={"KbdInteractiveAuthentication": "yes"}
    )
    app = WizardApp(Unknown(lambda: (), _Form(TargetArguments()).connect))
    async with app.run_test(size=(80, 24)) as pilot:
        await _until(pilot, lambda: "No server was found" in text_of(app))
        for name, value in (
            ("port", str(mariadb.port)),
            ("user", "admin"),
            ("password", "wrong"),
            ("ssh", f"{OPERATOR}@127.0.0.1:{daemon.port}"),
        ):
            app.screen.query_one(f"#{name}", Input).value = value
        app.screen.query_one("#ssh").focus()
        await pilot.press("enter")
        await _until(pilot, lambda: isinstance(app.screen, Ask) and "SHA256:" in text_of(app))
        told = subprocess.run(
            ["ssh-keygen", "-lf", f"{daemon.host_key}.pub"], capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        assert told.stdout.split()[1] in text_of(app), "in one piece, to be compared"
        await pilot.press(*"yes", "enter")
        await _until(pilot, lambda: isinstance(app.screen, Ask) and "assword" in text_of(app))
        await pilot.press(*"wrong", "enter")
        await _until(pilot, lambda: "not accepted, once more" in text_of(app))
        await pilot.press(*PASSWORD.replace(" ", "_").split("_")[0], "space")
        await pilot.press(*PASSWORD.split(" ")[1], "enter")
        await _until(pilot, lambda: "denied" in text_of(app))
        app.screen.query_one("#password", Input).value = mariadb.passwords["admin"]
        await pilot.press("enter")
        await _until(pilot, lambda: _top(app).endswith("connected"))
        assert daemon.known_host.split()[2] in client_home.known_hosts.read_text()


def test_a_reconnect_never_reads_the_terminal_behind_the_screen(
    mariadb: ServerUnderTest, client_home: ClientHome, start_sshd: StartSshd, tmp_path: Path,
) -> None:  # fmt: skip
    """The program itself on a pty: sshd comes back and wants a password where a key had done."""
    rules = f"{OPERATOR} ALL=(ALL) NOPASSWD: ALL\n"
    sshd = start_sshd(authorized=(client_home.key(),), sudoers=rules)
    client_home.knows(sshd)
    secret = tmp_path / "password"
    secret.write_text(mariadb.passwords["admin"], encoding="utf-8")
    secret.chmod(0o600)
    words = ["--ssh", f"{OPERATOR}@127.0.0.1:{sshd.port}", "-h", "127.0.0.1", "-P",
             str(mariadb.port), "-u", "admin", "--password-file", str(secret)]  # fmt: skip
    code = f"from wizard.cli import main; raise SystemExit(main({words!r}))"
    with Terminal(code, {"HOME": str(client_home.home)}) as terminal:
        terminal.until("connected to operator@127.0.0.1")
        terminal.until(f"{len(STEP_IDS)} steps run")
        sshd.stop()
        terminal.until("SSH LOST")
        terminal.output = b""
        terminal.keys("\x1b[15~")
        terminal.until("nothing listens")
        again = start_sshd(
            port=sshd.port, host_key=sshd.host_key, password=PASSWORD, pam=True, sudoers=rules,
            options={"PasswordAuthentication": "yes"},
        )  # fmt: skip
        terminal.output = b""
        terminal.keys("\x1b[15~")
        terminal.until("The SSH connection asks")
        terminal.until("assword")
        terminal.keys(f"{PASSWORD}\r")
        terminal.until("connected ")
        assert PASSWORD.encode() not in terminal.output
        assert again.logged("Accepted password")
        terminal.keys("q")
        assert terminal.exit_code() == 0
