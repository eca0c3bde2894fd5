"""All that the screens show beside their own input. Only the app changes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.case.case import Case
    from wizard.case.evidence import StepResult
    from wizard.diagnosis.model import Diagnosis


WEIGHING = "weighing"
"""What runs between two steps: the diagnosis is made anew."""


class FixKind(Enum):
    """What is looked at on the Fix screen."""

    CHANGE = "change"
    """The wizard makes it, proves it, and takes it back."""
    ACTION = "action"
    """The wizard does it at once; nothing takes it back."""
    YOURS = "yours"
    """The operator does it, or somebody else."""


@dataclass(slots=True)
class State:
    """`up` is the connection (None: not known yet), `settled` whether the first run has ended.
    `ssh_lost` is the time since which the SSH connection is lost, or "".

    `running` is what runs now, a step, a probe or a job, since `began` (monotonic seconds), and
    `said` its last line of progress; `awaited` are the probes that were asked for and have not
    begun. `partial` is what a probe knew before it ended, by id: while it runs, and after it
    ended without a result.
    """

    label: str = ""
    offline: str = ""
    case: Case | None = None
    diagnosis: Diagnosis | None = None
    up: bool | None = None
    was_up: bool = False
    link: str = ""
    since: str = ""
    ssh_lost: str = ""
    running: str = ""
    said: str = ""
    began: float = 0.0
    settled: bool = False
    given: bool = False
    """Whether an error or a log was given, on the command line or in a form."""
    awaited: tuple[str, ...] = ()
    losses: tuple[datetime, ...] = ()
    """When the wizard itself lost the server."""
    partial: dict[str, StepResult] = field(default_factory=dict)
    read_at: dict[str, datetime] = field(default_factory=dict)
    """When each step and probe was read, as far as this run of the program did it."""
    fix_stage: int = 1
    """How far the operator is on the way through a fix (screens.text.fix_path)."""
    fix_kind: FixKind = FixKind.CHANGE
    fix_takes_values: bool = False
    """Whether the operator may name a value for what is looked at."""
    fix_waits: bool = False
    """Whether other remedies than those that are listed wait for `n`."""
    recorder: str = ""
    """`watching` or `stopped`, where the operator began to watch in this run of the program."""
    changed_at: datetime | None = None
    """When this run of the program last changed the server, or took a change back."""

    @property
    def refused(self) -> bool:
        """Whether the server refuses the account, so that another password may help."""
        result = self.case.step("connection") if self.case is not None else None
        told = result.evidence if result is not None else ()
        return self.up is False and any(fact.signal == "state.access-denied" for fact in told)

    @property
    def reading(self) -> bool:
        """Whether a saved case is there and has not been weighed yet."""
        saved = bool(self.offline) and not self.offline.startswith("no server")
        return saved and self.case is not None and self.diagnosis is None

    def begin(self, step: str, now: float) -> None:
        """A step, probe or job begins."""
        self.running, self.said, self.began = step, "", now
        self.awaited = tuple(name for name in self.awaited if name != step)
        self.partial.pop(step, None)

    def weighed(self, diagnosis: Diagnosis) -> None:
        self.diagnosis = diagnosis
        if self.running == WEIGHING:
            self.running = ""

    def rest(self) -> None:
        """Nothing runs, and nothing is going to."""
        self.running, self.awaited = "", ()

    def link_is(self, up: bool, text: str, clock: str) -> None:
        """The connection's state; `clock` is when that was seen."""
        if self.offline:
            return
        if self.up is not up:
            self.since = clock
            if self.up and not up:
                self.losses += (datetime.now(UTC),)
        self.link = text
        self.was_up = self.was_up or up
        self.up = up

    def ssh_is(self, up: bool, text: str, clock: str) -> None:
        """The SSH connection's state; what is behind it is gone with it."""
        if up:
            self.ssh_lost = ""
        else:
            self.link_is(False, text, clock)
            self.ssh_lost = self.ssh_lost or clock
