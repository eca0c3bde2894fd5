"""What Pilot cannot see: real keys, signals, the exit, the terminal's state, the first paint."""

import signal

import pytest

from screens.places import PLACES, STEP_IDS
from tests.pty.terminal import Terminal

pytestmark = pytest.mark.pty

START = """
from tests.screens.fake import *
from screens.run import run_wizard
from screens.opening import Saved
"""
SAVED = START + "raise SystemExit(run_wizard(Saved(CASE.with_step(result('error-log')), 'old')))"
LIVE = START + "raise SystemExit(run_wizard(live()))"
STUCK = START + (
    "import time\nraise SystemExit(run_wizard(live(act=lambda fake, step: time.sleep(600))))"
)
ALL_RUN = f"{len(STEP_IDS)} steps run"
BEFORE = PLACES[[place.id for place in PLACES].index("diagnosis") - 2].id
"""The place from which two steps lead to the diagnosis."""
LEAVES_ALTERNATE_SCREEN = b"\x1b[?1049l"


def test_a_saved_case_opens_and_q_leaves() -> None:
    with Terminal(SAVED) as terminal:
        terminal.until("saved case, offline")
        terminal.until("1 step run")
        terminal.keys("q")
        assert terminal.exit_code() == 0
        assert LEAVES_ALTERNATE_SCREEN in terminal.output


def test_leaving_does_not_wait_for_work_that_hangs() -> None:
    with Terminal(STUCK) as terminal:
        terminal.until("Running: ")
        terminal.keys("q")
        assert terminal.exit_code() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_restores_the_terminal(number: signal.Signals) -> None:
    with Terminal(LIVE) as terminal:
        terminal.until(ALL_RUN)
        terminal.signal(number)
        assert terminal.exit_code() == 130
        assert LEAVES_ALTERNATE_SCREEN in terminal.output


def test_a_terminal_that_goes_away_ends_the_wizard() -> None:
    with Terminal(LIVE) as terminal:
        terminal.until(ALL_RUN)
        terminal.hang_up()
        terminal.signal(signal.SIGHUP)
        terminal.exit_code()


def test_real_keys_reach_their_places() -> None:
    with Terminal(LIVE) as terminal:
        terminal.until(ALL_RUN)
        for keys, shown in (
            ("8", "not explained"),
            ("\x1b[1;3D\x1b[1;3D", f"headline of {BEFORE}"),
            ("\x1bOP", "Esc close"),
        ):
            terminal.answers(keys, shown)
        terminal.answers("\x1b", f"headline of {BEFORE}")
        terminal.keys("q")
        assert terminal.exit_code() == 0


@pytest.mark.parametrize("name", ["NO_COLOR=1", "TERM=screen", "TERM=linux"])
def test_words_are_enough(name: str) -> None:
    variable, _, value = name.partition("=")
    with Terminal(LIVE, {variable: value}) as terminal:
        terminal.until("CONFIRMED")
        terminal.until(ALL_RUN)
        terminal.keys("q")
        assert terminal.exit_code() == 0


def test_a_crash_prints_no_values() -> None:
    code = START + (
        "import screens.frame as f\n"
        "def show(self):\n"
        "    password = 'hunter2-secret'\n"
        "    raise RuntimeError('login ' + password)\n"
        "f.Frame.show_status = show\n"
        "raise SystemExit(run_wizard(live()))"
    )
    with Terminal(code) as terminal:
        assert terminal.exit_code() == 70
        assert b"internal error" in terminal.output
        assert b"hunter2" not in terminal.output
        path = terminal.output.split(b"traceback is in ")[1].split()[0].decode()
    from pathlib import Path

    assert "hunter2" not in Path(path).read_text()
    Path(path).unlink()


def test_all_that_is_known_is_read_without_a_server() -> None:
    with Terminal(SAVED) as terminal:
        terminal.until("1 step run")
        terminal.answers("K", "The server closed an idle")
        for keys, shown in (
            ("/1153", "max_allowed_packet"),
            ("\r", "Esc back"),
            ("\x1b", "Search"),
            ("\x1b", "y\x1b"),
        ):
            terminal.answers(keys, shown)
        terminal.keys("q")
        assert terminal.exit_code() == 0
