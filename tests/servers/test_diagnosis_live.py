"""Each fault staged on a real server, and the first cause that `check` names.

Every fault is judged with the application's log, as the operator should give it, and without,
from the server's side alone.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.servers.check_run import CheckRun, check
from tests.servers.conftest import StartServer
from tests.servers.harness import faults
from tests.servers.harness.server import ServerUnderTest

pytestmark = pytest.mark.servers

Stager = Callable[[ServerUnderTest], object]

SERVER_STAYS_UP: dict[str, Stager] = {
    "idle-timeout": faults.idle_timeout,
    "packet-too-large": faults.packet_too_large,
    "connection-killed": faults.connection_killed,
    "server-restarted": faults.server_restarted,
    "server-crash": faults.server_crash,
    "server-killed": faults.server_killed,
    "too-many-connections": faults.too_many_connections,
    "access-denied": faults.access_denied,
}


@pytest.mark.parametrize("cause", SERVER_STAYS_UP)
def test_the_cause_is_named(server: ServerUnderTest, cause: str) -> None:
    SERVER_STAYS_UP[cause](server)
    alone = check(server)
    assert alone.first is not None
    assert alone.first[0] == cause, alone.told()
    assert alone.first[1] in ("confirmed", "likely"), alone.told()
    assert alone.accused == [cause], alone.told()
    assert alone.exit_code == 1
    told = check(server, app_log=True)
    assert told.first == (cause, "confirmed"), told.told()
    assert told.accused == [cause], told.told()
    failures = told.answer["failures"]
    assert failures["total"] >= 3, told.told()
    assert failures["unexplained"] == 0, told.told()


def test_an_oom_kill_is_told_from_a_kill(server: ServerUnderTest) -> None:
    faults.server_oom_killed(server)
    for run in (check(server), check(server, app_log=True)):
        assert run.first == ("server-oom-killed", "confirmed"), run.told()
        assert "server-killed" not in run.accused, run.told()


def test_a_stopped_server_is_unreachable(server: ServerUnderTest) -> None:
    faults.server_unreachable(server)
    blind = check(server)
    assert blind.first == ("server-unreachable", "confirmed"), blind.told()
    assert blind.answer["target"]["reachable"] is False
    assert blind.exit_code == 3, blind.told()
    told = check(server, "--error-log", str(server.error_log), app_log=True)
    assert told.first == ("server-unreachable", "confirmed"), told.told()
    assert told.exit_code == 1, "the log told that it was shut down"


def test_a_server_that_died_and_stays_down_is_explained_by_its_log(
    server: ServerUnderTest,
) -> None:
    server.segv()
    run = check(server, "--error-log", str(server.error_log))
    assert run.first == ("server-crash", "confirmed"), run.told()
    assert run.exit_code == 1


def test_clients_that_leave_without_a_word(server: ServerUnderTest) -> None:
    faults.client_not_closing(server)
    run = check(server)
    assert run.first == ("client-not-closing", "likely"), run.told()
    assert run.accused == ["client-not-closing"], run.told()


def test_the_wizards_own_refusal_is_the_answer_when_no_slot_is_left(
    server: ServerUnderTest,
) -> None:
    server.set_global("max_connections", 10)
    held = [server.client() for _ in range(10)]
    try:
        run = check(server, user="app")
        assert run.first == ("too-many-connections", "confirmed"), run.told()
        assert run.answer["target"]["reachable"] is True
    finally:
        for connection in held:
            connection.close()


def accuses_nobody(run: CheckRun) -> None:
    assert run.accused == [], run.told()
    assert run.exit_code == 0, run.told()


def test_a_healthy_server_accuses_nobody(server: ServerUnderTest) -> None:
    faults.healthy_traffic(server)
    accuses_nobody(check(server))
    accuses_nobody(check(server, app_log=True))


@pytest.mark.parametrize("flag", ["--error-log", "--general-log", "--slow-log", "--app-log"])
def test_a_log_that_was_named_and_is_none_lets_nobody_say_that_nothing_was_found(
    server: ServerUnderTest, tmp_path: Path, flag: str
) -> None:
    (wrong := tmp_path / "wrong.log").write_text("id,name\n" + "7,shoes\n" * 900)
    faults.healthy_traffic(server)
    run = check(server, flag, str(wrong))
    assert run.accused == [], run.told()
    assert run.exit_code == 2, run.told()
    assert f"{wrong} is not understood as" in run.stderr
    faults.access_denied(server)
    run = check(server, flag, str(wrong), app_log=flag == "--error-log")
    assert run.accused == ["access-denied"], run.told()
    assert run.exit_code == 1, run.told()
    assert f"{wrong} is not understood as" in run.stderr
    server.stop()
    assert check(server, flag, str(wrong)).exit_code == 3


def test_a_short_timeout_that_nobody_runs_into_is_no_cause(
    product: str, start_server: StartServer
) -> None:
    server = start_server(product, wait_timeout=20, max_allowed_packet=524288)
    faults.healthy_traffic(server)
    accuses_nobody(check(server))


def test_a_crash_before_the_window_is_history(server: ServerUnderTest) -> None:
    since = faults.crash_before_the_window(server)
    faults.healthy_traffic(server)
    accuses_nobody(check(server, "--since", since.isoformat()))


def test_a_health_check_is_noise(server: ServerUnderTest) -> None:
    faults.healthy_traffic(server)
    faults.health_checks(server)
    run = check(server)
    accuses_nobody(run)
    noise = next(d for d in run.answer["diagnosis"] if d["cause"] == "health-check-noise")
    assert noise["for"], run.told()


def test_checking_leaves_no_mark_on_the_server(server: ServerUnderTest) -> None:
    """The wizard's own sessions must never be what the next run finds."""
    for _ in range(3):
        accuses_nobody(check(server))
    assert server.status("Aborted_clients") == 0
    assert server.status("Aborted_connects") == 0


def test_two_faults_are_both_named(server: ServerUnderTest) -> None:
    faults.packet_too_large(server)
    faults.access_denied(server)
    run = check(server, app_log=True)
    assert set(run.accused) == {"packet-too-large", "access-denied"}, run.told()


def test_the_window_bounds_what_counts(server: ServerUnderTest) -> None:
    faults.idle_timeout(server)
    later = datetime.now(UTC) + timedelta(seconds=2)
    run = check(server, "--since", "1h", "--until", (later - timedelta(minutes=30)).isoformat())
    assert "idle-timeout" not in run.accused, run.told()


def _five_days_before(day: re.Match[str]) -> str:
    return str(date.fromisoformat(day[0]) - timedelta(days=5))


def test_a_neighbours_oom_kill_is_not_put_down_to_a_server_that_had_been_quiet_for_days(
    product: str, start_server: StartServer
) -> None:
    """Its log was rotated, so that no pid of it is known, and it died of something else."""
    quiet, neighbour = start_server(product), start_server(product)
    faults.server_oom_killed(neighbour)
    quiet.kill9()
    lines = re.sub(r"20\d\d-\d\d-\d\d", _five_days_before, quiet.log_text()).splitlines(True)
    ready = next(n for n, line in enumerate(lines) if "ready for connections" in line)
    quiet.error_log.write_text("".join(lines[ready:]))
    run = check(quiet, "--error-log", str(quiet.error_log))
    assert run.accused == ["server-unreachable"], run.told()
