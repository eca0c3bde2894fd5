"""Every staged fault leaves the trace that it must leave, on both products."""

import pytest

from tests.servers.harness import faults
from tests.servers.harness.server import ServerUnderTest
from wizard.demo.binaries import Flavor

pytestmark = pytest.mark.servers


def failures(lines: tuple[str, ...]) -> list[str]:
    return [line for line in lines if " ERROR " in line]


def test_an_idle_pool_is_cut_by_wait_timeout(server: ServerUnderTest) -> None:
    lines = failures(faults.idle_timeout(server))
    assert len(lines) == 4
    assert all("(2006," in line or "(2013," in line for line in lines)
    assert all("idle for" in line for line in lines)
    assert server.counted("Aborted_clients", 4) == 4
    if server.flavor is Flavor.MYSQL:
        # Sessions that end in the same moment: the summary has no lock and may lose one.
        assert 1 <= server.error_count(4031) <= 4
    else:
        assert server.logged("Got timeout reading communication packets", 4) == 4


def test_large_statements_are_refused(server: ServerUnderTest) -> None:
    lines = failures(faults.packet_too_large(server))
    assert [line.split("upload of ")[1].split()[0] for line in lines] == [
        str(int(faults.MEBIBYTE * factor)) for factor in (2, 3, 1.5)
    ]
    assert server.counted("Aborted_clients", 3) == 3
    if server.flavor is Flavor.MYSQL:
        assert server.error_count(1153) == 3
    else:
        assert server.logged("Got a packet bigger than 'max_allowed_packet'", 3) == 3


def test_killed_connections_are_counted_and_not_explained(server: ServerUnderTest) -> None:
    lines = failures(faults.connection_killed(server))
    assert len(lines) == 4
    assert server.status("Com_kill") == 4
    assert "KILL" not in server.log_text()


def test_a_restart_is_orderly(server: ServerUnderTest) -> None:
    lines = failures(faults.server_restarted(server))
    assert len(lines) >= 4
    log = server.log_text()
    assert log.count("ready for connections") == 2
    assert "got signal" not in log
    orderly = "Normal shutdown" if server.flavor is Flavor.MARIADB else "Received SHUTDOWN"
    assert orderly in log or "Shutdown complete" in log


def test_a_crash_leaves_last_words(server: ServerUnderTest) -> None:
    lines = failures(faults.server_crash(server))
    assert sum("(2013," in line for line in lines) >= 2
    assert sum("(2003," in line for line in lines) >= 2
    log = server.log_text()
    assert "got signal 11" in log
    assert log.count("ready for connections") == 2


def test_sigkill_leaves_none(server: ServerUnderTest) -> None:
    lines = failures(faults.server_killed(server))
    assert len(lines) >= 4
    log = server.log_text()
    assert log.count("ready for connections") == 2
    assert "got signal" not in log
    assert "hutdown" not in log


def test_the_kernel_kills_a_server_that_grows(server: ServerUnderTest) -> None:
    pid = server.pid
    lines = failures(faults.server_oom_killed(server))
    assert len(lines) >= 4
    assert server.pid != pid
    assert "got signal" not in server.log_text()


def test_a_stopped_server_refuses(server: ServerUnderTest) -> None:
    lines = failures(faults.server_unreachable(server))
    assert sum("[Errno 111]" in line for line in lines) >= 4


def test_a_full_server_turns_the_application_away(server: ServerUnderTest) -> None:
    lines = failures(faults.too_many_connections(server))
    assert len(lines) >= 2
    assert all("(1040," in line for line in lines)
    # MySQL's Aborted_connects leaves out who comes while another is refused.
    mysql = server.flavor is Flavor.MYSQL
    refused = "Connection_errors_max_connections" if mysql else "Aborted_connects"
    assert server.counted(refused, len(lines)) == len(lines)


def test_a_wrong_password_is_denied(server: ServerUnderTest) -> None:
    lines = failures(faults.access_denied(server))
    assert len(lines) == 3
    assert all("(1045," in line for line in lines)
    assert server.counted("Aborted_connects", 3) == 3


def test_clients_that_do_not_close_are_counted(server: ServerUnderTest) -> None:
    assert failures(faults.client_not_closing(server)) == []
    assert server.counted("Aborted_clients", 4) == 4


def test_healthy_traffic_leaves_no_trace(server: ServerUnderTest) -> None:
    lines = faults.healthy_traffic(server)
    assert len(lines) == 21
    assert failures(lines) == []
    assert server.status("Aborted_clients") == 0
    assert server.status("Aborted_connects") == 0


def test_health_checks_are_counted_as_failed_connects(server: ServerUnderTest) -> None:
    faults.health_checks(server)
    assert server.counted("Aborted_connects", 5) == 5
    assert server.status("Aborted_clients") == 0


def test_a_crash_can_lie_before_the_window(server: ServerUnderTest) -> None:
    since = faults.crash_before_the_window(server)
    assert server.error_log.stat().st_mtime < since.timestamp()
    assert "got signal 11" in server.log_text()
