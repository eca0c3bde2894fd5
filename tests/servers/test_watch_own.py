"""What the wizard itself ends or lets end is told by the recorder as that, and accuses nobody."""

from pathlib import Path
from typing import Any

import pytest

from tests.servers.check_run import check
from tests.servers.conftest import StartServer
from tests.servers.fix_engine import command
from tests.servers.watched import recorder
from wizard.recorder.event import EventKind

pytestmark = pytest.mark.servers

_TALKATIVE = {"mariadb": {"log_warnings": 2}, "mysql": {"log_error_verbosity": 3}}


def test_a_session_that_the_operator_has_us_end_is_no_unknown_kill(
    product: str, start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server(product, **_TALKATIVE[product])
    with recorder(server) as told:
        ours, other = (server.client() for _ in range(2))
        numbers = [int(client.thread_id()) for client in (ours, other)]  # type: ignore[no-untyped-call]
        told.looks(3)
        done = command(server, tmp_path, "fix", "free-slots", "--end", str(numbers[0]), "--yes")
        assert done.code == 0, done.out + done.err
        event = told.end_of(numbers[0])
        assert (event.kind, event.cause) == (EventKind.OWN_ACT, None)
        assert "was ended by goneaway-wizard, as its operator told it" in event.text
        told.looks(4)
        server.sql(f"KILL {numbers[1]}")
        assert told.end_of(numbers[1]).cause == "connection-killed"
        _leave(ours, other)


def test_a_ladder_that_the_server_cuts_is_no_idle_application(
    start_server: StartServer,
) -> None:
    server = start_server("mariadb", wait_timeout=2, **_TALKATIVE["mariadb"])
    with recorder(server) as told:
        check(server, "--probe", "idle", "--idle-limit", "4s")
        told.wait_for(lambda e: e.kind is EventKind.OWN_ACT)
        told.looks(4)
    accused = [e.text for e in told.events if e.kind is EventKind.SESSION_ENDED]
    assert accused == []


def _leave(*clients: Any) -> None:
    for client in clients:
        client._force_close()
