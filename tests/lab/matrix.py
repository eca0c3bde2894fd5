"""The confusion matrix: what was staged against the first answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.judge import Judgement
from tests.lab.scenario import Scenario

MATRIX = Path(__file__).with_name("MATRIX.md")
Results = Mapping[str, Mapping[str, "Row"]]


@dataclass(frozen=True, slots=True)
class Row:
    """One scenario on one product: two judgements, or why there are none."""

    scenario: Scenario
    judgements: tuple[Judgement, ...] = ()
    skipped: str = ""
    broken: str = ""

    @property
    def good(self) -> bool:
        return not self.broken and all(j.good for j in self.judgements)

    def told(self) -> str:
        if self.skipped or self.broken:
            return f"skipped: {self.skipped}" if self.skipped else f"BROKEN: {self.broken}"
        return " | ".join(_cell(j) for j in self.judgements)


def _cell(judgement: Judgement) -> str:
    named = f"{judgement.first} ({judgement.verdict})" if judgement.first else "nobody"
    wrong = f", also accused: {', '.join(judgement.wrong)}" if judgement.wrong else ""
    return f"{'ok' if judgement.good else 'WRONG'}: {named}{wrong}"


def show(results: Results) -> None:
    print("\n".join(_summary(results)))


def _summary(results: Results) -> list[str]:
    lines = []
    for product, rows in results.items():
        judged = [j for row in rows.values() for j in row.judgements]
        faults = [j for j in judged if not j.scenario.is_decoy]
        decoys = [j for j in judged if j.scenario.is_decoy]
        right = sum(j.right for j in faults)
        share = f"{100 * right / len(faults):.1f} %" if faults else "-"
        lines.append(
            f"{product}: first answer right in {right} of {len(faults)} ({share});"
            f" accusations on decoys: {sum(len(j.wrong) for j in decoys)} in {len(decoys)};"
            f" beside a fault: {sum(len(j.wrong) for j in faults)}"
        )
    return lines


def write(results: Results, seconds: float) -> None:
    MATRIX.write_text("\n".join(_page(results, seconds)) + "\n", encoding="utf-8")


def _page(results: Results, seconds: float) -> list[str]:
    return [*_summary(results), f"{seconds:.0f} s"]
