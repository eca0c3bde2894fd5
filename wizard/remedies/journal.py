"""The journal of changes.

One JSON line for each thing that happened to a change, never rewritten.

It is written and synced before anything is changed, so that a change can be taken back by
another process, after a crash, and without the case. It holds no password.
"""

import base64
import fcntl
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from wizard.case.case import BeforeAfter, Change
from wizard.remedies.host_record import HostRecord, KernelSetting
from wizard.remedies.place import (
    UNKNOWN_MACHINE,
    UNKNOWN_PLACE,
    ChangePlace,
    Machine,
    place_from_label,
    this_machine,
)
from wizard.remedies.plan import Plan, VariableChange
from wizard.safety.errors import WizardError
from wizard.target.model import SshPlace

MAX_JOURNAL = 16 << 20
"""Bytes of the journal that are read, from its end."""


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


class JournalError(WizardError):
    """The journal cannot be read or written; the message is one line."""


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
    def standing(self) -> str:
        """How far it came, in words."""
        match self.state:
            case ChangeState.PLANNED if self.actions:
                return "planned (interrupted: it may have been done or not; it cannot be undone)"
            case ChangeState.PLANNED:
                return "planned (interrupted: it may have been made or not; undo is safe)"
            case ChangeState.UNDOING:
                return "undoing (interrupted: undo again, it goes on where it stopped)"
        return str(self.state)

    @property
    def is_interrupted(self) -> bool:
        """Whether the program ended in the middle of it."""
        return self.state in (ChangeState.PLANNED, ChangeState.UNDOING) and not self.actions

    def as_change(self) -> Change:
        """The change as a case tells it."""
        return Change(
            self.id, self.remedy, self.at, self.summary, self.state, self.text, self.proof
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


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal in one file (mode 0600, in a directory of mode 0700)."""

    path: Path

    @classmethod
    def default(cls, environ: Mapping[str, str] = os.environ) -> "Journal":
        """In the state directory of this account (XDG Base Directory Specification)."""
        base = environ.get("XDG_STATE_HOME", "")
        root = Path(base) if base.startswith("/") else Path.home() / ".local" / "state"
        return cls(root / "goneaway-wizard" / "journal.jsonl")

    def record(self, entry: JournalEntry) -> None:
        """Store the whole entry, on disk when this returns. Raises JournalError."""
        self._append(_encoded(entry))

    def move(
        self,
        entry: JournalEntry,
        state: ChangeState,
        text: str = "",
        proof: tuple[BeforeAfter, ...] | None = None,
    ) -> JournalEntry:
        """Store that `entry` is in `state` now, with one line about it.

        `proof` is what a new proof set side by side. Raises JournalError.
        """
        at = datetime.now(UTC).isoformat()
        line: dict[str, Any] = {"id": entry.id, "moved": at, "state": state, "text": text}
        if proof is not None:
            line["proof"] = [asdict(row) for row in proof]
        self._append(line)
        return replace(entry, state=state, text=text, proof=entry.proof if proof is None else proof)

    def entries(self) -> tuple[JournalEntry, ...]:
        """Every change, oldest first, each in its last state. Lines that were cut short by a
        crash are passed over. Raises JournalError."""
        found: dict[str, JournalEntry] = {}
        for line in self._lines():
            try:
                data = json.loads(line)
                if "changes" in data:
                    entry = _decoded(data)
                    found[entry.id] = entry
                elif data["id"] in found:
                    entry = found[data["id"]]
                    found[entry.id] = replace(
                        entry,
                        state=ChangeState(data["state"]),
                        text=str(data.get("text", "")),
                        proof=_decoded_proof(data) if "proof" in data else entry.proof,
                    )
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                continue
        return tuple(found.values())

    def find(self, entry_id: str) -> JournalEntry | None:
        return next((e for e in self.entries() if e.id == entry_id), None)

    def _lines(self) -> Iterator[str]:
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as stream:
                self._require_file(descriptor)
                size = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, size - MAX_JOURNAL))
                raw = stream.read(MAX_JOURNAL)
        except FileNotFoundError:
            return
        except OSError as error:
            raise JournalError(f"{self.path} cannot be read: {error.strerror}") from None
        yield from raw.decode("utf-8", "replace").splitlines()

    def _require_file(self, descriptor: int) -> None:
        """A FIFO or device would be waited for for ever."""
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise JournalError(f"the journal {self.path} is not a regular file: move it away")

    def _append(self, data: Mapping[str, Any]) -> None:
        line = json.dumps(data, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        try:
            with self._opened() as descriptor:
                # A line that a crash cut short must not swallow this one.
                line = line if _ends_with_newline(descriptor) else b"\n" + line
                written = 0
                while written < len(line):
                    written += os.write(descriptor, line[written:])
                os.fsync(descriptor)
        except OSError as error:
            raise JournalError(
                f"the journal {self.path} cannot be written: {error.strerror}"
            ) from None

    @contextmanager
    def _opened(self) -> Iterator[int]:
        directory = self.path.parent
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self.path, flags | os.O_NONBLOCK, 0o600)
        try:
            self._require_file(descriptor)
            os.fchmod(descriptor, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
            sync_directory(directory)
        finally:
            os.close(descriptor)


def sync_directory(directory: Path) -> None:
    """Make a new or renamed name in `directory` survive a power loss."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _ends_with_newline(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"


def _encoded(entry: JournalEntry) -> dict[str, Any]:
    data = asdict(entry)
    data["at"] = entry.at.isoformat()
    if entry.file is not None:
        data["file"]["block"] = base64.b64encode(entry.file.block).decode()
    return data


def _decoded(data: dict[str, Any]) -> JournalEntry:
    file = data.get("file")
    if file is not None:
        file = FileRecord(
            **{
                **file,
                "block": base64.b64decode(file["block"]),
                "machine": Machine(**file.get("machine", {})),
            }
        )
    return JournalEntry(
        **{
            **data,
            "at": datetime.fromisoformat(data["at"]),
            "state": ChangeState(data["state"]),
            "changes": tuple(VariableChange(**c) for c in data["changes"]),
            "actions": tuple(str(statement) for statement in data.get("actions", ())),
            "host": _decoded_host(data.get("host")),
            "proof": _decoded_proof(data),
            "file": file,
            "place": _decoded_place(data.get("place"), str(data["label"])),
        }
    )


def _decoded_proof(data: Mapping[str, Any]) -> tuple[BeforeAfter, ...]:
    return tuple(BeforeAfter(**row) for row in data.get("proof", ()))


def _decoded_host(data: dict[str, Any] | None) -> HostRecord | None:
    if data is None:
        return None
    return HostRecord(
        tuple(KernelSetting(**setting) for setting in data["settings"]),
        str(data["unit"]),
        tuple((str(name), str(value)) for name, value in data["lines"]),
    )


def _decoded_place(data: dict[str, Any] | None, label: str) -> ChangePlace:
    """Lines of earlier versions hold only the label."""
    if data is None:
        return place_from_label(label)
    ssh = data["ssh"]
    return ChangePlace(
        **{
            **data,
            "ssh": None if ssh is None else SshPlace(**ssh),
            "machine": Machine(**data["machine"]),
        }
    )
