"""The wizard's own session: what cuts connections that idle must not be taken for a lost server."""

import pytest

from tests.servers.harness.server import ServerUnderTest
from tests.servers.test_connection_step import context_for
from tests.servers.test_session_connect import target
from wizard.case.evidence import StepResult, StepStatus
from wizard.investigation import run
from wizard.investigation.run import Event, Investigation, LinkChanged
from wizard.steps.connection import STEP as CONNECTION
from wizard.steps.step import Context, Step

pytestmark = pytest.mark.servers


def after(server: ServerUnderTest, harm: str) -> tuple[Investigation, list[LinkChanged]]:
    """An investigation whose long step saw its session killed, or the server stopped."""
    heard: list[LinkChanged] = []

    def listen(event: Event) -> None:
        if isinstance(event, LinkChanged):
            heard.append(event)

    def run(context: Context) -> StepResult:
        if harm == "stop":
            server.stop()
        else:
            server.sql(f"KILL {context.need_server().info.connection_id}")
        return StepResult("idle", StepStatus.DONE, headline="nobody was cut")

    context = context_for(target(server))
    made = Investigation(
        context.target, context.sources, context.case, context.connector, None, listen=listen
    )
    made.run((CONNECTION, Step("idle", "Idle", "a long one", run)))
    return made, heard


def test_a_session_that_was_cut_meanwhile_is_replaced(
    mariadb: ServerUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "UNUSED_SECONDS", 0.0)
    made, heard = after(mariadb, "kill")
    assert [event.up for event in heard] == [True, True]
    result = made.case.step("idle")
    assert result is not None
    assert result.status is StepStatus.DONE
    assert any("another was opened" in note for note in result.notes)
    assert made.context.need_server().value("SELECT @@SESSION.wait_timeout") == 28800
    made.close()


def test_a_server_that_is_gone_is_told_with_its_reason(
    mariadb: ServerUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "UNUSED_SECONDS", 0.0)
    made, heard = after(mariadb, "stop")
    assert [event.up for event in heard] == [True, False]
    assert heard[-1].text.startswith("the server went away: ")
    assert made.context.server is None
