"""The server dies while the operator reads, and everything is looked at again."""

import time
from dataclasses import replace
from datetime import datetime, timedelta

import pymysql
import pytest

from tests.servers.harness.server import ServerUnderTest
from tests.servers.test_connection_step import context_for
from tests.servers.test_session_connect import target
from wizard.case import facts
from wizard.case.evidence import StepStatus
from wizard.diagnosis.down_now import by_urgency, down_now
from wizard.hosts.local.host import LocalHost
from wizard.investigation.lives import OUTLIVED
from wizard.investigation.run import Investigation
from wizard.recorder.beside import beside
from wizard.recorder.live import LiveRecorder
from wizard.server.session import ConnectionLost
from wizard.target.model import Sources

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("end", ["segv", "kill9"])
def test_its_log_is_still_found_and_read(server: ServerUnderTest, end: str) -> None:
    """Also where the server had a root of its own, which its process alone can tell: MySQL's."""
    context = context_for(target(server))
    window = replace(context.case.window, open=True)
    context.case = replace(context.case, window=window)
    made = Investigation(
        context.target, context.sources, context.case, context.connector, LocalHost()
    )
    assert not made.run().accused
    getattr(server, end)()
    accused = {finding.cause for finding in made.run().accused}
    log = made.case.step("error-log")
    assert log is not None
    assert log.status is StepStatus.DONE, log.reason
    assert str(server.error_log) in " ".join(log.notes)
    assert "server-unreachable" in accused
    assert ("server-crash" in accused) == (end == "segv"), accused
    if end == "kill9":
        (death,) = (e for e in log.evidence if e.signal == "log.unclean-end")
        answered = datetime.fromisoformat(str(made.case.fact(facts.ANSWERED_AT)))
        assert death.first is not None
        assert death.first >= answered, "it lived when it answered"
    # By its time of start alone a neighbour that starts just then would be taken for it.
    assert made.case.fact(facts.STARTED_AT) is None
    made.close()


def test_what_failed_before_keeps_its_cause(mariadb: ServerUnderTest) -> None:
    """What was read of the server while it lived is not lost with it, nor is when it last lived."""
    mariadb.sql("SET GLOBAL wait_timeout = 2")
    victim = mariadb.client()
    mariadb.wait_until_ended(int(victim.thread_id()))  # type: ignore[no-untyped-call]
    with pytest.raises(pymysql.OperationalError) as lost:
        victim.query("SELECT 1")
    now = datetime.now().astimezone().isoformat()
    context = context_for(target(mariadb))
    window = replace(context.case.window, open=True)
    context.case = replace(context.case, window=window)
    told = Sources(pasted=f"{now} pymysql.err.OperationalError: {lost.value.args}")
    made = Investigation(context.target, told, context.case, context.connector, LocalHost())
    assert [a.cause for a in made.run().attributions] == ["idle-timeout"]
    time.sleep(3)
    made.hear()
    mariadb.kill9()
    diagnosis = made.run()
    assert "server-unreachable" in {finding.cause for finding in diagnosis.accused}
    assert [a.cause for a in diagnosis.attributions] == ["idle-timeout"]
    settings = made.case.step("settings")
    assert settings is not None
    assert settings.status is StepStatus.DONE
    assert settings.headline.startswith(OUTLIVED)
    mariadb.start()
    back = made.run()
    log = made.case.step("error-log")
    assert log is not None
    (death,) = (e for e in log.evidence if e.signal == "log.unclean-end")
    answered = datetime.fromisoformat(str(made.case.fact(facts.ANSWERED_BEFORE_START)))
    assert death.first is not None
    # The log's stamps count whole seconds, and so does the time of the next start.
    stamp = timedelta(seconds=1)
    assert death.first > answered - stamp, "also of the life before one knows that it lived"
    assert [a.cause for a in back.attributions] == ["idle-timeout"]
    made.close()


def test_what_a_recorder_beside_heard_the_wizard_knows(mariadb: ServerUnderTest) -> None:
    """Else what failed while it watched would be put down to a later death."""
    context = context_for(target(mariadb))
    made = Investigation(
        context.target, context.sources, context.case, context.connector, LocalHost()
    )
    asked = datetime.now().astimezone()
    recorder = LiveRecorder(beside(made.context, lambda: made.case), heard=made.context.heard)
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and (made.context.answered or asked) <= asked:
            time.sleep(0.05)
    finally:
        recorder.close(30)
    assert made.context.answered is not None
    assert made.context.answered > asked
    made.close()


@pytest.mark.parametrize("met_down", [True, False], ids=["looked at while down", "back before"])
def test_a_death_lies_between_the_last_answer_and_the_first_miss(
    mariadb: ServerUnderTest, met_down: bool
) -> None:
    """The log tells only that it was gone before the next start; the wizard knows more."""
    context = context_for(target(mariadb))
    window = replace(context.case.window, open=True)
    context.case = replace(context.case, window=window)
    made = Investigation(
        context.target, context.sources, context.case, context.connector, LocalHost()
    )
    made.run()
    time.sleep(2)
    made.hear()
    mariadb.kill9()
    with pytest.raises(ConnectionLost):
        made.hear()
    made.lose()
    lost = made.context.lost
    assert lost is not None
    time.sleep(3)
    if met_down:
        shown = down_now(made.case, diagnosis := made.run())
        assert shown is not None
        assert by_urgency(diagnosis)[0].cause == "server-unreachable"
        assert "nothing listens" in shown.met
        assert shown.since.startswith("it ended between ")
        time.sleep(2)
    mariadb.start()
    back = made.run()
    assert down_now(made.case, back) is None
    log = made.case.step("error-log")
    assert log is not None
    (death,) = (e for e in log.evidence if e.signal == "log.unclean-end")
    assert "went away between" in death.text, death.text
    assert death.last is not None
    assert abs(death.last - lost) < timedelta(seconds=2)
    made.close()
