"""What a plan says is read on screens too: it names no option of the command line alone."""

import re

import pytest

from knowledge.load import load
from tests.unit.remedies.fakes import MARIADB, MYSQL, situation
from wizard.remedies.plan import NothingToDo, PlanError, VariableChange, plan
from wizard.remedies.preview import lines
from wizard.remedies.trials import NoTrial, trial_of
from wizard.server.session import ServerInfo

OWN = re.compile(r"--(set|persist|end|yes|restart|as|handout)\b")
VARIABLES = sorted(r.id for r in load().remedies.values() if r.kind == "variable")


@pytest.mark.parametrize("info", [MYSQL, MARIADB], ids=["mysql", "mariadb"])
@pytest.mark.parametrize("remedy", VARIABLES)
def test_a_plan_and_why_there_is_none(remedy: str, info: ServerInfo) -> None:
    try:
        planned = plan(load().remedies[remedy], situation(info), {})
    except NothingToDo as nothing:
        said = str(nothing)
    except PlanError as error:
        said = str(error)
    else:
        said = "\n".join(lines(planned))
    assert not OWN.search(said), said


@pytest.mark.parametrize("remedy", VARIABLES)
def test_what_would_prove_it(remedy: str) -> None:
    variable = load().remedies[remedy].variable
    trial = trial_of(VariableChange(variable, "", "28800", "36000"))
    if isinstance(trial, NoTrial):
        assert not OWN.search(trial.would_prove)
        if "--probe" in trial.would_prove:
            assert "Network screen" in trial.would_prove
