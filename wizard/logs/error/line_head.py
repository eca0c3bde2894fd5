"""Where message and time stand in the lines of servers that write their own heads.

The head is what comes before the message. A log has few sorts of heads and many of messages, so
that a head is read once, for all lines in which it differs by digits only.
"""

from dataclasses import dataclass
from datetime import tzinfo

from wizard.logs.error.line import OWN_HEAD, parse_line
from wizard.logs.error.minutes import Minutes
from wizard.logs.error.stamp_places import stamp_places

REPEATED = b"MY-013951"
"""MySQL repeats a line of before under this code, and then a second head may follow."""

_MOST = 5000
"""Heads that are remembered; then all are forgotten."""


@dataclass(frozen=True, slots=True)
class LineHead:
    """Where the parts of a line stand: `text` is the message, `minute` and `offset` the time's."""

    text: int
    minute: slice
    offset: slice


class LineHeads:
    """Knows the heads by their shapes; bounded."""

    def __init__(self, minutes: Minutes, zone: tzinfo | None) -> None:
        self._minutes = minutes
        self._zone = zone
        self._known: dict[bytes, LineHead] = {}

    def of(self, line: bytes, shape: bytes) -> LineHead | None:
        """None for a line with another head, and for one whose time is no time.

        `line` must not be one that is REPEATED.
        """
        found = OWN_HEAD.match(line) if line.isascii() else None
        if found is None:
            return None
        key = shape[: found.end()]
        head = self._known.get(key)
        if head is None and (head := self._read(line, found.end())) is not None:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = head
        return head

    def _read(self, line: bytes, end: int) -> LineHead | None:
        parsed = parse_line(line, self._zone)
        if parsed is None or parsed.at is None:
            return None
        places = stamp_places(line, parsed.at, self._minutes)
        return None if places is None else LineHead(end, *places)
