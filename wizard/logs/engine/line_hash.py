"""Hashes of many stretches of a block at once, and the numbers that are known by them.

Of 64 bits and with a secret of this process: that two of the twenty thousand texts that are
remembered have the same one is less likely than that the memory errs, and no log can be written
so that they do. Needs numpy.
"""

import secrets

import numpy as np
from numpy.typing import NDArray

from wizard.logs.engine.line_index import Places, Words

Numbers = NDArray[np.int32]

LOWEST = np.array([(1 << 8 * count) - 1 for count in range(9)], np.uint64)
"""Keeps of a word the first so many bytes."""

UNKNOWN = -1

_FACTOR = np.uint64(secrets.randbits(64) | 1)
_SALT = np.uint64(secrets.randbits(64))
_HALF = np.uint64(32)
_BITS = 16


def hashes(words: Words, begins: Places, lengths: Places, apart: Places | int = 0) -> Words:
    """The hash of each stretch, all of them a word further at a time.

    Like stretches with unlike small numbers in `apart` have hashes of their own.
    """
    if not len(begins):
        return np.zeros(0, np.uint64)
    whole = lengths >> 3
    order = np.argsort(-whole.astype(np.int16), kind="stable")
    found = (((apart << 32) + lengths)[order].astype(np.uint64) ^ _SALT) * _FACTOR
    at, whole, lengths = begins[order], whole[order], lengths[order]
    longer = len(whole) - np.cumsum(np.bincount(whole))
    for count in longer[:-1].tolist():
        _mix(found[:count], words[at[:count]])
        at[:count] += 8
    _mix(found, words[at] & LOWEST[lengths & 7])
    unsorted = np.empty_like(found)
    unsorted[order] = found
    return unsorted


def _mix(found: Words, words: Words) -> None:
    found ^= words
    found *= _FACTOR
    found ^= found >> _HALF


class KnownHashes:
    """A number for each hash: a table of open addresses, asked for many at once."""

    def __init__(self) -> None:
        self._keys = np.zeros(1 << _BITS, np.uint64)
        self._numbers = np.full(1 << _BITS, UNKNOWN, np.int32)
        self.count = 0

    def numbers(self, sought: Words) -> Numbers:
        """UNKNOWN for those that are not known."""
        slots = (sought >> np.uint64(64 - _BITS)).astype(np.intp)
        found = self._numbers[slots]
        others = np.flatnonzero((self._keys[slots] != sought) & (found != UNKNOWN))
        while len(others):
            slots[others] = (slots[others] + 1) % (1 << _BITS)
            here = slots[others]
            found[others] = self._numbers[here]
            others = others[(self._keys[here] != sought[others]) & (found[others] != UNKNOWN)]
        return found

    def add(self, key: int, number: int) -> None:
        slot = key >> (64 - _BITS)
        while self._numbers[slot] != UNKNOWN:
            slot = (slot + 1) % (1 << _BITS)
        self._keys[slot], self._numbers[slot] = key, number
        self.count += 1

    def forget(self) -> None:
        self._numbers.fill(UNKNOWN)
        self.count = 0
