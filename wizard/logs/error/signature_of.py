"""Which signature a line has, and of what in the line that depends.

Two ways to a signature: the reason in parentheses that ends an "Aborted connection" line is
looked up as a whole; of all others the literal is sought first. The patterns are those of the
knowledge base, and nothing here knows what they say.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache

from knowledge.model import Signature
from wizard.logs.engine.literal_tree import literals_in, tree_of
from wizard.logs.engine.shapes import LONGEST_SHAPE, shape_of
from wizard.logs.error.line import MAX_PARSED, LogLine, parse_line
from wizard.logs.error.marks import MarkKind

UNAUTHENTICATED = b"user: 'unauthenticated"
"""Such a session never logged in: the reason alone does not tell what it was."""

_MAX_CANDIDATES = 5000
"""Shapes of which it is remembered what their lines may have."""

_ZEROS = re.compile(b"00+")

LIFE = frozenset(kind.value for kind in MarkKind)


@dataclass(frozen=True, slots=True)
class SignedLine:
    """A line with its signature (its number in the list), and what the pattern found."""

    number: int
    match: re.Match[str]
    parsed: LogLine | None


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def tells_digits_apart(pattern: str) -> bool:
    """Whether `pattern` may match one digit and not another. A group's name, a count of
    repetitions and a class that holds all digits do not."""
    bare = re.sub(r"\(\?P<\w+>|\(\?P=\w+\)|\{\d*,?\d*\}|0-9|\\x[0-9a-fA-F]{2}", "", pattern)
    return re.search(r"\d", bare) is not None


def squeezed(shape: bytes) -> bytes:
    """A shape with one zero for each number."""
    return _ZEROS.sub(b"0", shape)


class Signatures:
    """The signatures that are sought, prepared."""

    def __init__(self, known: tuple[Signature, ...]) -> None:
        self.known = known
        self.every = list(range(len(known)))
        self._literals = [signature.literal.encode() for signature in known]
        self._by_reason = {t: n for n, t in enumerate(self._literals) if _is_reason(t)}
        self._reasons = frozenset(self._by_reason.values())
        self._shaped_reasons: dict[bytes, list[int]] = {}
        for text, number in self._by_reason.items():
            self._shaped_reasons.setdefault(shape_of(text), []).append(number)
        self._shapes = [shape_of(text) for text in self._literals]
        self._squeezed: dict[str, list[int]] = {}
        for number, shape in enumerate(self._shapes):
            if number not in self._reasons:
                self._squeezed.setdefault(squeezed(shape).decode(), []).append(number)
        self._plain = tree_of(text for text in self._squeezed if text.isascii())
        self._foreign = tree_of(text for text in self._squeezed if not text.isascii())
        self._candidates: dict[bytes, list[int]] = {}
        self._alone: dict[int, bool] = {}

    def possible(self, shape: bytes) -> list[int]:
        """The signatures that a line of this shape may have, in their order."""
        found = [n for n in self._candidates_of(squeezed(shape)) if self._shapes[n] in shape]
        if b"{" in shape:
            found += [n for n in self._by_reason.values() if self._shapes[n] in shape]
        elif (at := shape.rfind(b"' (")) >= 0:
            for reason in _reasons(shape[at + 2 :]):
                found += self._shaped_reasons.get(reason, ())
            if not shape.isascii() and (broken_off := self._cut_reason(shape)) is not None:
                found.append(broken_off)
        return sorted(set(found))

    def _candidates_of(self, shape: bytes) -> list[int]:
        """What lines may have whose shapes differ only in how long their numbers are."""
        found = self._candidates.get(shape)
        if found is None:
            word = shape.decode("utf-8", "replace")
            texts = literals_in(self._plain, word)
            if not shape.isascii():
                texts += literals_in(self._foreign, word)
            found = [number for text in texts for number in self._squeezed[text]]
            if len(self._candidates) >= _MAX_CANDIDATES or len(shape) > LONGEST_SHAPE:
                return found
            self._candidates[shape] = found
        return found

    def stands_alone(self, number: int) -> bool:
        """Whether lines with it are read one by one.

        It tells of the server's life, or two lines of one shape may differ in having it.
        """
        if number not in self._alone:
            known = self.known[number]
            digits = tells_digits_apart(f"{re.escape(known.literal)}{known.pattern}")
            self._alone[number] = known.id in LIFE or digits
        return self._alone[number]

    def of(self, line: bytes, zone: tzinfo | None, possible: list[int]) -> SignedLine | None:
        """The signature of `line`, which is one of those that are `possible`."""
        if not possible:
            return None
        raw = line[:MAX_PARSED]
        parsed = parse_line(raw, zone)
        found = self.first(self.in_order(line, possible), message(parsed, raw))
        return None if found is None else SignedLine(*found, parsed)

    def first(self, numbers: Iterable[int], text: str) -> tuple[int, re.Match[str]] | None:
        """The first of the signatures that finds something in a message, and what it finds."""
        for number in numbers:
            if (found := self.search(number, text)) is not None:
                return number, found
        return None

    def search(self, number: int, text: str) -> re.Match[str] | None:
        """What the signature of this number finds in a message."""
        return compiled(self.known[number].pattern).search(text)

    def in_order(self, line: bytes, possible: list[int]) -> Iterator[int]:
        """Those of the possible ones whose text the line has where it belongs."""
        reason = self._reason(line) if len(line) <= MAX_PARSED else None
        if reason in possible and UNAUTHENTICATED not in line:
            yield reason
        if b"{" in line:
            # In a line of JSON the reason is not at the end.
            yield from (n for n in possible if n in self._reasons and self._literals[n] in line)
        for number in possible:
            if number not in self._reasons and self._literals[number] in line:
                yield number

    def _reason(self, line: bytes) -> int | None:
        at = line.rfind(b"' (")
        if at < 0:
            return None
        for reason in _reasons(line[at + 2 :]):
            if (found := self._by_reason.get(reason)) is not None:
                return found
        return None if line.isascii() else self._cut_reason(line)

    def _cut_reason(self, line: bytes) -> int | None:
        """By a reason that the server cut within a character."""
        tail = line[line.rfind(b"' (") + 2 :].rstrip(b".\r")
        return self._by_reason.get(tail.decode("utf-8", "ignore").encode())


def _is_reason(literal: bytes) -> bool:
    return literal.startswith(b"(") and b")" in literal


def _reasons(end: bytes) -> tuple[bytes, bytes]:
    """The reason at the end of a line; a console's quotation mark or table border may follow."""
    return end.rstrip(b".\r"), end[: end.rfind(b")") + 1]


def message(parsed: LogLine | None, raw: bytes) -> str:
    """What a pattern is searched in: the message, or the raw line where it has no stamp."""
    return raw[:MAX_PARSED].decode("utf-8", "replace") if parsed is None else parsed.text


def known_line(
    signature: Signature, line: bytes, zone: tzinfo | None
) -> tuple[LogLine | None, re.Match[str] | None]:
    """A line of which it is known that it has this signature, and what the pattern finds."""
    raw = line[:MAX_PARSED]
    parsed = parse_line(raw, zone)
    return parsed, compiled(signature.pattern).search(message(parsed, raw))
