"""Why a start failed: the first true reason, not what followed from it.

A server that cannot start says one thing and then everything that it could not do any more:
"Unknown/unsupported storage engine: InnoDB" follows from memory that was not to be had.
"""

import re
from dataclasses import dataclass

from wizard.safety.sanitize import decode

_CONSEQUENCES = re.compile(
    r"init function returned error|registration as a STORAGE ENGINE failed"
    r"|Unknown/unsupported storage engine|Failed to initialize (?:builtin|early|dynamic) plugins"
    r"|Data Dictionary initialization failed|Plugin initialization aborted|\] Aborting"
    r"|initialization of tablespaces? failed|Failed to initialize DD Storage Engine"
    r"|The designated data directory .* is unusable|Could not initialize DD|Shutting down"
    r"|Can't init tc log|Failed to set up SSL|Unable to re-initialize|Failed to start executor"
    r"|InnoDB: Database creation was aborted|Default storage engine \(.*\) is not available"
)
_UNTAGGED = re.compile(
    r"InnoDB: .*(?:errno:? \d|error number \d|[Ff]atal error|[Cc]annot|[Uu]nable to)"
    r"|^\S+: .*(?:Can't|Cannot|Permission denied|unknown (?:variable|option))"
)
"""Errors that InnoDB of MySQL 5.5 and MariaDB 10.0 writes without a level."""

HINTS = (b"[ERROR]", b"errno", b"rror number", b"atal error", b"annot ", b"nable to")


def may_tell(text: bytes) -> bool:
    """Whether any line of `text` can be such a reason."""
    return any(map(text.__contains__, HINTS))


@dataclass(slots=True)
class StartReasons:
    """The first true reason since the newest start began, and failing that the newest error."""

    _reason: str = ""
    _newest: str = ""

    def begin(self) -> None:
        self._reason = self._newest = ""

    def hear(self, line: bytes) -> None:
        if self._reason or not may_tell(line):
            return
        text = decode(line)
        if "[ERROR]" not in text and not _UNTAGGED.search(text):
            return
        if _CONSEQUENCES.search(text):
            self._newest = self._newest or text
        else:
            self._reason = text

    def then(self, later: "StartReasons") -> "StartReasons":
        """What is known at the end of a stretch that follows, of which `later` knows alone."""
        joined = StartReasons()
        joined._reason = self._reason or later._reason
        joined._newest = self._newest or later._newest
        return joined

    def before(self, error: str) -> str:
        """The reason of a mark in a stretch that follows, which alone had it that `error`."""
        if self._reason or not error:
            return self.first
        return self._newest or error if _CONSEQUENCES.search(error) else error

    @property
    def first(self) -> str:
        return self._reason or self._newest
