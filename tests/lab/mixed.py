"""Two faults at once, and faults among noise."""

import time

from tests.lab.bench import Bench
from tests.lab.clients import application, half_handshake, worker
from tests.lab.scenario import fault
from tests.servers.harness import faults
from wizard.demo.faults import kill_sessions
from wizard.diagnosis.model import Verdict


@fault("packet-too-large", "access-denied")
def packets_and_passwords(place: Bench) -> None:
    """Statements above the limit, and another program with a wrong password."""
    faults.packet_too_large(place.server)
    faults.access_denied(place.server)


@fault(
    "idle-timeout",
    "connection-killed",
    beside=("stale-pooled-connection",),
    least_alone=Verdict.POSSIBLE,
)
def idle_and_killed(place: Bench) -> None:
    """Connections rest too long; later a clean-up job kills others."""
    faults.idle_timeout(place.server)
    place.server.set_global("wait_timeout", 28800)
    with application(place, 3) as shop:
        shop.orders()
        kill_sessions(place.server)
        shop.orders()


@fault("server-restarted", "packet-too-large")
def restart_and_packets(place: Bench) -> None:
    """An orderly restart; later statements above the limit."""
    faults.server_restarted(place.server)
    time.sleep(3.0)
    faults.packet_too_large(place.server)


@fault("server-crash", "idle-timeout", beside=("stale-pooled-connection",))
def crash_and_idle(place: Bench) -> None:
    """A crash; later connections rest too long."""
    faults.server_crash(place.server)
    time.sleep(3.0)
    faults.idle_timeout(place.server)


@fault("idle-timeout", beside=("stale-pooled-connection",))
def idle_among_noise(place: Bench) -> None:
    """Idle connections are closed, among probes, slow statements and one mistyped password."""
    for _ in range(5):
        half_handshake(place)
    with worker(place) as job:
        job.run("report", "SELECT SLEEP(1)")
    faults.access_denied(place.server, 1)
    place.log.path.unlink()
    faults.idle_timeout(place.server)


@fault("packet-too-large")
def packets_among_noise(place: Bench) -> None:
    """Statements above the limit, among probes and a client that leaves without a word."""
    for _ in range(5):
        half_handshake(place)
    faults.leave_without_quit(place.server)
    faults.packet_too_large(place.server)


@fault("connection-killed", alone_mariadb=())
def kills_among_probes(place: Bench) -> None:
    """A clean-up job kills four connections while a load balancer probes the port."""
    for _ in range(10):
        half_handshake(place)
    faults.connection_killed(place.server)


@fault("server-restarted")
def restart_beside_a_crashed_neighbour(place: Bench) -> None:
    """An orderly restart, while another server on the host crashes."""
    place.neighbour().segv()
    faults.server_restarted(place.server)


@fault("server-killed")
def killed_beside_an_oom_kill(place: Bench) -> None:
    """The server dies of SIGKILL; a little before, the kernel killed another server."""
    faults.server_oom_killed(place.neighbour())
    faults.server_killed(place.server)
