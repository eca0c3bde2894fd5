"""The note that a recorder of this server runs, locked while it does."""

import fcntl
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from wizard.hosts.local.host import LocalHost
from wizard.logs.recorded.note import FOLDER, MOST_DIRECTORIES, Note, file_name, note_at, to_text
from wizard.safety.private_file import CannotWriteError, write_private
from wizard.safety.state_directory import make_private, state_file


class Presence:
    """Held while the recorder runs. `other` is the one that was there first, if any.

    The note stays when the recorder ends: `check` finds the recording by it.
    """

    def __init__(self, note: Note, state: Path | None = None) -> None:
        """A state directory that cannot be written costs the notice alone."""
        self.other: Note | None = None
        self._lock: int | None = None
        path = (state or state_file(FOLDER)) / file_name(note.server or note.label)
        before = note_at(LocalHost(), str(path))
        try:
            make_private(path.parent)
            self._lock = os.open(
                path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
            )
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.other = before
        except OSError:
            return
        known = before.directories if before is not None else ()
        kept = dict.fromkeys((*note.directories, *known))
        merged = replace(note, directories=tuple(kept)[:MOST_DIRECTORIES])
        if self.other is not None:
            merged = replace(self.other, directories=merged.directories)
        with suppress(CannotWriteError):
            write_private(path, to_text(merged).encode("ascii"), overwrite=True)

    def close(self) -> None:
        """Another recorder may be alone from now on."""
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)
