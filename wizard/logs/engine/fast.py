"""Many patterns at once by Hyperscan, where its wheels are installed (the extra `fast`).

There are wheels for Linux on x86-64 and arm64 and for macOS. Where there is none, or the processor
is too old for it, the caller searches by itself; it asks only where a match may be, so that both
ways give the same answer.
"""

from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType

Matcher = Callable[[bytes], list[int]]
"""Takes a block and gives the numbers of its lines, from 0, in which a pattern matches."""


def matcher(patterns: Sequence[bytes]) -> Matcher | None:
    """A search for all of these patterns, whatever the case of ASCII letters; None without it."""
    hyperscan = _hyperscan()
    if hyperscan is None:
        return None
    database = hyperscan.Database()
    try:
        database.compile(
            expressions=list(patterns),
            ids=list(range(len(patterns))),
            elements=len(patterns),
            flags=[hyperscan.HS_FLAG_CASELESS] * len(patterns),
        )
    except hyperscan.error:
        return None

    def lines_with(block: bytes) -> list[int]:
        ends: list[int] = []
        database.scan(block, match_event_handler=lambda _id, _from, to, _flags, _: ends.append(to))
        return _numbers(block, ends)

    return lines_with


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
