"""What one host of a fleet answered, in short; the case file has everything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wizard.case.case import Case
from wizard.case.json_codec import decode, encode
from wizard.diagnosis.model import Diagnosis, Verdict
from wizard.fleet.traits import traits_of


@dataclass(frozen=True, slots=True)
class HostCause:
    """One cause that is confirmed or likely there; `explains` counts its failures."""

    cause: str
    title: str
    verdict: Verdict
    confidence: float
    explains: int


@dataclass(frozen=True, slots=True)
class HostResult:
    """One host. Where it could not be looked at, `reason` says why, and all else is empty.

    `exit_code` is what `check` would have ended with; `case` names the file beside the result.
    `causes` are best first, `failures` and `explained` count what was seen; `traits` is what it
    may have in common with others.
    """

    host: str
    exit_code: int
    reason: str = ""
    case: str = ""
    server: str = ""
    causes: tuple[HostCause, ...] = ()
    failures: int = 0
    explained: int = 0
    seconds: float = 0.0
    traits: Mapping[str, str] = field(default_factory=dict)

    @property
    def was_looked_at(self) -> bool:
        return not self.reason

    @property
    def accused(self) -> bool:
        return bool(self.causes)

    def as_data(self) -> dict[str, Any]:
        data = encode(self)
        assert isinstance(data, dict)
        return data


def result_from(data: object) -> HostResult:
    """The result that was written. Raises CodecError."""
    return decode(HostResult, data)


def result_of(
    host: str, case: Case, diagnosis: Diagnosis, exit_code: int, seconds: float
) -> HostResult:
    """The short answer of a check that ran; a server that nobody reached may still be explained."""
    facts = case.target
    version = (facts.version or "").partition("-")[0]
    causes = tuple(
        HostCause(f.cause, f.title, f.verdict, round(f.confidence, 2), f.explains)
        for f in diagnosis.accused
    )
    return HostResult(
        host, exit_code,
        server=" ".join(filter(None, (facts.flavor if version else "", version))),
        causes=causes, failures=diagnosis.total, explained=diagnosis.explained,
        seconds=round(seconds, 1), traits=traits_of(case, diagnosis),
    )  # fmt: skip


def not_looked_at(host: str, reason: str, exit_code: int, seconds: float = 0.0) -> HostResult:
    return HostResult(host, exit_code, reason, seconds=round(seconds, 1))
