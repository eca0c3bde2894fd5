"""A block of a slow log's entries taken apart column by column, all at once. Needs numpy.

Only entries of the usual forms (lines.py) are, and a block with any other is left to the
expressions there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wizard.logs.engine.block_bytes import BlockBytes, Bytes, rows
from wizard.logs.engine.line_hash import LOWEST
from wizard.logs.engine.line_index import LineIndex, Places, Words
from wizard.logs.slow import vector_heads as heads
from wizard.logs.slow.lines import BANNER, NOT_TRIED
from wizard.logs.slow.vector_heads import HeadKinds, Table

FEW = 64
"""Lines of a block that are not worth it."""

_MOST_LINES = 32
"""Lines between that of the user and that of the timestamp."""

Integers = NDArray[np.int64]
_Flags = NDArray[np.bool_]

_POINT = 7
"""Bytes of a number's fraction, with the point."""

_STAMP = b"SET timestamp=0000000000;"
_ZERO = 48


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of a block: where each begins and its statement, who asked, its figures."""

    data: bytes
    begins: Places
    ends: Places
    texts: Places
    who: Places
    who_lengths: Places
    micros: Integers
    locked: Integers
    sent: Integers
    examined: Integers
    bytes_sent: Integers
    began: Integers

    def __len__(self) -> int:
        return len(self.begins)

    def entry(self, number: int, shown: int) -> bytes:
        """With so many bytes of its statement at most."""
        end = min(int(self.ends[number]), int(self.texts[number]) + shown)
        return self.data[int(self.begins[number]) : end]


class EntryFinder:
    """Takes blocks of whole entries. `block` has the bytes of the last one."""

    def __init__(self) -> None:
        self.block = BlockBytes()
        self._kinds = HeadKinds(self.block)
        self._unusual = 0

    def entries(self, data: bytes) -> Entries | None:
        """None where any may be unusual, or may have been stopped."""
        if self._unusual:
            self._unusual -= 1
            return None
        if BANNER in data or not data.endswith(b"\n"):
            return None
        found = self._found(data)
        if found is None:
            self._unusual = NOT_TRIED
        return found

    def _found(self, data: bytes) -> Entries | None:
        lines = self.block.take(data)
        if len(lines) < FEW:
            return None
        marked = _marked(lines, self.block.text)
        if marked is None:
            return None
        first, users, stamps = marked
        if not _are_stamps(lines, stamps, self.block):
            return None
        forms, kinds, stopped = self._heads(lines, users, stamps)
        if stopped:
            return None
        query, sent = _in_order(forms)
        if query is None or sent is None:
            return None
        every = np.arange(len(users))
        begins, text = lines.begins, self.block.text
        of_query, of_user, of_bytes = kinds[every, query], kinds[:, 0], kinds[every, sent]
        asked, told = begins[users + query], begins[users + sent]
        ends, widths = self._kinds.ends, self._kinds.widths

        def part(part: int) -> Integers:
            own, line = (of_bytes, told) if part == heads.SENT_BYTES else (of_query, asked)
            return _numbers(text, line + ends[own, part], widths[own, part])

        def micros(part: int) -> Integers:
            end, width = asked + ends[of_query, part], widths[of_query, part]
            seconds = _numbers(text, end - _POINT, width - _POINT)
            return seconds * 10**6 + _numbers(text, end, np.full_like(width, _POINT - 1))

        entry = begins[first]
        who_lengths = widths[of_user, heads.WHO]
        stamp = begins[stamps] + len(_STAMP) - 1
        return Entries(
            data,
            entry,
            np.append(entry[1:], len(data)),
            begins[stamps + 1],
            begins[users] + ends[of_user, heads.WHO] - who_lengths,
            who_lengths,
            micros(heads.SECONDS),
            micros(heads.LOCKED),
            part(heads.SENT),
            part(heads.EXAMINED),
            part(heads.SENT_BYTES),
            _numbers(text, stamp, np.full(len(stamp), 10)),
        )

    def _heads(self, lines: LineIndex, users: Places, stamps: Places) -> tuple[Table, Table, bool]:
        """The forms and the kinds of the lines from each user's to the timestamp.

        With whether any of them tells of an error or a kill.
        """
        counts = stamps - users
        most = int(counts.max())
        chosen = users[:, None] + np.arange(most)
        is_head = np.arange(most) < counts[:, None]
        numbers = self._kinds.numbers(lines, chosen[is_head])
        kinds = np.zeros(chosen.shape, np.intp)
        kinds[is_head] = numbers
        forms = np.full((len(users), most + 1), heads.NONE, np.intp)
        forms[:, :most][is_head] = self._kinds.forms[numbers]
        return (
            forms,
            kinds,
            self._kinds.may_stop and self._tells_of_stop(lines, chosen[is_head], numbers),
        )

    def _tells_of_stop(self, lines: LineIndex, chosen: Places, numbers: Table) -> bool:
        begins = lines.begins[chosen]
        return any(
            _numbers(
                self.block.text,
                begins + self._kinds.ends[numbers, part],
                self._kinds.widths[numbers, part],
            ).any()
            for part in (heads.STOPPED, heads.ERRNO)
        )


def _marked(lines: LineIndex, text: Bytes) -> tuple[Places, Places, Places] | None:
    """The first line of each entry, that of its user, and that of its timestamp."""
    words = rows(text, lines.begins, 16)
    first, second = words.T
    is_user = (first == _word(b"# User@H")) & ((second & LOWEST[5]) == _word(b"ost: "))
    is_time = first == _word(b"# Time: ")
    users = np.flatnonzero(is_user)
    timed = np.zeros(len(users), np.bool_)
    after = users > 0
    timed[after] = is_time[users[after] - 1]
    if not len(users) or np.count_nonzero(is_time) != np.count_nonzero(timed):
        return None
    entries = users - timed
    is_stamp = (first == _word(b"SET time")) & ((second & LOWEST[6]) == _word(b"stamp="))
    stamps = np.flatnonzero(is_stamp)
    own = np.searchsorted(stamps, users)
    if own[-1] == len(stamps):
        return None
    stamps = stamps[own]
    right = (stamps + 1 < np.append(entries[1:], len(lines))) & (stamps - users <= _MOST_LINES)
    return (entries, users, stamps) if right.all() else None


def _are_stamps(lines: LineIndex, stamps: Places, block: BlockBytes) -> bool:
    """Whether each is just a second since 1970 of ten digits."""
    begins = lines.begins[stamps]
    if (lines.lengths[stamps] != len(_STAMP)).any():
        return False
    words = rows(block.shape, begins, 32)
    whole = all((words[:, n] == _word(_STAMP[8 * n : 8 * n + 8])).all() for n in range(3))
    ended = (words[:, 3] & LOWEST[1]) == _STAMP[-1]
    return bool(whole and ended.all() and (block.text[begins + 14] != _ZERO).all())


def _in_order(forms: Table) -> tuple[Places, Places] | tuple[None, None]:
    """Which line of each entry has its times, and which its bytes (else one that has none).

    None where the lines are not in the order that _USUAL has.
    """
    every = np.arange(len(forms))
    last = forms.shape[1] - 1

    def step(at: Places, flags: _Flags) -> Places:
        moved: Places = np.minimum(at + flags, last)
        return moved

    at = np.ones(len(forms), np.intp)
    at = query = step(np.minimum(at, last), forms[every, np.minimum(at, last)] == heads.SCHEMA)
    asked = forms[every, query]
    at = step(at, asked >= 0)
    follows = forms[every, at]
    counted = ((asked == heads.QUERY) & (follows == heads.AFFECTED_BYTES)) | (
        (asked == heads.QUERY_AFFECTED) & (follows == heads.BYTES)
    )
    sent = np.where(counted, at, query)
    at = step(at, counted)
    may_go_on = counted | (asked == heads.QUERY_BYTES)
    while (more := may_go_on & (forms[every, at] == heads.MORE)).any():
        at = step(at, more)
    at = step(at, forms[every, at] == heads.USE)
    usual = (
        (forms[:, 0] == heads.USER)
        & ((asked == heads.QUERY) | (asked == heads.QUERY_BYTES)
           | ((asked == heads.QUERY_AFFECTED) & counted))
        & (forms[every, at] == heads.NONE)
    )  # fmt: skip
    return (query, sent) if usual.all() else (None, None)


def _numbers(text: Bytes, ends: Places, widths: Places) -> Integers:
    """The numbers of at most 16 digits that end there; 0 for those of no digit."""
    most = int(widths.max())
    found = _of_eight(text, ends, np.minimum(widths, 8))
    if most > 8:
        higher = _of_eight(text, ends - 8, np.maximum(widths - 8, 0))
        found = found + higher * np.uint64(10**8)
    return found.astype(np.int64)


def _of_eight(text: Bytes, ends: Places, widths: Places) -> Words:
    """The same of at most 8 digits, which are added in pairs, then pairs of pairs."""
    words: Words = rows(text, np.maximum(ends - 8, 0), 8)[:, 0] & ~LOWEST[8 - widths]
    words &= np.uint64(0x0F0F0F0F0F0F0F0F)
    words = (words * np.uint64(10 << 8 | 1)) >> np.uint64(8) & np.uint64(0x00FF00FF00FF00FF)
    words = (words * np.uint64(100 << 16 | 1)) >> np.uint64(16) & np.uint64(0x0000FFFF0000FFFF)
    return (words * np.uint64(10_000 << 32 | 1)) >> np.uint64(32)


def _word(text: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(text, "little"))
