"""The Recorder pane: a live picture with the newest at the right, held still, and filtered."""

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from screens import messages
from screens.app import WizardApp
from screens.panes.recorder import RecorderPane
from screens.state import State
from screens.text.key_hints import key_hints
from screens.text.recorder import SPAN, event_row, event_text, picture
from screens.text.rows import breadths, shapes
from screens.text.words import cell_cut
from tests.screens.driving import ready, text_of, until
from tests.screens.fake import live
from wizard.case.evidence import StepResult, StepStatus
from wizard.diagnosis.model import Verdict
from wizard.logs.recorded.evidence import table
from wizard.logs.recorded.read import RecordedEvent
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.live import Moment, NextCut, next_cuts
from wizard.recorder.sample import Sample, SessionSeen

NOW = datetime.now().astimezone()
EARLIER = datetime(2026, 3, 1, 15, tzinfo=UTC)
SESSION = SessionSeen(7, "app", "web3", "", "Sleep", 41)


def lost(ago: float, cause: str = "idle-timeout", text: str = "app was cut") -> RecorderEvent:
    at = NOW - timedelta(seconds=ago)
    return RecorderEvent(at, EventKind.SESSION_ENDED, text, SESSION, cause, Verdict.CONFIRMED)


def sample(*sessions: SessionSeen, wait_timeout: int = 100) -> Sample:
    return Sample(NOW, "s", {s.id: s for s in sessions}, {"wait_timeout": wait_timeout})


