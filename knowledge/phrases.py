"""Families of texts: what drivers say, as plain words with places, made into signatures.

A family is one meaning; its texts are those of the drivers' own lists of messages. Places:
`<n>` a count, `<w>` one word, `<*>` anything short; `<conn> <size> <ms> <errno> <number> <host>
<user>` are read. A text begins and ends at a word's border.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.model import Signature

_PLACES = {
    "n": (r"[\d.,]+", "3"),
    "w": (r"[^\s,;:)]+", "word"),
    "*": (r"[^\n]{0,120}?", "…"),
    "conn": (r"(?P<conn>\d+)", "41"),
    "size": (r"(?P<size>[\d,.]+)", "2097152"),
    "ms": (r"(?P<ms>[\d,.]+)", "1000"),
    "errno": (r"(?P<errno>-?\d+)", "104"),
    "number": (r"(?P<number>\d{4})", "2013"),
    "host": (r"(?P<host>[^\s'\",;)]+)", "db.example"),
    "user": (r"(?P<user>[^\s'\",;)]+)", "app"),
}
_PLACE = re.compile(r"<(n|w|\*|conn|size|ms|errno|number|host|user)>")
_ASCII = re.compile(r"[A-Za-z0-9_]")


def family_signatures(table: Mapping[str, Any]) -> Iterator[Signature]:
    """A signature for each text of the family `table`."""
    data = {k: v for k, v in table.items() if k != "texts"}
    count = 0
    for driver, texts in table["texts"].items():
        for text in texts:
            count += 1
            yield Signature(
                **{
                    **data,
                    "id": f"{table['id']}.{count}",
                    "driver": driver,
                    "literal": literal_of(text),
                    "pattern": pattern_of(text),
                    "matches": (example_of(text),),
                }
            )


_ESCAPED_BLANK = re.compile(r"\\(?P<other>[^ ])|\\ ")


def _escaped(text: str) -> str:
    """The text for a pattern. Its blanks stay as they are, which packs better for a host."""
    return _ESCAPED_BLANK.sub(lambda found: found[0] if found["other"] else " ", re.escape(text))


def pattern_of(text: str) -> str:
    """The regular expression for a text with places."""
    parts, at = [], 0
    for place in _PLACE.finditer(text):
        parts.append(_escaped(text[at : place.start()]))
        parts.append(_PLACES[place[1]][0])
        at = place.end()
    parts.append(_escaped(text[at:]))
    before = r"(?<![A-Za-z0-9_])" if _ASCII.match(text) else ""
    after = r"(?![A-Za-z0-9_])" if _ASCII.match(text[-1]) else ""
    return f"{before}{''.join(parts)}{after}"


def literal_of(text: str) -> str:
    """The longest piece of plain words in a text."""
    return max(_PLACE.sub("\0", text).split("\0"), key=len)


def example_of(text: str) -> str:
    """The text with every place filled."""
    return _PLACE.sub(lambda place: _PLACES[place[1]][1], text)
