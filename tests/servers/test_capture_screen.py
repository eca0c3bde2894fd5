"""The capture window on real servers: the log is surely off again, however one leaves."""

import re
import signal
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.pty.terminal import Terminal
from tests.servers import capture_lab as lab
from tests.servers.harness.server import ServerUnderTest
from wizard.capture.journal import CaptureJournal, new_capture
from wizard.capture.logging_state import CaptureKind, read_logging_state
from wizard.capture.plan import Reach, plan_capture
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.target.model import Target

pytestmark = [pytest.mark.servers, pytest.mark.pty]


def wizard(server: ServerUnderTest) -> Terminal:
    arguments = ["-S", str(server.socket), "-u", "root"]
    return Terminal(f"from wizard.cli import main\nraise SystemExit(main({arguments!r}))")


def captures(terminal: Terminal, server: ServerUnderTest) -> None:
    """From the pane to the window, agree, and wait until the log is on."""
    terminal.output = b""
    terminal.keys("a")
    terminal.until("Type capture")
    for told in ("SET GLOBAL", "Puts back", "Cost"):
        assert told in plain(terminal.output)
    assert not lab.is_on(server), "looking sets nothing"
    terminal.keys("wrong\r")
    terminal.until("That is not capture")
    terminal.keys("\x15capture\r")
    lab.wait_until(lambda: lab.is_on(server))
    terminal.until("of 30 s")


def plain(output: bytes) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", " ", output.decode("utf-8", "replace"))


def is_back(server: ServerUnderTest, before: object) -> None:
    lab.wait_until(lambda: lab.logging_state(server) == before)
    lab.wait_until(lambda: not lab.left_files(server))


def test_the_log_is_off_again_however_one_leaves(mariadb: ServerUnderTest) -> None:
    before = lab.logging_state(mariadb)
    with wizard(mariadb) as terminal:
        terminal.until("steps run")
        terminal.keys("L")
        terminal.until("Switch it on for a while")
        for leave in ("\x1b", "q", "\x03"):
            captures(terminal, mariadb)
            # The pane below tells of the capture before.
            shown = len(terminal.output)
            terminal.keys(leave)
            is_back(mariadb, before)
            terminal.until("you ended it", shown)
            terminal.answers("\x1b", "Switch it on for a while")
        captures(terminal, mariadb)
        terminal.keys("\x11")
        is_back(mariadb, before)
        assert terminal.exit_code() == 0


def test_the_log_is_off_again_after_the_wizard_was_killed(server: ServerUnderTest) -> None:
    before = lab.logging_state(server)
    with wizard(server) as terminal:
        terminal.until("steps run")
        terminal.keys("L")
        terminal.until("Switch it on for a while")
        captures(terminal, server)
        terminal.signal(signal.SIGKILL)
        is_back(server, before)


def left_switched_on(server: ServerUnderTest) -> None:
    """As a capture is left of which everything was killed."""
    session = PyMySqlConnector(Target(socket=str(server.socket), user="root")).connect()
    state = read_logging_state(session, CaptureKind.GENERAL)
    reach = Reach(str(server.data))
    plan = plan_capture(state, CaptureKind.GENERAL, reach, 1, 1 << 20, "left")
    entry = new_capture(plan, "the server", state.identity, "root", datetime.now(UTC))
    CaptureJournal.default().record(replace(entry, pid_started="another process"))
    for statement in plan.setup:
        session.execute(statement)
    session.close()


def test_what_was_left_is_offered_at_the_start(mariadb: ServerUnderTest) -> None:
    before = lab.logging_state(mariadb)
    left_switched_on(mariadb)
    with wizard(mariadb) as terminal:
        terminal.until("Type restore")
        assert lab.is_on(mariadb), "nothing is put back unasked"
        terminal.keys("restore\r")
        is_back(mariadb, before)
        terminal.until("the log was put back")
    with wizard(mariadb) as terminal:
        terminal.until("steps run")
        assert b"Type restore" not in terminal.output
