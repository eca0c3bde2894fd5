"""The network without a fault: every machine reaches the database, and nothing is lost."""

import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pymysql
import pytest

from tests.network import namespaces
from tests.network.lab import NetworkLab
from tests.network.topology import CLIENT, OPERATOR, ROUTER, SERVER


@pytest.mark.parametrize(
    ("machine", "address"), [("client", CLIENT), ("router", "10.77.2.1"), ("operator", OPERATOR)]
)
def test_the_database_is_reached_from_every_machine(
    lab: NetworkLab, machine: str, address: str
) -> None:
    place: namespaces.Namespace = getattr(lab, machine)
    with place.entered():
        connection = lab.database.client("admin")
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT SUBSTRING_INDEX(USER(), '@', -1), LENGTH(%s)", ("x" * 2_000_000,))
        assert cursor.fetchone() == (address, 2_000_000)
        cursor.execute("SELECT REPEAT('y', 2000000)")
        (row,) = cursor.fetchall()
        assert len(row[0]) == 2_000_000
    assert lab.database.sql("SELECT 1 AS one") == [{"one": 1}]


def test_packets_are_as_large_as_on_a_wire(mariadb_lab: NetworkLab) -> None:
    """Offloads are off at every end, so that a limit on a packet's size means something."""
    for machine in (mariadb_lab.client, mariadb_lab.router, mariadb_lab.server):
        with machine.entered():
            names = [name for _, name in socket.if_nameindex() if name != "lo"]
            for name in names:
                told = namespaces.run("ethtool", "-k", name)
                for feature in ("tcp-segmentation-offload", "generic-receive-offload"):
                    assert f"{feature}: off" in told
    with mariadb_lab.size_limit(1500) as fault, mariadb_lab.client.entered():
        connection = mariadb_lab.database.client()
        with connection, connection.cursor() as cursor:
            assert cursor.execute("SELECT LENGTH(%s)", ("x" * 1_000_000,)) == 1
    assert fault.ended_with == 0


def test_the_calling_thread_comes_back(mariadb_lab: NetworkLab) -> None:
    def network() -> str:
        return str(Path("/proc/thread-self/ns/net").readlink())

    before = network()
    with mariadb_lab.client.entered():
        assert network() != before
        with mariadb_lab.router.entered():
            pass
    assert network() == before


def test_check_finds_nothing_on_a_clean_path(lab: NetworkLab) -> None:
    for machine in ("client", "operator"):
        run = lab.check(machine, host="db.example.test")
        assert run.answer["target"]["reachable"], run.told()
        assert run.accused == [], run.told()
        assert run.exit_code == 0


def test_names_are_found_forward_and_backward(mariadb_lab: NetworkLab) -> None:
    for machine in (mariadb_lab.client, mariadb_lab.server, mariadb_lab.operator):
        assert SERVER in machine.run("getent", "ahostsv4", "db.example.test")
        assert "app.example.test" in machine.run("getent", "hosts", CLIENT)
        with pytest.raises(subprocess.CalledProcessError) as unknown:
            machine.run("getent", "hosts", "nobody.example.test")
        assert unknown.value.returncode == 2
    assert "db.example.test" in mariadb_lab.client.names.asked


def test_the_operator_meets_no_fault_of_the_router(mariadb_lab: NetworkLab) -> None:
    with mariadb_lab.dropped():
        with mariadb_lab.operator.entered(), mariadb_lab.haproxy() as proxy:
            mariadb_lab.database.client("admin").close()
            socket.create_connection((ROUTER, proxy.port), 60).close()
        with mariadb_lab.client.entered(), pytest.raises(pymysql.OperationalError):
            mariadb_lab.database.client(connect_timeout=1)


@pytest.mark.usefixtures("mariadb_lab")
def test_nothing_is_left_of_a_network() -> None:
    with namespaces.namespaces(("first", "second")) as made:
        sleeper = subprocess.Popen([*made["first"].launcher(), "sleep", "600"])
        names = [machine.name for machine in made.values()]
        directory = made["first"].directory
        limit = time.monotonic() + 120
        while str(sleeper.pid) not in namespaces.run("ip", "netns", "pids", names[0]).split():
            assert time.monotonic() < limit
            time.sleep(0.02)
        assert all((Path("/run/netns") / name).exists() for name in names)
    assert sleeper.wait(60) == -9
    assert not any((Path("/run/netns") / name).exists() for name in names)
    assert not directory.exists()


_KILLED = """
import os, signal, subprocess
from tests.network.namespaces import namespaces
with namespaces(("left",)) as made:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    sleeper = subprocess.Popen([*made["left"].launcher(), "sleep", "600"], **quiet)
    print(made["left"].name, sleeper.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.usefixtures("mariadb_lab")
def test_what_a_killed_run_left_is_swept_and_nothing_else() -> None:
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED], capture_output=True, text=True, timeout=120, check=False
    )
    name, pid = killed.stdout.split()
    place, directory = Path("/run/netns") / name, Path(tempfile.gettempdir()) / name[:-5]
    assert killed.returncode == -9
    assert place.exists()
    assert directory.exists()
    with namespaces.namespaces(("mine",)) as made:
        assert not place.exists()
        assert not directory.exists()
        limit = time.monotonic() + 120
        while _runs(int(pid)):
            assert time.monotonic() < limit
            time.sleep(0.02)
        namespaces.sweep()
        assert (Path("/run/netns") / made["mine"].name).exists()


def _runs(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
