"""The packet ladder on a real path, whole and broken."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.network.conftest import StartLab
from tests.network.filters import Direction
from tests.network.lab import NetworkLab
from tests.servers.check_run import CheckRun
from wizard.probes.packet.ladder import PRECISION

MIB = 1 << 20


@pytest.fixture(autouse=True)
def _nothing_counted_yet(request: pytest.FixtureRequest) -> None:
    """MySQL counts for each account what an earlier test's probe left."""
    if "lab" in request.fixturenames:
        lab: NetworkLab = request.getfixturevalue("lab")
        if lab.database.binary.flavor == "mysql":
            table = "performance_schema.events_errors_summary_by_account_by_error"
            lab.database.sql(f"TRUNCATE TABLE {table}")


def test_a_black_hole_is_named(lab: NetworkLab) -> None:
    """MySQL's certificate does not pass either: the login itself hangs, with TLS."""
    hidden = lab.database.binary.flavor == "mariadb"
    direction = Direction.TO_SERVER if hidden else Direction.FROM_SERVER
    words = () if hidden else ("--get-server-public-key",)
    with lab.size_limit(1200, direction) as fault:
        run = lab.check("client", "--probe", "packet", *words)
        assert fault.hits() > 0
    assert run.first == ("path-mtu", "confirmed"), run.told()
    assert run.accused == ["path-mtu"], run.told()
    text = run.answer["diagnosis"][0]["for"][0]["text"]
    assert text.startswith("statements of 1000" if hidden else "answers of 1000"), text


def test_a_black_hole_that_stops_every_login_is_named(start_lab: StartLab) -> None:
    """Where no line without TLS is allowed, no ladder can be climbed."""
    lab = start_lab("mysql")
    with lab.size_limit(1200, Direction.FROM_SERVER) as fault:
        run = lab.check("client", "--probe", "packet", "--ssl-mode", "REQUIRED")
        assert fault.hits() > 0
    assert run.first == ("path-mtu", "confirmed"), run.told()
    assert run.accused == ["path-mtu"], run.told()
    assert "the TLS handshake hangs" in run.answer["diagnosis"][0]["for"][0]["text"]


@pytest.mark.parametrize("limit", [300_000, 3 * MIB])
def test_a_limit_on_the_way_is_found_to_the_kib(lab: NetworkLab, limit: int) -> None:
    """Without TLS, whose records this proxy would count along."""
    words = ("--probe", "packet", "--ssl-mode", "DISABLED", "--get-server-public-key")
    with _allowed(lab, 16 * MIB), lab.message_limit(limit) as relay:
        run = lab.check("client", *words, host=lab.ROUTER, port=relay.port)
    assert run.first == ("packet-too-large", "confirmed"), run.told()
    assert run.accused == ["packet-too-large"], run.told()
    assert abs(_measured(run) - limit) <= PRECISION


@pytest.mark.parametrize("limit", [MIB, 20 * MIB])
def test_the_servers_own_limit_accuses_nobody(lab: NetworkLab, limit: int) -> None:
    lab.database.wait_until_alone()  # what got stuck in an earlier test's fault
    with _allowed(lab, limit):
        before = _aborted(lab)
        run = lab.check("client", "--probe", "packet", host="db.example.test")
        lab.database.wait_until_alone()
        assert _aborted(lab) == before
    assert run.accused == [], run.told()
    assert run.step("packet")["status"] == "done", run.told()
    told = f"{limit} bytes ({limit // MIB} MiB)"
    assert _reason(run, "probe.packet-limit")["text"].endswith(told)


def test_loss_alone_is_no_black_hole(lab: NetworkLab) -> None:
    with _allowed(lab, MIB), lab.loss(5) as fault:
        run = lab.check("client", "--probe", "packet")
        assert fault.hits() > 0
    assert run.step("packet")["status"] == "done", run.told()
    assert "path-mtu" not in run.accused, run.told()
    assert "packet-too-large" not in run.accused, run.told()


def test_the_applications_way_is_tried_too(mariadb_lab: NetworkLab) -> None:
    lab = mariadb_lab
    with lab.app_host() as host, lab.size_limit(1200, Direction.TO_SERVER):
        run = lab.check("operator", "--probe", "packet", "--app-ssh", host.place, home=host.home)
    assert run.first == ("path-mtu", "confirmed"), run.told()
    assert "from the application" in run.answer["diagnosis"][0]["for"][0]["source"]


def test_no_packet_is_above_the_bound(mariadb_lab: NetworkLab) -> None:
    lab = mariadb_lab
    with lab.message_limit(100_000) as relay:
        run = lab.check(
            *("client", "--probe", "packet", "--packet-limit", "64K"),
            host=lab.ROUTER, port=relay.port,
        )  # fmt: skip
    assert run.accused == [], run.told()
    assert run.step("packet")["status"] == "done", run.told()


def test_no_log_of_statements_is_filled(mariadb_lab: NetworkLab) -> None:
    lab = mariadb_lab
    log = lab.database.directory / "general.log"
    lab.database.sql(f"SET GLOBAL general_log_file = '{log}'")
    lab.database.sql("SET GLOBAL general_log = ON")
    try:
        run = lab.check("client", "--probe", "packet")
    finally:
        lab.database.sql("SET GLOBAL general_log = OFF")
    assert run.step("packet")["status"] == "done", run.told()
    assert MIB < log.stat().st_size < 3 * MIB


@contextmanager
def _allowed(lab: NetworkLab, limit: int) -> Iterator[None]:
    """The server takes packets of that size for as long."""
    (row,) = lab.database.sql("SELECT @@global.max_allowed_packet AS usual")
    lab.database.sql(f"SET GLOBAL max_allowed_packet = {limit}")
    try:
        yield
    finally:
        lab.database.sql(f"SET GLOBAL max_allowed_packet = {row['usual']}")


def _aborted(lab: NetworkLab) -> object:
    return lab.database.sql("SHOW GLOBAL STATUS LIKE 'Aborted_clients'")[0]["Value"]


def _reason(run: CheckRun, signal: str) -> dict[str, Any]:
    reasons = (reason for found in run.answer["diagnosis"] for reason in found["for"])
    return next(reason for reason in reasons if reason["signal"] == signal)


def _measured(run: CheckRun) -> int:
    return int(_reason(run, "probe.packet-path-limit")["text"].split()[2])
