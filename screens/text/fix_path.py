"""The way through a fix as one row: look, preview, apply, proof, undo. Pure functions."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from screens.state import FixKind, State

if TYPE_CHECKING:
    from wizard.remedies.actions import OpenSession


class FixStage(IntEnum):
    """Where the operator stands. An action has no way back, so it ends with its proof."""

    LOOK = 1
    PREVIEW = 2
    APPLY = 3
    PROOF = 4
    UNDO = 5
    CHOOSE = 6
    """Which sessions an action is for; a part of looking."""
    FAILED = 7
    """It could not be done; there is nothing to prove."""


_CHANGE = {
    FixStage.LOOK: "look",
    FixStage.PREVIEW: "preview",
    FixStage.APPLY: "apply",
    FixStage.PROOF: "proof",
    FixStage.UNDO: "undo",
}
_ACTION = {
    FixStage.CHOOSE: "choose",
    FixStage.PREVIEW: "preview",
    FixStage.APPLY: "do",
    FixStage.PROOF: "done",
}

READ_AGAIN = ("F6", "read all again: it is older than the change", "some seconds")

NEXT = {
    FixStage.LOOK: ("Enter", "preview the remedy that is marked", "changes nothing"),
    FixStage.CHOOSE: ("Space", "mark a session; Enter previews", "changes nothing"),
    FixStage.PREVIEW: ("a", "apply it", "asks you to type `apply`; undo is kept"),
    FixStage.APPLY: ("Ctrl+C", "stop the proof; the change itself stays", "undo with u"),
    FixStage.PROOF: READ_AGAIN,
    FixStage.UNDO: READ_AGAIN,
    FixStage.FAILED: ("u", "see whether something was left changed", "changes nothing yet"),
}
"""The key, what it does and what it costs, at each stage."""

FOR_YOU = {
    **NEXT,
    FixStage.PREVIEW: ("Esc", "the other remedies: this one is for you", "y copies, w writes it"),
}
"""The same for what the wizard cannot change."""

AT_ONCE = {
    **NEXT,
    FixStage.PREVIEW: ("a", "do it", "asks you to type `do`; nothing takes it back"),
    FixStage.APPLY: ("Esc", "the other remedies", ""),
    FixStage.FAILED: ("Esc", "the other remedies", ""),
}
"""The same for actions."""

NEXT_OF = {FixKind.CHANGE: NEXT, FixKind.ACTION: AT_ONCE, FixKind.YOURS: FOR_YOU}

HOW_TO_CHOOSE = (
    "Space marks a session, Enter shows what ending the marked ones does. End the oldest sleeping"
    " ones of the pool that leaks, not all. F5 reads the list again, Esc leaves it."
)


def path_line(stage: FixStage, kind: FixKind = FixKind.CHANGE) -> str:
    """`1 look  [2 PREVIEW]  3 apply  4 proof  5 undo`."""
    acts = kind is FixKind.ACTION and stage is not FixStage.UNDO
    names = _ACTION if acts and stage is not FixStage.LOOK else _CHANGE
    at = FixStage.APPLY if stage is FixStage.FAILED else stage
    failed = " FAILED" if stage is FixStage.FAILED else ""
    told = [
        f"[{n} {word.upper()}{failed}]" if step == at else f"{n} {word}"
        for n, (step, word) in enumerate(names.items(), 1)
    ]
    return "  ".join([*told, "(no undo)"] if names is _ACTION else told)


def chosen_line(title: str, number: int, count: int) -> str:
    """The remedy that is looked at, whole, where the list of all of them stood."""
    return f"{title}  ({number}/{count}, Esc)"


def why_not_applied(state: State) -> str:
    """A key that does nothing says why."""
    if state.fix_stage == FixStage.LOOK:
        return "a: nothing was previewed yet. Enter shows first what the remedy would change."
    if state.fix_kind is FixKind.YOURS:
        return "a: this one is for you to do. y copies it, w writes it, Esc shows the others."
    return "a: there is nothing to apply here. Esc shows the remedies."


def session_row(found: OpenSession, marked: bool) -> str:
    """A session that could be ended; text from outside, to be shown safely."""
    return f"[{'x' if marked else ' '}] {found.told}"
