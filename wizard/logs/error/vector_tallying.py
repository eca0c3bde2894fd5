"""Tallies all lines of a block at once, by hashes of their ends and runs of minutes.

Needs numpy.
"""

from collections.abc import Sequence
from datetime import tzinfo

import numpy as np

from knowledge.model import Signature
from wizard.logs.engine.line_index import LineIndex
from wizard.logs.engine.shapes import LONGEST_SHAPE
from wizard.logs.error.known_tails import KnownTails
from wizard.logs.error.run_minutes import RunMinutes
from wizard.logs.error.tallying import Tallies
from wizard.logs.error.vector_kinds import VectorKinds


class VectorTallies(Tallies):
    """Takes the lines of one block after the other, each line with the code of its kind."""

    def __init__(
        self, known: tuple[Signature, ...], kinds: VectorKinds, zone: tzinfo | None
    ) -> None:
        super().__init__(known, kinds, zone)
        self._vector_kinds = kinds
        self._ends = KnownTails()
        self._runs = RunMinutes(self._minutes, len(known))

    def _tally(self, lines: Sequence[bytes], codes: Sequence[int], hits: int) -> None:
        if not isinstance(lines, LineIndex) or not isinstance(codes, np.ndarray):
            super()._tally(lines, codes, hits)
            return
        columns = self._vector_kinds.columns
        met = np.flatnonzero(columns.signature[codes] >= 0)
        single = columns.odd[codes[met]] | (lines.lengths[met] > LONGEST_SHAPE)
        if single.any():
            odd = met[single].tolist()
            super()._tally([lines[n] for n in odd], [int(codes[n]) for n in odd], len(odd))
            met = met[~single]
        words = lines.words()
        stamped = met[columns.minute_length[codes[met]] > 0]
        if len(stamped):
            self._runs.add(lines, words, stamped, columns, codes[stamped])
        named = met[columns.names[codes[met]]]
        begins = lines.begins[named] + columns.tail[codes[named]]
        self._ends.add(lines, words, begins, lines.begins[named] + lines.lengths[named])
        if self._runs.is_full:
            self._count_minutes()
        if self._ends.is_full:
            self._count_accounts()
            self._ends.forget()

    def _count_minutes(self) -> None:
        for sort, minutes in self._runs.taken():
            self._counts[sort].minutes.add_many(minutes)
        super()._count_minutes()

    def _count_accounts(self) -> None:
        self._tails.update(self._ends.taken())
        super()._count_accounts()
