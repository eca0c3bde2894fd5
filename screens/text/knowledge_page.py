"""Pages of the knowledge base as text, and the list of what a search found. Pure.

`wizard.explain` is imported with the first page: it reads the whole knowledge base.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.explain import Explanation, Topic

MOST = 60
"""Topics listed of one search."""

WIDTH = 80
"""Columns of a page that is copied, as on a terminal."""

_NAMED = re.compile(r"^([a-z0-9][a-z0-9_-]+): |\(([a-z0-9_-]+)\)$")
"""The name of another entry at the begin of an item, or in brackets at its end."""


def found(words: str) -> list[Topic]:
    """Without words everything. Else first what `explain` would print, then the kinds of this
    name (`myths`), entries whose name holds the words, and those that speak of them; or names
    that look alike. At most MOST."""
    from wizard.explain import NoSuchTopic, explain, search, topics

    everything = topics()
    text = " ".join(words.lower().split())
    if not text:
        return list(everything)
    exact: tuple[Topic, ...] = ()
    near: tuple[Topic, ...] = ()
    try:
        exact = (explain(text).topic,)
    except NoSuchTopic as nothing:
        near = nothing.near
    kinds = [t for t in everything if text in (t.kind.value, t.kind.plural)]
    name = text.replace(" ", "-")
    begin = [t for t in everything if t.id.lower().startswith((text, name))]
    hold = [t for t in everything if text in t.id.lower() or name in t.id.lower()]
    return list(dict.fromkeys((*exact, *kinds, *begin, *hold, *search(text), *near)))[:MOST]


def shown(topic: Topic, width: int) -> str:
    """A page in lines of at most `width` columns, web addresses and verbatim text apart."""
    from wizard.explain import Kind, lines, page
    from wizard.recipes import explain_lines

    if topic.kind is Kind.RECIPE:
        return "\n".join(explain_lines(topic.id, width=width))
    return "\n".join(lines(page(topic), width))


def linked(explanation: Explanation) -> list[Topic]:
    """The entries that a page names, in the order in which it does, then the related ones."""
    return [t for t in dict.fromkeys(_linked(explanation)) if t != explanation.topic]


def _linked(explanation: Explanation) -> Iterator[Topic]:
    from wizard.explain.topics import named

    for section in explanation.sections:
        for item in section.items:
            for name in _NAMED.finditer(item):
                yield from named(name[1] or name[2])
    yield from explanation.related


def row(topic: Topic) -> str:
    """`cause    idle-timeout  The server closed ...`; a sentence says more than its name."""
    name = "" if topic.kind.value in _SENTENCES else f"{topic.id}  "
    return f"{_KINDS.get(topic.kind.value, topic.kind.value):<8} {name}{topic.title}"


_KINDS = {"error number": "error", "client recipe": "recipe"}
_SENTENCES = ("myth", "article")
