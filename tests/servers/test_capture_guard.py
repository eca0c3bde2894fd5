"""The general log goes back to what it was, whoever is killed, on real servers.

What is the same program for both products is tried on one of them; `make soak` tries all of it on
both, at random moments.
"""

import signal
import subprocess
import sys

import pytest

from tests.servers import capture_lab as lab
from tests.servers.conftest import SharedServers, StartServer

pytestmark = pytest.mark.servers

LONG = ("general", "--for", "10m")
"""Far longer than a test waits: what puts the log back is never the capture's own end."""


@pytest.mark.parametrize(
    ("product", "number"),
    [
        ("mariadb", signal.SIGKILL),
        ("mysql", signal.SIGKILL),
        ("mariadb", signal.SIGTERM),
        ("mysql", signal.SIGHUP),
        ("mariadb", signal.SIGINT),
    ],
)
def test_a_wizard_that_is_ended_by_a_signal(
    product: str, number: signal.Signals, shared_servers: SharedServers
) -> None:
    server = shared_servers(product)
    before = lab.logging_state(server)
    wizard = lab.begun(server, lab.start(server, *LONG))
    lab.kill(wizard.pid, number)
    lab.assert_as_it_was(server, before)
    wizard.communicate(timeout=180)
    assert wizard.returncode == (-signal.SIGKILL if number is signal.SIGKILL else 130)


@pytest.mark.parametrize("product", ["mariadb", "mysql"])
def test_a_guard_that_is_killed(product: str, shared_servers: SharedServers) -> None:
    server = shared_servers(product)
    before = lab.logging_state(server)
    wizard = lab.begun(server, lab.start(server, *LONG))
    lab.kill(lab.guard_of(wizard.pid), signal.SIGKILL)
    lab.assert_as_it_was(server, before)
    _out, err = wizard.communicate(timeout=180)
    assert wizard.returncode == 0, err
    assert "the guard was killed" in err


@pytest.mark.parametrize("flushed", [False, True])
def test_a_wizard_that_is_stopped_bounds_nothing_and_its_guard_does(
    flushed: bool, shared_servers: SharedServers
) -> None:
    """Ctrl-Z in the middle of a capture; the log grows on."""
    server = shared_servers("mariadb")
    before = lab.logging_state(server)
    wizard = lab.begun(server, lab.start(server, *LONG, "--max", "1M"))
    lab.wait_until(lambda: not lab.left_files(server))
    wizard.send_signal(signal.SIGSTOP)
    try:
        if flushed:
            server.sql("FLUSH GENERAL LOGS")
        with server.client() as noisy, noisy.cursor() as cursor:
            for _number in range(8):
                cursor.execute("DO LENGTH('" + "x" * 200_000 + "')")
        lab.wait_until(lambda: not lab.is_on(server))
    finally:
        wizard.send_signal(signal.SIGCONT)
    _out, err = wizard.communicate(timeout=180)
    assert "the log reached its size" in err
    lab.assert_as_it_was(server, before)


@pytest.mark.parametrize(
    ("product", "first"), [("mariadb", "guard"), ("mysql", "guard"), ("mysql", "wizard")]
)
def test_a_guard_and_a_wizard_that_are_killed(
    product: str, first: str, shared_servers: SharedServers
) -> None:
    server = shared_servers(product)
    before = lab.logging_state(server)
    wizard = lab.begun(server, lab.start(server, *LONG))
    victims = {"guard": lab.guard_of(wizard.pid), "wizard": wizard.pid}
    for victim in sorted(victims, key=lambda name: name != first):
        lab.kill(victims[victim], signal.SIGKILL)
    lab.assert_as_it_was(server, before)
    wizard.communicate(timeout=180)


@pytest.mark.parametrize(("product", "how"), [("mariadb", "killed"), ("mysql", "stopped")])
def test_a_server_that_is_restarted_meanwhile(
    product: str, how: str, start_server: StartServer
) -> None:
    server = start_server(product)
    before = lab.logging_state(server)
    wizard = lab.begun(server, lab.start(server, *LONG))
    if how == "killed":
        server.kill()
    else:
        server.stop()
    server.start()
    lab.assert_as_it_was(server, before)
    lab.end(wizard)


@pytest.mark.parametrize("product", ["mariadb", "mysql"])
def test_the_session_that_holds_the_switch_is_killed(
    product: str, shared_servers: SharedServers
) -> None:
    server = shared_servers(product)
    before = lab.logging_state(server)
    wizard = lab.begun(server, lab.start(server, *LONG))
    server.sql(f"KILL {lab.holder_of(server)}")
    lab.assert_as_it_was(server, before)
    lab.end(wizard)


def test_what_all_were_killed_at_once_is_offered_at_the_next_start(
    shared_servers: SharedServers,
) -> None:
    """The wizard, its guard and the session in the server: nothing is left to put it back."""
    server = shared_servers("mariadb")
    before = lab.logging_state(server)
    lab.kill_at_work(
        server,
        lambda span: lab.start(server, "general", "--for", span),
        lambda: server.sql(f"KILL {lab.holder_of(server)}"),
    )
    lab.wait_until(lambda: not lab.is_held(server))
    assert lab.is_on(server)
    lab.wait_until(
        lambda: "capture restore" in lab.run(server, "general", "--dry-run").stderr, seconds=90
    )
    reminded = subprocess.run(
        [sys.executable, "-m", "wizard.cli", "check", *lab.by_socket(server)],
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert "goneaway-wizard capture restore" in reminded.stderr
    restored = lab.run(server, "restore")
    assert "the log was put back" in restored.stdout
    assert lab.logging_state(server) == before
    assert "no capture was left" in lab.run(server, "restore").stdout


def test_a_second_capture_is_told_whose_the_first_is(shared_servers: SharedServers) -> None:
    server = shared_servers("mariadb")
    wizard = lab.begun(server, lab.start(server, *LONG))
    second = lab.run(server, "general", "--for", "2s")
    assert second.returncode == 1
    assert "another capture is in force" in second.stderr
    assert "root@" in second.stderr
    assert lab.is_on(server)
    lab.end(wizard)
    lab.wait_until(lambda: not lab.is_on(server))


def test_a_log_that_is_on_already_is_not_touched(shared_servers: SharedServers) -> None:
    server = shared_servers("mysql")
    server.sql("SET GLOBAL general_log = 1")
    try:
        before = lab.logging_state(server)
        done = lab.run(server, "general", "--for", "2s")
        assert done.returncode == 0, done.stderr
        assert lab.logging_state(server) == before
    finally:
        server.sql("SET GLOBAL general_log = 0")
