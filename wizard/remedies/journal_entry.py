"""One change as the journal keeps it: what was done, how far it came, how it is taken back."""

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from wizard.case.case import BeforeAfter, Change
from wizard.case.how_far import standing
from wizard.remedies.host_record import HostRecord
from wizard.remedies.place import UNKNOWN_MACHINE, UNKNOWN_PLACE, ChangePlace, Machine, this_machine
from wizard.remedies.plan import Plan, VariableChange


class ChangeState(StrEnum):
    """How far a change has come. `PLANNED` that is never followed by another state means that
    the program ended in between: the change may have been made or not."""

    PLANNED = "planned"
    APPLIED = "applied"
    VERIFIED = "verified"
    FAILED = "failed"
    UNDOING = "undoing"
    """Written before anything is taken back: the file may be as it was already."""
    PARTLY_UNDONE = "partly-undone"
    UNDONE = "undone"
    DONE = "done"
    """An action, which nothing takes back."""

    @property
    def in_force(self) -> bool:
        """Whether there may be something to take back."""
        return self not in (ChangeState.FAILED, ChangeState.UNDONE, ChangeState.DONE)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What was added to a file of `machine`. `existed` tells whether undo may remove the file."""

    path: str
    block: bytes
    existed: bool
    before_sha256: str
    after_sha256: str
    machine: Machine = UNKNOWN_MACHINE


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One change, with all that is needed to take it back. `at` is when it was planned;
    `boundary` the connection number of a session that was opened right after the change, 0 where
    none was: sessions with a smaller one may hold the old value. `actions` are statements that
    nothing takes back, `host` what was changed on the machine; such entries have no changes."""

    id: str
    at: datetime
    state: ChangeState
    remedy: str
    label: str
    identity: str
    flavor: str
    changes: tuple[VariableChange, ...]
    set_persist: bool = False
    file: FileRecord | None = None
    text: str = ""
    place: ChangePlace = UNKNOWN_PLACE
    boundary: int = 0
    actions: tuple[str, ...] = ()
    host: HostRecord | None = None
    proof: tuple[BeforeAfter, ...] = ()

    @property
    def summary(self) -> str:
        if self.host is not None:
            return self.host.summary
        if self.actions:
            return "; ".join(self.actions) + " (cannot be undone)"
        kept = " (kept across restarts)" if self.set_persist or self.file else ""
        parts = [f"{c.name}: {c.old_text} -> {c.new_text}" for c in self.changes]
        return "; ".join(parts) + kept

    @property
    def names(self) -> frozenset[str]:
        """The server's variables and the kernel's settings that it set."""
        settings = self.host.settings if self.host is not None else ()
        return frozenset(c.name for c in self.changes) | frozenset(s.name for s in settings)

    @property
    def standing(self) -> str:
        """How far it came, in words."""
        match self.state:
            case ChangeState.PLANNED if self.actions:
                return "planned (interrupted: it may have been done or not; it cannot be undone)"
            case ChangeState.PLANNED:
                return "planned (interrupted: it may have been made or not; undo is safe)"
            case ChangeState.UNDOING:
                return "undoing (interrupted: undo again, it goes on where it stopped)"
        return standing(self.state, self.text)

    @property
    def is_interrupted(self) -> bool:
        """Whether the program ended in the middle of it."""
        return self.state in (ChangeState.PLANNED, ChangeState.UNDOING) and not self.actions

    def as_change(self) -> Change:
        """The change as a case tells it."""
        in_file = self.file is not None and self.state is not ChangeState.PARTLY_UNDONE
        lasting = not self.changes or self.set_persist or in_file
        return Change(
            self.id, self.remedy, self.at, self.summary, self.state, self.text, self.proof, lasting
        )


def new_entry(plan: Plan, machine: Machine | None = None) -> JournalEntry:
    """A plan that is about to be carried out; `machine` holds its file, by default this one."""
    now = datetime.now(UTC)
    edit = plan.file_edit
    return JournalEntry(
        id=new_id(now),
        at=now,
        state=ChangeState.PLANNED,
        remedy=plan.remedy.id,
        label=plan.label,
        identity=plan.identity,
        flavor=plan.info.flavor,
        changes=plan.changes,
        set_persist=plan.set_persist,
        file=None
        if edit is None
        else FileRecord(
            os.path.abspath(edit.path),  # noqa: PTH100 - keep symlinks
            edit.block,
            edit.existed,
            edit.before_sha256,
            edit.after_sha256,
            machine or this_machine(),
        ),
        place=plan.place,
    )


def action_entry(
    remedy: str,
    label: str,
    identity: str,
    flavor: str,
    statements: tuple[str, ...],
    place: ChangePlace,
) -> JournalEntry:
    """An action that is about to be done."""
    now = datetime.now(UTC)
    return JournalEntry(
        new_id(now), now, ChangeState.PLANNED, remedy, label, identity, flavor, (),
        place=place, actions=statements,
    )  # fmt: skip


def new_id(now: datetime) -> str:
    """Sorts by time; the rest tells two of one second apart."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
