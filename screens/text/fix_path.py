"""The way through a fix as one row: look, preview, apply, proof, undo. Pure functions."""

from __future__ import annotations

from enum import IntEnum

from screens.text.words import middle_cut


class FixStage(IntEnum):
    """Where the operator stands."""

    LOOK = 1
    PREVIEW = 2
    APPLY = 3
    PROOF = 4
    UNDO = 5


NEXT = {
    FixStage.LOOK: ("Enter", "preview the remedy that is marked", "changes nothing"),
    FixStage.PREVIEW: ("a", "apply it", "asks you to type `apply`; undo is kept"),
    FixStage.APPLY: ("Ctrl+C", "stop the proof; the change itself stays", "undo with u"),
    FixStage.PROOF: ("F6", "read all steps again: they are older than the change", "some seconds"),
    FixStage.UNDO: ("F6", "read all steps again: they are older than the change", "some seconds"),
}
"""The key, what it does and what it costs, at each stage."""

FOR_YOU = {
    **NEXT,
    FixStage.PREVIEW: ("Esc", "the other remedies: this one is for you to do, y copies it", ""),
}
"""The same for what the wizard cannot change."""


def path_line(stage: FixStage) -> str:
    """`1 look  [2 PREVIEW]  3 apply  4 proof  5 undo`."""
    words = (f"{step.value} {step.name.lower()}" for step in FixStage)
    return "  ".join(f"[{w.upper()}]" if n == stage else w for n, w in enumerate(words, 1))


def chosen_line(title: str, number: int, count: int, width: int) -> str:
    """The remedy that is looked at, in the row that the list of all of them left."""
    place = f"  ({number} of {count}, Esc: all)"
    return f"{middle_cut(title, width - len(place))}{place}"
