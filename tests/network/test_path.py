"""The path probe: who answers, who stands between, and how wide the path is."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from tests.network import namespaces
from tests.network.conftest import StartLab
from tests.network.lab import NetworkLab
from tests.servers.check_run import CheckRun


def test_a_clean_path_accuses_nobody(lab: NetworkLab) -> None:
    run = lab.check("client", "--probe", "path", host="db.example.test")
    assert run.accused == [], run.told()
    assert run.step("path")["status"] == "done", run.told()
    assert "probe.proxy" not in _signals(run)


def test_a_proxy_shows_in_the_addresses(lab: NetworkLab) -> None:
    with lab.haproxy() as proxy:
        run = lab.check("client", "--probe", "path", host=lab.ROUTER, port=proxy.port)
    assert run.accused == [], run.told()
    assert "10.77.2.1:" in _signals(run)["probe.proxy"]["text"]


def test_the_proxys_timeouts_are_read_on_its_machine(start_lab: StartLab) -> None:
    lab = start_lab("mariadb")
    with lab.haproxy(client_timeout=600, server_timeout=900) as proxy:
        run = lab.check("router", "--probe", "path", host=lab.ROUTER, port=proxy.port)
    assert run.accused == [], run.told()
    told = _signals(run)
    assert told["probe.proxy"]["text"].startswith("haproxy takes the connections")
    assert "idle for 10 min (timeout client in defaults)" in told["probe.proxy-limit"]["text"]


def test_who_answers_a_port_that_is_no_server(mariadb_lab: NetworkLab) -> None:
    """At once, since each of them is waited for as long as a server's resolver may take."""
    lab = mariadb_lab

    def check(port: int) -> CheckRun:
        return lab.check("client", "--probe", "path", port=port)

    with (
        lab.silent_port() as nobody,
        lab.http_port() as web,
        lab.tls_port() as tls,
        ThreadPoolExecutor(3) as pool,
    ):
        silent, http, encrypted = pool.map(check, (nobody, web, tls))
    assert silent.first == ("server-unreachable", "confirmed"), silent.told()
    assert "says nothing for" in _signals(silent)["probe.silent-port"]["text"]
    for run, speaker in ((http, "an HTTP server"), (encrypted, "a TLS server")):
        assert run.accused == ["wrong-protocol"], run.told()
        assert run.first == ("wrong-protocol", "confirmed"), run.told()
        assert speaker in _signals(run)["probe.foreign-port"]["text"]


def test_where_nothing_listens_the_open_addresses_are_told(mariadb_lab: NetworkLab) -> None:
    port = mariadb_lab.refused_port()
    run = mariadb_lab.check("client", "--probe", "path", port=port)
    assert run.first == ("server-unreachable", "confirmed"), run.told()
    assert run.step("path")["status"] == "done", run.told()


def test_the_applications_way_is_looked_at(start_lab: StartLab) -> None:
    lab = start_lab("mariadb")
    with lab.app_host() as host, lab.haproxy() as proxy:
        run = lab.check(
            *("operator", "--probe", "path", "--app-ssh", host.place),
            host=lab.ROUTER, port=proxy.port, home=host.home,
        )  # fmt: skip
    assert run.accused == [], run.told()
    sources = {
        reason["source"]
        for found in run.answer["diagnosis"]
        for reason in found["for"]
        if reason["signal"] == "probe.proxy"
    }
    assert any("from the application" in source for source in sources), sources


def test_a_narrow_path_that_says_so_is_a_fact(start_lab: StartLab) -> None:
    """A line with an MTU of 1400 at the server: the router reports what is larger."""
    lab = start_lab("mariadb")
    with _narrow(lab, 1400):
        run = lab.check("client", "--probe", "path", "--probe", "packet", "--packet-limit", "1M")
    assert run.accused == [], run.told()
    assert run.step("packet")["status"] == "done"


@contextmanager
def _narrow(lab: NetworkLab, size: int) -> Iterator[None]:
    def set_to(mtu: int) -> None:
        for machine in (lab.router, lab.server):
            namespaces.run("ip", "-n", machine.name, "link", "set", "line2", "mtu", str(mtu))

    set_to(size)
    try:
        yield
    finally:
        set_to(1500)


def _signals(run: CheckRun) -> dict[str, dict[str, Any]]:
    return {r["signal"]: r for found in run.answer["diagnosis"] for r in found["for"]}
