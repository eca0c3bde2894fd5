"""The recorder's files: events as lines of JSON, bounded in size and age.

Each event is written whole by one write(2), so that a kill of the recorder loses none that was
written. The file is opened anew for each event: logrotate(8) may move it at any time. Times are
those of the events.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from wizard.hosts.local.host import LocalHost
from wizard.logs.recorded.note import BESIDE_EVENTS, Note, note_at, to_text
from wizard.logs.recorded.read import EVENTS, FILES
from wizard.recorder.event import RecorderEvent, as_json
from wizard.safety.errors import UsageError, WizardError
from wizard.safety.plain_file import open_plain
from wizard.safety.private_file import CannotWriteError, write_private
from wizard.safety.state_directory import make_private

FILE_BYTES = 8 << 20
"""72 MiB in all at the most, with the files beside the one that is written."""

FILE_AGE = timedelta(days=4)
"""How long one file is written to, so that what is dropped by age is dropped in time."""

KEPT = timedelta(days=30)
"""Files whose newest event is older than this are removed."""

RETRY = 60.0
"""Seconds after which a recording that could not be written is tried again."""

_LOCK = "lock"
_NEWLINE = b"\n"


class RecordingError(UsageError):
    """The recording cannot be written or read there; the message is one line."""


class RecordingInUse(WizardError):
    """Another recorder writes there; the message is one line."""


class Recording:
    """One directory of events, of which one recorder at a time is the writer.

    `failed` says why nothing is written at the moment, or is "". `lost` counts what was not.
    `last_looked` is when an earlier recorder looked for the last time.
    """

    def __init__(self, directory: Path) -> None:
        """Creates the directory with mode 0700. Raises RecordingError and RecordingInUse."""
        self.directory = directory.absolute()
        self.failed = ""
        self.lost = 0
        self._failed_at = 0.0
        self._began: datetime | None = None
        self._note = directory / BESIDE_EVENTS
        self._unsigned: Note | None = None
        try:
            make_private(directory)
            self._lock = os.open(directory / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if isinstance(error, FileExistsError | NotADirectoryError):
                raise RecordingError(f"{directory} is no directory; name another one") from None
            raise RecordingError(f"{directory}: {error.strerror}") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise RecordingInUse(f"{directory} {self._whose()}; choose another --dir") from None
        self.last_looked = self._stamp()

    def _whose(self) -> str:
        note = note_at(LocalHost(), str(self._note))
        return f"is written by another recorder{f' (process {note.pid})' if note else ''}"

    def _stamp(self) -> datetime | None:
        try:
            return datetime.fromtimestamp(self._note.stat().st_mtime).astimezone()
        except OSError:
            return None

    def sign(self, note: Note) -> str:
        """Say whose events these are. Why that cannot be written, or empty: `looked` tries anew."""
        try:
            write_private(self._note, to_text(note).encode("ascii"), overwrite=True)
        except CannotWriteError as error:
            self._unsigned = note
            return str(error)
        self._unsigned = None
        return ""

    def looked(self) -> None:
        """The recorder is at work at this moment."""
        if self._unsigned is not None:
            self.sign(self._unsigned)
        with suppress(OSError):
            os.utime(self._note)

    def add(self, event: RecorderEvent) -> bool:
        """Append; whether it was. A full disk ends the recording for a while, and harms nothing:
        see `failed`."""
        if self.failed and time.monotonic() - self._failed_at < RETRY:
            self.lost += 1
            return False
        line = (as_json(event) + "\n").encode("ascii")
        try:
            self._make_room(event.at, len(line))
            self._append(line, event.at)
        except OSError as error:
            self.failed = f"{self.directory / EVENTS}: {error.strerror}"
            self._failed_at = time.monotonic()
            self.lost += 1
            return False
        self.failed = ""
        return True

    def reopen(self) -> None:
        """Try again at once where it could not be written."""
        self._failed_at = 0.0
        self._began = None

    def close(self) -> None:
        """Leave the directory to another recorder."""
        self.looked()
        os.close(self._lock)

    def _append(self, line: bytes, at: datetime) -> None:
        """Whole or not at all; a line that a crash of the machine tore is ended first."""
        path = self.directory / EVENTS
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(path, flags, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != _NEWLINE
            data = _NEWLINE + line if torn else line
            if os.write(descriptor, data) != len(data):
                os.ftruncate(descriptor, size)
                raise OSError(28, "No space left on device")
            os.utime(descriptor, (at.timestamp(), at.timestamp()))
        finally:
            os.close(descriptor)

    def _make_room(self, now: datetime, more: int) -> None:
        path = self.directory / EVENTS
        if not path.exists():
            self._began = now
            return
        if self._began is None:
            self._began = _first_moment(path) or now
        if path.stat().st_size + more > FILE_BYTES or now - self._began > FILE_AGE:
            self._rotate()
            self._began = now
            self._drop_old(now)

    def _rotate(self) -> None:
        self._numbered(FILES).unlink(missing_ok=True)
        for number in range(FILES - 1, 0, -1):
            if self._numbered(number).exists():
                self._numbered(number).rename(self._numbered(number + 1))
        (self.directory / EVENTS).rename(self._numbered(1))

    def _drop_old(self, now: datetime) -> None:
        oldest = (now - KEPT).timestamp()
        for number in range(1, FILES + 1):
            path = self._numbered(number)
            if path.exists() and path.stat().st_mtime < oldest:
                path.unlink()

    def _numbered(self, number: int) -> Path:
        return self.directory / f"{EVENTS}.{number}"


def _first_moment(path: Path) -> datetime | None:
    from wizard.logs.recorded.read import parsed

    try:
        with open_plain(path) as stream:
            return parsed(stream.readline(1 << 16).decode("utf-8", "replace")).at
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def recorded_lines(directory: Path) -> Iterator[str]:
    """Every whole line, oldest first; a torn last line is left out. Raises RecordingError."""
    names = [*(f"{EVENTS}.{number}" for number in range(FILES, 0, -1)), EVENTS]
    try:
        for name in names:
            path = directory / name
            if path.exists():
                with open_plain(path) as stream:
                    text = stream.read().decode("utf-8", "replace")
                for line in text.splitlines(keepends=True):
                    if line.endswith("\n") and line.strip():
                        yield line.strip()
    except OSError as error:
        raise RecordingError(f"{directory}: {error.strerror}") from None
