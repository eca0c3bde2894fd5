"""The idle ladder as a table that fills while it is climbed. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from wizard.case.evidence import Table
from wizard.probes.shared.bars import bar
from wizard.probes.shared.outcomes import Half, Outcome, PlannedRung
from wizard.server.connection_end import ConnectionEnd
from wizard.units import duration

_BY_ITSELF = {
    ConnectionEnd.CLOSED: "closed (FIN)",
    ConnectionEnd.RESET: "reset (RST)",
    ConnectionEnd.SILENT: "lost",
}
_WHEN_ASKED = {
    ConnectionEnd.CLOSED: "closed when asked",
    ConnectionEnd.RESET: "reset when asked",
    ConnectionEnd.SILENT: "no answer",
}


@dataclass(frozen=True, slots=True)
class LadderRow:
    """One rung at one moment: `idle` is how many seconds it has idled, None while it is opened."""

    wanted: PlannedRung
    idle: float | None
    asked: bool = False
    outcome: Outcome | None = None


def state(line: LadderRow) -> str:
    """In words, for the last column."""
    if line.outcome is not None:
        return ended(line.outcome)
    if line.idle is None:
        return "opening"
    return "asked" if line.asked else f"idle {duration(int(line.idle))}"


def ended(outcome: Outcome) -> str:
    if outcome.ending is None:
        return "alive"
    after = f"after {duration(outcome.seconds)}"
    if outcome.ending is ConnectionEnd.TOLD:
        return f"error {outcome.number} {after}"
    if outcome.asked:
        server = "" if outcome.listed is None else f"; server: {_listed(outcome.listed)}"
        return f"{_WHEN_ASKED[outcome.ending]} at {duration(outcome.seconds)}{server}"
    return f"{_BY_ITSELF[outcome.ending]} {after}"


def table(title: str, lines: Iterable[LadderRow]) -> Table:
    ordered = sorted(lines, key=lambda line: (line.wanted.seconds, line.wanted.half is Half.RAISED))
    return Table(title, ("pause", "timeout", "", "state"), tuple(_row(line) for line in ordered))


def _row(line: LadderRow) -> tuple[str, str, str, str]:
    done = line.outcome.seconds if line.outcome is not None else line.idle or 0.0
    return (
        duration(line.wanted.seconds),
        line.wanted.half.value,
        bar(done, line.wanted.seconds),
        state(line),
    )


def _listed(listed: bool) -> str:
    return "Sleep" if listed else "gone"
