"""The new lines of the server's error log, as they come. Rotation and truncation are survived."""

from collections import deque
from datetime import tzinfo

from wizard.hosts.protocol import Host, HostError
from wizard.logs.engine.block import Block
from wizard.logs.error.marks import Mark
from wizard.logs.error.scan import scan
from wizard.logs.error.scan_model import LogEvent

MOST = 1 << 20
"""Bytes that are read at once. A log that grows faster is passed over, and that is said."""


_EVENTS, _MARKS = 10_000, 500
"""What is kept at the most until it is asked for; the newest."""


class LogTail:
    """Follows one file. `zone` is the server's, for stamps without one.

    `marks` are what was read of the server's life since somebody cleared them. `trouble` says why
    the file is out of sight.
    """

    def __init__(self, host: Host, path: str, zone: tzinfo | None) -> None:
        """Begins at the file's end. Raises HostError where it cannot be read."""
        self._host = host
        self._zone = zone
        self._rest = b""
        self.path = path
        self.skipped = 0
        self.trouble = ""
        self.marks: deque[Mark] = deque(maxlen=_MARKS)
        self._events: deque[LogEvent] = deque(maxlen=_EVENTS)
        self._offset = host.stat(path).size
        host.read(path, max(self._offset - 1, 0), 1)

    def new_lines(self) -> tuple[LogEvent, ...]:
        """What the signatures know of the lines since the last call."""
        self.read()
        events = tuple(self._events)
        self._events.clear()
        return events

    def read(self) -> None:
        """Take in the new lines. Nothing where the file is out of sight for the moment."""
        try:
            data = self._new_bytes()
        except HostError as error:
            self.trouble = str(error)
            return
        self.trouble = ""
        whole, newline, self._rest = (self._rest + data).rpartition(b"\n")
        if not newline:
            return
        block = Block(whole + b"\n", self.path, self._offset, None, len(whole) + 1)
        found = scan([block], self._zone)
        self._events.extend(event for tally in found.tallies for event in tally.events)
        self.marks.extend(found.marks)

    def _new_bytes(self) -> bytes:
        size = self._host.stat(self.path).size
        if size < self._offset:
            # Another file under this name, or the same one emptied.
            self._offset, self._rest = 0, b""
        if size - self._offset > MOST:
            self.skipped += size - self._offset - MOST
            self._offset, self._rest = size - MOST, b""
        data = self._host.read(self.path, self._offset, size - self._offset)
        self._offset += len(data)
        return data
