"""What of an error log is picked out on the host, and what of it was left there."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from knowledge.load import signatures
from knowledge.model import Signature
from wizard.case.evidence import MAX_OCCURRENCES
from wizard.hosts.protocol import Host
from wizard.hosts.sifting import FIRST, MAX_LIFE, PickedLine, Sifted, Stretch, Wanted
from wizard.logs.engine.log_file import LOOK_BACK
from wizard.logs.error.marks import START_TEXTS, MarkKind
from wizard.logs.error.scan_model import Picked


@dataclass(frozen=True, slots=True)
class PickedPart:
    """Lines that the host picked: of the server's life before the window, and in it.

    With how they were picked, and what was cut.
    """

    before: Picked
    inside: Picked
    remarks: tuple[str, ...]
    cuts: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes of the lines that were sent."""
        return sum(len(line.text) for line in (*self.before.lines, *self.inside.lines))


MOST = 4 << 20
"""Bytes of lines that are wanted of one log; packed, about a tenth of it."""

LEAST = 128 << 10
"""Bytes that are wanted of each part in any case."""


@cache
def wanted() -> Wanted:
    """The literals of the knowledge base, those of a server's life apart."""
    known = signatures("error-log")
    life = tuple(_text(s) for s in life_signatures())
    rest = dict.fromkeys(_text(s) for s in known if s.id not in _LIFE)
    starts = tuple(start.decode() for start in START_TEXTS)
    return Wanted(tuple(rest), life, starts, MAX_OCCURRENCES, MOST)


def life_signatures() -> tuple[Signature, ...]:
    return tuple(s for s in signatures("error-log") if s.id in _LIFE)


_LIFE = frozenset(kind.value for kind in MarkKind)


def _text(signature: Signature) -> str:
    """A server that cuts a reason within a character leaves bytes of it before the bracket."""
    literal = signature.literal
    cut = not literal.isascii() and literal.startswith("(") and literal.endswith(")")
    return literal[:-1] if cut else literal


def pick(
    host: Host, path: str, begin: int, end: int, unpack: str = "", most: int = MOST
) -> PickedPart | None:
    """The lines of interest from `begin` to `end`, at most about `most` bytes of them; None
    where the host would rather be read.

    Raises HostError.
    """
    stretch = Stretch(path, max(0, begin - LOOK_BACK), begin, end, unpack)
    sifted = host.sift(stretch, replace(wanted(), most=max(LEAST, most)))
    if sifted is None:
        return None
    return picked_part(sifted, stretch)


def picked_part(sifted: Sifted, stretch: Stretch) -> PickedPart:
    """What a host picked, before the window and in it."""
    begin, numbered = stretch.begin, stretch.start == 0
    earlier = _from_newest_start([line for line in sifted.picked if line.offset < begin])
    inside = tuple(line for line in sifted.picked if line.offset >= begin)
    counted = Counter(line.kind for line in inside)
    left_out = {kind: count - counted[kind] for kind, count in sifted.counts.items()}
    path = stretch.path
    return PickedPart(
        Picked(earlier, path, numbered, begin - stretch.start, min(1, begin), {}),
        Picked(inside, path, numbered, stretch.end - begin, sifted.lines, left_out),
        _remarks(stretch, sum(left_out.values())),
        tuple(_cuts(sifted, stretch)),
    )


def _from_newest_start(lines: Sequence[PickedLine]) -> tuple[PickedLine, ...]:
    for number in range(len(lines) - 1, -1, -1):
        if any(start in lines[number].text for start in START_TEXTS):
            return tuple(lines[number:])
    return tuple(lines)


def _remarks(stretch: Stretch, left: int) -> tuple[str, ...]:
    if not left:
        return ()
    return (
        f"{stretch.path}: {left} lines of kinds that came very often are counted, and stayed "
        f"on the host; of each kind the first {FIRST} and the newest, at most "
        f"{MAX_OCCURRENCES}, were fetched.",
    )


def _cuts(sifted: Sifted, stretch: Stretch) -> Iterator[str]:
    if sifted.life_left_out:
        yield (
            f"{stretch.path}: only the newest {MAX_LIFE} lines about the server's life were "
            f"fetched; {sifted.life_left_out} older ones were not."
        )
    length = stretch.end - stretch.start
    if sifted.bytes_read + 1 < length and stretch.begin < stretch.end:
        yield (
            f"{stretch.path}: only {sifted.bytes_read} of {length} bytes could be read; it was "
            "cut in the meantime, or the disk gave an error."
        )
