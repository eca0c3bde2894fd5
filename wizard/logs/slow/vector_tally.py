"""Counts a slow log as SlowTally does, all entries of a block at a time. Needs numpy.

A statement's group is known by the hash of its text with all digits made zeros, and an account by
the hash of its name. What is unusual is counted row by row.
"""

from collections import Counter
from datetime import UTC, tzinfo

import numpy as np

from wizard.logs.engine.line_hash import UNKNOWN, KnownHashes, Numbers, hashes
from wizard.logs.engine.line_index import Places, Words
from wizard.logs.engine.shapes import LONGEST_SHAPE, MAX_SHAPES, shape_of
from wizard.logs.slow.digest import SlowDigest
from wizard.logs.slow.group import MOST_LONGEST, MOST_TIMES, SHOWN, Group, Longest
from wizard.logs.slow.lines import row_of
from wizard.logs.slow.tally import SlowTally
from wizard.logs.slow.vector_entries import FEW, Entries, EntryFinder, Integers

VECTOR_BLOCK = 512 << 10
"""Bytes of one block: less, and the calls cost more than what they do; more leaves the cache."""

_OWN = 0
"""The number of the group that our own statements are in, which is left out."""


class VectorTally(SlowTally):
    """Takes the blocks of a log, one after the other."""

    block = VECTOR_BLOCK

    def __init__(self, zone: tzinfo = UTC) -> None:
        super().__init__(zone)
        self._entries = EntryFinder()
        self._texts, self._names = KnownHashes(), KnownHashes()
        self._numbered: list[Group] = [Group("")]
        self._asked: list[Counter[int]] = [Counter()]
        """How often which account came, by its number, since the groups were told."""
        self._numbers: dict[str, int] = {}
        self._accounts: list[bytes] = []
        self._waiting: list[tuple[int, bytes]] = []

    def take(self, data: bytes) -> None:
        found = self._entries.entries(data)
        if found is None:
            self._flush()
            super().take(data)
            return
        self._find.logged = _last_time(data) or self._find.logged
        groups, names = self._groups_of(found), self._names_of(found)
        order = np.argsort(groups, kind="stable")
        edges = np.flatnonzero(np.diff(groups[order])) + 1
        for own in np.split(order, edges):
            if (number := int(groups[own[0]])) != _OWN:
                self._asked[number].update(names[own].tolist())
                self._fold(self._numbered[number], found, own)

    def join(self, later: SlowTally) -> None:
        self._flush()
        super().join(later)

    def digest(self) -> SlowDigest:
        self._flush()
        for group in self._groups.values():
            np.frombuffer(group.times, np.int64).sort()
        return super().digest()

    def __reduce__(self) -> tuple[object, ...]:
        """As one that counts row by row, which is all that is needed to join it."""
        self._flush()
        return _plain, (self._groups, self._longest, self._ended, self._stopped)

    def _fold(self, group: Group, found: Entries, own: Places) -> None:
        micros = found.micros[own]
        longest = int(micros.max())
        group.count += len(own)
        group.micros += int(micros.sum())
        group.longest = max(group.longest, longest)
        group.times.frombytes(micros[: max(0, MOST_TIMES - len(group.times))].tobytes())
        group.lock_micros += int(found.locked[own].sum())
        group.rows_sent += int(found.sent[own].sum())
        group.rows_examined += int(found.examined[own].sum())
        group.bytes_sent += int(found.bytes_sent[own].sum())
        began = found.began[own]
        group.span((b"%d" % began.min(), b"%d" % began.max()))
        if longest >= self._longest.least:
            self._keep_longest(found, own, micros)

    def _keep_longest(self, found: Entries, own: Places, micros: Integers) -> None:
        """As the log has them: most of them are not among the longest in the end."""
        for at in np.flatnonzero(micros >= self._longest.least).tolist():
            self._waiting.append((int(micros[at]), found.entry(int(own[at]), SHOWN)))
        if len(self._waiting) >= 2 * MOST_LONGEST:
            least = sorted(told for told, _ in self._waiting)[-MOST_LONGEST]
            self._waiting = [pair for pair in self._waiting if pair[0] >= least]
            self._longest.least = max(self._longest.least, least)
            if len(self._waiting) > MOST_LONGEST + FEW:
                self._read_waiting()

    def _read_waiting(self) -> None:
        told, entries = [m for m, _ in self._waiting], [entry for _, entry in self._waiting]
        self._waiting.clear()
        self._longest.add(told, list(map(row_of, entries)))

    def _flush(self) -> None:
        """Gives the groups their accounts, and reads the longest entries.

        In the order in which the accounts came first: of equally frequent ones the first is named.
        """
        for group, counts in zip(self._numbered, self._asked, strict=True):
            group.add_accounts((self._accounts[n], count) for n, count in counts.items())
            counts.clear()
        self._read_waiting()

    def _groups_of(self, found: Entries) -> Numbers:
        """The number of each entry's group."""
        lengths = found.ends - found.texts
        short = lengths <= LONGEST_SHAPE
        keys = hashes(self._entries.block.shape, found.texts, np.where(short, lengths, 0))
        numbers = self._texts.numbers(keys)
        numbers[~short] = UNKNOWN
        unknown = np.flatnonzero(numbers == UNKNOWN)
        if self._texts.count + len(unknown) > MAX_SHAPES:
            self._texts.forget()
        fresh: dict[int, int] = {}
        for at in unknown.tolist():
            key = int(keys[at])
            number = fresh.get(key) if short[at] else None
            if number is None:
                text = found.data[int(found.texts[at]) : int(found.ends[at])]
                group, shared = self._home(text, shape_of(text))
                number = _OWN if group is None else self._number(group)
                if shared and short[at]:
                    fresh[key] = number
                    self._texts.add(key, number)
            numbers[at] = number
        return numbers

    def _number(self, group: Group) -> int:
        number = self._numbers.setdefault(group.name, len(self._numbered))
        if number == len(self._numbered):
            self._numbered.append(group)
            self._asked.append(Counter())
        return number

    def _names_of(self, found: Entries) -> Numbers:
        keys: Words = hashes(self._entries.block.text, found.who, found.who_lengths)
        numbers = self._names.numbers(keys)
        unknown = np.flatnonzero(numbers == UNKNOWN)
        if not len(unknown):
            return numbers
        if self._names.count + len(unknown) > MAX_SHAPES:
            self._flush()
            self._names.forget()
            self._accounts.clear()
            return self._names_of(found)
        fresh: dict[int, int] = {}
        for at in unknown.tolist():
            key = int(keys[at])
            if key not in fresh:
                begin = int(found.who[at])
                fresh[key] = len(self._accounts)
                self._accounts.append(found.data[begin : begin + int(found.who_lengths[at])])
                self._names.add(key, fresh[key])
            numbers[at] = fresh[key]
        return numbers


def _plain(groups: dict[str, Group], longest: Longest, ended: Longest, stopped: int) -> SlowTally:
    tally = SlowTally()
    tally._groups, tally._longest, tally._ended, tally._stopped = groups, longest, ended, stopped
    return tally


def _last_time(data: bytes) -> bytes:
    """What the last line of a time says."""
    mark = b"# Time: "
    at = data.rfind(b"\n" + mark) + 1
    if not at and not data.startswith(mark):
        return b""
    return data[at + len(mark) : data.index(b"\n", at)]
