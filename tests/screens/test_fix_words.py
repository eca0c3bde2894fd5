"""What the Fix screen says: its way, its rows, and what it writes down. No app is started."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from knowledge.load import load
from screens import fix_jobs
from screens.fix_model import Offer, Preview
from screens.opening import Engine
from screens.state import FixKind, State
from screens.text.advice import advice
from screens.text.fix_papers import of_handout, papers
from screens.text.fix_path import NEXT_OF, FixStage, chosen_line, path_line, why_not_applied
from screens.text.fix_rows import HANDOUT, fix_rows
from tests.screens.fake import CASE, result
from tests.unit.remedies.fakes import situation
from wizard.case.case_file import load as load_case
from wizard.diagnosis.diagnose import diagnose
from wizard.diagnosis.down_now import DownNow
from wizard.remedies.doable import ACTIONS, HOST_REMEDIES, HandOn
from wizard.remedies.journal_entry import ChangeState, new_entry
from wizard.remedies.plan import Plan, plan

WAIT = load().remedies["raise-wait-timeout"]
KEEP_ALIVE = load().remedies["keep-idle-flows-alive"]
RECORDED = Path(__file__).parents[2] / "wizard/demo/recorded_cases"


def planned() -> Plan:
    return plan(WAIT, situation(), {"wait_timeout": "9h"})


def shown(deed: Plan | None) -> Preview:
    return Preview(Offer(WAIT, "idle-timeout", "CONFIRMED"), ("SET GLOBAL ...",), deed)


def test_the_remedy_that_is_looked_at_keeps_its_whole_title() -> None:
    title = "Let open transactions idle longer (idle_transaction_timeout)"
    assert chosen_line(title, 2, 23).startswith(title)


def test_a_key_that_applies_nothing_says_why() -> None:
    assert "Enter shows first" in why_not_applied(State())
    looked = State()
    looked.fix_stage, looked.fix_kind = FixStage.PREVIEW, FixKind.YOURS
    assert "for you to do" in why_not_applied(looked)


def test_an_action_has_a_way_without_undo() -> None:
    assert path_line(FixStage.CHOOSE, FixKind.ACTION).startswith("[1 CHOOSE]  2 preview")
    assert path_line(FixStage.PROOF, FixKind.ACTION).endswith("[4 DONE]  (no undo)")
    assert path_line(FixStage.UNDO, FixKind.ACTION).endswith("[5 UNDO]")


def test_what_could_not_be_done_has_no_proof() -> None:
    assert path_line(FixStage.FAILED) == "1 look  2 preview  [3 APPLY FAILED]  4 proof  5 undo"
    assert "[3 DO FAILED]" in path_line(FixStage.FAILED, FixKind.ACTION)


def test_there_is_a_next_key_at_each_stage_of_each_kind() -> None:
    assert all(set(keys) == set(FixStage) for keys in NEXT_OF.values())
    assert set(NEXT_OF) == set(FixKind)


def test_what_nothing_asks_for_comes_last_and_all_that_the_wizard_does_is_there() -> None:
    proposed = [Offer(WAIT, "idle-timeout", "CONFIRMED")]
    others = fix_jobs.others(proposed)
    ids = [row_id for row_id, _text in fix_rows(proposed, [], others)]
    assert ids[:2] == [WAIT.id, "others"]
    assert set(ids[2:]) >= ACTIONS | HOST_REMEDIES
    assert len(ids) == len(set(ids))


def test_what_the_driver_needs_comes_before_what_is_only_possible() -> None:
    possible = Offer(KEEP_ALIVE, "tunnel-dropped", "POSSIBLE")
    case = load_case(RECORDED / "idle.json")
    given = advice(case, diagnose(case))
    rows = dict(fix_rows([possible, Offer(WAIT, "idle-timeout", "CONFIRMED")], given, []))
    assert given
    assert list(rows) == [WAIT.id, *(told.id for told in given), HANDOUT, KEEP_ALIVE.id]
    assert rows[KEEP_ALIVE.id].endswith("(POSSIBLE: tunnel-dropped)")
    assert rows[WAIT.id].endswith("  (idle-timeout)")


def test_each_form_is_a_paper_of_its_own() -> None:
    first, *forms = papers(shown(planned()))
    assert first.name == "goneaway-fix-raise-wait-timeout.txt"
    assert len({paper.name for paper in forms}) == len(HandOn)
    assert all("wait_timeout" in paper.text.replace("-", "_") for paper in forms)
    assert all(paper.head not in paper.text for paper in forms)


@pytest.mark.parametrize("service", [HandOn.RDS, HandOn.AZURE])
def test_the_form_of_the_service_that_was_recognised_is_first(service: HandOn) -> None:
    told = papers(shown(replace(planned(), service=service)))
    assert str(service) in told[1].name


def test_what_the_operator_does_has_no_forms() -> None:
    assert len(papers(shown(None))) == 1
    assert of_handout("# a\n\nb\n").text == "# a\n\nb\n"


def test_what_earlier_runs_left_says_whether_it_still_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A value in memory that the server's restart took back is in force for nobody."""
    made = replace(new_entry(planned()), state=ChangeState.VERIFIED)
    monkeypatch.setattr(fix_jobs, "_in_force", lambda _engine: (made,))
    told = {
        minutes: " ".join(fix_jobs.left_in_force(met(made.at + timedelta(minutes=minutes))))
        for minutes in (-5, 5)
    }
    assert "not taken back" in told[5]
    assert "ended by the server's restart" in told[5]
    assert "restart" not in told[-5]


def met(started: datetime) -> Engine:
    """An engine whose case has met a server that was started then."""
    server = replace(result("connection"), facts={"started_at": started.isoformat()})
    engine: Any = SimpleNamespace(case=CASE.with_step(server))
    return engine  # type: ignore[no-any-return]


def test_no_next_step_of_a_fix_is_cut_in_a_narrow_window() -> None:
    """At 60 columns what it costs is left out, and nothing else."""
    for steps in NEXT_OF.values():
        for key, what, cost in steps.values():
            assert len(f" NEXT  {key}  {what}") <= 60, what
            assert len(f" NEXT  {key}  {what} ({cost})") <= 80, what


def test_how_a_server_is_started_stands_before_what_else_is_known_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nine rows are all that 80x24 shows of a preview, and the command was the last of ten."""
    known = DownNow("nothing listens", "since when is not known", "its log breaks off", "start it")
    monkeypatch.setattr("wizard.diagnosis.down_now.down_now", lambda *_told: known)
    offer = Offer(load().remedies["start-server"], "server-unreachable", "CONFIRMED")
    told = fix_jobs.preview(met(datetime.now(UTC)), offer, {}, False).lines
    begins = [line.split()[0] for line in told if line]
    assert [word for word in begins if word.isupper()] == ["FIRST", "DOWN", "WHEN", "ENDED"]
