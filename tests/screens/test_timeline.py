"""The time axis."""

from dataclasses import replace
from datetime import timedelta

from screens.text.timeline import NARROWEST, timeline
from tests.screens.fake import CASE, NOW, diagnosis, failure
from wizard.case.evidence import Evidence, Occurrence, StepResult, StepStatus
from wizard.diagnosis.model import Attribution, Reason

HOUR = timedelta(hours=1)


def test_each_failure_is_in_the_row_and_column_that_explain_it() -> None:
    found = replace(
        diagnosis(),
        attributions=(
            Attribution(failure(60), "idle-timeout", ""),
            Attribution(failure(60), "idle-timeout", ""),
            Attribution(failure(0), None, ""),
        ),
    )
    axis, idle, unexplained = timeline(found, CASE, 45)
    assert axis.split() == ["14:00:00", "15:00:00"]
    assert idle.split() == ["idle-timeout", "2" + "." * 19, "2"]
    assert unexplained.split() == ["not", "explained", "." * 19 + "1", "1"]
    assert all(len(line) <= 45 for line in (axis, idle, unexplained))


def test_more_than_nine_in_a_column_are_one_mark() -> None:
    many = tuple(Attribution(failure(5), "idle-timeout", "") for _ in range(10))
    lines = timeline(replace(diagnosis(), attributions=many), CASE, 60)
    assert lines[1].split()[1].endswith(".#")
    assert lines[1].split()[-1] == "10"


def test_a_failure_without_a_time_is_counted() -> None:
    undated = replace(failure(5), at=None)
    both = (Attribution(undated, None, ""), Attribution(failure(5), None, ""))
    lines = timeline(replace(diagnosis(), attributions=both), CASE, 60)
    assert lines[1].split()[-1] == "2"
    assert lines[2].strip() == "1 of them without a time"
    only = timeline(replace(diagnosis(), attributions=both[:1]), CASE, 60)
    assert [line.split() for line in only] == [["not", "explained", "1"]]


def test_where_only_the_server_saw_failures_its_evidence_is_placed() -> None:
    seen = Evidence(
        "log.aborted-timeout",
        "t",
        "s",
        occurrences=(Occurrence(NOW - timedelta(hours=1)), Occurrence(NOW)),
    )
    step = replace(CASE.with_step(_step(seen)))
    lines = timeline(replace(diagnosis(), attributions=(), observer="server"), step, 60)
    assert lines[1].split()[0] == "idle-timeout"
    assert lines[1].split()[-1] == "31"
    assert lines[2].strip() == "29 of them without a time"


def test_what_was_derived_stands_at_its_own_times_and_not_at_the_last_start() -> None:
    """The row counts what the verdict does, which the start of the server is none of."""
    start = Evidence("state.started", "t", "s", occurrences=(Occurrence(NOW),))
    ends = Reason("derived.restart", "t", "s", "diagnosis", 2, NOW - HOUR, NOW - HOUR / 2)
    reasons = (ends, Reason("state.started", "t", "s", "connection", 1, NOW, NOW))
    finding = replace(diagnosis().findings[0], explains=2, supports=reasons)
    found = replace(diagnosis(), findings=(finding,), attributions=(), observer="server")
    row = timeline(found, CASE.with_step(_step(start)), 60)[1].split()
    assert row[-1] == "2"
    assert (row[1][0], row[1][-1]) == ("1", "1")


def test_no_mark_of_the_servers_life_hides_another_one() -> None:
    told = (failure(60), failure(0))
    found = replace(diagnosis(), attributions=tuple(Attribution(f, None, "") for f in told))
    ends = Occurrence(NOW - timedelta(minutes=30), NOW - timedelta(minutes=29, seconds=50))
    died = Evidence("log.unclean-end", "t", "s", occurrences=(ends,))
    lost = (NOW - timedelta(minutes=30),)
    lines = timeline(found, CASE.with_step(_step(died)), 60, lost)
    marks = [line[20:] for line in lines if line[20:].strip(".") in ("K", "U", "L")]
    assert sorted("".join(marks).replace(".", "")) == ["K", "L", "U"]
    assert len({row.index(row.strip(".")) for row in marks}) == 1, "one column"
    assert lines[-1].strip() == "K ended without a word, U up, L lost by the wizard"


def test_a_kill_for_memory_is_drawn_where_it_was_this_servers() -> None:
    """The kernel's log tells of each server on the host."""
    told = (failure(60), failure(0))
    found = replace(diagnosis(), attributions=tuple(Attribution(f, None, "") for f in told))
    at = NOW - timedelta(minutes=30)
    kill = Evidence("kernel.oom-kill", "t", "s", first=at, occurrences=(Occurrence(at),))
    quiet = replace(_step(kill), looked_for=("log.unclean-end", "kernel.oom-kill"))
    alone = timeline(found, CASE.with_step(quiet), 60)
    assert not any(line.startswith("server") for line in alone)
    ends = Occurrence(at, NOW - timedelta(minutes=29))
    died = Evidence("log.unclean-end", "t", "s", occurrences=(ends,))
    both = replace(quiet, evidence=(kill, died))
    lines = timeline(found, CASE.with_step(both), 60)
    assert lines[-1].strip() == "O killed for memory, U up"


def _step(seen: Evidence) -> StepResult:
    return StepResult("error-log", StepStatus.DONE, evidence=(seen,))


def test_a_row_is_no_wider_than_the_narrowest_pane() -> None:
    rows = timeline(diagnosis(), CASE, NARROWEST)
    assert all(len(row) <= NARROWEST for row in rows)


def test_the_servers_life_is_drawn_beside_a_failure_of_which_no_time_is_told() -> None:
    """Who remembers when it failed sees at once whether the server ended then."""
    undated = (Attribution(replace(failure(5), at=None), None, ""),)
    ends = Occurrence(NOW - timedelta(minutes=30), NOW - timedelta(minutes=20))
    died = Evidence("log.unclean-end", "t", "s", occurrences=(ends,))
    case = CASE.with_step(_step(died))
    lines = timeline(replace(diagnosis(), attributions=undated), case, 60)
    assert any("K" in line and "U" in line for line in lines if line.startswith("server"))
    assert "1 of them without a time" in {line.strip() for line in lines}
    assert not timeline(replace(diagnosis(), attributions=(), findings=()), case, 60)
