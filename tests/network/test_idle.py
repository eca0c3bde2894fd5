"""The idle ladder against real firewalls, proxies and servers: who cut, and after how long.

A ladder that is cut ends sessions without a word, which servers count against their clients: each
test has a server of its own.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from pymysql.err import OperationalError

from tests.network.conftest import StartLab
from tests.network.kept_step import KeptStep
from tests.network.lab import NetworkLab
from tests.servers.harness.templates import PRODUCTS

STAGED = 3
"""Seconds after which what is staged ends a connection."""


def _climb(
    lab: NetworkLab, tmp_path: Path, *more: str, limit: int = 5, **place: object
) -> KeptStep:
    words = ("--idle-limit", str(limit), *more)
    return KeptStep(lab, "idle", tmp_path / "kept.case", *words, **place)  # type: ignore[arg-type]


def test_a_firewall_that_forgets_is_found_and_nobody_else(
    start_lab: StartLab, tmp_path: Path
) -> None:
    lab = start_lab("mysql")
    with lab.forgetful_firewall(STAGED):
        ladder = _climb(lab, tmp_path)
    ladder.accuses("network-idle-drop", "probe.idle-silent", STAGED)
    assert "silence at the next statement" in ladder.step.evidence[0].text
    assert "still listed" in ladder.step.evidence[0].text
    assert any("cannot be told to end" in note for note in ladder.step.notes)
    assert ladder.step.facts["keepalive_below"] == 1


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_firewall_that_answers_with_a_reset_is_one_that_forgets(
    product: str, start_lab: StartLab, tmp_path: Path
) -> None:
    """MySQL has TLS by default, where a reset looks like an end of file."""
    lab = start_lab(product)
    with lab.answering_firewall(STAGED):
        ladder = _climb(lab, tmp_path)
    ladder.accuses("network-idle-drop", "probe.idle-silent", STAGED)
    assert "a RST at the next statement" in ladder.step.evidence[0].text


def test_a_proxy_that_closes_is_told_from_a_server_that_would_close_later(
    start_lab: StartLab, tmp_path: Path
) -> None:
    lab = start_lab("mariadb")
    with lab.haproxy(client_timeout=STAGED) as proxy:
        ladder = _climb(lab, tmp_path, host=lab.ROUTER, port=proxy.port)
    ladder.accuses("proxy-timeout", "probe.idle-closed", STAGED)


@pytest.mark.parametrize(("product", "end"), [("mariadb", "RST"), ("mysql", "error 4031")])
def test_the_servers_own_timeout_accuses_nobody(
    product: str, end: str, start_lab: StartLab, tmp_path: Path
) -> None:
    """A setting that nobody has run into hurts nobody, and nobody between is to blame."""
    ladder = _climb(start_lab(product, wait_timeout=STAGED), tmp_path)
    assert ladder.run.accused == [], ladder.told
    assert ladder.run.exit_code == 0
    assert list(ladder.signals) == ["probe.idle-server"], ladder.told
    ladder.saw("probe.idle-server", STAGED)
    assert ladder.step.facts["idle_cut_by"] == "server"
    assert end in ladder.told


def test_a_firewall_behind_a_short_wait_timeout_is_found_too(
    start_lab: StartLab, tmp_path: Path
) -> None:
    lab = start_lab("mariadb", wait_timeout=1)
    with lab.forgetful_firewall(STAGED):
        ladder = _climb(lab, tmp_path)
    assert ladder.run.first == ("network-idle-drop", "confirmed"), ladder.told
    assert ladder.run.accused == ["network-idle-drop"], ladder.told
    ladder.saw("probe.idle-server", 1)
    ladder.saw("probe.idle-silent", STAGED)


def test_a_job_that_kills_sleepers_is_no_proxy(start_lab: StartLab, tmp_path: Path) -> None:
    lab = start_lab("mysql")
    with _killing_sleepers(lab, 2):
        ladder = _climb(lab, tmp_path)
    assert ladder.run.first == ("connection-killed", "confirmed"), ladder.told
    assert ladder.run.accused == ["connection-killed"], ladder.told
    assert list(ladder.signals) == ["probe.idle-killed"], ladder.told


def test_the_application_hosts_way_is_climbed_beside_ones_own(
    start_lab: StartLab, tmp_path: Path
) -> None:
    """The operator's own way is clean; the application's goes through the firewall."""
    lab = start_lab("mariadb")
    with lab.app_host() as host, lab.forgetful_firewall(STAGED):
        ladder = _climb(lab, tmp_path, "--app-ssh", host.place, machine="operator", home=host.home)
    ladder.accuses("network-idle-drop", "probe.idle-silent", STAGED)
    assert "from the application" in ladder.step.evidence[0].source
    assert "from here: connections survive a pause of 5 s" in ladder.step.headline


def test_a_clean_path_accuses_nobody(lab: NetworkLab, tmp_path: Path) -> None:
    ladder = _climb(lab, tmp_path, limit=2)
    assert ladder.run.accused == [], ladder.told
    assert ladder.step.evidence == ()
    assert "probe.idle-silent" in ladder.step.looked_for
    assert ladder.step.headline == "connections survive a pause of 2 s"
    lab.database.wait_until_alone()
    assert lab.database.status("Aborted_clients") == 0


@contextmanager
def _killing_sleepers(lab: NetworkLab, seconds: int) -> Iterator[None]:
    """As pt-kill does: looks twice a second for sessions that have idled so long."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.5):
            for row in lab.database.sql(
                "SELECT ID FROM information_schema.PROCESSLIST"
                " WHERE COMMAND = 'Sleep' AND TIME >= %s AND USER = 'admin'",
                seconds,
            ):
                with suppress(OperationalError):  # It may have gone by itself.
                    lab.database.sql(f"KILL {row['ID']}")

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
