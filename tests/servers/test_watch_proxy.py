"""A proxy that has another connection answer the recorder than before, or another server."""

import pytest

from tests.servers.conftest import StartServer
from tests.servers.swapping_proxy import SwappingProxy
from tests.servers.watched import recorder
from wizard.diagnosis.model import Verdict
from wizard.recorder.event import EventKind
from wizard.target.model import SslMode

pytestmark = pytest.mark.servers


def test_a_session_that_a_proxy_moves_is_told_and_follows_the_other_server(
    start_server: StartServer,
) -> None:
    first, second = (start_server("mariadb", log_warnings=2) for _ in range(2))
    second.passwords["admin"] = first.passwords["admin"]
    second.sql("ALTER USER admin IDENTIFIED BY %s", first.passwords["admin"])
    with (
        SwappingProxy(first) as proxy,
        recorder(first, 0.2, proxy.port, tls=SslMode.DISABLED) as told,
    ):
        told.looks(2)
        proxy.move(first)
        shared = told.wait_for(lambda e: e.kind is EventKind.SERVER_CHANGED)
        assert shared.cause is None
        assert "another connection" in shared.text
        proxy.move(first)
        told.looks(3)
        proxy.move(second)
        moved = told.wait_for(lambda e: e.cause == "failover")
        assert (moved.kind, moved.verdict) == (EventKind.SERVER_CHANGED, Verdict.CONFIRMED)
        assert "a proxy has moved it" in moved.text
        told.looks(3)
    changed = [e.text for e in told.events if e.kind is EventKind.SERVER_CHANGED]
    assert len(changed) == 2, changed
    assert [e.text for e in told.events if e.kind is EventKind.SESSION_ENDED] == []
