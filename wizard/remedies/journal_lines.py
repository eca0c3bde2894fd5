"""An entry of the journal as the JSON of one line, and back, from earlier versions too."""

import base64
import re
from dataclasses import asdict
from typing import Any

from wizard.case.json_codec import decode, map_text
from wizard.remedies.journal_entry import JournalEntry
from wizard.remedies.place import place_from_label
from wizard.remedies.plan import VariableChange
from wizard.safety.sanitize import sanitize

_MOST = 1 << 20
"""Characters of one text: nothing is cut of a list of statements."""

_PLAIN = re.compile(r"[A-Za-z0-9_.+-]+")

_AS_WRITTEN = frozenset({"FileRecord.path", "ChangePlace.socket"})


def encoded(entry: JournalEntry) -> dict[str, Any]:
    """The whole entry."""
    data = asdict(entry)
    data["at"] = entry.at.isoformat()
    if entry.file is not None:
        data["file"]["block"] = base64.b64encode(entry.file.block).decode()
    return data


def decoded(data: dict[str, Any]) -> JournalEntry:
    """An entry that this version can take back whole, or an error.

    What a field that is not known stands for, undo would leave out. Raises ValueError, KeyError,
    TypeError, AttributeError, CodecError.
    """
    data = {**data, "place": _with_place(data.get("place"), str(data["label"]))}
    file = data.get("file")
    if file is not None:
        data["file"] = {**file, "block": base64.b64decode(file["block"])}
        _require_path(file["path"])
    entry = decode(JournalEntry, data)
    _require_known(data, asdict(entry), "entry")
    if not (entry.changes or entry.actions or entry.host):
        raise ValueError("it says of nothing what was changed")
    if not all(_is_plain(change) for change in entry.changes):
        raise ValueError("what was changed is no variable, or its values no numbers and switches")
    clean: JournalEntry = map_text(entry, _clean)
    return clean


def _is_plain(change: VariableChange) -> bool:
    """They become SQL, which quotes neither (`set_statement`)."""
    values = [change.old, change.new, *([change.persisted] if change.persisted else [])]
    return change.name.isidentifier() and all(_PLAIN.fullmatch(value) for value in values)


def _require_path(path: object) -> None:
    if not (isinstance(path, str) and path.startswith("/") and "\0" not in path):
        raise ValueError("the file is no path")


def _require_known(data: object, known: object, place: str) -> None:
    """Raises ValueError where something was read over."""
    if isinstance(data, dict) and isinstance(known, dict):
        for name, value in data.items():
            if name not in known:
                raise ValueError(f"{place}.{name} is not known")
            _require_known(value, known[name], f"{place}.{name}")
    elif isinstance(data, list) and isinstance(known, list | tuple):
        for one, other in zip(data, known, strict=True):
            _require_known(one, other, place)


def _clean(name: str, text: str) -> str:
    """Labels, reasons and the server's words came from outside. A path names a file as it is."""
    return text if name in _AS_WRITTEN else sanitize(text, _MOST)


def _with_place(data: object, label: str) -> object:
    """Lines of earlier versions hold only the label."""
    return asdict(place_from_label(label)) if data is None else data
