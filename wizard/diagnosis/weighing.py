"""What all evidence together says of one cause. Before anybody asks which failures it explains.

A cause's belief is a noisy-or over the signals that speak for it, reduced by those that speak
against it. `confirmed` needs a conclusive signal: no sum of weak ones reaches it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.model import Cause, Weighed
from wizard.case.evidence import Evidence
from wizard.diagnosis.case_view import View, decided, doubt_left, present, speaks_against
from wizard.diagnosis.matching.clues import Clue
from wizard.diagnosis.model import Verdict

LIKELY = 0.65
POSSIBLE = 0.2
CLEARED = 0.1
"""A cause that no more than this share of belief is left of is ruled out."""

Weighings = list[tuple[Weighed, Evidence | None]]


@dataclass(frozen=True, slots=True)
class WeighedCause:
    """One cause with what speaks for and against it. `doubt` is the belief that is left of it."""

    cause: Cause
    supports: Weighings
    against: Weighings
    doubt: float
    confidence: float
    verdict: Verdict

    @property
    def cleared(self) -> bool:
        """Whether it is at most unlikely: such a cause explains nothing, in no sum either."""
        return self.verdict in (Verdict.UNLIKELY, Verdict.RULED_OUT)


def weigh(cause: Cause, view: View) -> WeighedCause:
    supports = [(use, e) for use in cause.supports for e in present(use, view)]
    against = speaks_against(cause, view)
    doubt = doubt_left(against)
    confidence = (1.0 - doubt_left(supports)) * doubt
    # Where something that was seen speaks against it, no trace is decisive.
    conclusive = decided(cause, view) and all(use.absent for use, _ in against)
    verdict = _verdict(confidence, conclusive, bool(supports), doubt)
    return WeighedCause(cause, supports, against, doubt, confidence, verdict)


def clues_of(weighed: WeighedCause, view: View) -> Iterator[Clue]:
    """What of the cause's evidence can explain failures."""
    for use in weighed.cause.supports:
        if use.absent:
            continue
        tried = use.conclusive and use.match in ("idle", "now") and weighed.verdict.accuses
        for evidence in view.evidence.get(use.signal, ()):
            yield Clue(weighed.cause, use, evidence, weighed.doubt, tried)


def _verdict(confidence: float, conclusive: bool, supported: bool, doubt: float) -> Verdict:
    if conclusive and confidence >= LIKELY:
        return Verdict.CONFIRMED
    if confidence >= LIKELY:
        return Verdict.LIKELY
    if confidence >= POSSIBLE:
        return Verdict.POSSIBLE
    if not supported and doubt <= CLEARED:
        return Verdict.RULED_OUT
    return Verdict.UNLIKELY
