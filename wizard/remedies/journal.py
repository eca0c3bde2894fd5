"""The journal of changes.

One JSON line for each thing that happened to a change, never rewritten.

It is written and synced before anything is changed, so that a change can be taken back by
another process, after a crash, and without the case. It holds no password.
"""

import errno
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wizard.case.case import BeforeAfter
from wizard.remedies.files_here import sync_directory
from wizard.remedies.journal_entry import ChangeState, JournalEntry
from wizard.remedies.journal_lines import encoded
from wizard.remedies.journal_reading import Reading, reading
from wizard.safety.errors import WizardError
from wizard.safety.file_lock import take_lock
from wizard.safety.state_directory import make_private

MAX_JOURNAL = 4 << 20
"""Bytes at the journal's end of which every change is kept; of those before, what is in force."""

_LONGEST_LINE = 4 << 20


class JournalError(WizardError):
    """The journal cannot be read or written; the message is one line."""


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
        self._append(encoded(entry))

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

    def note(
        self,
        entry: JournalEntry,
        state: ChangeState,
        lines: list[str],
        text: str | None = None,
        proof: tuple[BeforeAfter, ...] | None = None,
    ) -> JournalEntry:
        """The same for what has been done already, by default with `lines` as its text.

        It stays done where the journal can no longer say so; a line more tells that.
        """
        text = "; ".join(lines) if text is None else text
        try:
            return self.move(entry, state, text, proof)
        except JournalError as error:
            lines.append(f"CAUTION: {error}; there it is listed as {entry.state} still")
            kept = entry.proof if proof is None else proof
            return replace(entry, state=state, text=text, proof=kept)

    def entries(self) -> tuple[JournalEntry, ...]:
        """Every change, oldest first, each in its last state. Raises JournalError."""
        return self.reading().entries

    def reading(self, most: int = MAX_JOURNAL) -> Reading:
        """The same, and what was not understood.

        Of what lies before the last `most` bytes only what is in force. Raises JournalError.
        """
        try:
            return reading(self._lines(most))
        except OSError as error:
            raise JournalError(f"{self.path} cannot be read: {error.strerror}") from None

    def find(self, entry_id: str) -> JournalEntry | None:
        return next((e for e in self.entries() if e.id == entry_id), None)

    def _lines(self, most: int) -> Iterator[tuple[bytes, bool]]:
        """Each line, and whether it lies before the last `most` bytes."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        with os.fdopen(descriptor, "rb") as stream:
            self._require_file(descriptor)
            recent = os.fstat(descriptor).st_size - most
            at = 0
            while line := stream.readline(_LONGEST_LINE):
                at += len(line)
                yield line, at <= recent

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
                f"the journal {self.path} cannot be written: {_why(error)}"
            ) from None

    @contextmanager
    def _opened(self) -> Iterator[int]:
        directory = self.path.parent
        make_private(directory)
        directory.chmod(0o700)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self.path, flags | os.O_NONBLOCK, 0o600)
        try:
            self._require_file(descriptor)
            os.fchmod(descriptor, 0o600)
            take_lock(descriptor)
            yield descriptor
            sync_directory(directory)
        finally:
            os.close(descriptor)


def _why(error: OSError) -> str:
    """In words of what is in the way: nobody else's file is written through a link."""
    if error.errno == errno.ELOOP:
        return "it is a symbolic link; put the file itself there"
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"{error.filename} is no directory; move it away"
    return str(error.strerror)


def _ends_with_newline(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"
