"""The totals as Prometheus reads them."""

from datetime import UTC, datetime
from pathlib import Path

from wizard.commands.watch_run import Outlets
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.metrics import MOST_LABELS, Totals, as_text, write_metrics
from wizard.recorder.sample import SessionSeen

AT = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)


def lost(user: str, cause: str | None = "idle-timeout") -> RecorderEvent:
    session = SessionSeen(1, user, "web1", "", "Sleep", 1)
    return RecorderEvent(AT, EventKind.SESSION_ENDED, "", session, cause)


def test_failures_are_counted_by_cause_and_account() -> None:
    totals = Totals()
    for event in (lost("app"), lost("app"), lost('a"b\\', None)):
        totals.add_event(event)
    totals.add_event(RecorderEvent(AT, EventKind.SERVER_DOWN, ""))
    text = as_text(totals)
    assert 'goneaway_failures_total{cause="idle-timeout",account="app@web1"} 2\n' in text
    assert 'goneaway_failures_total{cause="unknown",account="a\\"b\\\\@web1"} 1\n' in text
    assert text.count("goneaway_failures_total{") == 2


def test_the_labels_are_bounded() -> None:
    totals = Totals()
    for number in range(3 * MOST_LABELS):
        totals.add_event(lost(f"u{number}"))
    assert len(totals.failures) <= MOST_LABELS + 1
    assert sum(totals.failures.values()) == 3 * MOST_LABELS


def test_the_file_is_replaced_at_once(tmp_path: Path) -> None:
    path = tmp_path / "goneaway.prom"
    write_metrics(path, Totals())
    write_metrics(path, Totals())
    assert path.read_text().endswith("\n")
    assert [p.name for p in tmp_path.iterdir()] == ["goneaway.prom"]


def test_an_outage_is_in_the_file_while_it_lasts(tmp_path: Path) -> None:
    """No look is made meanwhile."""
    path = tmp_path / "goneaway.prom"
    outlets = Outlets("text", None, path, None)
    outlets.tell(RecorderEvent(AT, EventKind.SERVER_DOWN, "the server is away", began=AT))
    assert "goneaway_outages_total 1" in path.read_text()
    outlets.close()
