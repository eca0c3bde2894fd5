"""Which of the known texts may be in a line. A cheap first look, before any pattern is tried.

Each text has a literal that every match contains. Literals share pieces of a few characters,
so that a line without any of some fifty pieces holds none of the hundreds of texts; a piece
that is shared by many literals is looked into by longer ones.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from knowledge.load import signatures
from knowledge.model import Signature

_PIECE = 4
_MANY = 16
"""Literals that are simply looked for one by one."""


@dataclass(frozen=True, slots=True)
class KnownText:
    """One signature; `rank` is its place among all: the lower, the more it tells."""

    rank: int
    signature: Signature

    def search(self, line: str) -> re.Match[str] | None:
        return _pattern(self.signature.pattern).search(line)

    @property
    def of_anybody(self) -> bool:
        """Whether it comes of a family, some of whose texts other databases' clients say too."""
        return "." in self.signature.id


@dataclass(frozen=True, slots=True)
class _Node:
    """A piece, and what is to be looked for in a line that holds it."""

    piece: str
    literals: tuple[tuple[str, tuple[KnownText, ...]], ...]
    below: "tuple[_Node, ...]" = ()


def texts_in(line: str) -> list[KnownText]:
    """The texts whose literal is in `line`, in their order."""
    folded = line.lower()
    ascii_only, others = _roots()
    found = _look(ascii_only, folded, [])
    if not folded.isascii():
        _look(others, folded, found)
    if len(found) > 1:
        found.sort(key=lambda text: text.rank)
    return found


def _look(nodes: tuple[_Node, ...], folded: str, found: list[KnownText]) -> list[KnownText]:
    for node in nodes:
        if node.piece in folded:
            for literal, texts in node.literals:
                if literal in folded:
                    found.extend(texts)
            if node.below:
                _look(node.below, folded, found)
    return found


@cache
def _roots() -> tuple[tuple[_Node, ...], tuple[_Node, ...]]:
    """The pieces for any line, and those for lines with letters beyond ASCII."""
    texts: dict[str, list[KnownText]] = {}
    for rank, signature in enumerate(signatures("client")):
        texts.setdefault(signature.literal.lower(), []).append(KnownText(rank, signature))
    known = {literal: tuple(of) for literal, of in texts.items()}
    plain = [literal for literal in known if literal.isascii()]
    return (
        _nodes(plain, known, _PIECE),
        _nodes([literal for literal in known if not literal.isascii()], known, _PIECE),
    )


def _nodes(
    literals: Iterable[str], known: dict[str, tuple[KnownText, ...]], size: int
) -> tuple[_Node, ...]:
    """Pieces of `size` characters that cover all `literals`, the most shared first."""
    left, nodes = set(literals), []
    while left:
        shares = Counter(piece for literal in left for piece in _pieces(literal, size))
        piece = max(shares, key=lambda p: (shares[p], p))
        holders = sorted(literal for literal in left if piece in literal)
        left.difference_update(holders)
        if len(holders) > _MANY and size < 3 * _PIECE:
            nodes.append(_Node(piece, (), _nodes(holders, known, size + 2)))
        else:
            nodes.append(_Node(piece, tuple((literal, known[literal]) for literal in holders)))
    return tuple(nodes)


def _pieces(literal: str, size: int) -> set[str]:
    return {literal[i : i + size] for i in range(max(1, len(literal) - size + 1))}


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Compiled at the first line that may fit: most of the texts are never met."""
    return re.compile(text, re.IGNORECASE)
