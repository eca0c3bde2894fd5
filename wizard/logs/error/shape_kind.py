"""What all error log lines of one shape have in common: signature, and where the fields are."""

import re
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from wizard.logs.engine.shapes import shape_of
from wizard.logs.error.line import MAX_PARSED, LogLine
from wizard.logs.error.minutes import Minutes
from wizard.logs.error.signature_of import Signatures, SignedLine
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
    has to be read for itself. `minute` and `offset` are where the time stands, `account` where user
    and host do, with what is between them; its end is counted from the line's end. `error` marks
    a line that may tell why a start failed.
    """

    signature: int
    error: bool = False
    minute: slice = field(default_factory=_nowhere)
    offset: slice = field(default_factory=_nowhere)
    account: slice = field(default_factory=_nowhere)

    @property
    def names(self) -> bool:
        """Whether the lines name an account."""
        return self.account != slice(0, 0)

    @property
    def tail(self) -> slice:
        """From the account to the line's end."""
        return slice(self.account.start, None) if self.names else self.account

    @property
    def key(self) -> tuple[int | None, ...]:
        """A slice cannot be a key."""
        minute, offset, account = self.minute, self.offset, self.account
        return (
            self.signature, self.error, minute.start, minute.stop, offset.start, offset.stop,
            account.start, account.stop,
        )  # fmt: skip


class ShapeReader:
    """Works out the kind of a shape from one line of it.

    Two signatures whose lines end alike, from the account on, are not told apart by that end:
    the later one's lines are each read for themselves.
    """

    def __init__(self, signatures: Signatures, minutes: Minutes, zone: tzinfo | None) -> None:
        self._signatures = signatures
        self._minutes = minutes
        self._zone = zone
        self._owners: dict[tuple[int, bytes], _Spans] = {}
        self._tails: dict[bytes, tuple[int, slice]] = {}

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
        return self._placed(line, shape, signed, error) or ShapeKind(READ_EACH, error)

    def _read_each(self, line: bytes, possible: list[int]) -> bool:
        return (
            line[:1] == b"{"
            or len(line) > MAX_PARSED
            or any(map(self._signatures.stands_alone, possible))
        )

    def _placed(
        self, line: bytes, shape: bytes, signed: SignedLine, error: bool
    ) -> ShapeKind | None:
        """Where time and account stand; None where that cannot be said of the whole shape."""
        parsed = signed.parsed
        if parsed is None or parsed.at is None:
            return None
        stamp = self._stamp(line, parsed.at)
        account = self._account(line, shape, parsed, signed)
        if stamp is None or account is None:
            return None
        return ShapeKind(signed.number, error, *stamp, account)

    def _stamp(self, line: bytes, at: datetime) -> tuple[slice, slice] | None:
        second = int(at.timestamp()) // 60 * 60
        for found in _STAMP.finditer(line, 0, 200):
            group = "minute" if found["minute"] else "short"
            offset = found["offset"] or b""
            if self._minutes.second(found[group], offset) == second:
                start, stop = found.span("offset") if offset else (0, 0)
                return slice(*found.span(group)), slice(start, stop)
        return None

    def _account(
        self, line: bytes, shape: bytes, parsed: LogLine, signed: SignedLine
    ) -> slice | None:
        """From the user to the host, or nothing where the line does not name both.

        None where other lines that look alike there were taken apart in another way.
        """
        user, host = _span(signed, "user"), _span(signed, "host")
        if user is None or host is None:
            return slice(0, 0)
        bare = line.rstrip(b"\r\n")
        text = parsed.text.encode("utf-8", "surrogatepass")
        if not bare.endswith(text):
            return None
        ends = [len(parsed.text[:at].encode("utf-8", "surrogatepass")) for at in (*user, *host)]
        first, last, ahead = min(ends), max(ends), len(bare) - len(text)
        begin, end = ahead + first, ahead + last
        key = signed.number, shape[begin:end]
        if len(self._tails) >= _MAX_TAILS and shape[begin:] not in self._tails:
            return None
        spans = slice(ends[0] - first, ends[1] - first), slice(ends[2] - first, ends[3] - first)
        tail = signed.number, slice(0, end - len(line) or None)
        if self._owners.setdefault(key, spans) != spans:
            return None
        if self._tails.setdefault(shape[begin:], tail) != tail:
            return None
        return slice(begin, tail[1].stop)

    def named_by(self, tail: bytes) -> tuple[int, bytes]:
        """The signature of all lines that end so, and the bytes from the user to the host."""
        number, named = self._tails[shape_of(tail)]
        return number, tail[named]

    def owner(self, number: int, text: bytes) -> tuple[str, str]:
        """User and host of a line of this signature, by its bytes from the one to the other."""
        user, host = self._owners[number, shape_of(text)]
        return text[user].decode("utf-8", "replace"), text[host].decode("utf-8", "replace")


_Spans = tuple[slice, slice]
_MAX_TAILS = 50_000


def _span(signed: SignedLine, name: str) -> tuple[int, int] | None:
    groups = signed.match.re.groupindex
    found = signed.match.span(name) if name in groups else (-1, -1)
    return None if found[0] < 0 else found
