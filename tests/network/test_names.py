"""Name servers that are late, silent or failing, for the client's side and for the server's."""

import ipaddress
import subprocess
import time

import pytest

from tests.network.conftest import StartLab
from tests.network.lab import NetworkLab
from tests.network.topology import CLIENT, SERVER
from tests.servers.harness.templates import PRODUCTS

_CLIENT_POINTER = ipaddress.ip_address(CLIENT).reverse_pointer


def _lookup(lab: NetworkLab, *before: str) -> tuple[int, float]:
    """The exit code of a forward lookup on the client, and how long it took."""
    words = (*lab.client.launcher(), *before, "getent", "ahostsv4", "db.example.test")
    began = time.monotonic()
    done = subprocess.run(words, capture_output=True, timeout=60, check=False)
    return done.returncode, time.monotonic() - began


def test_the_clients_name_server_is_late(mariadb_lab: NetworkLab) -> None:
    with mariadb_lab.client.names.slow(1.0):
        code, seconds = _lookup(mariadb_lab)
    assert code == 0
    assert seconds >= 1.0
    assert SERVER in mariadb_lab.operator.run("getent", "ahostsv4", "db.example.test")


def test_the_clients_name_server_is_silent(mariadb_lab: NetworkLab) -> None:
    killed_by_timeout = 124  # timeout(1)
    with mariadb_lab.client.names.silent():
        assert _lookup(mariadb_lab, "timeout", "0.8")[0] == killed_by_timeout
    assert _lookup(mariadb_lab)[0] == 0


def test_the_clients_name_server_fails(mariadb_lab: NetworkLab) -> None:
    with mariadb_lab.client.names.failing():
        assert _lookup(mariadb_lab)[0] == 2
    assert _lookup(mariadb_lab)[0] == 0


@pytest.mark.parametrize("product", PRODUCTS)
def test_the_server_asks_who_its_client_is(start_lab: StartLab, product: str) -> None:
    """Without skip_name_resolve, and with no cache of hosts that would ask once only."""
    lab = start_lab(product, skip_name_resolve="OFF", host_cache_size=0)

    def login() -> tuple[str, float]:
        began = time.monotonic()
        with lab.client.entered():
            connection = lab.database.client()
        seconds = time.monotonic() - began
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT USER()")
            (row,) = cursor.fetchall()
        return str(row[0]), seconds

    assert login()[0] == "app@app.example.test"
    assert _CLIENT_POINTER in lab.server.names.asked
    with lab.server.names.slow(1.0):
        user, seconds = login()
    assert user == "app@app.example.test"
    assert seconds >= 1.0
    with lab.server.names.failing():
        assert login()[0] == f"app@{CLIENT}"
