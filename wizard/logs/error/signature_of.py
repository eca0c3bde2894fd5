"""Which signature a line has, and of what in the line that depends.

Two ways to a signature: the reason in parentheses that ends an "Aborted connection" line is
looked up as a whole; of all others the literal is sought first. The patterns are those of the
knowledge base, and nothing here knows what they say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache

from knowledge.model import Signature
from wizard.logs.engine.literal_tree import literals_in, tree_of
from wizard.logs.engine.shapes import shape_of
from wizard.logs.error.line import MAX_PARSED, LogLine, parse_line
from wizard.logs.error.marks import MarkKind

UNAUTHENTICATED = b"user: 'unauthenticated"
"""Such a session never logged in: the reason alone does not tell what it was."""

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
        self._shaped: dict[str, list[int]] = {}
        for number, text in enumerate(self._literals):
            if number not in self._reasons:
                self._shaped.setdefault(shape_of(text).decode(), []).append(number)
        self._plain = tree_of(text for text in self._shaped if text.isascii())
        self._foreign = tree_of(text for text in self._shaped if not text.isascii())

    def possible(self, shape: bytes) -> list[int]:
        """The signatures that a line of this shape may have, in their order."""
        plain = shape.isascii()
        word = shape.decode("utf-8", "replace")
        texts = literals_in(self._plain, word)
        if not plain:
            texts += literals_in(self._foreign, word)
        found = [number for text in texts for number in self._shaped[text]]
        if b"{" in shape:
            found += [n for text, n in self._by_reason.items() if shape_of(text) in shape]
        elif (at := shape.rfind(b"' (")) >= 0:
            for reason in _reasons(shape[at + 2 :]):
                found += self._shaped_reasons.get(reason, ())
            if not plain and (broken_off := self._cut_reason(shape)) is not None:
                found.append(broken_off)
        return sorted(set(found))

    def depends_on_digits(self, number: int) -> bool:
        """Whether two lines of one shape may differ in having this signature."""
        signature = self.known[number]
        return tells_digits_apart(f"{re.escape(signature.literal)}{signature.pattern}")

    def of(self, line: bytes, zone: tzinfo | None, possible: list[int]) -> SignedLine | None:
        """The signature of `line`, which is one of those that are `possible`."""
        if not possible:
            return None
        raw = line[:MAX_PARSED]
        parsed = parse_line(raw, zone)
        text = message(parsed, raw)
        for number in self._in_order(line, possible):
            if (found := self.search(number, text)) is not None:
                return SignedLine(number, found, parsed)
        return None

    def search(self, number: int, text: str) -> re.Match[str] | None:
        """What the signature of this number finds in a message."""
        return compiled(self.known[number].pattern).search(text)

    def _in_order(self, line: bytes, possible: list[int]) -> Iterator[int]:
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
