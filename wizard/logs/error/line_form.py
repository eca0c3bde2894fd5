"""What the lines of one frame have in common, whatever words stand in their quotes."""

from dataclasses import dataclass
from datetime import tzinfo

from wizard.logs.engine.shapes import LONGEST_SHAPE, shape_of
from wizard.logs.error.line import MAX_PARSED
from wizard.logs.error.line_head import REPEATED, LineHead, LineHeads
from wizard.logs.error.minutes import Minutes
from wizard.logs.error.shape_frame import ShapeFrames
from wizard.logs.error.signature_of import UNAUTHENTICATED, Signatures
from wizard.logs.error.start_reasons import HINTS, may_tell

_MOST = 5000
"""Forms that are remembered; then all are forgotten."""


@dataclass(frozen=True, slots=True)
class LineForm:
    """What such a line may be.

    `possible` are the signatures that it may have, `order` the same as they are tried behind a
    known `head`. `alone` says that one of them asks for each line to be read, `error` that the
    line may tell why a start failed.
    """

    possible: list[int]
    alone: bool
    error: bool
    head: LineHead | None = None
    order: tuple[int, ...] = ()


class LineForms:
    """Knows the forms by the frames of their lines' shapes; bounded."""

    def __init__(self, signatures: Signatures, minutes: Minutes, zone: tzinfo | None) -> None:
        self._signatures = signatures
        self._heads = LineHeads(minutes, zone)
        texts = [signature.literal.encode() for signature in signatures.known]
        self._frames = ShapeFrames(map(shape_of, (*texts, *HINTS, UNAUTHENTICATED)))
        self._with_digits = {n for n, text in enumerate(texts) if shape_of(text) != text}
        self._known: dict[bytes, LineForm] = {}

    def of(self, line: bytes, shape: bytes) -> LineForm:
        if len(shape) > LONGEST_SHAPE or not shape.isascii() or REPEATED in line:
            return self._plain(line, shape)
        frame = self._frames.frame(shape)
        form = self._known.get(frame)
        if form is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            form = self._known[frame] = self._read(line, shape)
        return form

    def _read(self, line: bytes, shape: bytes) -> LineForm:
        """As `_plain`, with the head, where the order of signatures depends on no digit."""
        form = self._plain(line, shape)
        if not form.possible or form.alone or not self._with_digits.isdisjoint(form.possible):
            return form
        head = self._heads.of(line, shape)
        order = tuple(self._signatures.in_order(line, form.possible))
        return LineForm(form.possible, form.alone, form.error, head, order)

    def _plain(self, line: bytes, shape: bytes) -> LineForm:
        possible = self._signatures.possible(shape)
        alone = any(map(self._signatures.stands_alone, possible))
        return LineForm(possible, alone, may_tell(line[:MAX_PARSED]))
