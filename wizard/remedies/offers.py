"""The remedies of a diagnosis, in the order in which they are to be done. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.load import load
from knowledge.model import Remedy
from wizard.diagnosis.down_now import by_urgency
from wizard.diagnosis.model import Diagnosis, Finding, Verdict


@dataclass(frozen=True, slots=True)
class Offer:
    """A remedy, and the finding that asks for it."""

    remedy: Remedy
    finding: Finding


def offers(diagnosis: Diagnosis) -> tuple[Offer, ...]:
    """Remedies of accused causes first, the most urgent, then of possible ones; each once."""
    found: dict[str, Offer] = {}
    possible = (f for f in diagnosis.findings if f.verdict is Verdict.POSSIBLE)
    for finding in (f for f in (*by_urgency(diagnosis), *possible) if not f.noise):
        for remedy in in_order(finding.remedies):
            found.setdefault(remedy.id, Offer(remedy, finding))
    return tuple(found.values())


def leading(diagnosis: Diagnosis) -> Finding | None:
    """The cause that explains most; None where no cause is accused."""
    return next((f for f in diagnosis.accused if not f.noise), None)


def in_order(names: tuple[str, ...]) -> tuple[Remedy, ...]:
    """Each after those that it names as its forerunners, otherwise as they are given."""
    known = load().remedies
    wanted = [known[name] for name in names if name in known]
    done: dict[str, Remedy] = {}

    def visit(remedy: Remedy) -> Iterator[Remedy]:
        for other in wanted:
            if other.id in remedy.after and other.id not in done:
                yield from visit(other)
        if remedy.id not in done:
            done[remedy.id] = remedy
            yield remedy

    return tuple(found for remedy in wanted for found in visit(remedy))


def is_founded(remedy: Remedy, diagnosis: Diagnosis | None) -> bool:
    """Whether an accused cause asks for this remedy."""
    accused = diagnosis.accused if diagnosis is not None else ()
    return any(remedy.id in finding.remedies for finding in accused)
