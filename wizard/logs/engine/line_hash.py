"""Hashes of many stretches of a block at once, and the numbers that are known by them.

Of 64 bits and with a secret of this process: that two of the twenty thousand texts that are
remembered have the same one is less likely than that the memory errs, and no log can be written
so that they do. Needs numpy.
"""

import secrets

import numpy as np
from numpy.typing import NDArray

from wizard.logs.engine.block_bytes import Bytes, rows
from wizard.logs.engine.line_index import Places, Words

Numbers = NDArray[np.int32]

LOWEST = np.array([(1 << 8 * count) - 1 for count in range(9)], np.uint64)
"""Keeps of a word the first so many bytes."""

UNKNOWN = -1

_USUAL = 192
"""Bytes of a stretch that is not long."""

_FACTOR = np.uint64(secrets.randbits(64) | 1)
_SALT = np.uint64(secrets.randbits(64))
_HALF = np.uint64(32)
_BITS = 16
_FIRST_ROOM = 1024


def hashes(text: Bytes, begins: Places, lengths: Places, apart: Places | int = 0) -> Words:
    """The hash of each stretch of `text`.

    Like stretches with unlike small numbers in `apart` have hashes of their own.
    """
    found: Words = (((apart << 32) + lengths).astype(np.uint64) ^ _SALT) * _FACTOR
    usual = lengths < _USUAL
    if usual.all():
        return _hashed(found, text, begins, lengths)
    # A few long lines would make the rows of all others as long.
    for own in (usual, ~usual):
        found[own] = _hashed(found[own], text, begins[own], lengths[own])
    return found


def _hashed(found: Words, text: Bytes, begins: Places, lengths: Places) -> Words:
    """All of them a word further at a time, the longest first."""
    if not len(begins):
        return found
    whole = lengths >> 3
    most = int(whole.max())
    order = np.argsort((most - whole).astype(np.uint8), kind="stable")
    words = rows(text, begins[order], (most + 1) << 3)
    sorted_ones, whole = found[order], whole[order]
    longer = len(whole) - np.cumsum(np.bincount(whole))
    for at, count in enumerate(longer[:-1].tolist()):
        _mix(sorted_ones[:count], words[:count, at])
    _mix(sorted_ones, words[np.arange(len(whole)), whole] & LOWEST[lengths[order] & 7])
    found[order] = sorted_ones
    return found


def _mix(found: Words, words: Words) -> None:
    found ^= words
    found *= _FACTOR
    found ^= found >> _HALF


class KnownHashes:
    """A number for each hash: a table of open addresses, asked for many at once.

    What the table holds are places in a list, so that it is small and stays in the cache.
    """

    def __init__(self) -> None:
        self._slots = np.full(1 << _BITS, UNKNOWN, np.int32)
        self._keys = np.zeros(_FIRST_ROOM, np.uint64)
        self._numbers = np.zeros(_FIRST_ROOM, np.int32)
        self.count = 0

    def numbers(self, sought: Words) -> Numbers:
        """UNKNOWN for those that are not known."""
        slots = (sought >> np.uint64(64 - _BITS)).astype(np.intp)
        places = self._slots[slots]
        others = np.flatnonzero((self._keys[places] != sought) & (places != UNKNOWN))
        while len(others):
            slots[others] = (slots[others] + 1) % (1 << _BITS)
            here = self._slots[slots[others]]
            places[others] = here
            others = others[(self._keys[here] != sought[others]) & (here != UNKNOWN)]
        found: Numbers = self._numbers[places]
        found[places == UNKNOWN] = UNKNOWN
        return found

    def add(self, key: int, number: int) -> None:
        if self.count == len(self._keys):
            self._keys = np.append(self._keys, np.zeros_like(self._keys))
            self._numbers = np.append(self._numbers, np.zeros_like(self._numbers))
        slot = key >> (64 - _BITS)
        while self._slots[slot] != UNKNOWN:
            slot = (slot + 1) % (1 << _BITS)
        self._slots[slot] = self.count
        self._keys[self.count], self._numbers[self.count] = key, number
        self.count += 1

    def add_all(self, sought: Words, found: Numbers, first: int) -> Places:
        """Number from `first` on those of which `found` says that they are not known.

        In the order in which they come: the places are given at which each comes first.
        """
        unknown = np.flatnonzero(found == UNKNOWN)
        keys, places, own = np.unique(sought[unknown], return_index=True, return_inverse=True)
        order = np.argsort(places)
        numbers = np.empty(len(keys), np.int32)
        numbers[order] = np.arange(first, first + len(keys))
        found[unknown] = numbers[own]
        for key, number in zip(keys.tolist(), numbers.tolist(), strict=True):
            self.add(key, number)
        return unknown[places[order]]

    def forget(self) -> None:
        self._slots.fill(UNKNOWN)
        self.count = 0
