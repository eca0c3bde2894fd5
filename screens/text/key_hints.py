"""Which keys the last line names on each screen. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from screens.places import (
    ERROR_LOG,
    GENERAL_LOG,
    NETWORK,
    RECORDER,
    SETTINGS,
    SLOW_LOG,
    SYMPTOM,
)  # fmt: skip
from screens.state import State
from screens.text.log_views import views


@dataclass(frozen=True, slots=True)
class KeyHint:
    """`key` as Textual names it, `shown` as it is printed."""

    key: str
    shown: str
    label: str

    @property
    def width(self) -> int:
        return len(self.shown) + len(self.label) + 2


def _hint(told: str, key: str = "") -> KeyHint:
    """`x fix` as a key and what it does."""
    shown, _, label = told.partition(" ")
    return KeyHint(key or shown.lower(), shown, label)


_ALWAYS = (_hint("F1 keys"), _hint("q quit"))
_MOVE = _hint("] next", "right_square_bracket")
_FILTER = _hint("/ filter", "slash")
_EXPLAIN = _hint("? explain", "question_mark")
_STOP = _hint("^C stop", "ctrl+c")
_ORDER = _hint("o order")
_VIEW = _hint("v by...")
_RESULT = (_hint("Enter open"), _FILTER, _ORDER, _hint("F5 again"), _MOVE, _hint("s suspects"))

_OF_PLACE: dict[str, tuple[KeyHint, ...]] = {
    SYMPTOM: (_hint("Enter fields"), _hint("F5 analyse"), _hint("t test"), _MOVE,
              _hint("s suspects")),
    ERROR_LOG: (_hint("Enter lines"), _VIEW, *_RESULT[1:]),
    SETTINGS: (_hint("Enter row"), _EXPLAIN, *_RESULT[1:]),
    GENERAL_LOG: (_hint("a switch-it-on"), *_RESULT),
    SLOW_LOG: (_hint("a switch-it-on"), *_RESULT),
    RECORDER: (_hint("a watch"), _hint("p pause"), _hint("f kind"), _hint("← earlier", "left"),
               _hint("Enter open"), _EXPLAIN, _MOVE),
    NETWORK: (_hint("Enter start"), _hint("a all"), _hint("l limits"), _hint("e whole"), _EXPLAIN,
              _MOVE),
    "diagnosis": (_hint("Enter go-there"), _hint("e evidence"), _hint("x fix"), _hint("t test"),
                  _EXPLAIN, _hint("y copy"), _MOVE),
    "fix": (_hint("Enter preview"), _hint("a apply"), _hint("u undo"), _hint("f as-text"),
            _hint("h hand-out"), _hint("w write"), _hint("e whole"), _EXPLAIN, _hint("b back")),
    "report": (_hint("w save"), _hint("a case"), _hint("y copy"), _hint("f format"),
               _hint("e whole"), _hint("F5 anew"), _hint("[ back", "left_square_bracket")),
    "knowledge": (_hint("/ search", "slash"), _hint("Enter page"), _hint("y copy"),
                  _hint("b back")),
}  # fmt: skip

_NOT_OFFLINE = (_hint("a switch-it-on"), _hint("a watch"), _hint("p pause"), _hint("f kind"),
                _hint("← earlier", "left"), _hint("Enter start"), _hint("a all"),
                _hint("l limits"), _hint("a apply"))  # fmt: skip
"""What a saved case cannot do."""

FIELD_KEYS = (
    _hint("Enter go-on"), _hint("Tab next"), _hint("Esc leave-the-field", "escape"),
    _hint("F5 again"), _hint("F1 keys"), _hint("^Q quit", "ctrl+q"),
)  # fmt: skip
"""Where letters are typed."""


def key_hints(place: str, state: State) -> tuple[KeyHint, ...]:
    stop = (_STOP,) if state.running or state.awaited else ()
    told = _OF_PLACE.get(place, _RESULT)
    if place == RECORDER:
        told = _of_recorder(state)
    if _FILTER in told:
        told = tuple(hint for hint in told if hint not in _idle(place, state))
    if state.offline:
        told = tuple(hint for hint in told if hint not in _NOT_OFFLINE)
    return (*stop, *told, *_ALWAYS)


def _idle(place: str, state: State) -> frozenset[KeyHint]:
    """The keys that have nothing to work on, as the step lists no rows, or nothing at all."""
    result = state.case.step(place) if state.case is not None else None
    tables = result.tables if result is not None else ()
    idle = set[KeyHint]()
    if len(views(tables)) < 2:
        idle.add(_VIEW)
    if not any(table.rows for table in tables):
        idle |= {_FILTER, _ORDER}
        if result is None or not result.evidence:
            idle |= {hint for hint in _OF_PLACE.get(place, _RESULT) if hint.key == "enter"}
    return frozenset(idle)


def _of_recorder(state: State) -> tuple[KeyHint, ...]:
    """`a` ends what it began; what holds and filters has nothing to work on before that."""
    watch, *picture, read, explain, move = _OF_PLACE[RECORDER]
    match state.recorder:
        case "watching":
            return (_hint("a stop"), *picture, read, explain, move)
        case "stopped":
            return (watch, *picture, read, explain, move)
    return (watch, read, explain, move)


def fitting(hints: Sequence[KeyHint], width: int) -> tuple[KeyHint, ...]:
    """As many as `width` columns hold; the last two, which help and leave, always stay."""
    kept, last = list(hints[:-2]), tuple(hints[-2:])
    while kept and sum(hint.width for hint in (*kept, *last)) > width:
        kept.pop()
    return (*(KeyHint(h.key, h.shown, h.label.replace("-", " ")) for h in kept), *last)
