"""Who connected and never quit, by a general log: one quick look at all of its lines.

A session that ends in order says Quit. One that did not was cut, forgotten by its program, or is
there still; a start of the server ends all that came before it.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from wizard.logs.engine.block import Block
from wizard.logs.engine.stamps import Clock
from wizard.logs.engine.tally import Names
from wizard.safety.sanitize import decode, sanitize

MAX_OPEN = 200_000
"""Sessions that are remembered until they quit; further ones are only counted."""

EXAMPLES = 3

_SESSION = re.compile(
    rb"\n(?:\t\t|[^\t\n]{15,40}\t) *(\d{1,19}) (?:(Quit)\b|Connect\t([^\n]{1,300}))"
)
_STARTED = b" started with:\n"
_REFUSED = (b"Access denied", b"Connection attempt")


@dataclass(slots=True)
class Sessions:
    """What a general log says of its sessions. `open` are those that did not quit, each with
    the rest of its Connect line; `unlisted` counts those beyond MAX_OPEN."""

    connected: int = 0
    quits: int = 0
    refused: int = 0
    unlisted: int = 0
    open: dict[int, str] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None
    size: int = 0
    lines: int = 0

    @property
    def never_quit(self) -> int:
        return len(self.open) + self.unlisted

    def accounts(self) -> Names:
        names = Names()
        for told in self.open.values():
            names.add(account_of(told))
        return names


def read_sessions(
    blocks: Iterable[Block], clock: Clock, checkpoint: Callable[[], None] = lambda: None
) -> Sessions:
    """Reads `blocks` in order; `checkpoint` is called for each and may raise to stop."""
    told = Sessions()
    for block in blocks:
        checkpoint()
        told.size += block.size
        for part in _runs(block.data):
            _take(told, part)
        _times(told, block.data, clock)
    return told


def _runs(data: bytes) -> Iterator[bytes]:
    """What each server wrote; all but the first part begin with a start."""
    if _STARTED not in data:
        yield b"\n" + data
        return
    first, *later = data.split(_STARTED)
    yield b"\n" + first
    for part in later:
        yield _STARTED + part


def _take(told: Sessions, data: bytes) -> None:
    if data.startswith(_STARTED):
        told.open.clear()
        told.unlisted = 0
    sessions = told.open
    for number, quit_, argument in _SESSION.findall(data):
        if quit_:
            told.quits += 1
            if sessions.pop(int(number), None) is None and told.unlisted:
                told.unlisted -= 1
        elif argument.startswith(_REFUSED):
            told.refused += 1
            sessions.pop(int(number), None)
        else:
            told.connected += 1
            if len(sessions) < MAX_OPEN:
                sessions[int(number)] = decode(argument)
            else:
                told.unlisted += 1


def _times(told: Sessions, data: bytes, clock: Clock) -> None:
    if told.first is None:
        told.first = next(filter(None, map(clock, data.split(b"\n"))), None)
    end = data[-8192:].split(b"\n")
    told.last = next(filter(None, map(clock, reversed(end))), None) or told.last


def account_of(argument: str) -> str:
    """Of `user@host on db using TCP/IP`, as an account."""
    name = argument.split(" on ", 1)[0].split(" as ", 1)[0]
    user, _, host = name.rpartition("@")
    return sanitize(f"'{user}'@'{host}'", 200)
