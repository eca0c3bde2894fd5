"""`open DIR` on a real terminal: the table, a host's case, and the table again."""

import random
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.pty.terminal import LIMIT, Terminal
from tests.pty.test_key_order import HARMLESS
from wizard.case.case_file import save
from wizard.demo.faults import Fault
from wizard.demo.recorded import recorded_case
from wizard.diagnosis.diagnose import diagnose
from wizard.fleet.result import result_of
from wizard.fleet.results import ResultDirectory

pytestmark = pytest.mark.pty


@pytest.fixture
def opened(tmp_path: Path) -> str:
    """The program's lines that open a directory with two hosts."""
    directory = ResultDirectory(tmp_path)
    case = recorded_case(Fault.IDLE)
    path = save(case, directory.case_path("db1"))
    directory.keep(replace(result_of("db1", case, diagnose(case), 1, 1.0), case=path.name))
    directory.keep(replace(result_of("db2", case, diagnose(case), 1, 1.0), case="none.case.json"))
    return f"from wizard.cli import main; raise SystemExit(main(['open', {str(tmp_path)!r}]))"


def test_a_host_s_case_opens_and_the_table_comes_back(opened: str) -> None:
    with Terminal(opened) as terminal:
        terminal.until("2 hosts: 2 with a cause")
        terminal.until("worst first")
        terminal.answers("\r", "saved case, offline")
        terminal.output = b""
        terminal.keys("q")
        terminal.until("2 hosts: 2 with a cause")
        terminal.until("worst first")
        terminal.answers("\x1b[B\r", "cannot be read")
        terminal.keys("q")
        assert terminal.exit_code() == 0


TEXT = "03:02 ERROR SQLSTATE[HY000]: General error: 2006 MySQL server has gone away\rrw q\r"


def told(terminal: Terminal, text: str) -> None:
    """Wait for what it says after the last keys."""
    terminal.until(text)
    terminal.output = b""


def test_a_burst_keeps_its_order_and_a_paste_is_not_obeyed(opened: str, tmp_path: Path) -> None:
    here = tmp_path / "cwd"
    here.mkdir()
    with Terminal(f"import os\nos.chdir({str(here)!r})\n{opened}") as terminal:
        told(terminal, "2 of 2 hosts, worst first")
        terminal.keys("/db9\x7f1\r")
        told(terminal, "1 of 2 hosts")
        terminal.keys("\x1bs")
        told(terminal, "2 of 2 hosts, sorted by host")
        terminal.keys(TEXT)
        told(terminal, "A paste is not obeyed here")
        terminal.keys(f"\x1b[200~{TEXT}\x1b[201~")
        end = time.monotonic() + LIMIT
        while b"0 of 2 hosts" not in terminal.output:
            assert time.monotonic() < end, terminal.output[-2000:]
            terminal.keys("/zz")  # What comes at the heels of a paste belongs to it.
            time.sleep(1.0)
            terminal.read()
            assert terminal.process.poll() is None
        terminal.output = b""
        terminal.keys("\x1b")
        rolls = random.Random(2006)
        for _ in range(25):
            terminal.keys("".join(rolls.choices(HARMLESS, k=rolls.randint(1, 4))))
            terminal.read(0.05)
        terminal.keys("\x1b\x11")
        assert terminal.exit_code() == 0
        assert b"internal error" not in terminal.output
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("keys", ["", "\r"])
def test_a_terminal_that_goes_away_ends_the_table_and_the_case(opened: str, keys: str) -> None:
    with Terminal(opened) as terminal:
        terminal.until("worst first")
        if keys:
            terminal.keys(keys)
            terminal.until("saved case, offline")
        terminal.hang_up()
        terminal.signal(signal.SIGHUP)
        assert terminal.exit_code() == 130
