"""The way to the server is lost after the switch was sent, and before it was seen to be on."""

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.capture.test_capture_plan import plan, state
from wizard.capture.journal import CaptureJournal
from wizard.capture.people import connected_at_start
from wizard.capture.plan import CannotCapture, MayBeOn
from wizard.capture.recording import Recording
from wizard.capture.switch import Switch
from wizard.hosts.protocol import HostError
from wizard.safety.errors import WizardError
from wizard.server.session import ConnectionLost
from wizard.target.model import Target

CUT = HostError("the SSH connection to db1 is lost")


class Session:
    """Its packet never comes to an end, and no look is answered after `lost`."""

    info = SimpleNamespace(is_mariadb=False, connection_id=7)

    def __init__(self, lost: WizardError | None, ends: bool) -> None:
        self._lost, self._end = lost, threading.Event()
        self._ends = ends
        self.file = ""
        self.executed: list[str] = []

    def execute(self, statement: str, *_more: object) -> None:
        self.executed.append(statement)

    def value(self, statement: str, *_more: object) -> int:
        if self._lost is not None and "GET_LOCK" not in statement:
            raise self._lost
        return 1

    def rows(self, *_more: object) -> list[dict[str, object]]:
        return [{"is_on": int(bool(self.file)), "file": self.file}]

    def lose(self) -> None:
        """Nothing is answered any more, and what waits is told so."""
        self._lost, self._ends = CUT, True
        self._end.set()

    def batch(self, *_more: object) -> None:
        if self._ends:
            raise ConnectionLost("server has gone away")
        self._end.wait(60)
        if self._lost is not None:
            raise ConnectionLost("server has gone away")

    def hang_up(self) -> None:
        self._end.set()

    def close(self) -> None:
        self._end.set()


class Connector:
    """Gives out the sessions; the way is cut after the second."""

    def __init__(self, *sessions: Session) -> None:
        self._sessions = list(sessions)

    def with_batches(self) -> "Connector":
        return self

    def connect(self, **_more: Any) -> Session:
        if not self._sessions:
            raise CUT
        return self._sessions.pop(0)


def switch(lost: WizardError | None, ends: bool = False) -> Switch:
    found = Switch(Connector(Session(lost, False), Session(None, ends)))  # type: ignore[arg-type]
    found.lock(30)
    return found


@pytest.mark.parametrize("lost", [CUT, ConnectionLost("server has gone away")])
def test_nobody_says_that_the_log_was_never_on(lost: WizardError) -> None:
    found = switch(lost)
    with pytest.raises(MayBeOn, match=r"puts the log back, within 5 s .* capture restore looks"):
        found.switch_on(plan(state()))
    assert found.is_left
    found.close()


def test_a_holder_alone_that_is_lost_has_the_log_put_back() -> None:
    found = switch(None, ends=True)
    with pytest.raises(CannotCapture, match="put back at once, as a connection was lost") as told:
        found.switch_on(plan(state()))
    assert not isinstance(told.value, MayBeOn)
    assert not found.is_left
    found.close()


def test_a_way_that_is_lost_while_the_log_is_on_is_told_whatever_met_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wizard.capture.switch.SETTLE_SECONDS", 0.0)
    control, holder = Session(None, False), Session(None, False)
    wanted = plan(state())
    control.file = wanted.own_name
    connector: Any = Connector(control, holder)
    recording = Recording(
        wanted, state(), Target("db1"), connector, True, CaptureJournal(tmp_path / "c.jsonl"), None
    )
    recording._switch = Switch(connector)
    recording._switch.lock(30)
    recording._switch.switch_on(wanted)
    for session in (control, holder):
        session.lose()
    assert connected_at_start(recording.session, ()) is None
    with pytest.raises(MayBeOn, match=r"puts the log back, within 5 s .* capture restore looks"):
        recording.close()
    recording.close()
