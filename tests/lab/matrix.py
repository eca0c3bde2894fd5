"""MATRIX.md: what was staged against the first answer, from all recorded cases."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.lab.catalogue import SCENARIOS
from tests.lab.judge import Judgement, Row
from tests.lab.record import RECORDS, place_of, recorded, unstaged
from tests.lab.rows import row_of

MATRIX = Path(__file__).with_name("MATRIX.md")
STILL_WRONG = RECORDS / "still-wrong.json"
_HOW = """\
# The fault lab: staged cause against first answer

Written by `make lab`; do not edit. Every fault and decoy is staged on a real server of its own
with real clients, and `goneaway-wizard check --save-case` looks at it as an operator would. Each
case is judged twice: with the application's log, and without it, from the server's side alone.
The cases are kept in `tests/data/lab/`, and every test run judges them again
(`tests/unit/diagnosis/test_lab_cases.py`).

*Named first* means that the first cause is the staged one. *Right* also counts what is all that
can be known: nobody is accused where the server's side alone cannot tell (MariaDB's counters are
totals since its start, and most servers were started before the window), or what the server saw
is named (clients went away) where only the client knows why. A verdict weaker than *likely*
counts where the evidence bears no more; each answer is listed below with its verdict. A decoy is
right if no cause is called likely or confirmed (without the log: none but what the server saw).

Where the stager told which failures of which log have which cause (`*.truth.json`), each single
failure is held against its own cause, and as many must have been read as jobs had failed.
Every scene that was staged has its record and counts above, right or wrong; those that are
answered wrong stand once more in the last section, and the tests know them by name.

