"""The texts of which each match of a regular expression holds at least one.

A search for plain texts is many times faster than one for patterns; where none of a pattern's
required texts stands, the pattern need not be tried. They are taken from the pattern itself, so
that no text is written twice.
"""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

Cost = Callable[[AbstractSet[str]], tuple[float, int]]
"""How little a set of texts serves: a larger number for commoner texts."""

_Parsed = Iterable[tuple[Any, Any]]

_WIDTHLESS = (codes.AT, codes.ASSERT, codes.ASSERT_NOT)
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)


def required_texts(pattern: str, cost: Cost) -> list[frozenset[str]]:
    """Sets of texts in small letters: each match holds one text of each set.

    Where a pattern branches, `cost` tells which of a branch's sets to take.
    """
    return _sets(parser.parse(pattern), cost)


def _sets(items: _Parsed, cost: Cost) -> list[frozenset[str]]:
    found: list[frozenset[str]] = []
    run = ""
    for code, argument in items:
        if code in _WIDTHLESS:
            continue
        plain = _plain(((code, argument),))
        if plain is not None:
            run += plain
            continue
        if run:
            found.append(frozenset((run,)))
            run = ""
        found += _of_part(code, argument, cost)
    if run:
        found.append(frozenset((run,)))
    return found


def _of_part(code: Any, argument: Any, cost: Cost) -> list[frozenset[str]]:
    if code is codes.SUBPATTERN:
        return _sets(argument[-1], cost)
    if code is codes.ATOMIC_GROUP:
        return _sets(argument, cost)
    if code in _REPEATS and argument[0] >= 1:
        return _sets(argument[2], cost)
    if code is codes.BRANCH:
        return _of_branches([_sets(branch, cost) for branch in argument[1]], cost)
    return []


def _of_branches(branches: Sequence[list[frozenset[str]]], cost: Cost) -> list[frozenset[str]]:
    if not all(branches):
        return []
    return [frozenset[str]().union(*(min(sets, key=cost) for sets in branches))]


def _plain(items: _Parsed) -> str | None:
    """The text that the items stand for, if they are nothing but one."""
    text = ""
    for code, argument in items:
        if code is codes.LITERAL:
            text += chr(argument).lower()
        elif code is codes.SUBPATTERN:
            inner = _plain(argument[-1])
            if inner is None:
                return None
            text += inner
        elif code is not codes.AT:
            return None
    return text
