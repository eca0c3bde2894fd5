"""What all error log lines of one shape have in common: signature, and where the fields are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from wizard.logs.engine.shapes import shape_of
from wizard.logs.error.line import MAX_PARSED
from wizard.logs.error.line_form import LineForm, LineForms
from wizard.logs.error.line_head import LineHead
from wizard.logs.error.minutes import Minutes
from wizard.logs.error.signature_of import Signatures, SignedLine
from wizard.logs.error.stamp_places import stamp_places

NO_SIGNATURE = -1
READ_EACH = -2


Spans = tuple[int, int, int, int]

USUAL_MINUTE = slice(0, 16)
"""Where it mostly stands. Lines of no signature are not counted, but they stand between others of
the same minute, which are counted together."""


def _nowhere() -> slice:
    return slice(0, 0)


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
        self._forms = LineForms(signatures, minutes, zone)
        self._spans: dict[tuple[int, bytes], Spans] = {}
        self._tails: dict[bytes, tuple[int, int, Spans]] = {}

    def kind(self, line: bytes, shape: bytes) -> ShapeKind:
        form = self._forms.of(line, shape)
        if not form.possible:
            return ShapeKind(NO_SIGNATURE, form.error, USUAL_MINUTE)
        if form.alone or line[:1] == b"{" or len(line) > MAX_PARSED:
            return ShapeKind(READ_EACH, form.error)
        if form.head is not None:
            return self._behind(form.head, form, line, shape)
        signed = self._signatures.of(line, self._zone, form.possible)
        if signed is None:
            return ShapeKind(NO_SIGNATURE, form.error, USUAL_MINUTE)
        return self._placed(line, shape, signed, form.error) or ShapeKind(READ_EACH, form.error)

    def _behind(self, head: LineHead, form: LineForm, line: bytes, shape: bytes) -> ShapeKind:
        """The kind of a line whose head is known, by the message behind it."""
        signed = self._signatures.first(form.order, line[head.text :].rstrip(b"\r\n").decode())
        if signed is None:
            return ShapeKind(NO_SIGNATURE, form.error, USUAL_MINUTE)
        account = self._account(line, shape, head.text, *signed)
        if account is None:
            return ShapeKind(READ_EACH, form.error)
        return ShapeKind(signed[0], form.error, head.minute, head.offset, account)

    def _placed(
        self, line: bytes, shape: bytes, signed: SignedLine, error: bool
    ) -> ShapeKind | None:
        """Where time and account stand; None where that cannot be said of the whole shape."""
        parsed = signed.parsed
        if parsed is None or parsed.at is None:
            return None
        stamp = stamp_places(line, parsed.at, self._minutes)
        bare, text = line.rstrip(b"\r\n"), parsed.text.encode("utf-8", "surrogatepass")
        ahead = len(bare) - len(text) if bare.endswith(text) else None
        account = self._account(line, shape, ahead, signed.number, signed.match)
        if stamp is None or account is None:
            return None
        return ShapeKind(signed.number, error, *stamp, account)

    def _account(
        self, line: bytes, shape: bytes, ahead: int | None, number: int, match: re.Match[str]
    ) -> slice | None:
        """From the user to the host, or nothing where the line does not name both.

        `ahead` is where the message begins, None where the line does not end with it. The answer
        is None where other lines that look alike there were taken apart in another way.
        """
        user, host = _span(match, "user"), _span(match, "host")
        if user is None or host is None:
            return slice(0, 0)
        if ahead is None:
            return None
        ends = _in_bytes(match.string, (*user, *host))
        first, last = min(ends), max(ends)
        begin, end = ahead + first, ahead + last
        spans = ends[0] - first, ends[1] - first, ends[2] - first, ends[3] - first
        tail = number, end - len(line), spans
        known = self._tails.get(shape[begin:])
        if known is None:
            if len(self._tails) >= _MAX_TAILS:
                return None
            if self._spans.setdefault((number, shape[begin:end]), spans) != spans:
                return None
            self._tails[shape[begin:]] = tail
        elif known != tail:
            return None
        return slice(begin, end - len(line) or None)

    def named_by(self, tail: bytes) -> tuple[int, bytes]:
        """The signature of all lines that end so, and the bytes from the user to the host."""
        number, behind, _ = self._tails[shape_of(tail)]
        return number, tail[: behind or None]

    def spans(self, number: int, text: bytes) -> Spans:
        """Where user and host begin and end in the bytes from the one to the other."""
        return self._spans[number, shape_of(text)]


_MAX_TAILS = 50_000


def _in_bytes(text: str, places: Sequence[int]) -> Sequence[int]:
    """Places in a text as they are in its bytes."""
    if text.isascii():
        return places
    return [len(text[:at].encode("utf-8", "surrogatepass")) for at in places]


def _span(match: re.Match[str], name: str) -> tuple[int, int] | None:
    found = match.span(name) if name in match.re.groupindex else (-1, -1)
    return None if found[0] < 0 else found