The weights were tuned on these very cases, which are short faults on small servers. The numbers
say that no rule undoes another one; they do not say how often the wizard is right elsewhere."""

Rows = Mapping[str, Mapping[str, Row]]


def _rows() -> Rows:
    products = sorted(p.name for p in RECORDS.iterdir() if p.is_dir())
    return {product: dict(_of_product(product)) for product in products}


def _of_product(product: str) -> Iterator[tuple[str, Row]]:
    missing = unstaged(product)
    for name, scenario in SCENARIOS.items():
        place = place_of(product, name)
        if place.exists():
            yield name, row_of(place, scenario)
        elif name in missing:
            yield name, Row(scenario, missing=missing[name])


def summary() -> list[str]:
    """One line a product."""
    lines = []
    for product, rows in _rows().items():
        faults, decoys = _split(rows)
        right = sum(j.right for j in faults)
        lines.append(
            f"{product}: first answer right in {right} of {len(faults)}"
            f" ({_share(right, len(faults))}), accusations on {len(decoys)} decoys:"
            f" {sum(len(j.wrong) for j in decoys)}, wrong ones beside a fault:"
            f" {sum(len(j.wrong) for j in faults)}"
        )
    return lines


def write() -> None:
    rows = _rows()
    MATRIX.write_text("\n".join(_page(rows)) + "\n", encoding="utf-8")
    listed = json.dumps(still_wrong(rows), indent=1)
    STILL_WRONG.write_text(f"{listed}\n", encoding="utf-8")


def _split(rows: Mapping[str, Row]) -> tuple[list[Judgement], list[Judgement]]:
    judged = [j for row in rows.values() for j in row.judgements]
    faults = [j for j in judged if not j.scenario.is_decoy]
    return faults, [j for j in judged if j.scenario.is_decoy]


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _page(rows: Rows) -> Iterator[str]:
    yield _HOW
    yield ""
    yield from _totals(rows)
    yield ""
    yield "## Staged cause against first answer"
    yield ""
    yield from _confusion(rows)
    for title, decoys in (("Every fault", False), ("Every decoy", True)):
        yield ""
        yield f"## {title}"
        yield ""
        yield from _each(rows, decoys)
    yield ""
    yield "## Single failures at their own cause"
    yield ""
    yield from _singly(rows)
    yield ""
    yield "## Staged, and still answered wrong"
    yield ""
    yield from _still_wrong(rows)


def _totals(rows: Rows) -> Iterator[str]:
    yield (
        "| server | faults | right, with the log | named first | right, without it | named first"
        " | wrong accusations beside | decoys | accusations on decoys"
        " | failures told singly | at their own cause |"
    )
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    for product, by_name in rows.items():
        faults, decoys = _split(by_name)
        told = [j for j in faults if j.with_log]
        alone = [j for j in faults if not j.with_log]
        cells = [
            f"{product} {_version(product)}",
            len(told),
            _of(sum(j.right for j in told), len(told)),
            sum(j.named for j in told),
            _of(sum(j.right for j in alone), len(alone)),
            sum(j.named for j in alone),
            sum(len(j.wrong) for j in faults),
            len(decoys) // 2,
            sum(len(j.wrong) for j in decoys),
            (singly := sum(j.failures for j in told)),
            _of(sum(j.placed for j in told), singly),
        ]
        yield f"| {' | '.join(str(c) for c in cells)} |"


def _of(part: int, whole: int) -> str:
    return f"{part} ({_share(part, whole)})"


def _version(product: str) -> str:
    for path in sorted((RECORDS / product).glob("*.case.json.gz")):
        version = recorded(path).target.version
        if version:
            return version.split("-")[0]
    return ""


def _confusion(rows: Rows) -> Iterator[str]:
    """Rows are what was staged; the columns count what was named first."""
    answers: dict[str, Counter[str]] = {}
    right: Counter[str] = Counter()
    for by_name in rows.values():
        for row in by_name.values():
            staged = row.scenario.causes[0] if row.scenario.causes else "(decoys)"
            for judgement in row.judgements:
                named = judgement.first or "nobody"
                answers.setdefault(staged, Counter())[named] += 1
                right[staged] += judgement.right
    yield "| staged | judged | right | first answers |"
    yield "|---|--:|--:|---|"
    for staged in sorted(answers):
        counted = ", ".join(f"{n} × {name}" for name, n in answers[staged].most_common())
        yield f"| {staged} | {answers[staged].total()} | {right[staged]} | {counted} |"


def _each(rows: Rows, decoys: bool) -> Iterator[str]:
    products = list(rows)
    yield "| staged | " + " | ".join(f"{p}, with log | without" for p in products) + " |"
    yield "|---|" + "---|---|" * len(products)
    for name, scenario in SCENARIOS.items():
        if scenario.is_decoy is decoys and any(name in by_name for by_name in rows.values()):
            cells = (_cells(rows[p].get(name)) for p in products)
            yield f"| {scenario.title} | {' | '.join(cells)} |"


def _cells(row: Row | None) -> str:
    if row is None:
        return "– | –"
    if not row.judgements:
        return f"not staged: {row.missing} | –"
    return " | ".join(f"{'' if j.good else '**wrong:** '}{j.answer}" for j in row.judgements)


def _singly(rows: Rows) -> Iterator[str]:
    """How many failures of each log went to their own cause, and where the others went."""
    products = list(rows)
    yield "| staged | " + " | ".join(products) + " |"
    yield "|---|" + "---|" * len(products)
    for name, scenario in SCENARIOS.items():
        staged = [by_name.get(name) for by_name in rows.values()]
        if any(row and row.told_singly for row in staged):
            yield f"| {scenario.title} | {' | '.join(_placed(row) for row in staged)} |"


def still_wrong(rows: Rows) -> dict[str, dict[str, str]]:
    """What is answered wrong, by product and scene: the tests know these records as red."""
    return {
        product: {name: row.told() for name, row in sorted(by_name.items()) if not row.good}
        for product, by_name in rows.items()
        if not all(row.good for row in by_name.values())
    }


def _still_wrong(rows: Rows) -> Iterator[str]:
    wrong = still_wrong(rows)
    if not wrong:
        yield "None."
        return
    yield "| server | staged | answered with its log, and without |"
    yield "|---|---|---|"
    for product, answers in wrong.items():
        for name in answers:
            yield f"| {product} | {SCENARIOS[name].title} | {_cells(rows[product][name])} |"


def _placed(row: Row | None) -> str:
    judged = row.told_singly if row is not None else None
    if judged is None:
        return "–"
    text = f"{judged.placed} of {judged.failures}"
    elsewhere: Counter[str] = Counter()
    for single in judged.singles:
        elsewhere.update(a.cause or "nobody" for a in single.wrong)
        elsewhere["nobody"] += single.left if single.due.known else 0
        elsewhere["read twice"] += max(0, single.read - single.due.failures)
        elsewhere["not read"] += max(0, single.due.failures - single.read)
    told = ", ".join(f"{n} × {where}" for where, n in elsewhere.most_common() if n)
    return f"**{text}** ({told})" if told else text
