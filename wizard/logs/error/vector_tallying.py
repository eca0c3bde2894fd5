"""Tallies all lines of a block at once, by hashes of accounts and runs of minutes.

Needs numpy.
"""

from collections.abc import Sequence
from datetime import tzinfo

import numpy as np

from knowledge.model import Signature
from wizard.logs.engine.block_bytes import BlockBytes
from wizard.logs.engine.line_index import LineIndex, Places
from wizard.logs.engine.shapes import LONGEST_SHAPE
from wizard.logs.error.minutes import Minutes
from wizard.logs.error.run_minutes import RunMinutes
from wizard.logs.error.tallying import Tallies
from wizard.logs.error.vector_kinds import VectorKinds
from wizard.logs.error.written_accounts import WrittenAccounts


class VectorTallies(Tallies):
    """Takes the lines of one block after the other, each line with the code of its kind."""

    def __init__(
        self,
        known: tuple[Signature, ...],
        kinds: VectorKinds,
        minutes: Minutes,
        zone: tzinfo | None,
        block: BlockBytes,
    ) -> None:
        super().__init__(known, kinds, minutes, zone)
        self._block = block
        self._vector_kinds = kinds
        self._written = WrittenAccounts()
        self._runs = RunMinutes(minutes, len(known))

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
        own = codes[met]
        self._count_runs(lines, lines.begins[met], columns.signature[own], columns.layout[own])
        named = columns.names[own]
        if not named.all():
            met, own = met[named], own[named]
        begins = lines.begins[met]
        ends = begins + lines.lengths[met] + columns.account_end[own]
        begins += columns.account[own]
        self._written.add(lines, self._block.text, begins, ends, columns.signature[own])
        if self._runs.is_full:
            self._count_minutes()
        if self._written.is_full:
            self._count_accounts()
            self._written.forget()

    def _count_runs(
        self, lines: LineIndex, begins: Places, signatures: Places, layouts: Places
    ) -> None:
        for number in np.flatnonzero(np.bincount(layouts)).tolist():
            layout = self._vector_kinds.columns.layouts[number]
            if not layout[1]:
                continue
            own = layouts == number
            if own.all():
                self._runs.add(lines, self._block.text, begins, signatures, layout)
                return
            self._runs.add(lines, self._block.text, begins[own], signatures[own], layout)

    def _count_minutes(self) -> None:
        for sort, minutes in self._runs.taken():
            self._counts[sort].minutes.add_many(minutes)
        super()._count_minutes()

    def _count_accounts(self) -> None:
        for (sort, text), n in self._written.taken().items():
            self._add_account(sort, text, n)
        super()._count_accounts()
