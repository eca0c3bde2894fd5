"""What each screen says to do next, and what the list at the left warns of."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from screens.opening import NO_SERVER, OFFLINE
from screens.places import PLACES
from screens.state import FixKind, State
from screens.text.age import outdated_line
from screens.text.deciding_probe import next_probe
from screens.text.fix_path import FixStage
from screens.text.key_hints import key_hints
from screens.text.next_step import next_lines, next_steps
from screens.text.questions import form_problem, questions, what_would_decide, with_time
from screens.text.rows import breadths, fitted, shapes, short_moments
from screens.text.setting_advice import advised
from screens.text.step_state import _NOUNS, ROOM, step_state
from screens.text.step_words import STEP_WORDS, brief_why
from screens.text.unusual_first import changed_variables, setting_lines, unusual_first, with_advice
from screens.text.words import suspects_line
from tests.screens.fake import CASE, diagnosis, evidence, failure, result
from wizard.case.case import Change
from wizard.case.evidence import StepResult, StepStatus, Table
from wizard.case.facts import ABORTED_CLIENTS
from wizard.diagnosis.model import Attribution, Finding, Missing, Reason, Verdict

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


def asking(**failure: Any) -> State:
    """One pasted failure that nothing explains, with these parts."""
    (put,) = OPEN.diagnosis.attributions if OPEN.diagnosis else ()
    pasted = replace(put.failure, source="pasted text, line 1")
    other = replace(put, failure=replace(pasted, **failure))
    return replace(OPEN, diagnosis=replace(OPEN.diagnosis or diagnosis(), attributions=(other,)))


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


def test_the_recorder_offers_to_watch_where_nothing_is_accused_and_a_server_is_there() -> None:
    assert next_steps(OPEN, "recorder")[0].key == "a"
    for state in (SEEN, replace(OPEN, offline=OFFLINE)):
        assert "a" not in {step.key for step in next_steps(state, "recorder")}


def test_one_error_on_a_healthy_server_ends_in_questions_and_the_idle_ladder() -> None:
    told = questions(asking(at=None, idle_seconds=None))
    assert all(word in told for word in ("When did it fail", "rested before", "log"))
    asked = asking(at=None)
    assert {step.key for step in next_steps(asked, "diagnosis")} == {"1", "t"}
    assert "idle ladder" in " ".join(next_lines(asked, "diagnosis"))
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
    counted = Table("C", ("STATUS VARIABLE", "VALUE"), (("Aborted_clients", "136273"),))
    told = {ABORTED_CLIENTS.name: 136_272}
    counters = StepResult("counters", StepStatus.DONE, tables=(counted,), facts=told)
    state = State(case=CASE.with_step(settings).with_step(counters))
    assert step_state("settings", state).word == "1 tuned"
    assert step_state("counters", state).word == "136 k"
    blamed = replace(diagnosis(verdict=Verdict.CONFIRMED))
    state = replace(state, diagnosis=blamed)
    assert step_state("counters", state).word == "! 136 k"


@pytest.mark.parametrize("count", [4, 9999, 136_272])
@pytest.mark.parametrize("signal", sorted(_NOUNS))
def test_no_state_is_cut_before_the_word_that_decides(signal: str, count: int) -> None:
    """The list has so much room at every width."""
    fact = replace(evidence("x"), signal=signal, count=count)
    noted = StepResult("health", StepStatus.DONE, evidence=(fact,) * 12)
    told_of = {ABORTED_CLIENTS.name: count}
    lost = StepResult("counters", StepStatus.DONE, facts=told_of)
    blamed = replace(diagnosis(), findings=(_blaming(signal),))
    for told in (None, diagnosis(), blamed):
        state = State(case=CASE.with_step(noted).with_step(lost), diagnosis=told)
        words = [step_state(step, state).word for step in ("health", "counters")]
        assert all(len(word) <= ROOM for word in words), words
        assert words[1].removeprefix("! ").split()[0] in ("4", "9999", "136")
    if signal == "kernel.oom-other":
        assert words[0] == "! other"


def _blaming(signal: str) -> Finding:
    (finding, *_) = diagnosis().findings
    reason = replace(finding.supports[0], signal=signal, step="health")
    return replace(finding, supports=(reason,))


def test_a_state_that_tells_why_nobody_looked_is_no_older_than_a_change() -> None:
    for unread in (
        StepResult("recorder", StepStatus.SKIPPED, reason="no recorder wrote here"),
        StepResult("slow-log", StepStatus.SKIPPED, reason="the slow log is off"),
    ):
        state = State(
            case=CASE.with_step(unread),
            read_at={unread.id: NOW - timedelta(minutes=1)},
            changed_at=NOW,
        )
        assert step_state(unread.id, state).word in ("none", "log off")
        assert outdated_line(state, unread.id) == ""


def test_each_place_says_why_it_matters_in_the_smallest_terminal_too() -> None:
    for place in STEP_WORDS:
        assert len(brief_why(place)) <= 32


def test_facts_that_nobody_is_blamed_for_are_named_in_the_list() -> None:
    killed = [replace(evidence(f"killed {n}"), signal="kernel.oom-kill") for n in range(3)]
    full = replace(evidence("full"), signal="host.disk-full")
    health = StepResult("health", StepStatus.DONE, evidence=(*killed, full))
    assert step_state("health", State(case=CASE.with_step(health))).word == "OOM 3"


def test_nothing_is_denied_before_all_was_looked_at() -> None:
    nothing = replace(OPEN.diagnosis or diagnosis(), attributions=(), total=0)
    early = replace(OPEN, diagnosis=nothing)
    assert step_state("diagnosis", early).word == "looking"
    assert "Looking" in suspects_line(early, 80)
    done = replace(early, settled=True)
    assert step_state("diagnosis", done).word == "no error"
    assert "No suspect" in suspects_line(done, 80)


def test_the_experiment_that_is_offered_is_one_for_the_cause_that_is_accused() -> None:
    other = replace(diagnosis().findings[0], cause="other", verdict=Verdict.POSSIBLE)
    other = replace(other, missing=(Missing("probe.packet", "packet", "the limit", "measure"),))
    accused = replace(diagnosis().findings[1], missing=())
    found = replace(diagnosis(), findings=(accused, other))
    assert next_probe(found) == ""
    assert next_probe(replace(found, findings=(other,))) == "packet"
    assert "packet" not in " ".join(next_lines(replace(SEEN, diagnosis=found), "counters"))


def test_while_an_experiment_runs_the_next_key_is_no_start() -> None:
    first, second = next_steps(replace(SEEN, running="idle"), "network")
    assert (first.key, second.key) == ("Space", "Ctrl+C")


def test_nobody_is_asked_for_a_time_that_is_known() -> None:
    dated = asking(at=NOW)
    assert "the application's log" in next_lines(dated, "counters")[0]
    assert "when it failed" not in next_lines(dated, "counters")[0]
    assert "when it failed" in next_lines(asking(at=None), "counters")[0]


def test_only_what_is_not_known_is_asked() -> None:
    dated = asking(at=NOW, idle_seconds=601.0)
    assert "When did it fail" not in questions(dated)
    assert "rested before" not in questions(dated)
    assert "10 min 1 s" in questions(dated)
    assert "10 min 1 s" in what_would_decide(dated)
    assert "its time" not in what_would_decide(dated)
    assert "when was it" not in next_lines(dated, "symptom")[0]
    assert "where is the log" in next_lines(dated, "symptom")[0]
    in_log = asking(at=NOW, idle_seconds=None, source="/var/log/app.log:7")
    assert "application's log" not in questions(in_log) + what_would_decide(in_log)


def test_without_a_server_its_name_is_asked_and_no_experiment_is_offered() -> None:
    alone = replace(asking(at=None), offline=NO_SERVER, up=None)
    assert "Which server was it" in questions(alone)
    assert "ladder" not in questions(alone) + what_would_decide(alone)
    assert next_steps(alone, "symptom")[0].key == "Enter"
    assert next_steps(alone, "symptom")[1].key == "q"
    assert "ladder" not in questions(replace(asking(at=None), offline=OFFLINE))


def test_moments_lose_what_they_share_before_a_statement_loses_its_middle() -> None:
    rows = (("3", "2026-03-01 15:00:01 UTC", "SELECT 1"), ("1", "2026-03-02 15:00:02 UTC", "DO 0"))
    names, told = short_moments(("calls", "last", "statement"), rows)
    assert names == ("calls", "last UTC", "statement")
    assert [row[1] for row in told] == ["03-01 15:00:01", "03-02 15:00:02"]
    names, told = short_moments(("calls", "last", "statement"), rows[:1])
    assert (names[1], told[0][1]) == ("last 03-01 UTC", "15:00:01")
    mixed = (*rows, ("2", "not known", "DO 1"))
    assert short_moments(("calls", "last", "statement"), mixed)[1] == mixed
    assert rows[0][2] == told[0][2]


def test_a_state_is_named_and_an_event_is_counted() -> None:
    busy = [replace(evidence(str(n)), signal="host.cpu-busy") for n in range(2)]
    health = StepResult("health", StepStatus.DONE, evidence=tuple(busy))
    assert step_state("health", State(case=CASE.with_step(health))).word == "CPU"


def test_a_refused_account_leads_to_another_password() -> None:
    refused = replace(evidence("refused"), signal="state.access-denied")
    step = StepResult("connection", StepStatus.FAILED, evidence=(refused,))
    state = State(case=CASE.with_step(step), diagnosis=diagnosis(), up=False)
    assert "password" in next_lines(state, "connection")[0]


@pytest.mark.parametrize(
    ("text", "when", "wanted"),
    [
        ("2006 gone away", "03:02", ""),
        ("2006 gone away", "", ""),
        ("2006 gone away", "3pm", "is no time"),
        ("2006 gone away", "31:02", "is no time"),
        ("03:01:00 2006 gone", "03:02", "names its own time"),
        ("", "03:02", "there is none"),
    ],
)
def test_a_time_that_is_not_used_is_said(text: str, when: str, wanted: str) -> None:
    told = form_problem(text, when, None)
    assert (wanted in told) if wanted else told == ""


def test_what_of_the_logs_was_not_counted_is_said_at_the_form_and_in_the_list() -> None:
    missing = StepResult("symptom", StepStatus.DONE, reason="18:20: no such file")
    assert form_problem("", "", missing) == "18:20: no such file"
    notes = ("app.log: 3 failures outside the window are not counted", "app.log: no zone")
    old = StepResult("symptom", StepStatus.DONE, notes=notes)
    assert form_problem("", "", old) == notes[0]
    assert step_state("symptom", State(case=CASE.with_step(old))).word == "outside"


def test_after_a_change_the_next_step_is_to_read_again_and_then_no_more() -> None:
    read = {place.id: CASE.created for place in PLACES}
    changed = replace(SEEN, read_at=read, changed_at=CASE.created + timedelta(seconds=1))
    assert next_steps(changed, "diagnosis")[0].key == "F6"
    again = {place: CASE.created + timedelta(seconds=2) for place in read}
    assert next_steps(replace(changed, read_at=again), "diagnosis")[0].key == "x"


def test_on_fix_what_was_read_again_after_the_proof_is_not_called_old() -> None:
    read = {place.id: CASE.created for place in PLACES}
    changed = replace(SEEN, read_at=read, changed_at=CASE.created + timedelta(seconds=1))
    again = {place: CASE.created + timedelta(seconds=2) for place in read}
    for stage, key in ((FixStage.PROOF, "r"), (FixStage.UNDO, "8")):
        state = replace(changed, fix_stage=stage)
        assert next_steps(state, "fix")[0].key == "F6"
        assert next_steps(replace(state, read_at=again), "fix")[0].key == key


def test_what_nothing_takes_back_is_not_offered_to_be_taken_back() -> None:
    read = {place.id: CASE.created for place in PLACES}
    ended = replace(SEEN, read_at=read, changed_at=CASE.created - timedelta(seconds=1),
                    fix_stage=FixStage.PROOF)  # fmt: skip
    for kind, offered in ((FixKind.CHANGE, True), (FixKind.ACTION, False)):
        told = next_steps(replace(ended, fix_kind=kind), "fix")
        assert told[0].key == "r"
        assert (told[1].key == "u") is offered


def test_a_fix_that_is_half_made_or_made_no_difference_is_not_called_made() -> None:
    last = max(p.failure.at or CASE.created for p in diagnosis().attributions)
    for state, proof, said in (
        ("verified", "proven; 2 s", "is made"),
        ("applied", "changed, not proven", "is made"),
        ("applied", "made no difference; fails as before", "made no difference"),
        ("planned", "", "is half made"),
        ("partly-undone", "", "is half made"),
    ):
        change = Change("1", "raise-wait-timeout", last + timedelta(minutes=1), "", state, proof)
        first = next_steps(replace(SEEN, case=replace(CASE, changes=(change,))), "symptom")[0]
        assert said in first.what
        assert (first.key == "r") is (said == "is made")
        assert len(first.line) <= 73
        on_fix = next_steps(replace(SEEN, case=replace(CASE, changes=(change,))), "fix")
        assert (on_fix[0].key == "r") is (said == "is made")
        assert "Enter" in {step.key for step in on_fix}


@pytest.mark.parametrize(
    ("lasting", "started", "skew", "key"),
    [(False, 60, 0, "x"), (False, -60, 0, "r"), (True, 60, 0, "r"), (False, 1, 0, "r"),
     (False, 1860, 1800, "x"), (False, 1740, 1800, "r"), (False, -1740, -1800, "x")],
)  # fmt: skip
def test_a_value_that_a_restart_forgot_mends_nothing(
    lasting: bool, started: int, skew: int, key: str
) -> None:
    """The value in memory alone is gone with the server's restart, and so is the fix.

    A start is told to the second by the server's clock: one that is as old as the change is none
    that came after it."""
    made = max(p.failure.at or CASE.created for p in diagnosis().attributions) + timedelta(hours=1)
    change = Change("1", "raise-wait-timeout", made, "", "verified", lasting=lasting)
    began = (made + timedelta(seconds=started)).isoformat()
    server = replace(result("connection"), facts={"started_at": began, "clock_skew_seconds": skew})
    case = replace(CASE.with_step(server), changes=(change,))
    (first, _) = next_steps(replace(SEEN, case=case), "symptom")
    assert first.key == key, first
    assert ("ended at a restart" in first.what) is (key == "x")
    wanted = advised(diagnosis(), case, ("wait_timeout",))["wait_timeout"].is_wanted
    assert wanted is (key == "x")
    assert step_state("fix", replace(SEEN, case=case)).word.startswith(
        "ended" if key == "x" else "applied"
    )


def test_a_fix_that_is_made_is_not_offered_again_until_it_fails_so_again() -> None:
    made = Change("1", "raise-wait-timeout", CASE.created, "wait_timeout 2 -> 60", "verified")
    last = max(p.failure.at or CASE.created for p in diagnosis().attributions)
    for state, after, key in (
        ("verified", timedelta(minutes=1), "r"),
        ("verified", -timedelta(days=1), "x"),
        ("undone", timedelta(minutes=1), "x"),
    ):
        change = replace(made, state=state, at=last + after)
        told = next_steps(replace(SEEN, case=replace(CASE, changes=(change,))), "symptom")
        assert told[0].key == key
        assert all(len(step.line) <= 73 for step in told)


def test_the_row_of_suspects_says_of_how_many_and_counts_no_share_of_nothing() -> None:
    told = "CONFIRMED idle-timeout 31 of 37 · LIKELY server-restarted 4  s: 2 suspects"
    assert suspects_line(SEEN, 80) == told
    none = replace(SEEN, diagnosis=replace(diagnosis(), total=0))
    told = "CONFIRMED idle-timeout · LIKELY server-restarted  s: 2 suspects"
    assert suspects_line(none, 80) == told


def test_a_saved_case_that_is_not_weighed_yet_asks_for_no_error() -> None:
    for state, read in (
        (State(offline=OFFLINE, case=CASE), True),
        (State(offline=NO_SERVER, case=CASE), False),
        (State(case=CASE), False),
        (State(offline=OFFLINE, case=CASE, diagnosis=diagnosis()), False),
    ):
        assert ("is being read" in suspects_line(state, 80)) is read
        asks = any("paste" in line for line in next_lines(state, "diagnosis"))
        assert asks is (state.diagnosis is None and not read)


def test_what_is_unusual_comes_first_with_the_advice_of_the_case() -> None:
    rows = (("a", "0", "0", ""), ("wait_timeout", "2 s", "8 h (28800 s)", "changed"))
    table = Table("S", ("VARIABLE", "VALUE", "DEFAULT", "NOTE"), rows)
    advice = advised(diagnosis(), CASE, changed_variables(table))
    shown = with_advice(table, advice, 100)
    assert shown.rows[0][0] == "! wait_timeout"
    assert shown.rows[0][3:5] == ("x fixes it", "28800; raise it")
    assert shown.rows[1][3] == "leave it"
    counted = unusual_first(Table("C", ("NAME", "VALUE"), (("a", "0"), ("b", "4"))))
    assert counted.rows == (("b", "4"), ("a", "0"))


def test_what_has_no_room_in_the_settings_is_told_of_the_marked_row() -> None:
    rows = (("wait_timeout", "2 s", "8 h (28800 s)", "", "changed"),)
    table = Table("S", ("VARIABLE", "VALUE", "DEFAULT", "FROM", "NOTE"), rows)
    advice = advised(diagnosis(), CASE, changed_variables(table))
    for width, columns in ((120, 7), (92, 6), (52, 4), (33, 2)):
        shown = with_advice(table, advice, width)
        assert len(shown.columns) == columns
        room = [fitted(shown, row) for row in (shown.columns, *shown.rows)]
        widest = sum(max(len(row[n]) for row in room) + 2 for n in range(columns))
        assert widest <= width
    assert setting_lines(table, "wait_timeout", advice) == (
        "wait_timeout  2 s, default 8 h",
        "article  28800; raise it",
        "here     x fixes it: idle-timeout CONFIRMED, explains 31",
    )


def test_a_setting_is_whole_where_it_has_room() -> None:
    row = ("* innodb_redo_log_capacity", "32 MiB (33554432)", "100 MiB (104857600)", "leave it")
    table = Table("S", ("VARIABLE", "VALUE", "DEFAULT", "THIS CASE"), (row,))
    told = [rows[0] for _, rows in shapes(table, table.rows)]
    assert told[0] == row
    assert told[1] == (row[0], "32 MiB", "100 MiB", "leave it")
    assert told[2] == fitted(table, row)
    assert len(told[2][0]) < len(row[0])


def test_the_names_of_rows_are_the_last_to_be_cut() -> None:
    names = ("idle_readonly_transaction_timeout", "idle_write_transaction_timeout")
    natural = [max(map(len, names)), 20, 20, 20, 6]
    gaps, kept = breadths(natural, 92)
    assert (gaps, kept[0], sum(kept) + 4) == (0, natural[0], 92)
    assert kept[4] == 6
    assert breadths(natural, 60)[1][0] < natural[0]
    assert breadths(natural, 20) == (1, natural)


def test_of_a_causes_settings_the_changed_one_is_blamed_and_a_mended_one_is_left() -> None:
    idle = replace(
        diagnosis().findings[0],
        remedies=("raise-wait-timeout", "raise-interactive-timeout"),
    )
    found = replace(diagnosis(), findings=(idle,))
    alone = advised(found, CASE, ("wait_timeout",))
    assert alone["wait_timeout"].is_wanted
    assert not alone["interactive_timeout"].is_wanted
    assert all(told.is_wanted for told in advised(found, CASE, ()).values())
    change = Change("1", "raise-wait-timeout", CASE.created, "wait_timeout 2 -> 60", "verified")
    mended = advised(found, replace(CASE, changes=(change,)), ("wait_timeout",))
    assert not mended["wait_timeout"].is_wanted
    useless = replace(change, state="applied", verified="made no difference; it fails as before")
    for tried in (useless, replace(change, state="partly-undone")):
        again = advised(found, replace(CASE, changes=(tried,)), ("wait_timeout",))
        assert again["wait_timeout"].is_wanted, "not mended"
    unlikely = replace(found, findings=(replace(idle, verdict=Verdict.RULED_OUT),))
    told = advised(unlikely, CASE, ())["wait_timeout"]
    assert (told.word, told.reason) == ("leave it", "idle-timeout RULED OUT")


@pytest.mark.parametrize(
    ("name", "now", "failed", "is_wanted"),
    [("max_allowed_packet", 16 << 20, {"size": 3_000_000}, False),
     ("max_allowed_packet", 1 << 20, {"size": 3_000_000}, True),
     ("max_allowed_packet", 16 << 20, {}, True),
     ("wait_timeout", 28_800, {"idle_seconds": 60.0}, False),
     ("wait_timeout", 60, {"idle_seconds": 59.5}, True)],
)  # fmt: skip
def test_a_value_that_lets_pass_what_failed_is_not_called_off(
    name: str, now: int, failed: Mapping[str, Any], is_wanted: bool
) -> None:
    """Somebody set it right, or a restart did: Fix would propose nothing, and says so."""
    remedy = f"raise-{name.replace('_', '-')}"
    found = replace(diagnosis(), findings=(replace(diagnosis().findings[0], remedies=(remedy,)),))
    symptom = replace(result("symptom"), failures=(replace(failure(5), **failed),))
    settings = replace(result("settings"), facts={name: now})
    told = advised(found, CASE.with_step(symptom).with_step(settings), ())[name]
    assert told.is_wanted is is_wanted
    assert ("the value now" in told.reason) is not is_wanted


def test_a_log_that_tells_of_no_failure_leads_to_the_error_or_another_log() -> None:
    nothing = replace(diagnosis(), findings=(), attributions=(), total=0)
    alone = State(offline=NO_SERVER, case=CASE, diagnosis=nothing)
    for place, key in (("symptom", "Enter"), ("error-log", "1")):
        first, _ = next_steps(alone, place)
        assert (first.key, "another log" in first.what) == (key, True)


def test_what_was_given_is_not_asked_for_again() -> None:
    begun = State(given=True, running="symptom")
    assert "being read" in next_lines(begun, "symptom")[0]
    assert "paste" not in "".join(next_lines(begun, "symptom"))
    nothing = replace(OPEN, diagnosis=replace(OPEN.diagnosis or diagnosis(), total=0, findings=(),
                                              attributions=()))  # fmt: skip
    assert "none is known yet" in next_lines(nothing, "symptom")[0]
    assert "another log" in next_lines(replace(nothing, given=True), "symptom")[0]
    again = replace(nothing, given=True, running="symptom")
    assert "being read" in next_lines(again, "symptom")[0]


@pytest.mark.parametrize("state", [SEEN, OPEN, replace(SEEN, up=False)])
@pytest.mark.parametrize("place", [place.id for place in PLACES])
def test_a_narrow_row_leaves_out_what_it_costs_and_cuts_no_word_of_it(
    state: State, place: str
) -> None:
    for line, step in zip(next_lines(state, place, 60), next_steps(state, place), strict=True):
        assert step.what in line
        assert len(line) <= 60 or not step.cost or step.cost not in line
        assert line.count("(") == line.count(")")


@pytest.mark.parametrize("units", ["mariadb.service", "mysql@the-shop-of-the-north.service", ""])
@pytest.mark.parametrize("place", [place.id for place in PLACES])
def test_a_server_that_nobody_met_is_started_first(place: str, units: str) -> None:
    """F5 again and again starts no server: once it found nobody, it is the second thing."""
    health = replace(result("health"), facts={"units_at_rest": units})
    met = Reason("state.refused", "nothing listens", "connect", "connection")
    gone = Finding("server-unreachable", "No server answers", Verdict.CONFIRMED, 0.9, 0, (met,), (),
                   (), ("start-server",))  # fmt: skip
    found = replace(diagnosis(), findings=(*diagnosis().findings, gone))
    lost = State(case=CASE.with_step(health), diagnosis=diagnosis(), up=False, was_up=True)
    assert next_steps(lost, place)[0].key == "F5", "nobody has looked since it was lost"
    down = replace(lost, diagnosis=found)
    first, second = next_steps(down, place)
    assert (first.key, second.key) == ("Enter" if place == "fix" else "x", "F5")
    assert all(len(line) <= 80 for line in next_lines(down, place))
    assert not any("ladder" in line for line in next_lines(down, place))
    if place == "symptom" and units == "mariadb.service":
        assert "systemctl start mariadb" in first.what
    down.fix_waits = True
    assert next_steps(down, "fix")[0].key == "n", "the list is the one of before it went down"
    down.fix_waits = False
    down.fix_stage = FixStage.PREVIEW
    assert next_steps(down, "fix")[0].key == "F5"
    for stage, other in ((FixStage.FAILED, "u"), (FixStage.PROOF, "F5"), (FixStage.UNDO, "F5")):
        down.fix_stage = stage
        first, second = next_steps(down, "fix")
        assert (first.key, second.key) == ("Esc", other), "what is looked at leads nowhere now"
        assert "start the server first" in first.what
        assert all(len(line) <= 80 for line in next_lines(down, "fix"))


def test_a_process_that_is_held_is_let_go_on_by_its_number() -> None:
    reason = Reason("host.process-stopped", "it is held", "/proc/4194304", "health")
    held = Finding("server-unreachable", "No server answers", Verdict.CONFIRMED, 0.9, 0, (reason,),
                   (), (), ("start-server",))  # fmt: skip
    health = StepResult("health", StepStatus.DONE, facts={"let_go_on": "kill -CONT 4194304"})
    found = replace(diagnosis(), findings=(held,))
    lost = State(case=replace(CASE, steps=(health,)), diagnosis=found, up=False)
    row = next_lines(lost, "symptom", 60)[0]
    assert "let the server go on: kill -CONT 4194304" in row
    assert len(row) <= 60


@pytest.mark.parametrize(
    ("met", "word"),
    [
        ("state.timeout", "whether it runs"),
        ("state.unreachable", "whether it runs"),
        ("host.process-stopped", "let the server go on"),
        ("state.refused", "start the server first, and see"),
    ],
)
def test_what_may_run_is_not_said_to_be_started(met: str, word: str) -> None:
    """Nobody starts a second server beside one that is stopped or behind a firewall."""
    reason = Reason(met, "it does not answer", "connect", "connection")
    gone = Finding("server-unreachable", "No server answers", Verdict.CONFIRMED, 0.9, 0, (reason,),
                   (), (), ("start-server",))  # fmt: skip
    lost = State(case=CASE, diagnosis=replace(diagnosis(), findings=(gone,)), up=False)
    row = next_lines(lost, "symptom", 60)[0]
    assert word in row
    assert len(row) <= 60


@pytest.mark.parametrize("place", ["general-log", "slow-log", "error-log", "counters", "settings"])
def test_no_key_is_named_that_has_nothing_to_work_on(place: str) -> None:
    rows = Table("what", ("A", "B"), (("1", "2"),))

    def named(*tables: Table, facts: bool = False) -> set[str]:
        told = replace(result(place), tables=tables, evidence=(evidence(),) if facts else ())
        return {h.shown for h in key_hints(place, State(case=replace(CASE, steps=(told,))))}

    assert named(rows) >= {"Enter", "/", "o", "F5"}
    assert not named() & {"Enter", "/", "o", "v"}
    assert not named(replace(rows, rows=())) & {"Enter", "/", "o"}
    assert named(facts=True) & {"Enter", "/", "o"} == {"Enter"}
    assert not {h.shown for h in key_hints(place, State())} & {"Enter", "/", "o", "v"}
