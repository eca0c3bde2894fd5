"""What can be opened again: a case file, or the directory of a recording."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from wizard import __version__
from wizard.case.case import Case, TargetFacts, Window
from wizard.case.case_file import CaseFileError, load
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import HostError
from wizard.logs.recorded.note import BESIDE_EVENTS, Note, note_at
from wizard.logs.recorded.read import Recorded, recorded
from wizard.steps.recorder import result_of


def load_saved(path: Path) -> Case:
    """Raises CaseFileError."""
    # Path.is_dir() raises where the folder may not be entered; `load` has words for that.
    is_folder = os.path.isdir(path)  # noqa: PTH112
    return case_of_recording(path) if is_folder else load(path)


def case_of_recording(directory: Path) -> Case:
    """A case that holds all that a recorder kept there. Raises CaseFileError."""
    where = str(directory.absolute())
    try:
        found = recorded(LocalHost(), where, None)
    except HostError as error:
        raise CaseFileError(str(error)) from None
    note = note_at(LocalHost(), str(directory / BESIDE_EVENTS))
    return Case(
        datetime.now().astimezone(),
        _window(found),
        _target(note, where),
        (result_of([found], None),),
        tool_version=__version__,
    )


def _window(found: Recorded) -> Window:
    """From the first event to the last look."""
    times = [at for at in (found.first, found.looked_until) if at is not None]
    times += [e.at for e in found.events] or [datetime.now().astimezone()]
    first, last = min(times), max(times)
    return Window(first, max(last, first + timedelta(seconds=1)), asked=True)


def _target(note: Note | None, where: str) -> TargetFacts:
    if note is None:
        return TargetFacts(where)
    return TargetFacts(note.label, flavor=note.flavor or "unknown", version=note.version or None)
