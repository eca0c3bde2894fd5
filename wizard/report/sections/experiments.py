"""The section on what the probes measured: their tables, with the figures as they are."""

from wizard.case.case import Case
from wizard.case.evidence import StepResult, StepStatus, Table
from wizard.report.model import Block, Grid, Heading, Paragraph, Section
from wizard.report.words import many
from wizard.steps.names import PROBE_IDS

MAX_ROWS = 24
MAX_TABLES = 6


def experiments(case: Case) -> Section | None:
    """None where no probe was run to its end, or none has a table."""
    done = [r for name in PROBE_IDS if (r := case.step(name)) and r.status is StepStatus.DONE]
    blocks = [block for result in done for block in _blocks(result)]
    return (
        Section("experiments", "What the experiments measured", tuple(blocks)) if blocks else None
    )


def _blocks(result: StepResult) -> list[Block]:
    blocks: list[Block] = []
    for table in result.tables[:MAX_TABLES]:
        blocks += [Heading(table.title), _grid(table)]
        if table.note:
            blocks.append(Paragraph(table.note))
    return blocks


def _grid(table: Table) -> Grid:
    left = len(table.rows) - MAX_ROWS
    more = f"... and {many(left, 'more row')}" if left > 0 else ""
    return Grid(tuple(c.upper() for c in table.columns), table.rows[:MAX_ROWS], more)
