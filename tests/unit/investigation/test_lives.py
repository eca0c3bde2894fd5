"""What was read of a server that died, or was started anew, stands for its own time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import Evidence, StepResult, StepStatus
from wizard.investigation.lives import OUTLIVED, from_before, with_earlier_lives

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
STARTED = NOON + timedelta(minutes=30)


def counted(signal: str, minutes: int | None, number: int = 1) -> Evidence:
    at = None if minutes is None else NOON + timedelta(minutes=minutes)
    return Evidence(signal, signal, "events_errors_summary", number, first=at, last=at)


def counters(*evidence: Evidence) -> StepResult:
    return StepResult("counters", StepStatus.DONE, headline="counted", evidence=evidence)


def case(*steps: StepResult, started: datetime = STARTED) -> Case:
    window = Window(NOON, NOON + timedelta(hours=1))
    connection = StepResult(
        "connection", StepStatus.DONE, facts={"started_at": started.isoformat()}
    )
    return Case(NOON, window, TargetFacts("db1"), (connection, *steps), tool_version="0")


def test_what_an_ended_life_had_counted_is_kept_beside_what_the_new_one_counts() -> None:
    before = counters(counted("count.idle-timeout", 10, 3), counted("count.lost-client", 40))
    new = counters(counted("count.lost-client", 41))
    told = with_earlier_lives(case(before), new)
    assert [(e.signal, e.count) for e in told.evidence] == [
        ("count.lost-client", 1),
        ("count.idle-timeout", 3),
    ]
    assert "count.idle-timeout" in told.looked_for
    # Looking again changes nothing.
    again = with_earlier_lives(case(told), new)
    assert again == told


def test_what_has_no_time_or_lies_before_the_window_is_not_kept() -> None:
    before = counters(counted("count.killed", None), counted("count.idle-timeout", -5))
    assert with_earlier_lives(case(before), counters()) == counters()


def test_the_same_life_counts_anew() -> None:
    before = counters(counted("count.idle-timeout", 40))
    assert with_earlier_lives(case(before), counters()) == counters()
    other = replace(before, id="settings")
    assert with_earlier_lives(case(other), replace(counters(), id="settings")).evidence == ()


def test_an_earlier_reading_goes_before_a_step_that_lost_the_server() -> None:
    before = counters(counted("count.idle-timeout", 10))
    kept = from_before(case(before), "counters", "the server went away: reset")
    assert kept is not None
    assert kept.evidence == before.evidence
    assert kept.headline == f"{OUTLIVED}: counted"
    assert kept.notes == ("the server went away: reset",)
    again = from_before(case(kept), "counters")
    assert again is not None
    assert again.headline == kept.headline
    assert from_before(case(), "counters") is None
