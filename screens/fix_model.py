"""What the Fix screen offers, has shown, and can take back: plain data between its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens.state import FixKind

if TYPE_CHECKING:
    from knowledge.model import Remedy
    from wizard.remedies.actions import Action
    from wizard.remedies.host_plan import HostPlan
    from wizard.remedies.journal_entry import JournalEntry
    from wizard.remedies.plan import Plan


@dataclass(frozen=True, slots=True)
class Offer:
    """A remedy with the cause that asks for it, empty where nothing does; `verdict` is a word."""

    remedy: Remedy
    cause: str
    verdict: str

    @property
    def is_wizards(self) -> bool:
        """Whether the wizard can carry it out."""
        from wizard.remedies.doable import ACTIONS, HOST_REMEDIES

        return self.remedy.kind == "variable" or self.remedy.id in ACTIONS | HOST_REMEDIES

    @property
    def takes_values(self) -> bool:
        """Whether the operator may name values for it."""
        from wizard.remedies.doable import HOST_REMEDIES

        return self.remedy.kind == "variable" or self.remedy.id in HOST_REMEDIES


@dataclass(frozen=True, slots=True)
class Preview:
    """What was shown. `deed` is None where the operator has to do it."""

    offer: Offer
    lines: tuple[str, ...]
    deed: Plan | HostPlan | Action | None = None
    kind: FixKind = FixKind.YOURS
    wants_value: bool = False
    """Whether nothing is proposed and the operator may name a value."""

    @property
    def takes_value(self) -> bool:
        """Whether another value would show another preview."""
        return self.offer.takes_values and (self.deed is not None or self.wants_value)


@dataclass(frozen=True, slots=True)
class Undoable:
    """The newest change in force, what undo would do, and whether it overwrites others' work."""

    entry: JournalEntry
    lines: tuple[str, ...]
    overwrites: bool
