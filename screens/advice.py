"""What to set in the application: snippets with their figures, for the Fix pane. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.case import Case
from wizard.verdict import Diagnosis

if TYPE_CHECKING:
    from knowledge.recipe import Recipe
    from wizard.recipes import FilledSnippet

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


def advice_lines(given: Advice) -> Iterator[str]:
    """The snippet itself comes first: it is what the operator came for."""
    told = given.filled.snippet
    yield f"{given.recipe.title}: {told.title}"
    yield f"Where: {told.place}"
    yield ""
    yield from (given.filled.text or given.filled.remark).rstrip("\n").split("\n")
    yield ""
    yield told.why
    yield given.basis
    for trap in given.recipe.traps:
        unit = f" ({trap.unit})" if trap.unit else ""
        yield f"Trap: {trap.option}{unit}: {trap.text}"
    yield f"Proof: {given.recipe.verify}"
    yield ""
    yield "The wizard does not do this: it is for you to do. c copies the snippet, ? tells more."
