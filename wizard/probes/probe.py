"""What a probe is."""

from collections.abc import Callable
from dataclasses import dataclass

from wizard.steps.limits import ProbeLimits
from wizard.steps.step import Step


@dataclass(frozen=True, slots=True)
class Probe:
    """`step` runs it; `opens` says in one sentence what it will open, and for how long, within
    limits that the operator may change. It is shown before the probe starts."""

    step: Step
    opens: Callable[[ProbeLimits], str]

    @property
    def id(self) -> str:
        return self.step.id
