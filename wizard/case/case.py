"""The case: all of one investigation, as plain immutable data."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain

from wizard.case.evidence import Evidence, Failure, Scalar, StepResult
from wizard.case.facts import Fact

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Window:
    """The time under investigation; both ends aware, `since` < `until`.

    `asked` is true where the operator chose `since`; otherwise it may be moved back to cover
    the failures in the application's log. `open` is true where it ends now, at each look anew.
    """

    since: datetime
    until: datetime
    asked: bool = False
    open: bool = False

    def holds(self, at: datetime | None, slack: timedelta = timedelta()) -> bool:
        """Whether `at` lies in the window; an unknown time does not."""
        return at is not None and self.since - slack <= at <= self.until + slack


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """What is known about the server that was looked at. Never holds a password.

    `flavor` is `mariadb`, `mysql`, `percona` or `unknown`; `version` as the server gives it;
    `label` is how screens name the target (`127.0.0.1:3306`, a socket's path). `app_host` names
    the application's machine, where it was connected.
    """

    label: str
    host: str | None = None
    port: int | None = None
    socket: str | None = None
    user: str | None = None
    flavor: str = "unknown"
    version: str | None = None
    reachable: bool | None = None
    uptime_seconds: int | None = None
    app_host: str | None = None


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """One thing before and after a change, side by side."""

    what: str
    before: str
    after: str


class Outcome(StrEnum):
    """What a proof came to."""

    PROVEN = "proven"
    """The case that failed with the old value passes with the new one."""

    CHANGED = "changed, not proven"
    """The value is in force; what it was meant to mend was not seen to fail and then pass."""

    NO_DIFFERENCE = "made no difference"
    """The case fails as before, or the value does not reach a new session."""

    UNKNOWN = "could not be verified"
    """The server could not be asked."""


@dataclass(frozen=True, slots=True)
class Change:
    """A remedy that was applied, as the report tells it; the journal holds what undo needs.

    `proof` is what was repeated, with the old value and with the new one. `lasting` is false for
    values that the server's next start forgets."""

    id: str
    remedy: str
    at: datetime
    summary: str
    state: str
    verified: str = ""
    proof: tuple[BeforeAfter, ...] = ()
    lasting: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """One investigation. `steps` are in the order in which they are walked through."""

    created: datetime
    window: Window
    target: TargetFacts
    steps: tuple[StepResult, ...] = ()
    changes: tuple[Change, ...] = ()
    tool_version: str = ""

    def step(self, step_id: str) -> StepResult | None:
        return next((s for s in self.steps if s.id == step_id), None)

    def with_step(self, result: StepResult) -> "Case":
        """A case in which `result` stands in place of an earlier run of the same step."""
        if self.step(result.id) is None:
            return replace(self, steps=(*self.steps, result))
        return replace(self, steps=tuple(result if s.id == result.id else s for s in self.steps))

    def fact(self, fact: Fact) -> Scalar:
        """A step's fact, or None where the step has not run or does not know it."""
        result = self.step(fact.step)
        return None if result is None else result.facts.get(fact.name)

    @property
    def evidence(self) -> Iterator[Evidence]:
        return (e for s in self.steps for e in s.evidence)

    @property
    def failures(self) -> tuple[Failure, ...]:
        told = [s.failures for s in self.steps if s.failures]
        return told[0] if len(told) == 1 else tuple(chain.from_iterable(told))

    @property
    def looked_for(self) -> frozenset[str]:
        """Signals that some step was able to look for."""
        return frozenset(name for s in self.steps for name in s.looked_for)
