"""What each screen says to do next, and what the list at the left warns of."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from screens.places import PLACES
from screens.state import State
from screens.text.next_step import next_lines, next_steps
from screens.text.questions import questions, with_time
from screens.text.step_state import step_state
from screens.text.unusual_first import unusual_first, with_advice
from tests.screens.fake import CASE, diagnosis, result
from wizard.case.evidence import StepResult, StepStatus, Table
from wizard.diagnosis.model import Attribution, Verdict

SEEN = State(case=CASE.with_step(result("error-log")), diagnosis=diagnosis(), up=True)
OPEN = replace(
    SEEN,
    diagnosis=replace(
        diagnosis(),
        findings=(),
        attributions=(Attribution(diagnosis().attributions[0].failure, None, ""),),
        total=1,
        explained=0,
    ),
)
NOW = datetime(2026, 3, 1, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize("state", [State(), SEEN, OPEN, replace(SEEN, up=False)])
@pytest.mark.parametrize("place", [place.id for place in PLACES])
def test_two_different_ways_on_are_said_everywhere(state: State, place: str) -> None:
    first, second = next_steps(state, place)
    assert first.key != second.key
    assert all(len(line) <= 80 for line in next_lines(state, place))


def test_an_accused_cause_leads_to_its_fix_and_a_lost_server_to_f5() -> None:
    assert next_steps(SEEN, "symptom")[0].key == "x"
    assert "idle-timeout" in next_lines(SEEN, "symptom")[0]
    assert next_steps(replace(SEEN, up=False), "symptom")[0].key == "F5"


def test_one_error_on_a_healthy_server_ends_in_questions_and_the_idle_ladder() -> None:
    told = questions(OPEN)
    assert all(word in told for word in ("When did it fail", "rested before", "log"))
    assert {step.key for step in next_steps(OPEN, "diagnosis")} == {"1", "t"}
    assert "idle ladder" in " ".join(next_lines(OPEN, "diagnosis"))
    assert questions(SEEN) == ""


@pytest.mark.parametrize(
    ("text", "when", "wanted"),
    [
        ("2006 gone away", "03:02", "2026-03-01 03:02:00 2006 gone away"),
        ("2006 gone away", "23:10", "2026-02-28 23:10:00 2006 gone away"),
        ("2006 gone away", "2026-02-01 04:00", "2026-02-01 04:00 2006 gone away"),
        ("03:01:00 2006 gone", "03:02", "03:01:00 2006 gone"),
        ("2006 gone away", "last night", "2006 gone away"),
        ("2006 gone away", "31:02", "2006 gone away"),
        ("", "03:02", ""),
    ],
)
def test_the_time_that_was_told_is_put_in_front(text: str, when: str, wanted: str) -> None:
    assert with_time(text, when, NOW) == wanted


def test_the_list_warns_where_the_case_is_proved() -> None:
    assert step_state("error-log", SEEN).word == "! 31"
    assert step_state("diagnosis", SEEN).word == "2 causes"
    assert step_state("network", SEEN).word == "not run"
    changed = Table("S", ("VARIABLE", "VALUE", "DEFAULT", "NOTE"), (("a", "1", "2", "changed"),))
    settings = StepResult("settings", StepStatus.DONE, tables=(changed,))
    counted = Table("C", ("STATUS VARIABLE", "VALUE"), (("Aborted_clients", "136272"),))
    counters = StepResult("counters", StepStatus.DONE, tables=(counted,))
    state = State(case=CASE.with_step(settings).with_step(counters))
    assert step_state("settings", state).word == "1 off"
    assert step_state("counters", state).word == "136 k lost"
    blamed = replace(diagnosis(verdict=Verdict.CONFIRMED))
    state = replace(state, diagnosis=blamed)
    assert step_state("counters", state).word.startswith("! ")


def test_what_is_unusual_comes_first_with_the_advice_of_the_case() -> None:
    rows = (("a", "0", "0", ""), ("wait_timeout", "2", "28800", "changed"))
    table = Table("S", ("VARIABLE", "VALUE", "DEFAULT", "NOTE"), rows)
    shown = with_advice(table, frozenset({"wait_timeout"}))
    assert shown.rows[0][0] == "! wait_timeout"
    assert shown.rows[0][2] == "change: 9"
    assert "28800" in shown.rows[0][4]
    assert shown.rows[1][2] == "leave it"
    counted = unusual_first(Table("C", ("NAME", "VALUE"), (("a", "0"), ("b", "4"))))
    assert counted.rows == (("b", "4"), ("a", "0"))
