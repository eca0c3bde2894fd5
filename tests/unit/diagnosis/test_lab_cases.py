"""Every recorded case of the fault lab, judged again: what a change of weights would do."""

from pathlib import Path

import pytest

from tests.lab.catalogue import SCENARIOS
from tests.lab.record import RECORDS, scenario_of
from tests.lab.rows import row_of

CASES = sorted(RECORDS.glob("*/*.case.json.gz"))
_IDS = [f"{path.parent.name}-{scenario_of(path)}" for path in CASES]


@pytest.mark.parametrize("path", CASES, ids=_IDS)
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
