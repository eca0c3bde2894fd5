"""What a diagnosis says: findings, attributions, and what to look at next."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wizard.case.evidence import Failure


class Verdict(StrEnum):
    """In order of belief. `NOT_CHECKED` means that nobody looked, not that nothing is there."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    RULED_OUT = "ruled-out"
    NOT_CHECKED = "not-checked"

    @property
    def accuses(self) -> bool:
        """Whether this verdict names a cause (exit code 1 of `check`)."""
        return self in (Verdict.CONFIRMED, Verdict.LIKELY)


@dataclass(frozen=True, slots=True)
class Reason:
    """One signal that speaks for or against a cause, with its evidence."""

    signal: str
    text: str
    source: str
    step: str
    count: int = 0
    first: datetime | None = None
    last: datetime | None = None
    excerpt: str = ""


DECIDING = "diagnosis"
"""The step of what no step looks at: the operator compares it with what is known."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A signal that would decide and was not looked for: `text` says what, `how` how to."""

    signal: str
    step: str
    text: str
    how: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause. `confidence` is in 0..1; `explains` counts the failures attributed to it."""

    cause: str
    title: str
    verdict: Verdict
    confidence: float
    explains: int
    supports: tuple[Reason, ...]
    against: tuple[Reason, ...]
    missing: tuple[Missing, ...]
    remedies: tuple[str, ...]
    noise: bool = False


@dataclass(frozen=True, slots=True)
class Attribution:
    """Why one failure is put down to a cause; `cause` is None where nothing explains it.

    `doubtful` says that it is so for want of anything better: no cause is accused for that alone.
    `rival` names another cause that it may be as well: none is confirmed for that alone.
    """

    failure: Failure
    cause: str | None
    because: str
    doubtful: bool = False
    rival: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`findings` are ordered best first.

    `observer` says who saw the failures that `total` and `explained` count: `application` (its
    own log, attributed one by one) or `server` (sessions that the server saw ending badly; then
    `attributions` is empty). `advice` is what to look at next, one sentence, or "". `remarks`
    say how the evidence had to be read: clocks that differ.
    """

    findings: tuple[Finding, ...]
    attributions: tuple[Attribution, ...]
    observer: str
    total: int
    explained: int
    advice: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def unexplained(self) -> int:
        return self.total - self.explained

    @property
    def accused(self) -> tuple[Finding, ...]:
        """The findings that name a cause."""
        return tuple(f for f in self.findings if f.verdict.accuses)
