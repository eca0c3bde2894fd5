"""Why a guard ends a capture."""

from typing import Any, cast

import pytest

from wizard.capture import guard_process
from wizard.capture.growth import Growth
from wizard.capture.guard_process import Words
from wizard.capture.logging_state import CaptureKind
from wizard.capture.plan import TIME_OVER, CapturePlan, Where
from wizard.capture.switch import Switch


class Silent:
    """A wizard that says nothing, and is there."""

    gone = terminated = False

    def next(self, _seconds: float | None) -> None:
        return None


class Kept:
    """A switch whose log is put back by the guard alone."""

    ended = False

    def put_back(self) -> str:
        return "the guard put the log back"

    def clean_up(self) -> None:
        pass


@pytest.mark.parametrize(("seconds", "by_server", "why"), [(0, False, TIME_OVER), (60, True, "")])
def test_a_guard_tells_its_time_from_the_servers_end(
    monkeypatch: pytest.MonkeyPatch, seconds: int, by_server: bool, why: str
) -> None:
    """On a busy machine its clock may come before the wizard's."""
    said: list[dict[str, Any]] = []
    monkeypatch.setattr(guard_process, "say", lambda **told: said.append(told))
    monkeypatch.setattr(guard_process, "_READING_SECONDS", 0.0)
    switch = Kept()
    switch.ended = by_server
    plan = CapturePlan(next(iter(CaptureKind)), Where.FILE, seconds, 1 << 20, (), ())
    growth = Growth(plan, cast(Switch, switch))
    guard_process._watch_over(cast(Words, Silent()), cast(Switch, switch), plan, growth)
    assert [told["why"] for told in said if told["event"] == "off"] == [why]