def test_the_newest_is_at_the_right_and_what_is_older_further_left() -> None:
    lines = picture([lost(1), lost(150), lost(151)], [], [], NOW, 80)
    row = next(line for line in lines if line.startswith("idle-timeout"))
    drawn = row[20:-5]
    assert drawn[-1] == "1"
    assert "2" in drawn[len(drawn) // 2 - 2 : len(drawn) // 2 + 2]
    assert row.endswith("   3")
    assert all(len(line) <= 80 for line in lines)


def test_what_lies_before_the_picture_is_counted_and_not_drawn() -> None:
    old = lost(SPAN.total_seconds() + 60)
    row = next(line for line in picture([old], [], [], NOW, 80) if line.startswith("idle"))
    assert set(row[20:-5]) == {"."}
    assert row.endswith("   1")


def test_what_the_application_says_of_an_end_that_was_seen_is_no_second_loss() -> None:
    said = replace(lost(1), kind=EventKind.APPLICATION_ERROR, text="says: gone away")
    other = replace(said, cause="packet-too-large")
    unknown = replace(said, cause=None)
    lines = picture([lost(2), lost(3), said, said, other, unknown], [], [], NOW, 80)
    rows = {line.split()[0]: line.split()[-1] for line in lines[1:4]}
    assert rows == {"idle-timeout": "2", "packet-too-large": "1", "application-error": "1"}


def test_sessions_and_aborts_are_drawn_and_told() -> None:
    moments = [Moment(NOW - timedelta(seconds=n), 40 + n, n % 2, 1) for n in range(9, -1, -1)]
    lines = picture([], moments, [NextCut(SESSION, 41)], NOW, 80)
    assert any(line.startswith("sessions") and line.endswith("  40") for line in lines)
    assert any(line.startswith("aborted") and line.endswith("   5") for line in lines)
    assert f"{'wait_timeout cuts':<19} in 41 s app@web3 7" in lines


@pytest.mark.parametrize(("count", "whose"), [(1, "session it was"), (3, "sessions these were")])
def test_what_only_the_counter_saw_is_of_nobody_and_not_denied(count: int, whose: str) -> None:
    lines = picture([], [Moment(NOW - timedelta(seconds=2), 4, count, 1)], [], NOW, 80)
    assert lines[1] == f"Aborted_clients rose by {count}: no look saw whose {whose}"
    earlier = picture([], [Moment(NOW, 4, count, 1)], None, NOW - timedelta(seconds=1), 80)
    assert earlier[1] == "no session was lost since the recorder began"


def test_a_picture_of_an_earlier_moment_tells_nothing_later() -> None:
    moments = [Moment(NOW - timedelta(seconds=n), 40 + n, n % 2, 1) for n in range(9, -1, -1)]
    lines = picture([], moments, None, NOW - timedelta(seconds=5), 80)
    assert any(line.startswith("sessions") and line.endswith("  45") for line in lines)
    assert any(line.startswith("aborted") and line.endswith("   3") for line in lines)
    assert not [line for line in lines if "cut" in line]


def test_who_rests_longest_is_cut_next() -> None:
    busy = SessionSeen(1, "app", "web1", "", "Query", 90)
    fresh = SessionSeen(2, "app", "web1", "", "Sleep", 1)
    late = SessionSeen(3, "app", "web1", "", "Sleep", 130)
    found = next_cuts(sample(SESSION, busy, fresh, late), 2)
    assert [(cut.session.id, cut.seconds) for cut in found] == [(3, 0), (7, 59)]
    assert [cut.session.id for cut in next_cuts(sample(SESSION, busy, fresh, late), 2, 3)] == [7, 2]
    assert next_cuts(sample(SESSION, wait_timeout=0), 2) == []


def test_an_event_tells_all_that_is_known_of_it() -> None:
    told = event_text(lost(1))
    assert "idle-timeout (confirmed)" in told
    assert "session: 7, app@web3" in told


@dataclass
class Looking:
    """What the pane reads of a recorder."""

    events: deque[RecorderEvent]
    moments: deque[Moment] = field(default_factory=deque)
    last: Sample | None = field(default_factory=lambda: sample(SESSION))
    trouble: str = ""
    running: bool = True

    def close(self, seconds: float = 0.0) -> None:
        assert seconds >= 0
        self.running = False


def watching(app: WizardApp, *events: RecorderEvent) -> tuple[RecorderPane, Looking]:
    pane = app.frame.query_one(RecorderPane)
    made = Looking(deque(events))
    pane._recorder = made  # type: ignore[assignment]
    pane._draw()
    return pane, made


async def test_it_is_held_still_filtered_opened_and_stopped_with_keys() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        app.frame.post_message(messages.GoTo("recorder"))
        await until(pilot, lambda: "a watches this server" in text_of(app))
        pane, made = watching(app, lost(5), lost(3, "connection-killed", "app was killed"))
        pane.first_focus().focus()
        await until(pilot, lambda: "app was killed" in text_of(app))
        await until(pilot, lambda: "W Recorder    watching" in text_of(app))
        await until(pilot, lambda: "a stop p pause" in text_of(app).splitlines()[-1])
        await pilot.press("f")
        await until(pilot, lambda: "connection-killed alone" in text_of(app))
        assert "app was cut" not in text_of(app)
        await pilot.press("f")
        await until(pilot, lambda: "idle-timeout alone" in text_of(app))
        await pilot.press("f")
        await until(pilot, lambda: "alone" not in text_of(app))
        await pilot.press("p")
        await until(pilot, lambda: "HELD at" in text_of(app))
        assert "wait_timeout cuts" not in text_of(app)
        made.events.append(RecorderEvent(
            datetime.now().astimezone() + timedelta(seconds=1), EventKind.GAP, "it came later"
        ))  # fmt: skip
        made.events.append(replace(lost(4), text="it was told late"))
        pane._draw()
        await until(pilot, lambda: "2 events since" in text_of(app))
        assert "it came later" not in text_of(app)
        assert "it was told late" not in text_of(app)
        held = pane._until
        await pilot.press("left")
        await until(pilot, lambda: pane._until is not None)
        assert held is not None
        assert pane._until is not None
        assert pane._until <= held, "earlier never leads to a later moment"
        await pilot.press("p")
        await until(pilot, lambda: "HELD" not in text_of(app))
        await until(pilot, lambda: "it was told late" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: len(app.screen_stack) > 1)
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        await pilot.press("a")
        await until(pilot, lambda: "Stopped" in text_of(app))
        assert not made.running
        await until(pilot, lambda: "a watch p pause" in text_of(app).splitlines()[-1])
        assert "W Recorder    watching" not in text_of(app)


async def test_what_was_kept_before_is_shown_below_and_that_nothing_was_is_not() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        app.frame.post_message(messages.GoTo("recorder"))
        await until(pilot, lambda: "a watches this server" in text_of(app))
        pane, _ = watching(app, lost(5))
        assert pane.query_one(".result").display
        nothing = StepResult("recorder", StepStatus.SKIPPED, reason="nothing was kept")
        assert pane._state.case is not None
        pane._state = replace(pane._state, case=pane._state.case.with_step(nothing))
        pane._draw()
        assert not pane.query_one(".result").display


async def test_nobody_is_cut_next_while_the_server_is_away() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        app.frame.post_message(messages.GoTo("recorder"))
        await until(pilot, lambda: "a watches this server" in text_of(app))
        now = datetime.now().astimezone()
        pane, made = watching(app, lost(5))
        await until(pilot, lambda: "cuts" in text_of(app))
        made.events.append(RecorderEvent(now, EventKind.SERVER_DOWN, "the server is away"))
        pane._draw()
        await until(pilot, lambda: "cuts" not in text_of(app))
        assert "to be cut" not in text_of(app)
        made.events.append(RecorderEvent(now, EventKind.SERVER_UP, "the server is back"))
        pane._draw()
        await until(pilot, lambda: "cuts" in text_of(app))


async def test_who_is_at_the_newest_event_stays_there_and_a_reader_stays_at_his() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        app.frame.post_message(messages.GoTo("recorder"))
        await until(pilot, lambda: "a watches this server" in text_of(app))
        pane, made = watching(app, lost(9), lost(8, text="second"))
        pane.first_focus().focus()
        await pilot.pause()
        made.events.append(lost(3, text="newest"))
        pane._draw()
        assert "newest" in (pane.evidence() or ("", ""))[1]
        await pilot.press("down")
        made.events.append(lost(1, text="newer still"))
        pane._draw()
        assert "second" in (pane.evidence() or ("", ""))[1]


async def test_hostile_text_is_drawn_as_text() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        app.frame.post_message(messages.GoTo("recorder"))
        await until(pilot, lambda: "a watches this server" in text_of(app))
        watching(app, lost(1, "idle-timeout", "[red]\x1b[2Jwas[/red] ‮cut"))
        await until(pilot, lambda: "[red]" in text_of(app))
        assert "\x1b[2J" not in text_of(app)


def test_a_saved_recording_names_no_key_of_one_that_watches() -> None:
    there = {hint.label for hint in key_hints("recorder", State(recorder="stopped"))}
    saved = {hint.label for hint in key_hints("recorder", State(offline="saved case, offline"))}
    assert there - saved == {"watch", "pause", "kind", "earlier"}


def test_before_anybody_watches_no_key_holds_or_filters() -> None:
    named = {hint.label for hint in key_hints("recorder", State())}
    assert "watch" in named
    assert not named & {"pause", "kind", "earlier", "stop"}


@pytest.mark.parametrize("width", [33, 53, 93, 172])
@pytest.mark.parametrize("verdict", [Verdict.CONFIRMED, Verdict.LIKELY])
def test_an_events_row_says_what_and_whom_before_it_is_cut(width: int, verdict: Verdict) -> None:
    who = SessionSeen(4711, "inventory_rw", "ip-10-20-9-27.eu-west-1.compute.internal", "", "", 9)
    text = f"{who.account} (connection 4711) was killed by root@localhost; it had rested for 9 s"
    cause = "connection-memory-limit"
    event = RecorderEvent(EARLIER, EventKind.SESSION_ENDED, text, who, cause, verdict)
    shown = " ".join(line[:width] for line in event_row(event, width).splitlines())
    assert f"15:00:00 {cause}{'?' * (verdict is Verdict.LIKELY)}" in shown
    assert "invento" in shown
    assert "was killed" in shown


def test_what_a_recorder_kept_is_cut_last_where_it_decides() -> None:
    text = "app_rw@10.20.0.13 (connection 5) was ended after wait_timeout; it had rested for 600 s"
    events = tuple(
        RecordedEvent(
            EARLIER - timedelta(minutes=n), "session-ended", text, "idle-timeout", "likely"
        )
        for n in range(3)
    )
    told = table(events)
    for room in (33, 53):
        (names, rows) = list(shapes(told, told.rows))[-1]
        natural = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
        _, kept = breadths(natural, room)
        cells = [cell_cut(cell, most) for cell, most in zip(rows[-1], kept, strict=True)]
        assert cells[2].startswith("app_rw@1")
        assert cells[1] == "15:00:00"
        assert cells[0].startswith("idle")
        if room > 50:
            assert cells[0] == "idle-timeout, likely"
            assert cells[2].startswith("app_rw@10.20.0")
