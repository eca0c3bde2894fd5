"""Which of many literals are in a line: a cheap first look, before any pattern is tried.

Literals share pieces of a few characters, so that a line without any of some fifty pieces holds
none of hundreds of literals; a piece that is shared by many is looked into by longer ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

_PIECE = 4
_MANY = 16
"""Literals that are simply looked for one by one."""


@dataclass(frozen=True, slots=True)
class Node:
    """A piece, and what is to be looked for in a line that holds it."""

    piece: str
    literals: tuple[str, ...]
    below: "tuple[Node, ...]" = ()


Tree = tuple[Node, ...]


def tree_of(literals: Iterable[str], size: int = _PIECE) -> Tree:
    """Pieces of `size` characters that cover all `literals`, the most shared first."""
    holding: dict[str, set[str]] = {}
    for literal in literals:
        for piece in _pieces(literal, size):
            holding.setdefault(piece, set()).add(literal)
    left = set().union(*holding.values())
    heap = [(-len(of_one), piece) for piece, of_one in holding.items()]
    heapify(heap)
    nodes: list[Node] = []
    while left:
        share, piece = heappop(heap)
        held = holding[piece] & left
        if -len(held) != share:
            # Some were covered meanwhile: it comes later, if it still covers any.
            if held:
                heappush(heap, (-len(held), piece))
            continue
        left -= held
        holders = sorted(held)
        if len(holders) > _MANY and size < 3 * _PIECE:
            nodes.append(Node(piece, (), tree_of(holders, size + 2)))
        else:
            nodes.append(Node(piece, tuple(holders)))
    return tuple(nodes)


def literals_in(tree: Tree, line: str) -> list[str]:
    """Those literals that are in `line`."""
    found: list[str] = []
    for node in tree:
        if node.piece in line:
            found += [literal for literal in node.literals if literal in line]
            if node.below:
                found += literals_in(node.below, line)
    return found


def _pieces(literal: str, size: int) -> set[str]:
    return {literal[i : i + size] for i in range(max(1, len(literal) - size + 1))}
