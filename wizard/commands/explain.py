"""`goneaway-wizard explain WORD`: what the knowledge base says, without any server."""

import argparse
import textwrap
from collections.abc import Iterator

from knowledge.load import load
from knowledge.model import Cause, Remedy, Variable
from wizard.arguments import TargetParser
from wizard.resolve import UsageError
from wizard.sanitize import sanitize

WIDTH = 80


def register(subparsers: "argparse._SubParsersAction[TargetParser]") -> None:
    parser = subparsers.add_parser(
        "explain",
        help="what the knowledge base says about a cause, remedy or variable",
        description="Prints what is known about a cause, a remedy or a server variable.",
    )
    parser.add_argument("word", metavar="WORD")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    print("\n".join(explain(args.word)))
    return 0


def explain(word: str) -> Iterator[str]:
    """Lines of at most 80 columns. Raises UsageError for a word that is not known."""
    known = load()
    name = word.strip().lower()
    variable = known.variables.get(name.replace("-", "_"))
    if name in known.causes:
        yield from _cause(known.causes[name])
    elif name in known.remedies:
        yield from _remedy(known.remedies[name])
    elif variable is not None:
        yield from _variable(variable)
    else:
        near = [n for n in (*known.causes, *known.remedies, *known.variables) if name in n]
        hint = f"; did you mean {', '.join(near[:5])}?" if near else ""
        raise UsageError(f"nothing is known about {sanitize(word, 40)!r}{hint}")


def _cause(cause: Cause) -> Iterator[str]:
    known = load()
    yield f"{cause.id}: {cause.title}"
    yield from _paragraph(cause.summary)
    yield from _paragraph(f"On the wire: {cause.wire}")
    if cause.clients:
        yield ""
        yield "What clients show:"
        for shown in cause.clients:
            yield from _item(f"{shown.client}: {shown.text}")
    if cause.supports:
        yield ""
        yield "What points to it:"
        for use in cause.supports:
            mark = " (decisive)" if use.conclusive else ""
            yield from _item(known.signals[use.signal].text + mark)
    if cause.remedies:
        yield ""
        yield "What helps:"
        for remedy in cause.remedies:
            yield from _item(f"{remedy}: {known.remedies[remedy].title}")
    yield ""
    for reference in cause.references:
        yield f"  {reference.title}"
        yield f"    {reference.url}"


def _remedy(remedy: Remedy) -> Iterator[str]:
    yield f"{remedy.id}: {remedy.title}"
    yield from _paragraph(remedy.text)
    if remedy.risk:
        yield from _paragraph(f"Risk: {remedy.risk}")
    if remedy.verify:
        yield from _paragraph(f"Verify: {remedy.verify}")


def _variable(variable: Variable) -> Iterator[str]:
    yield f"{variable.name}"
    yield from _paragraph(variable.summary)
    applies = {
        "new": "new sessions only; open ones keep their value",
        "now": "at once",
        "restart": "after a restart",
    }[variable.applies]
    yield from _paragraph(f"A change applies: {applies}.")
    if variable.cost:
        yield from _paragraph(f"Cost: {variable.cost}")
    yield ""
    yield f"Defaults ({variable.unit or 'no unit'}):"
    for series, value in variable.defaults.items():
        yield f"  {series:<16} {value}"


def _paragraph(text: str) -> Iterator[str]:
    yield ""
    yield from textwrap.wrap(text, WIDTH)


def _item(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent="  - ", subsequent_indent="    ")
