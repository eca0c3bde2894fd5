"""When a server was started and what its clock shows, where each answer is long on its way."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest

from wizard.server.session import ServerInfo
from wizard.steps import connection_identity
from wizard.steps.connection_identity import identify

AHEAD = timedelta(seconds=60)


class Clock(datetime):
    """Stands still but while an answer is waited for."""

    waited = 0.0

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Clock":
        return cls(2026, 11, 20, 9, 0, tzinfo=tz) + timedelta(seconds=cls.waited)

    @classmethod
    def monotonic(cls) -> float:
        return cls.waited


class Slow:
    """A session that is `late` seconds away; its server is `AHEAD` of us, and 100 s old."""

    info = ServerInfo("mysql", "9.7.4", (9, 7, 4), 7, "root@localhost", "", 100, uptime_read=0.0)

    def __init__(self, late: float) -> None:
        self._late = late

    def value(self, _sql: str) -> str:
        return "NONE"

    def rows(self, sql: str) -> list[dict[str, Any]]:
        Clock.waited += self._late
        there = (Clock.now(UTC) + AHEAD).replace(tzinfo=None)
        Clock.waited += self._late
        return [{"now": there, "ahead": 0}] if "UTC_TIMESTAMP" in sql else []


@pytest.mark.parametrize("late", [0.0, 0.7, 30.0])
def test_neither_the_start_nor_the_clock_is_moved_by_what_the_answers_took(
    monkeypatch: pytest.MonkeyPatch, late: float
) -> None:
    monkeypatch.setattr(Clock, "waited", 0.0)
    monkeypatch.setattr(connection_identity, "datetime", Clock)
    monkeypatch.setattr(connection_identity, "time", Clock)
    began = Clock.now(UTC)
    session: Any = Slow(late)
    seen = identify(session)
    assert seen.ahead == AHEAD.total_seconds()
    assert seen.started == began + AHEAD - timedelta(seconds=100)
