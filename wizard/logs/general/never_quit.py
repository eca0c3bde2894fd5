"""Who connected and never quit, by a general log: one quick look at all of its lines.

A session that ends in order says Quit. One that did not was cut, forgotten by its program, or is
there still; a start of the server ends all that came before it.
"""

import re
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from wizard.logs.engine import fast
from wizard.logs.engine.block import Block
from wizard.logs.engine.stamps import Clock
from wizard.logs.engine.tally import MAX_NAMES, OTHERS, Names
from wizard.safety.sanitize import decode, sanitize

MAX_OPEN = 200_000
"""Sessions that are remembered until they quit; further ones are only counted."""

EXAMPLES = 3

_ENDS, _END = 64, 8192
"""Of so many of the newest blocks the last bytes are kept, for the last time in them."""

_STARTED = b" started with:\n"

_WORDS = (b" Connect\t", b" Quit", _STARTED)
"""What a line of interest holds: few do, so they are sought before any line is looked at."""

_SESSION = re.compile(
    rb"(?:\t\t|[^\t\n]{15,40}\t) *(\d{1,19}) (?:(Quit)\b|Connect\t([^\n]{1,300}))"
)
_REFUSED = (b"Access denied", b"Connection attempt")


@dataclass(slots=True)
class Sessions:
    """What a general log says of its sessions. `open` are those that did not quit, each with
    the rest of its Connect line; `unlisted` counts those beyond MAX_OPEN."""

    connected: int = 0
    quits: int = 0
    refused: int = 0
    unlisted: int = 0
    open: dict[int, bytes] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None
    size: int = 0
    connects: Counter[bytes] = field(default_factory=Counter)

    @property
    def never_quit(self) -> int:
        return len(self.open) + self.unlisted

    @property
    def examples(self) -> list[str]:
        return [decode(told) for told in list(self.open.values())[:EXAMPLES]]

    def accounts(self) -> Names:
        """Of those that did not quit."""
        return _accounts(Counter(self.open.values()))

    def connected_by(self) -> Names:
        """Of all that connected; those whose Connect lines are of too many kinds are others."""
        names = _accounts(self.connects)
        rest = self.connected - sum(self.connects.values())
        if rest:
            names.add(OTHERS, rest)
        return names


class QuitTally:
    """Takes the blocks of a log in order; `finish` gives what they say of its sessions."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told = Sessions()
        self._ends: deque[bytes] = deque(maxlen=_ENDS)

    def take(self, block: Block) -> None:
        told = self._told
        told.size += block.size
        _take(told, block.data)
        if told.first is None:
            told.first = _first_time(block.data.split(b"\n"), self._clock)
        self._ends.append(block.data[-_END:])

    def finish(self) -> Sessions:
        newest = (
            _first_time(reversed(end.split(b"\n")), self._clock) for end in reversed(self._ends)
        )
        self._told.last = next(filter(None, newest), self._told.first)
        return self._told


def _take(told: Sessions, data: bytes) -> None:
    finder, last = _finder(), -1
    for place in _places(data) if finder is None else finder(data):
        if data.endswith(_STARTED, 0, place):
            told.open.clear()
            told.unlisted = 0
            continue
        line = data.rfind(b"\n", 0, place) + 1
        found = _SESSION.match(data, line) if line != last else None
        last = line
        if found is not None:
            _count(told, *found.groups())


def _count(told: Sessions, number: bytes, quits: bytes | None, argument: bytes) -> None:
    sessions, session = told.open, int(number)
    if quits:
        told.quits += 1
        if sessions.pop(session, None) is None and told.unlisted:
            told.unlisted -= 1
    elif argument.startswith(_REFUSED):
        told.refused += 1
        sessions.pop(session, None)
    else:
        told.connected += 1
        if argument in told.connects or len(told.connects) < MAX_NAMES:
            told.connects[argument] += 1
        if len(sessions) < MAX_OPEN:
            sessions[session] = argument
        else:
            told.unlisted += 1


def _places(data: bytes) -> list[int]:
    """Where the words end, in order."""
    found = []
    for word in _WORDS:
        at = data.find(word)
        while at >= 0:
            found.append(at + len(word))
            at = data.find(word, at + 1)
    return sorted(found)


@cache
def _finder() -> fast.Finder | None:
    return fast.finder(_WORDS)


def _first_time(lines: Iterable[bytes], clock: Clock) -> datetime | None:
    return next(filter(None, map(clock, lines)), None)


def _accounts(connects: Counter[bytes]) -> Names:
    names = Names()
    for told, count in connects.items():
        names.add(account_of(decode(told)), count)
    return names


def account_of(argument: str) -> str:
    """Of `user@host on db using TCP/IP`, as an account."""
    name = argument.split(" on ", 1)[0].split(" as ", 1)[0]
    user, _, host = name.rpartition("@")
    return sanitize(f"'{user}'@'{host}'", 200)
