"""What a proof is called: only a case seen to fail and then to pass is proven."""

from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.load import load
from tests.unit.remedies.fakes import FakeServer, situation
from tests.unit.report.samples import full_case, full_diagnosis
from wizard.case.case import BeforeAfter, Outcome
from wizard.remedies.apply import apply
from wizard.remedies.doable import HandOn
from wizard.remedies.journal import Journal
from wizard.remedies.journal_entry import ChangeState, new_entry
from wizard.remedies.plan import Plan, plan
from wizard.remedies.proof_lines import side_by_side, told
from wizard.remedies.trials import NoTrial, Trial, trial_of
from wizard.remedies.verify import Verification, verify
from wizard.report import render

MiB = 1 << 20


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.jsonl")


def larger() -> Plan:
    where = situation(max_allowed_packet=str(MiB))
    return plan(load().remedies["raise-max-allowed-packet"], where, {"max_allowed_packet": "2M"})


@pytest.mark.parametrize(
    ("before_limit", "after_limit", "outcome"),
    [
        (MiB, 2 * MiB, Outcome.PROVEN),
        (4 * MiB, 2 * MiB, Outcome.CHANGED),
        (None, 2 * MiB, Outcome.CHANGED),
    ],
)
def test_the_witness_decides(
    journal: Journal, before_limit: int | None, after_limit: int, outcome: Outcome
) -> None:
    server = FakeServer(max_allowed_packet=str(MiB))
    applied = apply(larger(), server.connect(), server, journal)
    assert applied.witness is not None
    assert server.values["max_allowed_packet"] == str(after_limit)
    old = FakeServer(max_allowed_packet=str(before_limit)).connect() if before_limit else None
    proof = verify(applied.entry, server.connect(), server, journal, witness=old)
    assert proof.outcome is outcome
    assert proof.ok
    assert bool(proof.would_prove) is (outcome is Outcome.CHANGED)
    assert journal.entries()[0].text.startswith(f"{outcome}; ")
    assert journal.entries()[0].as_change().proof == proof.rows


def test_one_of_two_that_was_repeated_does_not_prove_both(journal: Journal) -> None:
    server = FakeServer(max_allowed_packet=str(MiB))
    wanted = {"max_allowed_packet": "2M", "net_read_timeout": "100"}
    where = situation(max_allowed_packet=str(MiB))
    both = plan(load().remedies["raise-max-allowed-packet"], where, wanted)
    applied = apply(both, server.connect(), server, journal)
    old = FakeServer(max_allowed_packet=str(MiB)).connect()
    proof = verify(applied.entry, server.connect(), server, journal, witness=old)
    assert any(line.startswith("not repeated") for line in proof.lines)
    assert any("passes" in row.after for row in proof.rows)
    assert proof.outcome is Outcome.CHANGED
    assert proof.would_prove


def test_a_value_that_somebody_takes_back_made_no_difference(journal: Journal) -> None:
    server = FakeServer(max_allowed_packet=str(MiB))
    applied = apply(larger(), server.connect(), server, journal)
    server.values["max_allowed_packet"] = str(MiB)
    proof = verify(applied.entry, server.connect(), server, journal)
    assert proof.outcome is Outcome.NO_DIFFERENCE
    assert not proof.ok
    assert "Made no difference" in list(told(proof))


def test_every_variable_remedy_is_tried_again_or_says_what_would_prove_it() -> None:
    for remedy in load().remedies.values():
        if remedy.kind != "variable":
            continue
        change = larger().changes[0]
        tried = trial_of(replace(change, name=remedy.variable, old="10", new="60000"))
        assert isinstance(tried, Trial) or (isinstance(tried, NoTrial) and tried.would_prove)


def test_long_cells_stay_in_their_columns() -> None:
    rows = (BeforeAfter("what", "b " * 60, "after"), BeforeAfter("more", "x", "y"))
    lines = list(side_by_side(rows, 120))
    assert lines[0].index("after") == lines[1].index("after")
    assert max(map(len, lines)) <= 120
    narrow = list(side_by_side(rows, 54))
    assert narrow[1] == "what"
    assert narrow[0].index("after") == narrow[2].index("after")
    assert max(map(len, narrow)) <= 54


def test_a_service_is_told_in_the_plan() -> None:
    where = replace(situation(), service=HandOn.RDS)
    planned = plan(load().remedies["raise-wait-timeout"], where, {"wait_timeout": "9h"})
    assert planned.service is HandOn.RDS


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("state", [ChangeState.APPLIED, ChangeState.VERIFIED])
def test_what_undo_and_the_report_tell_of_a_change_is_the_word_of_its_proof(
    outcome: Outcome, state: ChangeState
) -> None:
    entry = replace(new_entry(larger()), state=state, text=f"{outcome}; @@global.x is 2")
    assert entry.standing == f"applied: {outcome}"
    case = replace(full_case(), changes=(entry.as_change(),))
    out = render(case, full_diagnosis(), "text")
    assert f"(applied: {outcome})" in " ".join(out.split())
    assert "verified: " not in out


def test_a_change_whose_proof_was_stopped_is_applied() -> None:
    assert replace(new_entry(larger()), state=ChangeState.APPLIED).standing == "applied"


def test_the_word_is_the_first_line() -> None:
    proof = Verification(("read back",), True, outcome=Outcome.CHANGED, would_prove="a peak")
    lines = list(told(proof))
    assert lines[0] == "Changed, not proven"
    assert lines[-1] == "- what would prove it: a peak"
