"""What gave no answer on another machine: it is not waited for again.

A program may hang (a dead bus, a dead directory service), a file system may (a dead NFS server),
or the machine as a whole. What hung may be mended meanwhile, so none of it holds for ever.
"""

import posixpath
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from wizard.hosts.protocol import Prefetch, Unfinished
from wizard.safety.sanitize import sanitize
from wizard.units import duration

HOLDS = 300.0
"""Seconds after which it is asked again: `watch` runs for days."""

ENOUGH = 40.0
"""Seconds waited in vain, of all questions together, after which nothing more is asked."""

MOST_OF_ONE = 12.0
"""Seconds that one question counts for at most: a long log is given many by itself."""

STUB_CODE = 124
"""The exit code of what stands in a silent program's place, as timeout(1) has it."""

EVERYTHING = "/"
"""Stands for a machine whose shell does not answer."""

_OF_OTHERS = frozenset({"getent", "ping", "tracepath", "sh"})
"""Programs whose silence is that of whom they ask, or of what they run."""

_RUNS_ANY = ("env", "head")
"""What each command that comes along is run with."""

_LISTS = ("ls", "head")
"""What a folder's names are listed with."""

_COMMANDS = {"sh": 4, "env": 3}
"""Where in the words of a command its program stands, for `sh -c SCRIPT sh PROGRAM` and
`env -u NAME PROGRAM`; else it is the first."""


def program_of(words: Sequence[str]) -> str:
    """The program that a command asks, whatever starts it."""
    place = _COMMANDS.get(words[0], 0)
    return words[place] if len(words) > place else words[0]


class Silence:
    """Remembers it for one machine. May be used from several threads."""

    def __init__(self, label: Callable[[], str]) -> None:
        self._label = label
        self._lock = threading.Lock()
        self._since: dict[str, float] = {}
        self._lost: list[tuple[float, float]] = []

    def note(self, *names: str) -> None:
        """These programs, questions, and paths with all that is below them, do not answer."""
        with self._lock:
            self._since |= dict.fromkeys(names, time.monotonic())

    def note_commands(self, commands: Iterable[Sequence[str]]) -> None:
        """These did not answer."""
        self.note(*({program_of(words) for words in commands} - _OF_OTHERS))

    def waited(self, seconds: float) -> None:
        """So long was waited in vain."""
        with self._lock:
            self._lost.append((time.monotonic(), seconds))

    def forget(self) -> None:
        """All of it is asked again."""
        with self._lock:
            self._since, self._lost = {}, []

    @property
    def names(self) -> frozenset[str]:
        """The programs, questions and paths that are known not to answer."""
        now = time.monotonic()
        with self._lock:
            self._since = {n: at for n, at in self._since.items() if now - at < HOLDS}
            return frozenset(self._since)

    @property
    def programs(self) -> tuple[str, ...]:
        return tuple(sorted(n for n in self.names if not n.startswith("/") and " " not in n))

    def of(self, names: Iterable[str] = (), paths: Iterable[str] = ()) -> str:
        """The first of these that is known not to answer, or ""."""
        held = self.names
        if EVERYTHING in held:
            return EVERYTHING
        silent = next((name for name in names if name in held), "")
        places = tuple(name for name in held if name.startswith("/"))
        below = (p for path in paths for p in places if is_below(path, p))
        return silent or next(below, "")

    def require(self, names: Iterable[str] = (), paths: Iterable[str] = ()) -> None:
        """Raises Unfinished where one of them did not answer, or enough was waited in vain."""
        if silent := self.of(names, paths):
            raise self.told(silent)
        now = time.monotonic()
        with self._lock:
            self._lost = [(at, lost) for at, lost in self._lost if now - at < HOLDS]
            lost = [seconds for _, seconds in self._lost]
        if sum(min(seconds, MOST_OF_ONE) for seconds in lost) >= ENOUGH:
            host, time_lost = sanitize(self._label()), duration(round(sum(lost)))
            raise Unfinished(
                f"{host} was waited for in vain, {time_lost} in all; nothing more is asked of it"
            )

    def without(self, along: Prefetch) -> Prefetch:
        """Of what is to come along, what does not ask those that are silent."""

        def answers(path: str) -> bool:
            return not self.of(paths=(path,))

        commands = () if self.of(_RUNS_ANY) else along.commands
        # A folder whose names nobody tells would look like an empty one.
        are_listed = not self.of(_LISTS)
        return Prefetch(
            tuple(f for f in along.files if answers(f.path)),
            tuple(filter(answers, along.stats)),
            tuple(filter(answers, along.directories)) if are_listed else (),
            tuple(filter(answers, along.listings)) if are_listed else (),
            tuple(c for c in commands if not self.of((program_of(c.words),))),
        )

    def told(self, silent: str) -> Unfinished:
        host = sanitize(self._label())
        if silent == EVERYTHING:
            return Unfinished(f"{host} answers no command; not asked again")
        return Unfinished(f"{sanitize(silent)} did not answer on {host}; not asked again")

    def stubs(self) -> str:
        """Shell functions in the place of the silent programs, so that a script goes on."""
        return "".join(
            f"{name}() {{ echo '{name} did not answer here' >&2; return {STUB_CODE}; }}\n"
            for name in self.programs
            if name.isidentifier()
        )

    def as_root(self, preamble: str) -> str:
        """The preamble for sudo; a silent program is not run by that either."""
        if not (names := [name for name in self.programs if name.isidentifier()]):
            return preamble
        guard = f"case $1 in {'|'.join(names)}) return {STUB_CODE} ;; esac; "
        return preamble.replace("as_root() { ", f"as_root() {{ {guard}")


def is_below(path: str, place: str) -> bool:
    """Whether the path is `place` or below it."""
    plain = posixpath.normpath(path)
    return plain == place or plain.startswith(place.rstrip("/") + "/")
