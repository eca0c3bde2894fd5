"""Which process is the target's, and when nobody can tell."""

from datetime import UTC, datetime

import pytest

from tests.unit.health.fake_host import NOW, TableHost
from wizard.case.evidence import Scalar
from wizard.hosts.protocol import ServerProcess
from wizard.hosts.server_process import argument, could_be, process_for
from wizard.target.model import Target

TCP = Target(host="127.0.0.1", port=3306)
MARIA = ServerProcess(
    11, "mariadbd", ("mariadbd", "--datadir=/srv/a/"), NOW - 1000, listening=(3306,),
    sockets=("/run/mysqld/mysqld.sock",),
)  # fmt: skip
OTHER = ServerProcess(
    22, "mysqld", ("mysqld", "--datadir", "/srv/b"), NOW - 90, listening=(3307,),
    sockets=("/srv/b.sock",),
)  # fmt: skip
BOTH = (MARIA, OTHER)
HIDDEN = (
    ServerProcess(11, "mariadbd", ("mariadbd",), NOW - 1000),
    ServerProcess(22, "mysqld", ("mysqld",), NOW - 90),
)
"""As an ordinary account sees another's processes: no sockets, no ports."""


def iso(ago: float) -> str:
    return datetime.fromtimestamp(NOW - ago, UTC).isoformat()


@pytest.mark.parametrize(
    ("target", "facts", "pid"),
    [
        (TCP, {}, 11),
        (Target(host="127.0.0.1", port=3307), {}, 22),
        (Target(socket="/var/run/mysqld/mysqld.sock"), {}, 11),
        (Target(host="127.0.0.1", port=13306), {"port": 3307}, 22),
        (Target(socket="/elsewhere"), {"datadir": "/srv/b/"}, 22),
        (Target(socket="/elsewhere"), {"started_at": iso(92)}, 22),
    ],
)
def test_one_process_is_tied_to_the_target(
    target: Target, facts: dict[str, Scalar], pid: int
) -> None:
    found = process_for(target, facts, BOTH)
    assert found is not None
    assert found.pid == pid


@pytest.mark.parametrize(
    ("target", "facts"),
    [
        (Target(host="127.0.0.1", port=9), {}),
        (Target(socket="/elsewhere"), {}),
        (Target(host="127.0.0.1", port=9), {"port": 9, "datadir": "/srv/a"}),
    ],
)
def test_nothing_is_guessed(target: Target, facts: dict[str, Scalar]) -> None:
    assert process_for(target, facts, BOTH) is None
    assert process_for(target, facts, ()) is None


def test_a_single_process_is_not_the_target_for_being_alone() -> None:
    assert process_for(Target(host="127.0.0.1", port=9), {}, (OTHER,)) is None


def test_a_forward_to_a_like_server_elsewhere_is_seen_by_its_start() -> None:
    """ssh -L 13306:db2:3306: same port, paths and pid file as the server here."""
    facts: dict[str, Scalar] = {"port": 3306, "datadir": "/srv/a", "started_at": iso(500_000)}
    assert process_for(Target(host="127.0.0.1", port=13306), facts, BOTH) is None


def test_a_forward_is_seen_by_the_servers_host_name() -> None:
    host = TableHost(files={"/proc/sys/kernel/hostname": "laptop\n"})
    facts: dict[str, Scalar] = {"port": 3306, "hostname": "db2.example.org"}
    assert process_for(TCP, facts, BOTH, host) is None
    facts["hostname"] = "LAPTOP.example.org"
    assert process_for(TCP, facts, BOTH, host) is MARIA


def test_pid_file_decides_before_all_else() -> None:
    host = TableHost(files={"/run/m.pid": "22\n"})
    assert process_for(TCP, {"pid_file": "/run/m.pid"}, BOTH, host) is OTHER


def test_pid_file_of_a_container_holds_its_own_number() -> None:
    """Its name is the container's, its pid 1 inside."""
    contained = ServerProcess(4711, "mysqld", ("mysqld",), NOW - 90, root="/proc/4711/root")
    host = TableHost(
        files={
            "/proc/4711/root/var/run/mysqld/mysqld.pid": "1\n",
            "/proc/4711/status": "Name:\tmysqld\nNSpid:\t4711\t1\n",
            "/proc/sys/kernel/hostname": "node7",
        }
    )
    facts: dict[str, Scalar] = {
        "pid_file": "/var/run/mysqld/mysqld.pid", "hostname": "9f86d081884c", "port": 3306,
    }  # fmt: skip
    assert process_for(TCP, facts, (contained, OTHER), host) is contained


def test_stale_pid_file_ties_nothing() -> None:
    host = TableHost(files={"/run/m.pid": "99\n"})
    hidden = Target(socket="/elsewhere")
    assert process_for(hidden, {"pid_file": "/run/m.pid"}, BOTH, host) is None


def test_an_ordinary_account_is_helped_by_the_start_time() -> None:
    found = process_for(TCP, {"port": 3306, "started_at": iso(1003)}, HIDDEN)
    assert found is not None
    assert found.pid == 11


def test_a_mysql_server_is_never_a_mariadbd() -> None:
    assert process_for(TCP, {"flavor": "mysql"}, BOTH) is None
    assert process_for(TCP, {"flavor": "mariadb"}, BOTH) is MARIA


def test_two_that_started_together_are_no_answer() -> None:
    twin = ServerProcess(12, "mariadbd", ("mariadbd",), NOW - 1001)
    assert process_for(TCP, {"port": 3306, "started_at": iso(1003)}, (*HIDDEN, twin)) is None


def test_socket_in_a_tree_is_known_by_both_its_names() -> None:
    inside = ServerProcess(5, "mysqld", ("mysqld",), NOW, root="/srv/tree", sockets=("/tmp/s",))
    assert process_for(Target(socket="/srv/tree/tmp/s"), {}, (inside,)) is inside


def test_could_be() -> None:
    assert could_be(TCP, {}, MARIA)
    assert not could_be(TCP, {}, OTHER)
    assert not could_be(Target(socket="/s"), {}, MARIA)
    starting = ServerProcess(33, "mariadbd")
    assert could_be(TCP, {}, starting)
    assert could_be(Target(socket="/s"), {}, starting)


def test_one_that_will_listen_elsewhere_or_never_could_not_be() -> None:
    assert not could_be(TCP, {}, ServerProcess(3, "mysqld", ("mysqld", "--port=3307")))
    assert could_be(TCP, {}, ServerProcess(3, "mysqld", ("mysqld", "--port=3306")))
    assert not could_be(TCP, {}, ServerProcess(3, "mysqld", ("mysqld", "--initialize-insecure")))


def test_argument_takes_both_spellings() -> None:
    process = ServerProcess(1, "mysqld", ("mysqld", "--log_error=/e", "--pid-file", "/p"))
    assert argument(process, "log-error") == "/e"
    assert argument(process, "pid_file") == "/p"
    assert argument(process, "datadir") is None
