"""The case as the causes see it: evidence by signal, and what was looked for."""

from dataclasses import dataclass
from math import prod

from knowledge.model import Cause, Knowledge, Weighed
from wizard.case import facts
from wizard.case.case import Case
from wizard.case.evidence import Evidence
from wizard.case.moments import moment_of

WEAK = 0.4
"""What evidence is worth that cannot be placed inside the window."""

FEW = 0.5
"""What fewer observations than a signal asks for are worth."""

UNKNOWN_REASON = "log.aborted-unknown"
"""Ends whose reason the server lost: any reason that is not logged may have been theirs."""

_LOGGED_REASONS = ("log.aborted-", "log.idle-timeout")

LOG_STEP = "error-log"

LIFE_ENDS = ("log.shutdown", "log.crash", "log.unclean-end")


@dataclass(frozen=True, slots=True)
class View:
    """The case as the causes see it: evidence by signal, and what was looked for."""

    case: Case
    knowledge: Knowledge
    evidence: dict[str, list[Evidence]]
    looked_for: frozenset[str]

    def absent(self, signal: str) -> bool:
        """Looked for and not there. Counters say nothing about the time before a restart, and a
        log that names no reason for some ends rules out no reason."""
        if signal not in self.looked_for or signal in self.evidence:
            return False
        if UNKNOWN_REASON in self.evidence and signal.startswith(_LOGGED_REASONS):
            return False
        if signal.startswith("kernel.") and not self._kernel_log_covers():
            return False
        return not (self.restarted and self.step_of(signal) == "counters")

    def step_of(self, signal: str) -> str:
        """The step that looks for it."""
        return self.knowledge.signals[signal].step

    def _kernel_log_covers(self) -> bool:
        """Whether the kernel log goes back to the first failure, or to the window's beginning."""
        begins = moment_of(self.case.fact(facts.KERNEL_LOG_FROM))
        times = [f.at for f in self.case.failures if f.at is not None]
        wanted = min(times, default=self.case.window.since)
        return begins is None or begins <= wanted

    @property
    def restarted(self) -> bool:
        return any(name in self.evidence for name in LIFE_ENDS)


def speaks_against(cause: Cause, view: View) -> list[tuple[Weighed, Evidence | None]]:
    """What speaks against the cause. One decisive trace outweighs the lack of another.

    The log of the window lacks what is older: a failure that tells no time may be, where an
    experiment met its cause.
    """
    settled = decided(cause, view)
    older = _met_without_a_time(cause, view)
    return [
        (use, e)
        for use in cause.against
        if not (use.absent and (settled or (older and view.step_of(use.signal) == LOG_STEP)))
        for e in present(use, view)
    ]


def _met_without_a_time(cause: Cause, view: View) -> bool:
    met = any(
        use.match == "cut" and worth(use, e) == 1.0
        for use in cause.supports
        for e in present(use, view)
    )
    return met and any(
        f.at is None and f.idle_seconds is None and f.signal in cause.fits
        for f in view.case.failures
    )


def decided(cause: Cause, view: View) -> bool:
    """Whether a conclusive signal speaks for the cause."""
    return any(
        use.conclusive and worth(use, e) == 1.0
        for use in cause.supports
        for e in present(use, view)
    )


def doubt_left(weighed: list[tuple[Weighed, Evidence | None]]) -> float:
    """What is left of the doubt: each signal counts once, however many records carry it."""
    strength: dict[str, float] = {}
    for use, evidence in weighed:
        weight = use.weight * worth(use, evidence)
        strength[use.signal] = max(weight, strength.get(use.signal, 0.0))
    return prod(1.0 - weight for weight in strength.values())


def worth(use: Weighed, evidence: Evidence | None) -> float:
    if evidence is None:
        return 1.0
    return (WEAK if evidence.weak else 1.0) * (FEW if evidence.count < use.at_least else 1.0)


def present(use: Weighed, view: View) -> list[Evidence | None]:
    """The evidence that makes `use` count; None stands for an absence that was looked for."""
    if use.absent:
        return [None] if view.absent(use.signal) else []
    return list(view.evidence.get(use.signal, ()))
