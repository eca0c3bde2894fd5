"""What a recorder kept, read for a window, and the causes that it speaks for."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.load import load
from wizard.case.case import Case, TargetFacts, Window
from wizard.diagnosis.diagnose import diagnose
from wizard.diagnosis.model import Verdict
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import NotFound
from wizard.logs.recorded.evidence import SIGNALS, evidence
from wizard.logs.recorded.read import RecordedEvent, parsed, recorded
from wizard.recorder.event import EventKind, RecorderEvent, as_json
from wizard.recorder.recording import Recording
from wizard.recorder.sample import SessionSeen
from wizard.steps.recorder import result_of

AT = datetime(2026, 11, 28, 2, 14, 7, tzinfo=UTC)
WINDOW = Window(AT - timedelta(hours=1), AT + timedelta(hours=1), asked=True)
SESSION = SessionSeen(7, "app", "web3", "", "Sleep", 41)


def lost(cause: str = "idle-timeout", verdict: Verdict = Verdict.CONFIRMED) -> RecorderEvent:
    kind = EventKind.SESSION_ENDED
    return RecorderEvent(AT, kind, f"lost to {cause}", SESSION, cause, verdict)


def written(directory: Path, *events: RecorderEvent) -> str:
    kept = Recording(directory)
    for event in events:
        assert kept.add(event)
    kept.close()
    return str(directory)


def test_an_event_comes_back_as_it_was_written() -> None:
    event = replace(lost(), began=AT - timedelta(seconds=3), count=4)
    told = parsed(as_json(event))
    assert (told.at, told.began, told.count) == (AT, AT - timedelta(seconds=3), 4)
    assert (told.connection_id, told.account, told.seconds) == (7, "app@web3", 41)
    assert (told.cause, told.verdict) == ("idle-timeout", "confirmed")


def test_only_the_windows_events_are_read_and_an_outage_that_reaches_into_it(
    tmp_path: Path,
) -> None:
    before, after = AT - timedelta(hours=2), AT + timedelta(hours=2)
    outage = RecorderEvent(after, EventKind.SERVER_UP, "back", began=AT)
    directory = written(tmp_path, replace(lost(), at=before), lost(), outage)
    found = recorded(LocalHost(), directory, WINDOW)
    assert [e.at for e in found.events] == [AT, after]
    assert found.first == before
    assert len(recorded(LocalHost(), directory, None).events) == 3


def test_lines_that_are_no_events_are_counted_and_harm_nothing(tmp_path: Path) -> None:
    directory = written(tmp_path, lost())
    with (tmp_path / "events.jsonl").open("ab") as stream:
        stream.write(b'nonsense\n[]\n{"at": 1, "event": 2}\n\xff\xfe\n' + b"x" * 200_000 + b"\n")
        stream.write(as_json(lost("connection-killed")).encode() + b"\n{torn")
    found = recorded(LocalHost(), directory, WINDOW)
    assert [e.cause for e in found.events] == ["idle-timeout", "connection-killed"]
    assert found.unread == 5


def test_hostile_text_in_a_recording_is_made_harmless(tmp_path: Path) -> None:
    event = {"at": AT.isoformat(), "event": "gap\x1b[2J", "text": "a\x1b]0;x\x07\u202eb"}
    (tmp_path / "events.jsonl").write_text(json.dumps(event) + "\n")
    (found,) = recorded(LocalHost(), str(tmp_path), None).events
    assert not any(c in found.text + found.kind for c in "\x1b\x07\u202e")


def test_a_directory_without_a_recording_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"events\.jsonl"):
        recorded(LocalHost(), str(tmp_path), None)


def test_every_cause_of_a_signal_is_in_the_knowledge() -> None:
    causes = load().causes
    for cause, signal in SIGNALS.items():
        assert signal in {use.signal for use in causes[cause].supports}


@pytest.mark.parametrize(
    ("cause", "verdict"),
    [
        ("idle-timeout", Verdict.CONFIRMED),
        ("connection-killed", Verdict.CONFIRMED),
        ("packet-too-large", Verdict.CONFIRMED),
        ("shared-connection", Verdict.CONFIRMED),
        ("network-unstable", Verdict.LIKELY),
    ],
)
def test_what_was_seen_as_it_happened_decides(cause: str, verdict: Verdict) -> None:
    found = [parsed(as_json(lost(cause))), parsed(as_json(lost(cause)))]
    step = replace(
        result_of([], WINDOW), evidence=evidence(found, "/r"), looked_for=tuple(SIGNALS.values())
    )
    case = Case(AT, WINDOW, TargetFacts("here", reachable=True), (step,))
    finding = diagnose(case).findings[0]
    assert (finding.cause, finding.verdict) == (cause, verdict)


def test_a_recorder_that_saw_nothing_accuses_nobody(tmp_path: Path) -> None:
    started = RecorderEvent(AT, EventKind.STARTED, "watching")
    step = result_of([recorded(LocalHost(), written(tmp_path, started), WINDOW)], WINDOW)
    diagnosis = diagnose(Case(AT, WINDOW, TargetFacts("here", reachable=True), (step,)))
    assert diagnosis.accused == ()


def test_where_the_session_is_only_likely_its_end_is_nobodys_in_particular() -> None:
    event = parsed(as_json(lost("connection-killed", Verdict.LIKELY)))
    (fact,) = evidence([event], "/r")
    (end,) = fact.occurrences
    assert (end.connection_id, end.account) == (None, None)


def test_the_end_of_what_was_seen_is_said(tmp_path: Path) -> None:
    directory = written(tmp_path, lost())
    found = replace(
        recorded(LocalHost(), directory, WINDOW), looked_until=AT, first=AT - timedelta(minutes=1)
    )
    notes = " ".join(result_of([found], WINDOW).notes)
    assert str(tmp_path) in notes
    assert "nothing was recorded before" in notes
    assert "last looked 60 min" in notes or "last looked 1 h" in notes


def test_an_event_without_a_cause_is_told_and_no_evidence() -> None:
    event = RecordedEvent(AT, "session-ended", "ended without COM_QUIT")
    assert evidence([event], "/r") == ()
