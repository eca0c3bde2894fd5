"""What to set in the application: snippets with their figures, for the Fix pane. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens.text.words import wrapped
from wizard.case.case import Case
from wizard.diagnosis.model import Diagnosis

if TYPE_CHECKING:
    from knowledge.recipe import Recipe
    from wizard.recipes import FilledSnippet

FOR_YOU = (
    "The wizard does not do this: it is for you to do. "
    "c copies the snippet, e gives it the whole window, ? tells more."
)

MOST_RECIPES = 3
"""As many as a report writes out."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One snippet of a recipe that suits the case; `basis` says what its figures rest on."""

    recipe: Recipe
    filled: FilledSnippet
    basis: str

    @property
    def id(self) -> str:
        return f"{self.recipe.id}: {self.filled.snippet.title}"

    @property
    def row(self) -> str:
        return f"you     {self.recipe.title}: {self.filled.snippet.title}"


def advice(case: Case | None, diagnosis: Diagnosis) -> list[Advice]:
    """The snippets that help against the accused causes, the most particular recipe first."""
    from wizard.recipes import filled, fitting, measure
    from wizard.recipes.fit import helped
    from wizard.recipes.lines import basis

    if case is None:
        return []
    causes, measured = helped(diagnosis), measure(case, diagnosis)
    return [
        Advice(recipe, snippet, basis(measured))
        for recipe in fitting(case, diagnosis)[:MOST_RECIPES]
        for snippet in filled(recipe, measured)
        if causes.intersection(snippet.snippet.purpose.causes)
    ]


def advice_lines(given: Advice, width: int) -> Iterator[str]:
    """The snippet itself comes first, in its own lines; all else in at most `width` columns."""
    told = given.filled.snippet
    yield from wrapped(f"{given.recipe.title}: {told.title}", width, 2)
    yield from wrapped(f"Where: {told.place}", width, 2)
    yield ""
    if given.filled.text:
        yield from given.filled.text.rstrip("\n").split("\n")
    else:
        yield from wrapped(given.filled.remark, width, 0)
    yield ""
    yield from wrapped(told.why, width, 0)
    yield from wrapped(given.basis, width, 0)
    for trap in given.recipe.traps:
        unit = f" ({trap.unit})" if trap.unit else ""
        yield from wrapped(f"Trap: {trap.option}{unit}: {trap.text}", width, 2)
    yield from wrapped(f"Proof: {given.recipe.verify}", width, 2)
    yield ""
    yield from wrapped(FOR_YOU, width, 0)
