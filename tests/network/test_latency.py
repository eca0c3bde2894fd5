"""check --probe latency, on a path that loses packets and with name servers that are slow."""

from collections.abc import Iterator

import pytest

from tests.network.conftest import StartLab
from tests.network.lab import NetworkLab, network_lab
from tests.servers.check_run import CheckRun
from tests.servers.harness.templates import PRODUCTS, Templates


@pytest.fixture(scope="module", params=PRODUCTS)
def named(request: pytest.FixtureRequest, _templates: Templates) -> Iterator[NetworkLab]:
    """The server looks its clients' names up."""
    with network_lab(_templates, str(request.param), {"skip_name_resolve": "OFF"}) as made:
        yield made


def forget_clients(lab: NetworkLab) -> None:
    """Empty the server's cache of names."""
    if lab.database.binary.flavor == "mariadb":
        lab.database.sql("FLUSH LOCAL HOSTS")
    else:
        lab.database.sql("TRUNCATE TABLE performance_schema.host_cache")


def probed(lab: NetworkLab, machine: str = "client", host: str = "") -> CheckRun:
    return lab.check(machine, "--probe", "latency", host=host)


def probed_to_the_end(lab: NetworkLab) -> CheckRun:
    """As `probed`, again where the staged loss ended the wizard's own session before the probe."""
    for _ in range(3):
        run = probed(lab)
        if run.step("latency")["status"] == "done":
            break
        assert set(run.accused) <= {"network-unstable"}, run.told()
    return run


def reason(run: CheckRun, signal: str) -> str:
    """The text of the signal that speaks for the first cause."""
    reasons = run.answer["diagnosis"][0]["for"]
    return next((str(r["text"]) for r in reasons if r["signal"] == signal), "")


def test_a_clean_path_accuses_nobody(named: NetworkLab) -> None:
    run = probed(named, host="db.example.test")
    assert run.accused == [], run.told()
    assert run.exit_code == 0
    (unstable,) = [d for d in run.answer["diagnosis"] if d["cause"] == "network-unstable"]
    assert [r["signal"] for r in unstable["against"]] == ["probe.loss"], run.told()
    assert run.step("latency")["status"] == "done"


def test_a_server_whose_resolver_is_slow_greets_late(named: NetworkLab) -> None:
    with named.server.names.slow(1.2):
        forget_clients(named)
        run = probed(named)
    assert run.first is not None
    assert run.first[0] == "name-resolution", run.told()
    assert run.accused == ["name-resolution"], run.told()
    assert "late" in reason(run, "probe.greeting-late"), run.told()


def test_on_the_servers_machine_the_slow_lookup_is_timed(named: NetworkLab) -> None:
    with named.server.names.slow(1.2):
        forget_clients(named)
        run = probed(named, "server")
    assert run.first == ("name-resolution", "confirmed"), run.told()
    assert "looking up 10.77.2.2 took" in reason(run, "probe.reverse-slow"), run.told()


@pytest.mark.parametrize("percent", [2, 5, 12])
def test_loss_is_found_and_stated_with_its_bounds(named: NetworkLab, percent: int) -> None:
    """The last ones in their network: a login that a loss cut is counted by the server later."""
    with named.loss(percent) as fault:
        run = probed_to_the_end(named)
    assert run.first == ("network-unstable", "confirmed"), run.told()
    assert run.accused == ["network-unstable"], run.told()
    text = reason(run, "probe.loss")
    words = text.split()
    low, high = float(words[words.index("between") + 1]), float(words[words.index("and") + 1])
    assert low < percent * 1.2, text
    assert high > percent * 0.6, text
    assert fault.ended_with > 0


def test_a_server_whose_resolver_is_silent_is_not_taken_for_dead(start_lab: StartLab) -> None:
    """It greets after ten seconds: two questions of 5 s each (resolv.conf(5))."""
    lab = start_lab("mysql", skip_name_resolve="OFF")
    with lab.server.names.silent():
        run = probed(lab)
    assert run.first is not None
    assert run.first[0] == "name-resolution", run.told()
    assert run.accused == ["name-resolution"], run.told()
    assert run.answer["target"]["reachable"], run.told()


def test_loss_on_the_applications_way_is_read_from_its_kernel(mariadb_lab: NetworkLab) -> None:
    """The operator's own way loses nothing."""
    with mariadb_lab.app_host() as host, mariadb_lab.loss(5):
        run = mariadb_lab.check(
            "operator", "--probe", "latency", "--app-ssh", host.place, home=host.home
        )
    assert run.first == ("network-unstable", "confirmed"), run.told()
    (loss,) = [r for r in run.answer["diagnosis"][0]["for"] if r["signal"] == "probe.loss"]
    assert loss["source"].startswith("ss -tin of the probe's connection, from the application")


def test_a_slow_name_server_at_the_client(mariadb_lab: NetworkLab) -> None:
    with mariadb_lab.client.names.slow(1.2):
        run = probed(mariadb_lab, host="db.example.test")
    assert run.first == ("name-resolution", "confirmed"), run.told()
    assert "to resolve" in reason(run, "probe.name-slow"), run.told()


def test_a_failing_name_server_at_the_client(mariadb_lab: NetworkLab) -> None:
    with mariadb_lab.client.names.failing():
        run = probed(mariadb_lab, host="db.example.test")
    assert run.first == ("name-resolution", "confirmed"), run.told()
    assert run.step("latency")["status"] == "done", run.told()
