"""The recorder's own account is granted, or denied, a privilege while it watches."""

import pytest

from tests.servers.conftest import StartServer
from tests.servers.watched import recorder
from wizard.recorder.event import EventKind

pytestmark = pytest.mark.servers


def test_what_a_grant_brings_into_sight_is_told_and_what_a_revoke_takes(
    product: str, start_server: StartServer
) -> None:
    """Without PROCESS an account sees its own sessions alone."""
    verbosity = {"log_warnings": 2} if product == "mariadb" else {"log_error_verbosity": 3}
    server = start_server(product, **verbosity)
    with recorder(server, interval=0.1, port=server.port, user="app") as told:
        blind = told.wait_for(lambda e: "what other accounts do is out of sight" in e.text)
        assert blind.kind is EventKind.GAP
        assert "PROCESS" in blind.text
        server.sql("GRANT PROCESS ON *.* TO app@'%'")
        told.wait_for(lambda e: "what other accounts do is in sight again" in e.text)
        victim = server.client("admin")
        number = int(victim.thread_id())  # type: ignore[no-untyped-call]
        told.looks(5)
        server.sql(f"KILL {number}")
        event = told.end_of(number)
        assert event.cause == "connection-killed"
        assert event.session is not None
        assert event.session.user == "admin"
        known = len(told.events)
        server.sql("REVOKE PROCESS ON *.* FROM app@'%'")
        told.wait_for(lambda e: e in told.events[known:] and "is out of sight" in e.text)
        victim._force_close()  # type: ignore[attr-defined]
    ended = [e.session for e in told.events if e.kind is EventKind.SESSION_ENDED]
    assert [s.id for s in ended if s is not None] == [number]
