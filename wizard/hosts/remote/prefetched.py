"""Files, directories and commands' answers that came along with another answer."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wizard.hosts.protocol import (
    CommandResult,
    FileStat,
    HostError,
    NotFound,
    NotPermitted,
    Prefetch,
    Unfinished,
)
from wizard.hosts.remote.prefetch_script import COMMAND_SECONDS, NO_COMMAND
from wizard.hosts.remote.sections import sections
from wizard.hosts.remote.silence import program_of

AHEAD_HOLDS = 15.0
"""Seconds for which they are taken as they are: who asked for them follows at once."""

DIRECTORY_HOLDS = 3.0
"""Seconds for which a directory's names and attributes are (nfs(5) does so for as long): other
steps read the logs in it, which grow."""

_TIMED_OUT = ("124", "143")
"""What timeout(1) says: coreutils, and BusyBox, which tells the signal."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a file from `offset`; `whole` says that they go to its end."""

    offset: int
    data: bytes
    whole: bool

    def cut(self, offset: int, length: int) -> bytes | None:
        """What a read would give, or None where these bytes do not tell."""
        begin = offset - self.offset
        if begin < 0 or not (self.whole or begin + length <= len(self.data)):
            return None
        return self.data[begin : begin + length]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What was known at `at` (by the monotonic clock). `gone` are paths that are not there,
    `denied` those that the account may not read."""

    at: float = 0.0
    gone: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    stats: Mapping[str, FileStat] = field(default_factory=dict)
    pieces: Mapping[str, Piece] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entries: Mapping[str, FileStat] = field(default_factory=dict)
    answers: Mapping[tuple[str, ...], CommandResult | HostError] = field(default_factory=dict)

    @property
    def unanswered(self) -> tuple[tuple[str, ...], ...]:
        """The commands that came to no end."""
        return tuple(w for w, told in self.answers.items() if isinstance(told, Unfinished))

    def __or__(self, newer: "Ahead") -> "Ahead":
        """Both together, where they speak of the same the newer."""
        told = {*newer.stats, *newer.pieces, *newer.names, *newer.entries}
        return Ahead(
            newer.at,
            (self.gone - told) | newer.gone,
            (self.denied - told) | newer.denied,
            {**self.stats, **newer.stats},
            {**self.pieces, **newer.pieces},
            newer.names,
            newer.entries,
            {**self.answers, **newer.answers},
        )

    def stat(self, path: str) -> FileStat | None:
        """None where nothing is known. Raises NotFound, NotPermitted."""
        if self._age <= DIRECTORY_HOLDS and path in self.entries:
            return self.entries[path]
        return self.stats.get(path) if self._holds(path) else None

    def read(self, path: str, offset: int, length: int) -> bytes | None:
        """None where nothing is known. Raises NotFound, NotPermitted."""
        piece = self.pieces.get(path) if self._holds(path) else None
        return piece.cut(offset, length) if piece is not None else None

    def list_dir(self, path: str) -> tuple[str, ...] | None:
        """None where nothing is known. Raises NotFound, NotPermitted."""
        return self.names.get(path) if self._holds(path, DIRECTORY_HOLDS) else None

    def run(self, words: Sequence[str]) -> CommandResult | None:
        """None where nothing is known. Raises HostError, as the command did."""
        answer = self.answers.get(tuple(words)) if self._age <= AHEAD_HOLDS else None
        if isinstance(answer, HostError):
            raise answer
        return answer

    @property
    def _age(self) -> float:
        return time.monotonic() - self.at

    def _holds(self, path: str, seconds: float = AHEAD_HOLDS) -> bool:
        fresh = self._age <= seconds
        if fresh and path in self.gone:
            raise NotFound(f"{path} does not exist")
        if fresh and path in self.denied:
            raise NotPermitted(f"{path} may not be read by this account; use root")
        return fresh


@dataclass(slots=True)
class _Found:
    gone: set[str] = field(default_factory=set)
    denied: set[str] = field(default_factory=set)
    stats: dict[str, FileStat] = field(default_factory=dict)
    pieces: dict[str, Piece] = field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    entries: dict[str, FileStat] = field(default_factory=dict)
    printed: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    told: dict[int, str] = field(default_factory=dict)


def parse_ahead(output: bytes, mark: str, along: Prefetch) -> Ahead:
    """What of `along`, and of the files that a script brings by itself, has come. An output that
    was cut tells less."""
    found = _Found()
    told = list(sections(output, mark))
    for words, body in told if told and told[-1][0][0] == "end" else told[:-1]:
        _take(found, words, body)
    answers = {
        command.words: _answer(program_of(command.words), *found.printed[i], found.told[i])
        for i, command in enumerate(along.commands)
        if i in found.printed and i in found.told
    }
    return Ahead(
        time.monotonic(),
        frozenset(found.gone),
        frozenset(found.denied),
        found.stats,
        found.pieces,
        found.names,
        found.entries,
        answers,
    )


def _take(found: _Found, words: tuple[str, ...], body: bytes) -> None:
    name, _, rest = body.partition(b"\n")
    path = name.decode("utf-8", "surrogateescape")
    match words:
        case ("gone",):
            found.gone.add(path)
        case ("denied",):
            found.denied.add(path)
        case ("meta",):
            found.stats[path] = file_stat(rest.decode("ascii", "replace").split())
        case ("piece", offset, most):
            found.pieces[path] = Piece(int(offset), rest, len(rest) < int(most))
        case ("broken",):
            # What came of it may be less than there is.
            found.pieces.pop(path, None)
        case ("names", most):
            listed = rest.decode("utf-8", "surrogateescape").split("\n")
            names = tuple(sorted(n for n in listed if n))
            if len(names) < int(most):
                found.names[path] = names
        case ("entries",):
            found.entries.update(described(rest.decode("utf-8", "surrogateescape")))
        case ("answer", number, most):
            found.printed[int(number)] = (body, int(most))
        case ("told", number):
            found.told[int(number)] = body.decode("utf-8", "replace")


def _answer(name: str, printed: bytes, most: int, told: str) -> CommandResult | HostError:
    stderr, _, code = told.rpartition("code ")
    code = code.strip()
    if code == "127" and NO_COMMAND in stderr:
        return NotFound(f"no such command: {name}")
    if code in _TIMED_OUT:
        return Unfinished(f"{name} gave no answer within {COMMAND_SECONDS} s")
    exit_code = int(code) if code.isdecimal() else -1
    stdout = printed.decode("utf-8", "replace")
    return CommandResult(exit_code, stdout, stderr, len(printed) >= most)


def file_stat(words: Sequence[str]) -> FileStat:
    """Of `stat -c '%f %s %Y'`. Raises ValueError, IndexError."""
    return FileStat(int(words[1]), float(words[2]), words[0].startswith("4") and len(words[0]) == 4)


def described(text: str, directory: str = "") -> dict[str, FileStat]:
    """What `stat -c '%f %s %Y %n'` said of files, by path; `directory` is where its names lie."""
    found: dict[str, FileStat] = {}
    for line in text.splitlines():
        words = line.split(" ", 3)
        if len(words) == 4 and words[1].isdecimal() and words[2].isdecimal():
            found[f"{directory}{words[3]}"] = file_stat(words)
    return found
