"""A recorder's note of itself: which server it watches, and where its events are.

One lies among the events, as `recording.json`, so that they tell whose they are wherever they are
carried; one for each server in `recorders` of the state directory, so that they are found again.
Its time of change is when the recorder last looked.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from wizard.hosts.protocol import Host, HostError
from wizard.safety.sanitize import sanitize

BESIDE_EVENTS = "recording.json"
FOLDER = "recorders"

SERVICE_STATE = "/var/lib/goneaway-wizard"
"""The state directory of a recorder that systemd runs (StateDirectory=)."""

MOST_DIRECTORIES = 8
_MOST_BYTES = 1 << 16
_MOST_NOTES = 500


@dataclass(frozen=True, slots=True)
class Note:
    """`server` is the server's own name for itself, `label` how it was reached. `directories`
    hold its events, the newest first; none where nothing was kept."""

    server: str
    label: str
    flavor: str
    version: str
    pid: int
    since: datetime
    directories: tuple[str, ...] = ()

    def is_of(self, server: str, label: str) -> bool:
        """Whether it is of this server; by the way to it where its name is not known."""
        return self.server == server if server and self.server else self.label == label


def file_name(server: str) -> str:
    """The file of a server's note: names of servers are text from outside."""
    return hashlib.sha256(server.encode("utf-8", "replace")).hexdigest()[:24] + ".json"


def to_text(note: Note) -> str:
    return json.dumps(
        {
            "server": note.server,
            "target": note.label,
            "flavor": note.flavor,
            "version": note.version,
            "pid": note.pid,
            "since": note.since.isoformat(),
            "directories": list(note.directories),
        }
    )


def from_text(text: str) -> Note:
    """Raises ValueError for what is no note."""
    told = json.loads(text)
    if not isinstance(told, dict):
        raise ValueError("no note of a recorder")
    since = datetime.fromisoformat(str(told.get("since")))
    directories = told.get("directories")
    kept = directories if isinstance(directories, list) else []
    return Note(
        sanitize(str(told.get("server", ""))),
        sanitize(str(told.get("target", ""))),
        sanitize(str(told.get("flavor", ""))),
        sanitize(str(told.get("version", ""))),
        int(told.get("pid", 0)),
        since if since.tzinfo else since.astimezone(),
        tuple(str(d) for d in kept[:MOST_DIRECTORIES] if str(d).startswith("/")),
    )


def note_at(host: Host, path: str) -> Note | None:
    """The note in a file; None where there is none that can be read."""
    try:
        return from_text(host.read(path, 0, _MOST_BYTES).decode("utf-8", "replace"))
    except (HostError, ValueError, TypeError):
        return None


def notes_in(host: Host, state: str) -> Iterator[Note]:
    """The notes in a state directory of that machine."""
    folder = PurePosixPath(state) / FOLDER
    names: tuple[str, ...] = ()
    with suppress(HostError):
        names = host.list_dir(folder)
    for name in [n for n in names if n.endswith(".json")][:_MOST_NOTES]:
        note = note_at(host, str(folder / name))
        if note is not None:
            yield note
