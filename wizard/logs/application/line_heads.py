"""How the lines of a log begin on which a record begins, by a sample of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from wizard.logs.application.json_lines import json_line
from wizard.logs.application.prefixes import unwrap
from wizard.logs.application.stack_lines import is_continuation, may_be_stack
from wizard.logs.application.stamps import StampReader
from wizard.logs.application.successes import went_well
from wizard.logs.engine.dull_shapes import DullShapes

_SHAPE = bytes(
    48 if 48 <= c < 58 else 97 if 65 <= c <= 90 or 97 <= c <= 122 else c for c in range(256)
)
_MOST = 64
_SHARE = 4
"""At least one line of so many has to begin a record in a form that is known."""

_LONGEST = 120
_BEHIND = "])>|:, -"


class LineHeads:
    """Knows a line on which a record surely begins.

    `shapes` are the beginnings up to the end of the time, with each digit made a zero and each
    letter an a; `objects` says that a line may be one JSON object.
    """

    def __init__(self, shapes: Iterable[bytes], objects: bool, reader: StampReader) -> None:
        self._shapes = frozenset(shapes)
        self._lengths = sorted({len(shape) for shape in self._shapes})
        self._objects = objects
        self._reader = reader
        self._beginning = DullShapes(lambda shape: not self._begins(shape))

    def begins(self, raw: bytes) -> bool:
        """Whether a record surely begins on this line."""
        if raw[:1] == b"{":
            return self._objects and raw.rstrip()[-1:] == b"}"
        return self._beginning.is_dull(raw)

    def went_well(self, raw: bytes) -> bool:
        """Whether the record that begins on this line tells of work that went well."""
        if raw[:1] == b"{":
            told = json_line(raw.decode("utf-8", "replace"))
            return told is not None and went_well("".join(told.texts[:1]).split("\n")[0])
        length = next(n for n in self._lengths if raw[:n].translate(_SHAPE) in self._shapes)
        return went_well(raw[length : length + 2000].decode("utf-8", "replace"))

    def moment(self, raw: bytes) -> datetime | None:
        """The time of the record that begins on this line, if it can be read."""
        line = raw.decode("utf-8", "replace")
        if raw[:1] != b"{":
            return self._reader.moment(line)
        told = json_line(line)
        return None if told is None or told.wrapper else self._reader.moment(told.time)

    def _begins(self, shape: bytes) -> bool:
        """Whether a record begins on every line with this shape (all its digits zeros)."""
        for length in self._lengths:
            if shape[:length].translate(_SHAPE) in self._shapes:
                rest = shape[length : length + 1000].decode("utf-8", "replace")
                behind = rest.lstrip(_BEHIND)
                return bool(behind) and not (may_be_stack(rest) or is_continuation(behind))
        return False


def line_heads(lines: Sequence[str], reader: StampReader) -> LineHeads | None:
    """None where the lines come of several sources, or too few of them have a time."""
    shapes: set[bytes] = set()
    objects = known = 0
    for line in filter(None, lines):
        told = unwrap(line)
        if told.source or told.outer or told.partial or told.text != line:
            return None
        if line[:1] == "{":
            found = json_line(line)
            if found is None or found.wrapper:
                return None
            objects += 1
            continue
        stamp = reader.find(line)
        if stamp is not None and stamp.end <= _LONGEST and len(shapes) < _MOST:
            shapes.add(line[: stamp.end].encode().translate(_SHAPE))
            known += 1
    if (objects + known) * _SHARE < len(lines):
        return None
    return LineHeads(shapes, objects > 0, reader)
