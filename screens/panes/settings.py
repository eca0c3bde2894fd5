"""The Settings pane: each setting with its default, this case's advice and the article's."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widget import Widget

from screens.panes.result import ResultPane, evidence_of, headline_of, notes_of, tables_of
from screens.places import ScreenPlace
from screens.state import State
from screens.text.unusual_first import wanted_variables, with_advice
from wizard.case.evidence import StepResult


class SettingsPane(ResultPane):
    """What is to be changed comes first and is marked, then what is not the default."""

    def __init__(self, place: ScreenPlace) -> None:
        super().__init__(place)
        self._wanted: frozenset[str] = frozenset()

    async def take(self, state: State, asked: bool) -> None:
        """The advice comes with the diagnosis, which may be later than the result."""
        wanted = wanted_variables(state.diagnosis, state.case)
        if wanted != self._wanted:
            self._wanted = wanted
            if not state.settled or asked:
                self._shown = None
        await super().take(state, asked)

    def parts(self, result: StepResult) -> Iterator[Widget]:
        yield from headline_of(result)
        yield from evidence_of(result)
        yield from tables_of([with_advice(table, self._wanted) for table in result.tables])
        yield from notes_of(result)

    def about(self) -> str:
        return super().about().lstrip("!* ")
