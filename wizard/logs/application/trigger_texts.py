"""The texts of which each line of an application's log that matters holds one at least.

They are those of the signatures, and what their patterns require: no text is written twice.
"""

import re
from collections.abc import Set as AbstractSet
from functools import cache
from itertools import product

from knowledge.load import signatures
from wizard.logs.application.endpoints import LEARNT
from wizard.logs.application.mentions import TROUBLE
from wizard.logs.application.skeleton import BEYOND_ASCII, SPLITS, runs_of, strength
from wizard.logs.engine.required import required_texts

_CLEAR = 20_000
"""A literal whose skeleton tells as much needs no look at its pattern."""

_FEW = 4
"""Letters of another script by which a text is looked for."""


@cache
def trigger_texts() -> frozenset[str]:
    """In small letters. None of them is part of another."""
    found = set(TROUBLE)
    found |= min(required_texts(LEARNT.pattern, _cost), key=_cost)
    for signature in signatures("client"):
        sets = [frozenset((signature.literal.lower(),))]
        if strength(signature.literal) < _CLEAR:
            sets += required_texts(signature.pattern, _cost)
        found |= min(sets, key=_cost)
    kept: list[str] = []
    for text in sorted(found, key=len):
        if not any(short in text for short in kept):
            kept.append(text)
    return frozenset(kept)


def written_as(text: str) -> list[bytes]:
    """Literals of which each line with `text` has one, whatever the case of ASCII letters.

    They are what of it is written the same way everywhere. JSON may write quotes, slashes and
    letters beyond ASCII in another way, so of a text in another script its own letters are taken,
    in each mixture of large and small ones.
    """
    run = max(SPLITS.split(BEYOND_ASCII.sub("\x00", text)), key=len)
    if runs_of(run):
        return [run.encode()]
    cased = [c for c in text if c.lower() != c.upper()]
    if not cased:
        return [text.encode()]
    letters = max(re.findall(r"\w+", text), key=len)[:_FEW]
    return ["".join(c).encode() for c in product(*((c.lower(), c.upper()) for c in letters))]


def _cost(texts: AbstractSet[str]) -> tuple[float, int]:
    return -min(map(strength, texts)), -min(map(len, texts))
