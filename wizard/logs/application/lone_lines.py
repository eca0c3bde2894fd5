"""What lines tell that are records by themselves, worked out once a kind of line.

The shape of a line, all its digits zeros, is looked up with those of its numbers that mean
something: a known error's, or one that another value in its place would make tell another thing.
"""

import re
from collections.abc import Iterator
from functools import cache

from knowledge.load import signatures
from wizard.logs.application.client_drivers import known_ports
from wizard.logs.application.client_errno import known_errnos
from wizard.logs.application.client_numbers import known_numbers
from wizard.logs.application.first_look import FirstLook
from wizard.logs.application.lone_line import LoneLine, lone_line
from wizard.logs.engine.shapes import LONGEST_SHAPE, shape_of

_RUN = re.compile("[0-9]+")
_MET = 3
"""How often a shape is met before it is learnt: what that takes is worth it for many."""

_MOST = 4096
"""Shapes that are remembered; then all is forgotten, and learnt again."""

_MOST_KINDS = 1000
"""Kinds of lines that one shape may have."""

_MOST_LEARNT = 400
"""Kinds that are learnt of one log."""

_DIGITS = "0123456789"
_SOME = "059"
_PIECES = re.compile(r"(?P<kept>\(\?P[<=]\w+[>)]|\{[0-9,]*\}|\\[0-9])|\[(?P<of>[^\]]*)\]|[0-9]")
"""Where a pattern has digits: in names and repeats, in a class, or as what it looks for."""

_REPEATS = re.compile(r"\{[0-9,]*\}")

Key = tuple[str, ...]


class _Shape:
    """What is known of the lines of one shape."""

    __slots__ = ("dull", "kinds", "met", "values")

    def __init__(self) -> None:
        self.met = 0
        self.dull: LoneLine | None = None
        self.values: frozenset[int] = frozenset()
        """Which of its numbers mean something, whatever they are."""

        self.kinds: dict[Key, LoneLine | None] = {}


class LoneLines:
    """Tells what a line says by itself; None where it does not know that."""

    def __init__(self, flavor: str) -> None:
        self._flavor = flavor
        self._first_look = FirstLook()
        self._shapes: dict[bytes, _Shape] = {}
        self._left = _MOST_LEARNT

    def is_dull(self, line: str) -> bool:
        """Whether nothing can be read out of this line but its time."""
        return self._first_look.is_dull(line)

    def of(self, line: str) -> LoneLine | None:
        raw = line.encode("utf-8", "surrogatepass")
        known = self._shapes.get(shape := shape_of(raw))
        if known is None:
            if len(raw) > LONGEST_SHAPE:
                return None
            if len(self._shapes) >= _MOST:
                self._shapes.clear()
            known = self._shapes[shape] = _Shape()
            if self.is_dull(line):
                known.dull = lone_line(line, self._flavor, dull=True)
        if known.dull is not None:
            return known.dull
        if known.met < _MET:
            known.met += 1
            return None
        runs = _RUN.findall(line)
        key = _key(runs, known.values)
        if key in known.kinds:
            return known.kinds[key]
        if len(known.kinds) >= _MOST_KINDS:
            return None
        told = self._again(known, line) or self._learnt(known, line)
        known.kinds[_key(runs, known.values)] = told
        return told

    def _again(self, known: _Shape, line: str) -> LoneLine | None:
        """What lines of this shape tell, where a known number in it means nothing."""
        if not any(known.kinds.values()):
            return None
        told = lone_line(line, self._flavor)
        return told if told in known.kinds.values() else None

    def _learnt(self, known: _Shape, line: str) -> LoneLine | None:
        if self._left <= 0:
            return None
        self._left -= 1
        told = lone_line(line, self._flavor)
        if told is None:
            return None
        known.values |= _asked_for(line)
        if not self._holds(told, line, known.values):
            values = {
                number
                for number in _free(line, told, known.values)
                if any(self._with(line, {number}, text) != told for text in (*_SOME, *_short()))
            }
            known.values |= values
            known.kinds.clear()
            if not self._holds(told, line, known.values):
                return None
        return told

    def _holds(self, told: LoneLine, line: str, values: frozenset[int]) -> bool:
        """Whether the line tells the same with any other numbers that mean nothing."""
        free = set(_free(line, told, values))
        return all(self._with(line, free, text) == told for text in (*_DIGITS, *_short()))

    def _with(self, line: str, numbers: set[int], text: str) -> LoneLine | None:
        """What the line would tell with these of its numbers made of this digit, or number."""
        pieces: list[str] = []
        end = 0
        for number, run in enumerate(_RUN.finditer(line)):
            length = len(run.group())
            if number in numbers and len(text) in (1, length):
                pieces += (line[end : run.start()], text if length == len(text) else text * length)
                end = run.end()
        return lone_line("".join((*pieces, line[end:])), self._flavor)


def _key(runs: list[str], values: frozenset[int]) -> Key:
    known = _known()
    if not values and known.isdisjoint(runs):
        return ()
    return tuple(
        [run if run in known or number in values else "" for number, run in enumerate(runs)]
    )


def _free(line: str, told: LoneLine, values: frozenset[int]) -> Iterator[int]:
    """The numbers behind the line's time that mean nothing."""
    for number, run in enumerate(_RUN.finditer(line)):
        if run.start() >= told.end and number not in values and run.group() not in _known():
            yield number


def _asked_for(line: str) -> frozenset[int]:
    """Which of the line's numbers a text asks for, if it is these or others."""
    shape = _shape(line)
    spans = [
        found.span()
        for literal, pattern in _with_numbers()
        if literal in shape
        for found in _general(pattern).finditer(line)
    ]
    return frozenset(
        number
        for number, run in enumerate(_RUN.finditer(line))
        if any(begin < run.end() and run.start() < end for begin, end in spans)
    )


def _shape(text: str) -> str:
    return re.sub("[0-9]", "0", text.lower())


@cache
def _with_numbers() -> tuple[tuple[str, str], ...]:
    """The literal's shape and the pattern of each text that has numbers."""
    return tuple(
        (_shape(s.literal), s.pattern)
        for s in signatures("client")
        if _any_digit(s.pattern) != s.pattern
    )


@cache
def _general(pattern: str) -> re.Pattern[str]:
    return re.compile(_any_digit(pattern), re.IGNORECASE)


def _any_digit(pattern: str) -> str:
    """A pattern that matches wherever this one does, and with any other digits too."""

    def other(piece: re.Match[str]) -> str:
        if piece["kept"] or (piece["of"] is not None and not re.search("[0-9]", piece["of"])):
            return piece[0]
        of = piece["of"] or ""
        return f"[^{of[1:]}]" if of[:1] == "^" else f"[0-9{of}]"

    return _PIECES.sub(other, pattern)


@cache
def _short() -> tuple[str, ...]:
    """The numbers of two digits that any of the texts has."""
    texts = (_REPEATS.sub("", s.pattern) for s in signatures("client"))
    return tuple(sorted({run for text in texts for run in _RUN.findall(text) if len(run) == 2}))


@cache
def _known() -> frozenset[str]:
    """The numbers of three digits and more that any of the patterns asks for."""
    texts = (text for s in signatures("client") for text in (s.pattern, s.literal))
    told = {run for text in texts for run in _RUN.findall(text) if len(run) > 2}
    numbers = known_numbers() | known_errnos()
    return frozenset(told | known_ports() | {str(number) for number in numbers if number > 99})
