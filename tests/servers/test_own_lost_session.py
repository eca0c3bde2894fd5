"""Sessions and logins of the wizard's own that the server counts as aborted are nobody else's."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.servers.conftest import StartServer
from tests.servers.harness.faults import leave_without_quit
from tests.servers.harness.server import ServerUnderTest
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.fixtures import StartSshd, client_home, start_sshd
from tests.servers.test_connection_step import context_for
from tests.servers.test_session_connect import target
from wizard.case import facts
from wizard.case.case import Window
from wizard.case.evidence import StepStatus
from wizard.investigation.run import Investigation
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.server.ssh_forward import ThroughSsh
from wizard.steps.connection import STEP as CONNECTION
from wizard.steps.counters import STEP as COUNTERS
from wizard.target.model import Target

__all__ = ["client_home", "start_sshd"]

pytestmark = pytest.mark.servers


def wait_for(happened: Callable[[], bool]) -> None:
    limit = time.monotonic() + 60.0
    while not happened():
        assert time.monotonic() < limit
        time.sleep(0.05)


@pytest.mark.parametrize("cut", [True, False], ids=["the way was cut", "somebody killed it"])
def test_the_wizards_own_lost_session_is_taken_off_the_count(
    product: str,
    start_server: StartServer,
    client_home: ClientHome,
    start_sshd: StartSshd,
    cut: bool,
) -> None:
    server = start_server(product)
    daemon = start_sshd(authorized=(client_home.key(),))
    client_home.knows(daemon)
    host = client_home.host(daemon)
    where = replace(target(server), ssh=host.link.place)
    context = context_for(where)
    context.connector = PyMySqlConnector(where, ThroughSsh(host.link, host))
    context.breakage = host.link.breakage
    made = Investigation(where, context.sources, context.case, context.connector, None)
    made.context.breakage = host.link.breakage
    made.run((CONNECTION, COUNTERS))
    before = server.status("Aborted_clients")
    number = made.context.need_server().info.connection_id
    if cut:
        daemon.cut()
        wait_for(lambda: not host.link.is_up)
    else:
        server.sql(f"KILL {number}")
    made.lose()
    server.counted("Aborted_clients", before + 1)
    server.wait_until_ended(number)
    made.run((CONNECTION, COUNTERS))
    result = made.case.step("counters")
    assert result is not None
    assert made.case.fact(facts.ABORTED_CLIENTS) == before
    assert any("1 of Aborted_clients" in note for note in result.notes), result.notes
    rows = {row[0]: row[1] for row in result.tables[0].rows}
    assert rows["Aborted_clients"] == f"{before} ({before + 1} with the wizard's)"
    accounts = [e.text for e in result.evidence if e.signal == "count.lost-client"]
    assert accounts == [], accounts
    leave_without_quit(server)
    server.counted("Aborted_clients", before + 2)
    made.run((CONNECTION, COUNTERS))
    assert made.case.fact(facts.ABORTED_CLIENTS) == before + 1
    made.close()
    host.close()


@pytest.mark.parametrize("met_before", [True, False], ids=["known", "first met held"])
def test_what_the_wizard_gave_up_of_a_held_server_is_taken_off_the_count(
    server: ServerUnderTest, met_before: bool
) -> None:
    where = target(server)
    context = context_for(where)
    now = datetime.now(UTC)
    case = replace(context.case, window=Window(now - timedelta(hours=1), now, open=True))
    made = Investigation(where, context.sources, case, context.connector, None)
    given_up = 0
    if met_before:
        made.run((CONNECTION, COUNTERS))
        given_up = made.context.need_server().info.connection_id
    os.kill(server.pid, signal.SIGSTOP)
    try:
        if met_before:
            made.run((COUNTERS,))
            assert made.context.server is None
        made.run((CONNECTION,))
        assert made.context.server is None
    finally:
        os.kill(server.pid, signal.SIGCONT)
    logins = server.counted("Aborted_connects", 1)
    assert logins >= 1
    if met_before:
        server.counted("Aborted_clients", 1)
        server.wait_until_ended(given_up)
    made.run((CONNECTION, COUNTERS))
    result = made.case.step("counters")
    assert result is not None
    assert result.evidence == (), result.evidence
    assert made.case.fact(facts.ABORTED_CLIENTS) == 0
    assert result.facts["aborted_connects"] == 0
    assert result.headline == "no session ended badly, and no login failed"
    assert any(f"{logins} of Aborted_connects" in note for note in result.notes), result.notes
    leave_without_quit(server)
    server.counted("Aborted_clients", 1 + met_before)
    made.run((CONNECTION, COUNTERS))
    assert made.case.fact(facts.ABORTED_CLIENTS) == 1
    made.close()


def test_a_way_that_is_cut_in_the_login_tells_nothing_of_the_server(
    client_home: ClientHome, start_sshd: StartSshd
) -> None:
    daemon = start_sshd(authorized=(client_home.key(),))
    client_home.knows(daemon)
    host = client_home.host(daemon)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def cut() -> None:
            held, _ = listener.accept()
            daemon.cut()
            held.close()

        threading.Thread(target=cut, daemon=True).start()
        port = listener.getsockname()[1]
        where = Target(host="127.0.0.1", port=port, user="app", ssh=host.link.place)
        context = context_for(where)
        context.connector = PyMySqlConnector(where, ThroughSsh(host.link, host))
        context.breakage = host.link.breakage
        told = CONNECTION.run(context)
    assert told.status is StepStatus.FAILED
    assert told.reason == f"the SSH connection to {host.link.place.label} is lost"
    assert told.evidence == ()
    host.close()
