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
_NOTHING = frozenset(("",))

_MOST_WAYS = 24
"""Texts that one part of a pattern is taken to stand for at most."""

_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, getattr(codes, "POSSESSIVE_REPEAT", None))
_ATOMIC = getattr(codes, "ATOMIC_GROUP", None)
"""Possessive repeats and atomic groups came with Python 3.11."""


def required_texts(pattern: str, cost: Cost) -> list[frozenset[str]]:
    """Sets of texts in small letters: each match holds one text of each set.

    Where a pattern branches, `cost` tells which of a branch's sets to take.
    """
    return _sets(parser.parse(pattern), cost)


def _sets(items: _Parsed, cost: Cost) -> list[frozenset[str]]:
    found: list[frozenset[str]] = []
    run = _NOTHING
    for code, argument in items:
        if code in _WIDTHLESS:
            continue
        ways = _ways(code, argument)
        if ways is not None and len(run) * len(ways) <= _MOST_WAYS:
            run = frozenset(before + way for before in run for way in ways)
            continue
        if "" not in run:
            found.append(run)
        run = _NOTHING if ways is None else ways
        if ways is None:
            found += _of_part(code, argument, cost)
    if "" not in run:
        found.append(run)
    return found


def _of_part(code: Any, argument: Any, cost: Cost) -> list[frozenset[str]]:
    if code is codes.SUBPATTERN:
        return _sets(argument[-1], cost)
    if code is _ATOMIC:
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


def _ways(code: Any, argument: Any) -> frozenset[str] | None:
    """All texts that the item can stand for, if they are few and it is nothing but texts."""
    if code is codes.LITERAL:
        return frozenset((chr(argument).lower(),))
    if code is codes.AT:
        return _NOTHING
    if code is codes.IN:
        return _ways_of_class(argument)
    if code is codes.SUBPATTERN:
        return _ways_of_all(argument[-1])
    if code is codes.BRANCH:
        branches = [_ways_of_all(branch) for branch in argument[1]]
        ways = frozenset[str]().union(*(b for b in branches if b is not None))
        return None if None in branches or len(ways) > _MOST_WAYS else ways
    return None


def _ways_of_class(items: _Parsed) -> frozenset[str] | None:
    if any(code is not codes.LITERAL for code, _ in items):
        return None
    return frozenset(chr(letter).lower() for _, letter in items)


def _ways_of_all(items: _Parsed) -> frozenset[str] | None:
    ways = _NOTHING
    for code, argument in items:
        more = _ways(code, argument)
        if more is None or len(ways) * len(more) > _MOST_WAYS:
            return None
        ways = frozenset(before + way for before in ways for way in more)
    return ways
