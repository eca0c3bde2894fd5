"""What the wizard ends itself is told as that; what others do stays as it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from wizard.case.own_traces import Trace
from wizard.diagnosis.model import Verdict
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.own_act import own_act
from wizard.recorder.sample import SessionSeen

AT = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
SESSION = SessionSeen(7, "app", "web1", "", "Sleep", 40)
KILLED = RecorderEvent(
    AT, EventKind.SESSION_ENDED, "was killed", SESSION, "connection-killed", Verdict.CONFIRMED
)
OURS = Trace("db:3306", "app", AT, AT + timedelta(seconds=20), (7, 9))


def test_a_kill_that_we_were_told_to_do_accuses_nobody() -> None:
    event = own_act(KILLED, lambda: (OURS,))
    assert (event.kind, event.cause, event.verdict) == (EventKind.OWN_ACT, None, None)
    assert event.session == SESSION
    assert "app@web1 (connection 7) was ended by goneaway-wizard" in event.text


def test_a_session_of_our_own_is_of_no_application() -> None:
    timeout = replace(KILLED, cause="idle-timeout")
    assert "tried something with" in own_act(timeout, lambda: (OURS,)).text
    named = replace(timeout, session=replace(SESSION, program="goneaway-wizard"))
    assert own_act(named, tuple).kind is EventKind.OWN_ACT


def test_what_others_do_stays_as_it_is() -> None:
    other = replace(KILLED, session=replace(SESSION, id=8))
    later = replace(KILLED, at=AT + timedelta(hours=1))
    for event in (other, later):
        assert own_act(event, lambda: (OURS,)) == event


def test_the_file_is_read_only_where_a_session_ended() -> None:
    def read() -> tuple[Trace, ...]:
        raise AssertionError("read for nothing")

    up = RecorderEvent(AT, EventKind.SERVER_UP, "back", cause="server-killed")
    assert own_act(up, read) == up
