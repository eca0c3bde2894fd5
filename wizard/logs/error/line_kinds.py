"""The kinds of an error log's lines: learnt from the first line of a shape, then looked up."""

from collections import Counter
from collections.abc import Mapping, MutableSequence, Sequence, Set
from datetime import tzinfo

from knowledge.model import Signature
from wizard.logs.engine.shapes import ShapeMemory
from wizard.logs.error.minutes import Minutes
from wizard.logs.error.shape_kind import NO_SIGNATURE, READ_EACH, ShapeKind, ShapeReader
from wizard.logs.error.signature_of import Signatures


class LineKinds:
    """Gives each line the code of its kind.

    `kinds` are by code; the first ones are for lines that were read for themselves. `sorts` has
    the number of each code's signature; `errors`, `zoned` and `each` are the codes of lines that
    may tell why a start failed, that have an offset, and that have to be read one by one.
    """

    def __init__(self, known: tuple[Signature, ...], minutes: Minutes, zone: tzinfo | None) -> None:
        self.signatures = Signatures(known)
        self.reader = ShapeReader(self.signatures, minutes, zone)
        self.kinds = [ShapeKind(NO_SIGNATURE), *(ShapeKind(n) for n in range(len(known)))]
        self.sorts = [kind.signature for kind in self.kinds]
        self.stamps = [kind.minute for kind in self.kinds]
        self.offsets = [kind.offset for kind in self.kinds]
        self.tails = [kind.tail for kind in self.kinds]
        self.errors: set[int] = set()
        self.zoned: set[int] = set()
        self.each: set[int] = set()
        self._memory = ShapeMemory()
        self._codes = {kind.key: code for code, kind in enumerate(self.kinds)}

    def coded(self, lines: Sequence[bytes], shapes: Sequence[bytes]) -> MutableSequence[int]:
        """The code of each line, of which `shapes` has the shape."""
        known = self._memory.codes(shapes)
        del known[len(lines) :]
        if None not in known:
            return known  # type: ignore[return-value]
        return [
            self.learnt(line, shape) if code is None else code
            for line, shape, code in zip(lines, shapes, known, strict=False)
        ]

    def found(self, codes: Sequence[int]) -> Mapping[int, int]:
        """How often each code came."""
        return Counter(codes)

    def numbers(self, codes: Sequence[int], wanted: Set[int]) -> list[int]:
        """The numbers of the lines that have one of the `wanted` codes."""
        return [number for number, code in enumerate(codes) if code in wanted]

    def learnt(self, line: bytes, shape: bytes) -> int:
        """The code of a line that may be the first one of its shape."""
        code = self._memory.code(shape)
        if code is None:
            kind = self.reader.kind(line, shape)
            code = self._codes.setdefault(kind.key, len(self.kinds))
            if code == len(self.kinds):
                self._add(kind, code)
            self._memory.learn(shape, code)
        return code

    def _add(self, kind: ShapeKind, code: int) -> None:
        self.kinds.append(kind)
        self.sorts.append(kind.signature)
        self.stamps.append(kind.minute)
        self.offsets.append(kind.offset)
        self.tails.append(kind.tail)
        if kind.error:
            self.errors.add(code)
        if kind.offset.stop:
            self.zoned.add(code)
        if kind.signature == READ_EACH:
            self.each.add(code)
