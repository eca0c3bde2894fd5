"""Many patterns at once by Hyperscan, where its wheels are installed (the extra `fast`).

There are wheels for Linux on x86-64 and arm64 and for macOS. Where there is none, or the processor
is too old for it, the caller searches by itself; it asks only where a match may be, so that both
ways give the same answer.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType

Matcher = Callable[[bytes], list[int]]
"""Takes a block and gives the numbers of its lines, from 0, in which a pattern matches."""

Finder = Callable[[bytes], list[int]]
"""Takes a block and gives the places where a pattern ends, in order."""


def matcher(patterns: Sequence[bytes]) -> Matcher | None:
    """A search for all of these patterns, whatever the case of ASCII letters; None without it."""
    hyperscan = _hyperscan()
    found = _ends(hyperscan, patterns, hyperscan.HS_FLAG_CASELESS) if hyperscan else None
    return None if found is None else lambda block: _numbers(block, found(block))


def finder(words: Sequence[bytes]) -> Finder | None:
    """A search for all of these words, as they are written; None without it."""
    hyperscan = _hyperscan()
    return _ends(hyperscan, [re.escape(word) for word in words], 0) if hyperscan else None


def _ends(hyperscan: ModuleType, patterns: Sequence[bytes], flags: int) -> Finder | None:
    database = hyperscan.Database()
    try:
        database.compile(
            expressions=list(patterns),
            ids=list(range(len(patterns))),
            elements=len(patterns),
            flags=[flags] * len(patterns),
        )
    except hyperscan.error:
        return None

    def ends(block: bytes) -> list[int]:
        found: list[int] = []
        database.scan(block, match_event_handler=lambda _id, _from, to, _f, _: found.append(to))
        found.sort()
        return found

    return ends


def _numbers(block: bytes, ends: list[int]) -> list[int]:
    numbers: list[int] = []
    number = at = 0
    for end in sorted(set(ends)):
        number += block.count(b"\n", at, end)
        at = end
        if not numbers or numbers[-1] != number:
            numbers.append(number)
    return numbers


@cache
def _hyperscan() -> ModuleType | None:
    try:
        import hyperscan  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        return None
    module: ModuleType = hyperscan
    return module
