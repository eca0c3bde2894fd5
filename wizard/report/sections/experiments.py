"""The section on what the probes measured: their tables, with the figures as they are."""

from wizard.case.case import Case
from wizard.case.evidence import StepResult, StepStatus, Table
from wizard.report.model import BarFigure, Block, Drawing, Grid, Heading, Paragraph, Section
from wizard.report.sections.histogram import histogram
from wizard.steps.names import IDLE, PROBE_IDS
from wizard.units import many

MAX_ROWS = 24
MAX_TABLES = 6
MAX_FIGURES = 4
FULL = "#█"
"""What a table's bar is drawn with."""


def experiments(case: Case) -> Section | None:
    """None where no probe was run to its end, or none has a table."""
    done = [r for name in PROBE_IDS if (r := case.step(name)) and r.status is StepStatus.DONE]
    blocks = [block for result in done for block in _blocks(result)]
    return (
        Section("experiments", "What the experiments measured", tuple(blocks)) if blocks else None
    )


def _blocks(result: StepResult) -> list[Block]:
    blocks: list[Block] = []
    for figure in _figures(result):
        blocks += [Heading(figure.title), Drawing(_lines(figure), figure)]
    for table in result.tables[:MAX_TABLES]:
        blocks += [Heading(table.title), _grid(table)]
        if table.note:
            blocks.append(Paragraph(table.note))
    return blocks


def _figures(result: StepResult) -> list[BarFigure]:
    """Histograms of what was measured; of the idle ladder, how long each rung lived."""
    found = [figure for samples in result.samples if (figure := histogram(samples))]
    if result.id == IDLE.id:
        found += [_ladder(table) for table in result.tables if table.columns[:1] == ("pause",)]
    return found[:MAX_FIGURES]


def _ladder(table: Table) -> BarFigure:
    """The bar of a rung is as full as the table's own."""
    rows = tuple(
        (f"{row[0]} {row[1]}", sum(mark in FULL for mark in row[2]) / max(len(row[2]), 1), row[-1])
        for row in table.rows[:MAX_ROWS]
    )
    return BarFigure(table.title, rows)


def _lines(figure: BarFigure) -> tuple[str, ...]:
    """In plain characters, at most 80 wide."""
    return tuple(
        f"{label[:26]:<26} {'#' * round(share * 26):<26} {words}"[:80]
        for label, share, words in figure.rows
    )


def _grid(table: Table) -> Grid:
    left = len(table.rows) - MAX_ROWS
    more = f"... and {many(left, 'more row')}" if left > 0 else ""
    return Grid(tuple(c.upper() for c in table.columns), table.rows[:MAX_ROWS], more)
