"""Every recorded case of the fault lab, judged again: what a change of weights would do."""

import json
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from tests.lab.catalogue import SCENARIOS
from tests.lab.matrix import STILL_WRONG
from tests.lab.record import RECORDS, scenario_of
from tests.lab.rows import row_of

CASES = sorted(RECORDS.glob("*/*.case.json.gz"))
_RED = json.loads(STILL_WRONG.read_text(encoding="utf-8"))
"""Records that are answered wrong, as `python -m tests.lab --judge --write` listed them."""


def _known(path: Path) -> ParameterSet:
    product, scene = path.parent.name, scenario_of(path)
    red = _RED.get(product, {}).get(scene)
    marks = () if red is None else pytest.mark.xfail(reason=red, strict=True)
    return pytest.param(path, id=f"{product}-{scene}", marks=marks)


@pytest.mark.parametrize("path", [_known(path) for path in CASES])
def test_every_failure_goes_to_its_staged_cause_and_nobody_else_is_accused(path: Path) -> None:
    scenario = SCENARIOS[scenario_of(path)]
    for judgement in row_of(path, scenario).judgements:
        assert judgement.right, judgement.told()
        assert not judgement.wrong, judgement.told()
        assert all(single.good for single in judgement.singles), judgement.told()


@pytest.mark.parametrize("product", ["mariadb", "mysql"])
def test_every_product_has_enough_faults_and_decoys(product: str) -> None:
    staged = [SCENARIOS[scenario_of(p)] for p in CASES if p.parent.name == product]
    assert sum(not s.is_decoy for s in staged) >= 30
    assert sum(s.is_decoy for s in staged) >= 10
