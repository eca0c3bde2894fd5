"""Which lines of an application's log can matter: those that a careful reading has to see.

A line matters by itself where a known text is in it, where it tells a place of the database, or
where it speaks loudly of a connection in words that are not known. All of that begins with a
text that can be looked for in bulk (`trigger_texts`).
"""

import re
from collections.abc import Iterable
from typing import Protocol

from wizard.logs.application.client_drivers import names_mysql
from wizard.logs.application.client_texts import texts_in
from wizard.logs.application.endpoints import LEARNT
from wizard.logs.application.json_lines import json_line
from wizard.logs.application.mentions import may_be_loud, may_be_trouble
from wizard.logs.application.prefixes import unwrap
from wizard.logs.application.skeleton import Skeletons, skeletons, strength
from wizard.logs.application.trigger_texts import trigger_texts, written_as
from wizard.logs.engine.fast import Matcher, matcher
from wizard.logs.engine.shapes import LONGEST_SHAPE, shape_of

_STRONG = 1000
"""A text whose skeleton tells less than this is looked for as it is."""

_MOST_DULL = 40_000
"""Skeletons of lines without any of the texts that are remembered."""

_MOST_TELLING = 4096
"""Shapes of lines that matter that are remembered."""

_STEM = 3
"""Letters by which texts with a weak skeleton are looked for together."""


class Triggers(Protocol):
    """Finds the lines of a block that matter."""

    def lines_in(self, block: bytes, lines: list[bytes]) -> list[int]:
        """The numbers of those `lines` that matter; `block` is all of them together."""
        ...


def triggers() -> Triggers:
    """By Hyperscan where it is installed: the same answers, many times sooner."""
    literals = {literal for text in trigger_texts() for literal in written_as(text)}
    texts = matcher([re.escape(literal) for literal in sorted(literals)])
    return PureTriggers() if texts is None else FastTriggers(texts)


class FastTriggers:
    """One search for all texts."""

    def __init__(self, texts: Matcher) -> None:
        self._texts = texts
        self._telling = _Telling()

    def lines_in(self, block: bytes, lines: list[bytes]) -> list[int]:
        tell = self._telling.tell
        return [number for number in self._texts(block) if tell(lines[number])]


class PureTriggers:
    """By the skeletons of the lines, which a log repeats."""

    def __init__(self) -> None:
        texts = trigger_texts()
        strong = [text for text in texts if strength(text) >= _STRONG]
        weak = [text for text in texts if strength(text) < _STRONG]
        self._skeletons = Skeletons(strong)
        self._plain = tuple({text[:_STEM].encode() for text in weak if text.isascii()})
        self._foreign = tuple(text for text in weak if not text.isascii())
        self._telling = _Telling()
        self._dull: set[bytes] = set()
        self._met: dict[bytes, tuple[str, ...]] = {}

    def lines_in(self, block: bytes, lines: list[bytes]) -> list[int]:
        found: list[int] = []
        tell = self._telling.tell
        bare = skeletons(block)
        known = self._known(set(bare))
        if known:
            found += [
                n
                for n, skeleton in enumerate(bare)
                if skeleton in known and _holds(lines[n], known[skeleton]) and tell(lines[n])
            ]
        folded = block.lower()
        for text in self._plain:
            if text in folded:
                found += [n for n, line in enumerate(lines) if text in line.lower() and tell(line)]
        return sorted(set(found))

    def _known(self, skeleton_set: set[bytes]) -> dict[bytes, tuple[str, ...]]:
        """Of these skeletons those in which a text may stand, with the texts."""
        if len(self._dull) + len(self._met) > _MOST_DULL:
            self._dull.clear()
            self._met.clear()
        known = {}
        for skeleton in skeleton_set - self._dull:
            texts = self._met.get(skeleton)
            if texts is None:
                texts = self._skeletons.texts_in(skeleton) + self._others(skeleton)
                if not texts:
                    self._dull.add(skeleton)
                    continue
                self._met[skeleton] = texts
            known[skeleton] = texts
        return known

    def _others(self, skeleton: bytes) -> tuple[str, ...]:
        """A line with letters of another script is looked at whole."""
        return ("",) if self._foreign and not skeleton.isascii() else ()


class _Telling:
    """Knows lines that matter by the shapes of those that did; bounded.

    One line too many that is read closely changes no answer.
    """

    def __init__(self) -> None:
        self._shapes: set[bytes] = set()

    def tell(self, raw: bytes) -> bool:
        """Whether the line matters by itself, or may."""
        if len(raw) > LONGEST_SHAPE:
            return tells(raw)
        shape = shape_of(raw)
        if shape in self._shapes:
            return True
        if not tells(raw):
            return False
        if len(self._shapes) >= _MOST_TELLING:
            self._shapes.clear()
        self._shapes.add(shape)
        return True


def _holds(line: bytes, texts: Iterable[str]) -> bool:
    """Whether one of `texts` stands in `line`, or may, as in JSON, whose signs are escaped."""
    if line.lstrip()[:1] == b"{":
        return True
    folded = line.decode("utf-8", "replace").lower()
    return any(text in folded for text in texts)


def tells(raw: bytes) -> bool:
    """Whether the line matters by itself."""
    line = raw.decode("utf-8", "replace")
    text = unwrap(line).text
    told = json_line(text) if text.lstrip()[:1] == "{" else None
    parts = [part for one in told.texts for part in one.split("\n")] if told else [text]
    return any(
        any(known.search(part) for known in texts_in(part))
        or (names_mysql(part) and LEARNT.search(part) is not None)
        or (may_be_trouble(part) and (told is not None or may_be_loud(line)))
        for part in parts
    )
