"""A file for the developers: what to set in the application, with the figures filled in. Pure."""

import re
from collections.abc import Iterator

from knowledge.recipe import Recipe
from wizard.case.case import Case
from wizard.diagnosis.model import Diagnosis
from wizard.recipes.fit import fitting, helped
from wizard.recipes.lines import basis
from wizard.recipes.measure import RecipeFigures, measure
from wizard.recipes.values import FilledSnippet, filled
from wizard.remedies.offers import leading, offers
from wizard.safety.sanitize import sanitize

_FENCE = "```"
_MARKS = re.compile(r"([\\`*_\[\]<>#|])")

_LANGUAGES = {"shell": "sh", "text": ""}


def handout(case: Case, diagnosis: Diagnosis, connected: frozenset[str] = frozenset()) -> str:
    """Markdown. Where no cause can be met in the application, it says so. `connected` are the
    drivers of clients that the server sees now."""
    return "\n".join(_lines(case, diagnosis, connected)) + "\n"


def _lines(case: Case, diagnosis: Diagnosis, connected: frozenset[str]) -> Iterator[str]:
    yield "# Lost database connections: what to set in the application"
    yield ""
    yield from _found(case, diagnosis)
    recipes = fitting(case, diagnosis, connected)
    if not recipes:
        yield ""
        yield (
            "No cause was found that the application's settings have a say in; nothing here is"
            " to be done there."
        )
        return
    measured = measure(case, diagnosis)
    yield ""
    yield _plain(basis(measured))
    causes = helped(diagnosis)
    for recipe in recipes:
        yield ""
        yield from _recipe(recipe, measured, causes)
    yield from _server_side(diagnosis)


def _found(case: Case, diagnosis: Diagnosis) -> Iterator[str]:
    server = f"{case.target.flavor} {case.target.version or ''}".strip()
    at = f"{case.created:%Y-%m-%d %H:%M %z}"
    yield f"Server: {_plain(case.target.label)} ({_plain(server)}), looked at {at}."
    accused = [f for f in diagnosis.accused if not f.noise]
    if not accused:
        yield ""
        yield "No cause is likely or confirmed."
        return
    yield ""
    yield "What was found:"
    yield ""
    for finding in accused:
        explains = f", explains {finding.explains} of the failures" if finding.explains else ""
        because = f": {_plain(finding.supports[0].text)}" if finding.supports else ""
        yield f"- **{_plain(finding.title)}** ({finding.verdict}{explains}){because}"


def _recipe(recipe: Recipe, measured: RecipeFigures, causes: frozenset[str]) -> Iterator[str]:
    yield f"## {_plain(recipe.title)}"
    yield ""
    yield _plain(recipe.summary)
    for snippet in filled(recipe, measured):
        if causes.intersection(snippet.snippet.purpose.causes):
            yield ""
            yield from _snippet(snippet)
    if recipe.traps:
        yield ""
        yield "Traps:"
        yield ""
        for trap in recipe.traps:
            unit = f" ({trap.unit})" if trap.unit else ""
            yield f"- `{trap.option}`{unit}: {_plain(trap.text)}"
    yield ""
    yield f"Proof: {_plain(recipe.verify)}"
    if recipe.references:
        yield ""
        yield from (f"- [{_plain(r.title)}]({r.url})" for r in recipe.references)


def _snippet(found: FilledSnippet) -> Iterator[str]:
    told = found.snippet
    yield f"### {_plain(told.title)}"
    yield ""
    yield f"Where: {_plain(told.place)}. {_plain(found.remark or told.why)}"
    if found.text:
        yield ""
        yield _FENCE + _LANGUAGES.get(told.format, told.format)
        yield from found.text.rstrip("\n").split("\n")
        yield _FENCE


def _server_side(diagnosis: Diagnosis) -> Iterator[str]:
    """What is done on the server's side, so that nobody waits for the other."""
    cause = leading(diagnosis)
    others = [o.remedy for o in offers(diagnosis) if cause and o.finding.cause == cause.cause]
    own = [r for r in others if r.kind == "variable"]
    if not own:
        return
    yield ""
    yield "## On the server's side, afterwards"
    yield ""
    for remedy in own:
        yield f"- {_plain(remedy.title)}: `goneaway-wizard fix {remedy.id}`"


def _plain(text: str) -> str:
    """Text in which Markdown reads nothing of its own."""
    return _MARKS.sub(r"\\\1", sanitize(text))
