"""The recorder's files: events as lines of JSON, bounded in size, the oldest dropped first.

Each event is written whole and flushed at once, so that a kill loses at most a torn last line.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from wizard.recorder.event import RecorderEvent, as_json
from wizard.safety.errors import WizardError

FILE_BYTES = 8 << 20
FILES = 8
"""Files that are kept beside the one that is written: 72 MiB in all at the most."""

_NAME = "events.jsonl"


class RecordingError(WizardError):
    """The recording cannot be written; the message is one line."""


class Recording:
    """One directory of events."""

    def __init__(self, directory: Path) -> None:
        """Creates the directory with mode 0700. Raises RecordingError."""
        self.directory = directory
        self.failed = ""
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise RecordingError(f"{directory}: {error.strerror}") from None

    def add(self, event: RecorderEvent) -> None:
        """Append and flush. A full disk ends the recording, and harms nothing: see `failed`."""
        if self.failed:
            return
        line = (as_json(event) + "\n").encode("ascii")
        path = self.directory / _NAME
        try:
            if path.exists() and path.stat().st_size + len(line) > FILE_BYTES:
                self._rotate()
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, line)
            finally:
                os.close(descriptor)
        except OSError as error:
            self.failed = f"{path}: {error.strerror}"

    def _rotate(self) -> None:
        (self.directory / f"{_NAME}.{FILES}").unlink(missing_ok=True)
        for number in range(FILES - 1, 0, -1):
            older = self.directory / f"{_NAME}.{number}"
            if older.exists():
                older.rename(self.directory / f"{_NAME}.{number + 1}")
        (self.directory / _NAME).rename(self.directory / f"{_NAME}.1")


def recorded_lines(directory: Path) -> Iterator[str]:
    """Every whole line, oldest first; a torn last line is left out. Raises RecordingError."""
    names = [*(f"{_NAME}.{number}" for number in range(FILES, 0, -1)), _NAME]
    try:
        for name in names:
            path = directory / name
            if path.exists():
                for line in path.read_text("utf-8", "replace").splitlines(keepends=True):
                    if line.endswith("\n") and line.strip():
                        yield line.strip()
    except OSError as error:
        raise RecordingError(f"{directory}: {error.strerror}") from None
