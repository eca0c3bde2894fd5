"""Small files and file attributes that came along with the process list."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from wizard.hosts.base import FileStat, NotFound
from wizard.hosts.ssh_sections import sections

AHEAD_BYTES = 65536
"""Bytes of a file that come along; one that fills them may go on and is left out."""

AHEAD_HOLDS = 5.0
"""Seconds for which they are taken as they are: the steps that ask follow at once."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What was known at `at` (by the monotonic clock). None stands for a path that is not there."""

    at: float = 0.0
    known: Mapping[str, bytes | FileStat | None] = field(default_factory=dict)

    def of(self, path: str) -> bytes | FileStat | None:
        """What is known of `path`, or None for nothing. Raises NotFound."""
        if path not in self.known or time.monotonic() - self.at > AHEAD_HOLDS:
            return None
        found = self.known[path]
        if found is None:
            raise NotFound(f"{path} does not exist")
        return found


def parse_ahead(output: bytes, mark: str) -> Ahead:
    known: dict[str, bytes | FileStat | None] = {}
    for words, body in sections(output, mark):
        name, _, rest = body.partition(b"\n")
        path = name.decode("utf-8", "surrogateescape")
        match words[0]:
            case "gone":
                known[path] = None
            case "file" if len(rest) < AHEAD_BYTES:
                known[path] = rest
            case "meta":
                mode, size, changed = rest.decode("ascii", "replace").split()
                is_dir = mode.startswith("4") and len(mode) == 4
                known[path] = FileStat(int(size), float(changed), is_dir)
    return Ahead(time.monotonic(), known)
