"""Long statements against real firewalls, proxies and servers: who ended them, and when."""

from pathlib import Path

import pytest

from tests.network.conftest import StartLab
from tests.network.kept_step import KeptStep
from tests.network.lab import NetworkLab

STAGED = 3


def _run(lab: NetworkLab, tmp_path: Path, limit: int = 5, **place: object) -> KeptStep:
    words = ("--statement-limit", str(limit))
    kept = tmp_path / "kept.case"
    return KeptStep(lab, "statement", kept, *words, **place)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("product", "settings", "number"),
    [
        ("mysql", {"max_execution_time": STAGED * 1000}, "max_execution_time (3024)"),
        ("mariadb", {"max_statement_time": STAGED}, "max_statement_time (1969)"),
    ],
)
def test_the_servers_own_limit_is_named_and_accuses_nobody(
    product: str, settings: dict[str, int], number: str, start_lab: StartLab, tmp_path: Path
) -> None:
    ran = _run(start_lab(product, **settings), tmp_path)
    assert ran.run.accused == [], ran.told
    assert list(ran.signals) == ["probe.statement-limited"], ran.told
    ran.saw("probe.statement-limited", STAGED)
    assert number in ran.step.headline


def test_a_proxy_that_cuts_busy_connections_is_found(start_lab: StartLab, tmp_path: Path) -> None:
    lab = start_lab("mysql")
    with lab.haproxy(server_timeout=STAGED) as proxy:
        ran = _run(lab, tmp_path, host=lab.ROUTER, port=proxy.port)
    ran.accuses("proxy-timeout", "probe.busy-closed", STAGED)


def test_a_firewall_that_forgets_a_quiet_flow_loses_the_answer(
    start_lab: StartLab, tmp_path: Path
) -> None:
    lab = start_lab("mariadb")
    with lab.forgetful_firewall(2):
        ran = _run(lab, tmp_path, limit=4)
    ran.accuses("network-idle-drop", "probe.idle-silent", 2)


def test_a_clean_path_accuses_nobody(start_lab: StartLab, tmp_path: Path) -> None:
    lab = start_lab("mariadb")
    ran = _run(lab, tmp_path, limit=2)
    assert ran.run.accused == [], ran.told
    assert ran.step.evidence == ()
    assert ran.step.headline == "statements that run 2 s come back"
    lab.database.wait_until_alone()
    assert lab.database.status("Aborted_clients") == 0
