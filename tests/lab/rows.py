"""A recorded case and what was true of it, judged with and without the application's log."""

from pathlib import Path

from tests.lab.judge import Row, judge
from tests.lab.record import recorded
from tests.lab.scenario import Scenario
from tests.lab.truth import recorded_truth


def row_of(path: Path, scenario: Scenario) -> Row:
    case, dues = recorded(path), recorded_truth(path)
    return Row(scenario, tuple(judge(case, scenario, told, dues) for told in (True, False)))
