"""A recipe as lines for a terminal."""

from collections.abc import Iterator
from textwrap import TextWrapper

from knowledge.recipe import Recipe, recipes
from wizard.recipes.measure import DEFAULT_PACKET, DEFAULT_WAIT_TIMEOUT, RecipeFigures
from wizard.recipes.values import FilledSnippet, filled
from wizard.units import duration

WIDTH = 80


def explain_lines(
    recipe_id: str, measured: RecipeFigures | None = None, width: int = WIDTH
) -> list[str]:
    """The recipe in lines of at most `width` columns, web addresses apart.

    Without `measured`, for a server with its defaults. Snippets keep their own lines, of at most 80
    columns. Raises KeyError for an unknown id.
    """
    return list(_lines(recipes()[recipe_id], measured or RecipeFigures(), width))


def basis(measured: RecipeFigures) -> str:
    """What the figures rest on, in a few sentences."""
    return " ".join(_basis(measured))


def _basis(measured: RecipeFigures) -> Iterator[str]:
    if measured.shortest is None:
        yield f"wait_timeout is not known; its default of {DEFAULT_WAIT_TIMEOUT} s is assumed."
    else:
        yield f"Times are worked out from this: {measured.because}."
    if measured.longest_idle is not None:
        longest = duration(round(measured.longest_idle))
        yield f"The longest idle time before a failure was {longest}."
    if measured.packet_limit is None:
        yield f"max_allowed_packet is taken as {DEFAULT_PACKET} bytes."
    else:
        yield f"max_allowed_packet is {measured.packet_limit} bytes."
    if measured.largest is not None:
        yield f"The largest statement that failed had {measured.largest} bytes."


def _lines(recipe: Recipe, measured: RecipeFigures, width: int) -> Iterator[str]:
    yield f"{recipe.id}: {recipe.title}"
    yield ""
    yield from _hanging(width, "", recipe.summary)
    yield ""
    yield from _hanging(width, "Helps against: ", f"{', '.join(recipe.causes)}.")
    yield from _hanging(width, "", basis(measured))
    for snippet in filled(recipe, measured):
        yield ""
        yield from _snippet(snippet, width)
    if recipe.traps:
        yield ""
        yield "Traps:"
        for trap in recipe.traps:
            unit = f" ({trap.unit})" if trap.unit else ""
            yield from _hanging(width, "  - ", f"{trap.option}{unit}: {trap.text}")
    yield ""
    yield from _hanging(width, "Verify: ", recipe.verify)
    yield ""
    for reference in recipe.references:
        yield f"  {reference.title}"
        yield f"    {reference.url}"


def _snippet(found: FilledSnippet, width: int) -> Iterator[str]:
    snippet = found.snippet
    yield from _hanging(width, "", f"{snippet.title} ({snippet.place})")
    yield from _hanging(width, "", snippet.why)
    if found.remark:
        yield from _hanging(width, "", found.remark)
        return
    yield ""
    yield from found.text.rstrip("\n").split("\n")


def _hanging(width: int, first: str, text: str) -> list[str]:
    below = " " * min(len(first), 4)
    # An option's or a cause's name is not broken at its hyphens.
    wrapper = TextWrapper(
        width, initial_indent=first, subsequent_indent=below, break_on_hyphens=False
    )
    return wrapper.wrap(text)
