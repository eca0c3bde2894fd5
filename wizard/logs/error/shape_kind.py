"""What all error log lines of one shape have in common: signature, and where the fields are."""

import re
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from wizard.logs.engine.shapes import shape_of
from wizard.logs.error.line import MAX_PARSED, LogLine
from wizard.logs.error.minutes import minute_of
from wizard.logs.error.signature_of import LIFE, Signatures, SignedLine
from wizard.logs.error.start_reasons import may_tell

NO_SIGNATURE = -1
READ_EACH = -2


USUAL_MINUTE = slice(0, 16)
"""Where it mostly stands. Lines of no signature are not counted, but they stand between others of
the same minute, which are counted together."""


def _nowhere() -> slice:
    return slice(0, 0)


_STAMP = re.compile(
    rb"(?P<minute>\d{4}-\d\d-\d\d[T ](?:[ \d]\d|\d):\d\d):\d\d(?:[.,]\d+)?"
    rb"(?P<offset>Z|[+-]\d\d:?\d\d)?"
    rb"|(?P<short>\d{6} +\d{1,2}:\d\d):\d\d"
)


@dataclass(frozen=True, slots=True)
class ShapeKind:
    """What every line of one shape tells.

    `signature` is a number in the list, NO_SIGNATURE, or READ_EACH where every line of the shape
    has to be read for itself. `minute` and `offset` are where the time stands, `tail` where what
    tells the account begins; `error` marks a line that may tell why a start failed.
    """

    signature: int
    error: bool = False
    minute: slice = field(default_factory=_nowhere)
    offset: slice = field(default_factory=_nowhere)
    tail: slice = field(default_factory=_nowhere)

    @property
    def key(self) -> tuple[int, bool, int, int, int, int, int]:
        """A slice cannot be a key."""
        minute, offset = self.minute, self.offset
        return (
            self.signature, self.error, minute.start, minute.stop, offset.start, offset.stop,
            self.tail.start,
        )  # fmt: skip


class ShapeReader:
    """Works out the kind of a shape from one line of it.

    Two signatures whose lines end alike, from the account on, are not told apart by that end:
    the later one's lines are each read for themselves.
    """

    def __init__(self, signatures: Signatures, zone: tzinfo | None) -> None:
        self._signatures = signatures
        self._zone = zone
        self._owner: dict[bytes, tuple[int, str]] = {}

    def kind(self, line: bytes, shape: bytes) -> ShapeKind:
        error = may_tell(line[:MAX_PARSED])
        possible = self._signatures.possible(shape)
        if not possible:
            return ShapeKind(NO_SIGNATURE, error, USUAL_MINUTE)
        if self._read_each(line, possible):
            return ShapeKind(READ_EACH, error)
        signed = self._signatures.of(line, self._zone, possible)
        if signed is None:
            return ShapeKind(NO_SIGNATURE, error, USUAL_MINUTE)
        return self._placed(line, signed, error) or ShapeKind(READ_EACH, error)

    def _read_each(self, line: bytes, possible: list[int]) -> bool:
        known = self._signatures.known
        return (
            line[:1] == b"{"
            or len(line) > MAX_PARSED
            or any(known[n].id in LIFE or self._signatures.depends_on_digits(n) for n in possible)
        )

    def _placed(self, line: bytes, signed: SignedLine, error: bool) -> ShapeKind | None:
        """Where time and account stand; None where that cannot be said of the whole shape."""
        parsed = signed.parsed
        if parsed is None or parsed.at is None:
            return None
        stamp = self._stamp(line, parsed.at)
        tail = self._tail(line, parsed, signed)
        if stamp is None or tail is None:
            return None
        return ShapeKind(signed.number, error, *stamp, tail)

    def _stamp(self, line: bytes, at: datetime) -> tuple[slice, slice] | None:
        for found in _STAMP.finditer(line[:200]):
            group = "minute" if found["minute"] else "short"
            offset = found["offset"] or b""
            if minute_of(found[group], offset, self._zone) == int(at.timestamp()) // 60 * 60:
                start, stop = found.span("offset") if offset else (0, 0)
                return slice(*found.span(group)), slice(start, stop)
        return None

    def _tail(self, line: bytes, parsed: LogLine, signed: SignedLine) -> slice | None:
        """From the account on to the end, or nothing where the line names none."""
        spans = [signed.match.span(name) for name in ("user", "host") if _has(signed, name)]
        if len(spans) < 2:
            return slice(0, 0)
        bare = line.rstrip(b"\r\n")
        text = parsed.text.encode("utf-8", "surrogatepass")
        if not bare.endswith(text):
            return None
        ahead = parsed.text[: min(start for start, _ in spans)]
        begin = len(bare) - len(text) + len(ahead.encode())
        shape = shape_of(line[begin:])
        if len(self._owner) >= _MAX_OWNERS and shape not in self._owner:
            return None
        owner, _ = self._owner.setdefault(shape, (signed.number, ahead))
        return slice(begin, None) if owner == signed.number else None

    def owner(self, tail: bytes) -> tuple[int, dict[str, str | None]]:
        """The signature of all lines that end so, and the fields that are in that end."""
        number, ahead = self._owner[shape_of(tail)]
        text = ahead + tail.rstrip(b"\r\n").decode("utf-8", "replace")
        found = self._signatures.search(number, text)
        return number, found.groupdict() if found else {}


_MAX_OWNERS = 50_000


def _has(signed: SignedLine, name: str) -> bool:
    groups = signed.match.re.groupindex
    return name in groups and signed.match.group(name) is not None
