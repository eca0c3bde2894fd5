"""The section for whoever owns the application: what to set there, with its figures."""

from collections.abc import Iterator

from knowledge.recipe import Recipe
from wizard.case.case import Case
from wizard.diagnosis.model import Diagnosis
from wizard.recipes import RecipeFigures, filled, fitting, measure
from wizard.recipes.fit import helped
from wizard.recipes.lines import basis
from wizard.report.model import Block, Drawing, Heading, Item, Items, Paragraph, Section
from wizard.report.words import listed

MAX_RECIPES = 3
"""Recipes written out; the others are named."""


def recipes(case: Case, diagnosis: Diagnosis) -> Section | None:
    """None where no accused cause can be met in the application, in a proxy or in a firewall."""
    found = fitting(case, diagnosis)
    if not found:
        return None
    causes = helped(diagnosis)
    measured = measure(case, diagnosis)
    blocks: list[Block] = [Paragraph(basis(measured))]
    for recipe in found[:MAX_RECIPES]:
        blocks += _recipe(recipe, measured, causes)
    if others := [r.id for r in found[MAX_RECIPES:]]:
        blocks.append(Paragraph(f"More with goneaway-wizard explain: {listed(others)}."))
    return Section("application", "For the application", tuple(blocks))


def _recipe(recipe: Recipe, measured: RecipeFigures, causes: frozenset[str]) -> Iterator[Block]:
    yield Heading(recipe.title)
    yield Paragraph(recipe.summary)
    for snippet in filled(recipe, measured):
        if not causes.intersection(snippet.snippet.purpose.causes):
            continue
        told = snippet.snippet
        yield Items("", (Item(f"{told.title} ({told.place})", (snippet.remark or told.why,)),))
        if snippet.text:
            yield Drawing(tuple(snippet.text.rstrip("\n").split("\n")))
    if recipe.traps:
        yield Items("Traps", tuple(Item(_trap(t.option, t.unit, t.text)) for t in recipe.traps))
    yield Paragraph(f"Proof: {recipe.verify}")


def _trap(option: str, unit: str, text: str) -> str:
    return f"{option} ({unit}): {text}" if unit else f"{option}: {text}"
