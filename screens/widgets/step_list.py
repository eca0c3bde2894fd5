"""The list of places at the left, each with its state in words."""

from __future__ import annotations

from textual.content import Content
from textual.widgets.option_list import Option

from screens.places import KEYS, PLACES
from screens.state import State
from screens.text.step_state import DIM, StepState, step_state
from screens.text.words import safe
from screens.widgets.lists import PlainList

TITLE_WIDTH = 11


class StepList(PlainList):
    """One row a place; the row that is shown is marked with `>`."""

    def __init__(self) -> None:
        unknown = StepState("-", DIM)
        rows = (Option(_row(n, unknown, n == 0), id=place.id) for n, place in enumerate(PLACES))
        super().__init__(*rows, id="steps")
        self.current = PLACES[0].id
        self._rows: dict[str, tuple[StepState, bool]] = {}

    def show(self, state: State, current: str) -> None:
        """Refresh the words, and mark `current`."""
        self.current = current
        for number, place in enumerate(PLACES):
            row = (step_state(place.id, state), place.id == current)
            if self._rows.get(place.id) != row:
                self._rows[place.id] = row
                self.replace_option_prompt_at_index(number, _row(number, *row))
        index = next(n for n, place in enumerate(PLACES) if place.id == current)
        if self.highlighted != index:
            self.highlighted = index


def _row(number: int, state: StepState, current: bool) -> Content:
    place = PLACES[number]
    mark = ">" if current else " "
    head = f"{mark}{KEYS[number]} {place.title:<{TITLE_WIDTH}} "
    row = safe(f"{head}{state.word}".rstrip())
    styled = state.style and state.word and not current  # The highlight has a colour of its own.
    return row.stylize(state.style, len(head)) if styled else row
