"""Which of the known texts may be in a line, by the literals that they hold."""

import re
from dataclasses import dataclass
from functools import cache

from knowledge.load import signatures
from knowledge.model import Signature
from wizard.logs.engine.literal_tree import Tree, literals_in, tree_of


@dataclass(frozen=True, slots=True)
class KnownText:
    """One signature; `rank` is its place among all: the lower, the more it tells."""

    rank: int
    signature: Signature

    def search(self, line: str) -> re.Match[str] | None:
        return _pattern(self.signature.pattern).search(line)

    @property
    def of_anybody(self) -> bool:
        """Whether it comes of a family, some of whose texts other databases' clients say too."""
        return "." in self.signature.id


def texts_in(line: str) -> list[KnownText]:
    """The texts whose literal is in `line`, in their order."""
    folded = line.lower()
    plain, foreign = _trees()
    literals = literals_in(plain, folded)
    if not folded.isascii():
        literals += literals_in(foreign, folded)
    if not literals:
        return []
    known = _known()
    found = [text for literal in literals for text in known[literal]]
    found.sort(key=lambda text: text.rank)
    return found


@cache
def _known() -> dict[str, tuple[KnownText, ...]]:
    """The texts by their literals."""
    texts: dict[str, list[KnownText]] = {}
    for rank, signature in enumerate(signatures("client")):
        texts.setdefault(signature.literal.lower(), []).append(KnownText(rank, signature))
    return {literal: tuple(of) for literal, of in texts.items()}


@cache
def _trees() -> tuple[Tree, Tree]:
    """The literals for any line, and those for lines with letters beyond ASCII."""
    return (
        tree_of(literal for literal in _known() if literal.isascii()),
        tree_of(literal for literal in _known() if not literal.isascii()),
    )


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Compiled at the first line that may fit: most of the texts are never met."""
    return re.compile(text, re.IGNORECASE)
