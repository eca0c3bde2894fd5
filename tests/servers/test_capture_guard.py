"""The general log goes back to what it was, whoever is killed, on real servers."""

import signal
import subprocess
import sys

import pytest

from tests.servers import capture_lab as lab
from tests.servers.harness.server import ServerUnderTest

pytestmark = pytest.mark.servers

LONG = ("general", "--for", "10m")
"""Far longer than a test waits: what puts the log back is never the capture's own end."""


def begun(server: ServerUnderTest) -> "subprocess.Popen[str]":
    wizard = lab.start(server, *LONG)
    lab.wait_until(lambda: lab.is_on(server) or wizard.poll() is not None)
    assert wizard.poll() is None, wizard.communicate()
    return wizard


def assert_as_it_was(server: ServerUnderTest, before: object) -> None:
    lab.wait_until(lambda: lab.logging_state(server) == before)
    lab.wait_until(lambda: not lab.left_files(server))


def end(wizard: "subprocess.Popen[str]") -> None:
    lab.kill(wizard.pid, signal.SIGKILL)
    wizard.communicate(timeout=60)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_wizard_that_is_ended_by_a_signal(
    server: ServerUnderTest, number: signal.Signals
) -> None:
    before = lab.logging_state(server)
    wizard = begun(server)
    lab.kill(wizard.pid, number)
    assert_as_it_was(server, before)
    wizard.communicate(timeout=60)
    assert wizard.returncode == (-signal.SIGKILL if number is signal.SIGKILL else 130)


@pytest.mark.parametrize("order", ["guard alone", "guard first", "wizard first"])
def test_a_guard_that_is_killed(server: ServerUnderTest, order: str) -> None:
    before = lab.logging_state(server)
    wizard = begun(server)
    guard = lab.guard_of(wizard.pid)
    victims = {
        "guard alone": [guard],
        "guard first": [guard, wizard.pid],
        "wizard first": [wizard.pid, guard],
    }[order]
    for victim in victims:
        lab.kill(victim, signal.SIGKILL)
    assert_as_it_was(server, before)
    if order == "guard alone":
        _out, err = wizard.communicate(timeout=60)
        assert wizard.returncode == 0, err
        assert "the guard was killed" in err
    end(wizard)


def test_a_server_that_is_killed_meanwhile(server: ServerUnderTest) -> None:
    before = lab.logging_state(server)
    wizard = begun(server)
    server.kill()
    server.start()
    assert_as_it_was(server, before)
    end(wizard)


def test_the_session_that_holds_the_switch_is_killed(server: ServerUnderTest) -> None:
    before = lab.logging_state(server)
    wizard = begun(server)
    (row,) = server.sql("SELECT IS_USED_LOCK('goneaway-wizard.capture') AS id")
    server.sql(f"KILL {row['id']}")
    assert_as_it_was(server, before)
    end(wizard)


def test_what_all_were_killed_at_once_is_offered_at_the_next_start(
    server: ServerUnderTest,
) -> None:
    """The wizard, its guard and the session in the server: nothing is left to put it back."""
    before = lab.logging_state(server)
    wizard = lab.start(server, "general", "--for", "2s")
    lab.wait_until(lambda: lab.is_on(server))
    guard = lab.guard_of(wizard.pid)
    lab.kill(guard, signal.SIGSTOP)
    lab.kill(wizard.pid, signal.SIGKILL)
    (row,) = server.sql("SELECT IS_USED_LOCK('goneaway-wizard.capture') AS id")
    server.sql(f"KILL {row['id']}")
    lab.kill(guard, signal.SIGKILL)
    wizard.communicate(timeout=60)
    lab.wait_until(
        lambda: server.sql("SELECT IS_USED_LOCK('goneaway-wizard.capture') AS id")[0]["id"] is None
    )
    assert lab.is_on(server)
    lab.wait_until(
        lambda: "capture restore" in lab.run(server, "general", "--dry-run").stderr, seconds=90
    )
    reminded = subprocess.run(
        [sys.executable, "-m", "wizard.cli", "check", "-S", str(server.socket), "-u", "root"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "goneaway-wizard capture restore" in reminded.stderr
    restored = lab.run(server, "restore")
    assert "the log was put back" in restored.stdout
    assert lab.logging_state(server) == before
    assert "no capture was left" in lab.run(server, "restore").stdout


def test_a_second_capture_is_told_whose_the_first_is(server: ServerUnderTest) -> None:
    wizard = begun(server)
    second = lab.run(server, "general", "--for", "2s")
    assert second.returncode == 1
    assert "another capture is in force" in second.stderr
    assert "root@" in second.stderr
    assert lab.is_on(server)
    end(wizard)
    lab.wait_until(lambda: not lab.is_on(server))


def test_a_log_that_is_on_already_is_not_touched(server: ServerUnderTest) -> None:
    server.sql("SET GLOBAL general_log = 1")
    before = lab.logging_state(server)
    done = lab.run(server, "general", "--for", "2s")
    assert done.returncode == 0, done.stderr
    assert lab.logging_state(server) == before
