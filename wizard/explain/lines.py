"""An explanation as lines of at most `width` columns, web addresses apart. Pure."""

import textwrap
from collections.abc import Iterable, Iterator

from wizard.explain.entry import EntrySection, Explanation, Kind, Topic

WIDTH = 80


def lines(shown: Explanation, width: int = WIDTH) -> Iterator[str]:
    """One page."""
    yield from _title(shown.topic, width)
    for section in shown.sections:
        yield ""
        yield from _section(section, width)
    if shown.related:
        yield ""
        yield "See also:"
        for kind in Kind:
            names = [t.id for t in shown.related if t.kind is kind]
            if names:
                yield from _hanging(f"  {kind}: ", ", ".join(names), width)
    for number, reference in enumerate(shown.references):
        if not number:
            yield ""
        yield from _hanging("  ", reference.title, width)
        yield f"    {reference.url}"


def listed(topics: Iterable[Topic]) -> Iterator[str]:
    """Topics by kind and group, each with its title."""
    heading = ""
    for topic in topics:
        plural = topic.kind.plural.capitalize()
        own = f"{plural}: {topic.group}" if topic.group else plural
        if own != heading:
            if heading:
                yield ""
            yield own
            heading = own
        yield from entry(topic)


def entry(topic: Topic) -> Iterator[str]:
    """One topic of a list."""
    return _hanging(f"  {topic.id}  ", topic.title, WIDTH)


def _title(topic: Topic, width: int) -> Iterator[str]:
    if topic.kind in (Kind.VARIABLE, Kind.MYTH):  # the title is in the first paragraph
        yield f"{topic.id} ({topic.kind})"
    elif topic.kind is Kind.ERROR:
        yield f"Error {topic.id}"
    else:
        yield from _wrapped(f"{topic.id}: {topic.title}", width)


def _section(section: EntrySection, width: int) -> Iterator[str]:
    if section.heading:
        yield f"{section.heading}:"
    for number, paragraph in enumerate(section.paragraphs):
        if number and not section.heading:
            yield ""
        yield from _wrapped(paragraph, width)
    for item in section.items:
        yield from _hanging("  - ", item, width)
    yield from section.verbatim


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _hanging(first: str, text: str, width: int) -> Iterator[str]:
    yield from textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent="    ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
