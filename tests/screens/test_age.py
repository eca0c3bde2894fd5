"""How old a result is, what a change made old, and what a saved case keeps."""

from dataclasses import replace
from datetime import timedelta

from screens.saved_case import together
from screens.state import State
from screens.text.age import ago, diagnosis_outdated, is_outdated, outdated_line, read_words
from screens.text.fix_path import READ_AGAIN, FixStage, path_line
from screens.text.read_again import read_again, what_was_read
from screens.text.rows import holding, ordered
from screens.text.step_state import step_state
from tests.screens.fake import CASE, NOW, diagnosis, failure, result
from wizard.case.case import Change
from wizard.case.evidence import StepStatus

CHANGED = Change("c1", "raise-wait-timeout", NOW, "wait_timeout 2 -> 60", "verified")


def state(minutes: int) -> State:
    """Settings were read so many minutes after the change."""
    case = replace(CASE.with_step(result("settings")), changes=(CHANGED,))
    return State(case=case, read_at={"settings": NOW + timedelta(minutes=minutes)})


def test_what_was_read_before_a_change_says_so_until_it_is_read_again() -> None:
    old, fresh = state(-3), state(1)
    assert is_outdated(old, "settings")
    assert "F5" in outdated_line(old, "settings")
    assert "old" in step_state("settings", old).word
    assert outdated_line(fresh, "settings") == ""
    assert "old" not in step_state("settings", fresh).word
    undone = replace(fresh, changed_at=NOW + timedelta(minutes=2))
    assert is_outdated(undone, "settings"), "an undo is a change too"
    failed = replace(old, case=replace(old.case, changes=(replace(CHANGED, state="failed"),)))  # type: ignore[type-var]
    assert not is_outdated(failed, "settings")


def test_what_was_read_before_the_server_was_lost_says_so() -> None:
    lost = replace(state(1), losses=(NOW + timedelta(minutes=3),))
    assert is_outdated(lost, "settings")
    assert "lost at 15:03:00" in outdated_line(lost, "settings")
    assert "1 step" in diagnosis_outdated(lost) or "Settings" in diagnosis_outdated(lost)
    assert f"{READ_AGAIN[0]} reads all again" in diagnosis_outdated(lost), "as NEXT says"
    again = replace(lost, read_at={"settings": NOW + timedelta(minutes=4)})
    assert outdated_line(again, "settings") == ""


def test_another_look_says_what_changed_and_when_nothing_did() -> None:
    case = CASE.with_step(result("settings")).with_step(result("health"))
    before = what_was_read(State(case=case), ("settings", "health"))
    slower = replace(result("settings"), seconds=9.0)
    same = what_was_read(State(case=case.with_step(slower)), ("settings", "health"))
    assert read_again(before, same) == "Read again: nothing has changed."
    new = State(case=case.with_step(result("health", "another")), diagnosis=diagnosis())
    told = read_again(before, what_was_read(new, ("settings", "health")))
    assert told == "Read again. Changed: Health, Diagnosis."


def test_the_age_is_told_in_words() -> None:
    assert read_words(state(1), "settings", NOW + timedelta(minutes=4)) == (
        "read 15:01:00 UTC (3 min ago)"
    )
    assert ago(NOW, NOW) == "now"
    assert ago(NOW, NOW + timedelta(days=9)) == "9 days ago"


def test_what_is_pasted_into_a_saved_case_adds_and_deletes_nothing() -> None:
    before = replace(result("symptom"), failures=(failure(3), failure(2)))
    other = replace(result("symptom", "another"), failures=(failure(1, "2013"),))
    both = together(before, other)
    assert [f.text for f in both.failures] == [before.failures[0].text] * 2 + ["2013"]
    assert set(before.evidence) <= set(both.evidence)
    nothing = replace(result("symptom"), status=StepStatus.SKIPPED, reason="nothing in it")
    kept = together(before, nothing)
    assert kept.failures == before.failures
    assert "nothing in it" in kept.notes[-1]
    assert together(None, other) == other


def test_rows_are_filtered_and_ordered_by_number_or_word() -> None:
    rows = (("b", "1,200"), ("a", "9"), ("c", "30 s"))
    assert holding(rows, "B") == (rows[0],)
    assert ordered(rows, 1) == (rows[0], rows[2], rows[1])
    assert ordered(rows, 0) == (rows[1], rows[0], rows[2])
    assert ordered(rows, None) == rows


def test_the_path_of_a_fix_marks_where_one_stands() -> None:
    assert path_line(FixStage.PREVIEW) == "1 look  [2 PREVIEW]  3 apply  4 proof  5 undo"
