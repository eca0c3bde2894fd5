"""The list of places at the left, each with its state in words."""

from __future__ import annotations

from textual.content import Content
from textual.widgets.option_list import Option

from screens.places import KEYS, NETWORK, PLACES
from screens.state import State
from screens.text.probe_states import network_word
from screens.text.words import safe, state_word
from screens.widgets.lists import PlainList


class StepList(PlainList):
    """One row a place; the row that is shown is marked with `>`."""

    def __init__(self) -> None:
        rows = (Option(_row(n, "-", n == 0), id=place.id) for n, place in enumerate(PLACES))
        super().__init__(*rows, id="steps")
        self.current = PLACES[0].id
        self._words: dict[str, str] = {}

    def show(self, state: State, current: str) -> None:
        """Refresh the words, and mark `current`."""
        self.current = current
        for number, place in enumerate(PLACES):
            row = _row(number, word_of(place.id, state), place.id == current)
            if self._words.get(place.id) != row.plain:
                self._words[place.id] = row.plain
                self.replace_option_prompt_at_index(number, row)
        index = next(n for n, place in enumerate(PLACES) if place.id == current)
        if self.highlighted != index:
            self.highlighted = index


def word_of(place_id: str, state: State) -> str:
    """A place's state: of a step, its result; of the others, what they hold."""
    if state.running == place_id:
        return "running"
    if place_id == "diagnosis":
        accused = state.diagnosis.accused if state.diagnosis is not None else ()
        return f"found {len(accused)}" if accused else ("done" if state.diagnosis else "-")
    if place_id == "fix":
        changes = state.case.changes if state.case is not None else ()
        left = sum(change.state not in ("undone", "failed") for change in changes)
        return f"{left} made" if left else ""
    if place_id == NETWORK:
        return network_word(state)
    if place_id in ("report", "knowledge"):
        return ""
    return state_word(state.case.step(place_id) if state.case is not None else None)


def _row(number: int, word: str, current: bool) -> Content:
    place = PLACES[number]
    mark = ">" if current else " "
    return safe(f"{mark}{KEYS[number]} {place.title:<10} {word}".rstrip())
