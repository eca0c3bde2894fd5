"""What an experiment leaves on a server accuses nobody later, nor to a recorder beside it."""

import pytest

from tests.servers.check_run import check
from tests.servers.conftest import StartServer
from tests.servers.harness.server import ServerUnderTest
from tests.servers.watched import recorder
from wizard.demo.binaries import Flavor
from wizard.recorder.event import EventKind

pytestmark = pytest.mark.servers


def test_a_ladder_that_the_server_cut_accuses_nobody_later(
    product: str, start_server: StartServer
) -> None:
    server = start_server(product, wait_timeout=2, **_says_all(product))
    with recorder(server) as seen:
        probed = check(server, "--probe", "idle", "--idle-limit", "4s")
        seen.wait_for(lambda e: e.kind is EventKind.OWN_ACT)
    assert [e.text for e in seen.events if e.kind is EventKind.SESSION_ENDED] == []
    assert probed.accused == [], probed.told()
    assert server.logged(_says_cut(server), 2) >= 2
    again = check(server)
    assert again.accused == [], again.told()
    assert "idle-timeout" not in {d["cause"] for d in again.answer["diagnosis"] if d["for"]}, (
        again.told()
    )


def _says_all(product: str) -> dict[str, object]:
    return {"log_error_verbosity": 3} if product == "mysql" else {}


def _says_cut(server: ServerUnderTest) -> str:
    """What the server logs of a session that it ended for idling."""
    if server.flavor is Flavor.MYSQL:
        # Those that end in the same moment: the summary of errors may lose one, the log none.
        return "because of inactivity"
    return "Got timeout reading communication packets"
