"""What the long statement found, in words and signals. Pure."""

from collections.abc import Iterator, Sequence

from wizard.case.evidence import Evidence, Scalar
from wizard.probes.shared.bars import how, pause
from wizard.probes.shared.outcomes import WAS_KILLED, Outcome, Unsteady
from wizard.probes.statement.judge import LIMITS, Ender, StatementFinding
from wizard.units import duration

SIGNALS = {
    Ender.LIMIT: "probe.statement-limited",
    Ender.KILL: "probe.statement-killed",
    Ender.CLOSER: "probe.busy-closed",
    Ender.FORGETTER: "probe.idle-silent",
}
LOOKED_FOR = ("probe.statement-limited", "probe.statement-killed", "probe.busy-closed")
"""That a quiet flow is forgotten is the idle ladder's to rule out."""


def headline(found: StatementFinding | Unsteady | None, outcomes: Sequence[Outcome]) -> str:
    if isinstance(found, StatementFinding):
        return sentence(found)
    if isinstance(found, Unsteady):
        return _unsteady(found)
    longest = max((o.seconds for o in outcomes if o.alive), default=None)
    if longest is None:
        return "no statement has shown how long one may run"
    return f"statements that run {duration(longest)} come back"


def sentence(finding: StatementFinding) -> str:
    after = f"after {pause(finding.cut)}"
    match finding.ender:
        case Ender.LIMIT:
            number = finding.number or 0
            return f"the server ends a statement {after} by its {LIMITS[number]} ({number})"
        case Ender.KILL if finding.number in WAS_KILLED:
            return f"somebody kills connections whose statement runs long, {after}"
        case Ender.KILL:
            return f"somebody cancels statements that run long, {after} (1317)"
        case Ender.CLOSER:
            return f"something between closes a connection {after} of a running statement"
        case Ender.FORGETTER:
            return (
                f"a statement that runs {pause(finding.cut)} is never answered: something between"
                " forgets the quiet connection, and tells nobody"
            )


def evidence(found: StatementFinding | Unsteady | None, source: str) -> Iterator[Evidence]:
    """Of what is sure; for a forgotten flow, `value` is the pause that was too long."""
    if isinstance(found, StatementFinding) and found.sure:
        yield Evidence(
            _signal(found),
            f"{sentence(found)} ({detail(found)})",
            source,
            count=len(found.cut.deaths),
            value=round(found.cut.seconds, 2),
        )


def detail(finding: StatementFinding) -> str:
    deaths = finding.cut.deaths
    count = len(deaths)
    ends = ", ".join(sorted({how(death) for death in deaths}))
    parts = [f"{count} statement{'s' if count != 1 else ''}: {ends}"]
    known = [death.listed for death in deaths if death.listed is not None]
    if known and finding.ender in (Ender.CLOSER, Ender.FORGETTER):
        parts.append(f"the server still listed {sum(known)} of {len(known)} of the sessions")
    return "; ".join(parts)


def notes(found: StatementFinding | Unsteady | None) -> Iterator[str]:
    if isinstance(found, StatementFinding) and not found.sure:
        yield f"Not sure: {sentence(found)} ({detail(found)}). It was not seen twice; run it again."
    if isinstance(found, Unsteady):
        words = "; ".join(sorted({death.text for death in found.deaths if death.text}))
        yield f"Statements were lost without a pattern{': ' + words if words else ''}."


def facts(found: StatementFinding | Unsteady | None, limit: float) -> dict[str, Scalar]:
    """See wizard.probes.statement."""
    known: dict[str, Scalar] = {"statement_limit_tried": limit}
    if isinstance(found, StatementFinding) and found.sure:
        known |= {
            "statement_cut_seconds": round(found.cut.seconds, 2),
            "statement_cut_by": found.ender.value,
        }
    return known


def _signal(finding: StatementFinding) -> str:
    if finding.ender is Ender.KILL and finding.number in WAS_KILLED:
        return "probe.idle-killed"
    return SIGNALS[finding.ender]


def _unsteady(found: Unsteady) -> str:
    return (
        f"{len(found.deaths)} of {found.tried} statements were lost, and not by how long they ran"
    )
