"""The symptom step: what it reads, how it moves the window, and what it says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.load import load
from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import Failure, StepResult, StepStatus
from wizard.logs.application.gaps import gap_notes, owner
from wizard.steps.step import Context, Skip
from wizard.steps.symptom import STEP
from wizard.target.model import Sources, Target

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
GONE = "SQLSTATE[HY000]: General error: 2006 MySQL server has gone away"
LOST = "pymysql.err.OperationalError: (2013, 'Lost connection to MySQL server during query')"


def unused(*_args: object, **_named: object) -> None:
    raise AssertionError("the symptom step does not connect")


def context(sources: Sources, asked: bool = False, flavor: str = "unknown") -> Context:
    window = Window(NOW - timedelta(hours=2), NOW, asked)
    case = Case(NOW, window, TargetFacts("db", flavor=flavor))
    return Context(Target(), sources, case, unused)  # type: ignore[arg-type]


def line(moment: datetime, text: str) -> str:
    return f"[{moment.isoformat()}] app.ERROR: {text}\n"


def run(sources: Sources, asked: bool = False, flavor: str = "unknown") -> StepResult:
    return STEP.run(context(sources, asked, flavor))


def test_nothing_given_is_skipped_and_says_how() -> None:
    with pytest.raises(Skip, match="no application error or log was given"):
        run(Sources(pasted="  \n"))


def test_the_headline_and_the_evidence_count_by_signal(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text(
        "".join(line(NOW - timedelta(minutes=n), GONE) for n in range(60, 29, -1))
        + "".join(line(NOW - timedelta(minutes=n), LOST) for n in range(6, 0, -1))
        + line(NOW - timedelta(minutes=1), "redis.exceptions.ConnectionError: reset by peer")
    )
    result = run(Sources(app_logs=(log,)))
    assert result.status is StepStatus.DONE
    assert result.reason is None
    assert result.headline.startswith("37 failures: 31 x 2006 PDO, 6 x 2013 PyMySQL, ")
    (lost,) = result.evidence
    assert (lost.signal, lost.count, lost.source) == ("client.lost", 37, "app.log:1")
    assert lost.first == NOW - timedelta(minutes=60)
    assert lost.last == NOW - timedelta(minutes=1)
    assert len(lost.occurrences) == 37
    assert lost.occurrences[1].line == 2
    assert len(result.failures) == 37
    assert result.facts["failures"] == 37
    assert result.facts["drivers"] == "PDO, PyMySQL"
    assert result.facts["first_failure"] == (NOW - timedelta(minutes=60)).isoformat()
    assert [row[:2] for row in result.tables[0].rows] == [("31", "2006"), ("6", "2013")]
    assert any("alone does not tell the cause" in note for note in result.notes)
    assert not any(gap in note for note in result.notes for gap in ("zone", "window"))


def test_every_client_signal_was_looked_for_even_where_none_is_there(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("2026-11-23 11:00:00 all is well\n")
    result = run(Sources(app_logs=(log,)))
    assert set(result.looked_for) == {s for s in load().signals if s.startswith("client.")}
    assert result.headline == "no client error recognised in 1 line"
    assert result.failures == ()
    assert result.tables == ()


def test_a_missing_log_fails_by_name_and_the_others_are_still_read(tmp_path: Path) -> None:
    log, missing = tmp_path / "app.log", tmp_path / "missing.log"
    only = run(Sources(app_logs=(missing,)))
    assert only.status is StepStatus.FAILED
    assert "missing.log: no such file" in (only.reason or "")
    assert only.looked_for == ()
    log.write_text(line(NOW - timedelta(minutes=3), GONE))
    both = run(Sources(app_logs=(missing, log)))
    assert both.status is StepStatus.DONE
    assert "missing.log: no such file" in (both.reason or "")
    assert len(both.failures) == 1


def test_pasted_text_needs_no_time() -> None:
    result = run(Sources(pasted=f"ERROR 2006 (HY000) at line 572: x\n{GONE}"))
    assert [f.source for f in result.failures] == ["pasted text, line 1", "pasted text, line 2"]
    assert result.headline == "2 failures: 1 x 2006 mysql client, 1 x 2006 PDO, no times told"
    assert result.evidence[0].occurrences[1].line == 2


def test_an_error_without_a_time_keeps_the_moment_at_which_it_was_read_first() -> None:
    first = context(Sources(pasted=f"{GONE}\n"))
    result = STEP.run(first)
    again = replace(first, sources=Sources(pasted=f"{GONE}\n{LOST}\n"))
    again.case = first.case.with_step(result)
    kept, added = STEP.run(again).failures
    assert result.failures[0].told_at is not None
    assert kept.told_at == result.failures[0].told_at
    assert added.told_at is not None
    assert added.told_at > kept.told_at


def test_an_unasked_window_moves_to_before_the_first_failure() -> None:
    first = NOW - timedelta(hours=30)
    text = line(NOW - timedelta(days=9), GONE) + line(first, GONE)
    here = context(Sources(pasted=text))
    result = STEP.run(here)
    assert here.case.window.since == first - timedelta(minutes=10)
    assert here.case.window.until == NOW
    assert not here.case.window.asked
    assert [f.at for f in result.failures] == [first]
    assert any("the window now begins at" in note for note in result.notes)
    assert any("1 failure outside the window is not" in note for note in result.notes)


def test_the_window_moves_at_most_seven_days() -> None:
    here = context(Sources(pasted=line(NOW - timedelta(days=7) + timedelta(minutes=1), GONE)))
    STEP.run(here)
    assert here.case.window.since == NOW - timedelta(days=7)


def test_a_window_that_was_asked_for_stays() -> None:
    text = line(NOW - timedelta(hours=30), GONE) + line(NOW - timedelta(hours=1), GONE)
    here = context(Sources(pasted=text), asked=True)
    result = STEP.run(here)
    assert here.case.window.since == NOW - timedelta(hours=2)
    assert len(result.failures) == 1
    assert result.evidence[0].count == 1


def test_failures_inside_the_window_do_not_move_it() -> None:
    here = context(Sources(pasted=line(NOW - timedelta(minutes=5), GONE)))
    before = here.case.window
    STEP.run(here)
    assert here.case.window == before


def test_the_flavour_decides_what_a_bare_number_means() -> None:
    text = "ERROR 4031 (HY000): x"
    assert run(Sources(pasted=text), flavor="mysql").evidence[0].signal == "client.idle-disconnect"
    assert run(Sources(pasted=text), flavor="mariadb").evidence == ()


def test_sizes_and_idle_times_become_facts() -> None:
    text = (
        "Packet for query is too large (4,739,923 > 65,535). You can change this value\n"
        "The last packet successfully received from the server was 350,001 milliseconds ago.\n"
        "The last packet successfully received from the server was 351,000 milliseconds ago.\n"
    )
    result = run(Sources(pasted=text))
    assert result.facts["max_size"] == 4739923
    assert result.facts["min_idle_seconds"] == pytest.approx(350.001)
    assert result.facts["max_idle_seconds"] == pytest.approx(351.0)
    assert any("5 min 50 s" in n and "AWS" in n for n in result.notes)


def failures(*moments: datetime, idle: float | None = None) -> tuple[Failure, ...]:
    return tuple(Failure("client.lost", "", "", at=m, idle_seconds=idle) for m in moments)


@pytest.mark.parametrize(
    ("seconds", "word"),
    [(28800, "wait_timeout"), (28805, "wait_timeout"), (350.4, "AWS"), (241, "Azure"),
     (7893.9, "keepalive"), (3600.089, "one hour")],
)  # fmt: skip
def test_common_gaps_have_owners(seconds: float, word: str) -> None:
    assert word in (owner(seconds) or "")


@pytest.mark.parametrize("seconds", [3, 275, 345, 400, 5000, 20000])
def test_uncommon_gaps_have_none(seconds: float) -> None:
    assert owner(seconds) is None


def test_failures_at_an_even_beat_are_noticed() -> None:
    beat = [NOW + timedelta(seconds=350 * n + n % 2) for n in range(6)]
    (note,) = gap_notes(failures(*beat))
    assert "every 5 min 5" in note
    assert "AWS" in note
    uneven = [NOW + timedelta(seconds=s) for s in (0, 100, 900, 1000, 4000, 4100)]
    assert gap_notes(failures(*uneven)) == ()


def test_the_same_time_each_day_is_noticed() -> None:
    nights = [NOW + timedelta(days=n, seconds=30 * n) for n in range(4)]
    (note,) = gap_notes(failures(*nights))
    assert note.startswith("each day at about 12:0")


def test_busy_connections_do_not_hint_at_a_timeout() -> None:
    lost = [replace(f, idle_seconds=0.2) for f in failures(NOW, NOW, NOW)]
    assert gap_notes(lost) == ()
    rested = [replace(f, idle_seconds=41.2) for f in failures(NOW, NOW, NOW)]
    assert gap_notes(rested) == ("always after about 41 s without traffic: some timeout",)


def test_a_burst_is_one_event() -> None:
    burst = [NOW + timedelta(milliseconds=200 * n) for n in range(40)]
    assert gap_notes(failures(*burst)) == ()


def test_the_case_of_another_step_is_untouched() -> None:
    here = context(Sources(pasted=line(NOW - timedelta(hours=5), GONE)))
    other = StepResult("other", StepStatus.DONE)
    here.case = replace(here.case, steps=(other,))
    STEP.run(here)
    assert here.case.steps == (other,)


def test_a_log_in_the_home_of_nobody_is_told() -> None:
    result = run(Sources(app_logs=(Path("~nobody-here/app.log"),)))
    assert result.status is StepStatus.FAILED
    assert "~nobody-here/app.log: no such file" in str(result.reason)
