"""A line's consonants, in small letters: by them dull lines are told from others in bulk.

An application says the same things again and again, with other numbers, names and addresses.
Without digits, vowels, spaces and signs a line is a third as long and seldom new, and whether a
known text can be in it has to be looked at only once. What JSON may write in another way (quotes,
slashes, letters beyond ASCII) parts a text into runs, each of which must be there.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from math import prod

_DROPPED = frozenset("aeou")
KEPT = "".join(chr(c) for c in range(ord("a"), ord("z") + 1) if chr(c) not in _DROPPED)
_LOWER = bytes(c + 32 if 65 <= c <= 90 else c for c in range(256))
_DELETED = bytes(c for c in range(128) if chr(c).lower() not in KEPT and c != 10)

SPLITS = re.compile(r"[\"'\\/<>&:\x00-\x1f]")
BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")

_LONGEST_PIECE = 5
_FREQUENCY = {
    "t": 9, "i": 7, "n": 7, "s": 6.3, "r": 6, "h": 6, "l": 4, "d": 4.2, "c": 3, "m": 2.4, "f": 2.2,
    "p": 2, "g": 2, "w": 2.3, "y": 2, "b": 1.5, "v": 1, "k": 0.8, "x": 0.3, "q": 0.3, "j": 0.2,
    "z": 0.1,
}  # fmt: skip
"""Of a hundred letters about so many, in English texts."""

_SHARE = 1.6 / 100
"""What the letters that are left make of one that is so many of a hundred."""

_COMMONEST = 1 / 50_000
"""A piece that comes more often than once in so many letters tells nothing."""


def skeletons(block: bytes) -> list[bytes]:
    """The skeleton of each line of `block`."""
    return block.translate(_LOWER, _DELETED).split(b"\n")


def runs_of(text: str) -> tuple[str, ...]:
    """The runs of consonants that a line with `text` has, however it is written."""
    parts = SPLITS.split(BEYOND_ASCII.sub("\x00", text.lower()))
    return tuple(run for part in parts if (run := "".join(c for c in part if c in KEPT)))


def strength(text: str) -> float:
    """How much the skeleton of `text` tells: letters that go by, on average, until it comes."""
    return 1 / min(map(_chance, runs_of(text)), default=1.0)


class Skeletons:
    """The texts that are sought, by their skeletons."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts: dict[tuple[str, ...], list[str]] = {}
        for text in texts:
            self._texts.setdefault(runs_of(text), []).append(text)
        chosen = _pieces(self._texts)
        self._of = {
            piece.encode(): tuple(
                (tuple(run.encode() for run in runs), tuple(self._texts[runs]))
                for runs, own in chosen.items()
                if piece == own
            )
            for piece in set(chosen.values())
        }
        self._any = re.compile(b"|".join(_by_first_letter(sorted(self._of))))

    def texts_in(self, skeleton: bytes) -> tuple[str, ...]:
        """Those texts that may stand in a line with this skeleton."""
        if self._any.search(skeleton) is None:
            return ()
        return tuple(
            text
            for piece, held in self._of.items()
            if piece in skeleton
            for runs, texts in held
            if all(run in skeleton for run in runs)
            for text in texts
        )


def _by_first_letter(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """As a search tries them: the commonest letters first."""
    groups: dict[bytes, list[bytes]] = {}
    for piece in pieces:
        groups.setdefault(piece[:1], []).append(piece[1:])
    for first in sorted(groups, key=lambda letter: -_FREQUENCY[letter.decode()]):
        yield first + b"(?:" + b"|".join(groups[first]) + b")"


def _pieces(wanted: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """Of each text a piece of a few letters; many texts share one."""
    of_each = {runs: _candidates(runs) for runs in wanted}
    shares = Counter(piece for pieces in of_each.values() for piece in pieces)
    worth = {piece: (n / (_COMMONEST + _chance(piece)), piece) for piece, n in shares.items()}
    chosen: dict[tuple[str, ...], str] = {}
    taken: set[str] = set()
    for runs, pieces in of_each.items():
        chosen[runs] = max(pieces & taken or pieces, key=worth.__getitem__)
        taken.add(chosen[runs])
    return chosen


def _candidates(runs: tuple[str, ...]) -> set[str]:
    every = {
        run[at : at + length]
        for run in runs
        for length in range(2, _LONGEST_PIECE + 1)
        for at in range(len(run) - length + 1)
    }
    return {p for p in every if _chance(p) < _COMMONEST} or {min(every, key=_chance)}


def _chance(piece: str) -> float:
    return prod(map(_FREQUENCY.__getitem__, piece)) * _SHARE ** len(piece)
