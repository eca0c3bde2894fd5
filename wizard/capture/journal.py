"""The journal of captures, on disk before the log is switched on.

Any later start of the wizard knows from it what has to go back. It holds no password.
"""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from wizard.capture.logging_state import CaptureKind
from wizard.capture.plan import CapturePlan
from wizard.safety.append_line import append_line, read_tail
from wizard.safety.errors import WizardError
from wizard.safety.state_directory import state_file

FILE = "captures.jsonl"

MAX_JOURNAL = 4 << 20
"""Bytes of the journal that are read, from its end."""


class CaptureState(StrEnum):
    """How far a capture came.

    `IN_FORCE` that is never followed by another state: everything that would have put the log back
    was killed, or is still at it.
    """

    IN_FORCE = "in-force"
    RESTORED = "restored"
    NEVER_ON = "never-on"


class CaptureJournalError(WizardError):
    """The journal cannot be read or written; the message is one line."""


@dataclass(frozen=True, slots=True)
class CaptureEntry:
    """One capture, with all that is needed to put the log back.

    `pid` and `pid_started` (clock ticks since boot, proc(5)) tell whether the wizard that began
    it still runs on this machine, `boot` which boot of the machine that was. `ends` is when the
    server itself puts the log back. `cleanup` empties a table that was empty.
    """

    id: str
    at: datetime
    ends: datetime
    state: CaptureState
    kind: CaptureKind
    label: str
    identity: str
    user: str
    restore: tuple[str, ...]
    own_file: str
    own_name: str
    pid: int
    pid_started: str
    boot: str
    cleanup: tuple[str, ...] = ()


def new_capture(
    plan: CapturePlan, label: str, identity: str, user: str, ends: datetime
) -> CaptureEntry:
    now = datetime.now(UTC)
    return CaptureEntry(
        f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}", now, ends, CaptureState.IN_FORCE,
        plan.kind, label, identity, user, plan.restore, plan.own_file, plan.own_name,
        os.getpid(), started_of(os.getpid()), boot_id(), plan.cleanup,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaptureJournal:
    """One JSON line for each thing that happened to a capture, never rewritten."""

    path: Path

    @classmethod
    def default(cls, environ: Mapping[str, str] = os.environ) -> "CaptureJournal":
        """In the state directory of this account (XDG Base Directory Specification)."""
        return cls(state_file(FILE, environ))

    def record(self, entry: CaptureEntry) -> None:
        """Store the entry, on disk when this returns. Raises CaptureJournalError."""
        data = asdict(entry)
        data["at"], data["ends"] = entry.at.isoformat(), entry.ends.isoformat()
        self._append(data)

    def move(self, entry_id: str, state: CaptureState) -> None:
        """Raises CaptureJournalError."""
        self._append({"id": entry_id, "moved": datetime.now(UTC).isoformat(), "state": state})

    def entries(self) -> tuple[CaptureEntry, ...]:
        """Every capture, oldest first, in its last state. Raises CaptureJournalError."""
        found: dict[str, CaptureEntry] = {}
        try:
            lines = read_tail(self.path, MAX_JOURNAL)
        except OSError as error:
            raise CaptureJournalError(f"{self.path} cannot be read: {error.strerror}") from None
        for line in lines:
            try:
                data = json.loads(line)
                if "restore" in data:
                    entry = _decoded(data)
                    found[entry.id] = entry
                elif data["id"] in found:
                    state = CaptureState(data["state"])
                    found[data["id"]] = replace(found[data["id"]], state=state)
            except (ValueError, KeyError, TypeError):
                continue
        return tuple(found.values())

    def in_force(self) -> tuple[CaptureEntry, ...]:
        return tuple(e for e in self.entries() if e.state is CaptureState.IN_FORCE)

    def _append(self, data: Mapping[str, Any]) -> None:
        try:
            append_line(self.path, json.dumps(data, separators=(",", ":")))
        except OSError as error:
            raise CaptureJournalError(
                f"the journal {self.path} cannot be written ({error.strerror}), and without it "
                "no log is switched on"
            ) from None


def still_runs(entry: CaptureEntry) -> bool:
    """Whether the wizard that began the capture runs on this machine."""
    return entry.boot == boot_id() and started_of(entry.pid) == entry.pid_started != ""


def leftovers(journal: CaptureJournal, identity: str = "") -> tuple[CaptureEntry, ...]:
    """Captures in force whose wizard is gone and whose time is over.

    On one server where `identity` is given. The guard may still be at one that ends later. Raises
    CaptureJournalError.
    """
    now = datetime.now(UTC)
    return tuple(
        entry
        for entry in journal.in_force()
        if not still_runs(entry) and entry.ends < now and identity in ("", entry.identity)
    )


def left_over_line(entry: CaptureEntry) -> str:
    return (
        f"the {entry.kind} log of {entry.label} was captured at {entry.at:%Y-%m-%d %H:%M:%S} UTC "
        "and may not have been put back: run goneaway-wizard capture restore"
    )


def started_of(pid: int) -> str:
    """Field 22 of /proc/PID/stat (proc(5)); "" where there is no such process."""
    try:
        stat = Path("/proc", str(pid), "stat").read_text(encoding="ascii", errors="replace")
        return stat.rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _decoded(data: Mapping[str, Any]) -> CaptureEntry:
    return CaptureEntry(
        **{
            **data,
            "at": datetime.fromisoformat(data["at"]),
            "ends": datetime.fromisoformat(data["ends"]),
            "state": CaptureState(data["state"]),
            "kind": CaptureKind(data["kind"]),
            "restore": tuple(data["restore"]),
            "cleanup": tuple(data.get("cleanup", ())),
        }
    )
