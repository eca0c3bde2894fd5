"""What an explanation is made of, the same for a terminal and for a screen."""

from dataclasses import dataclass
from enum import StrEnum

from knowledge.model import Reference


class Kind(StrEnum):
    """What can be explained, in the order in which it is listed."""

    CAUSE = "cause"
    ERROR = "error number"
    MYTH = "myth"
    VARIABLE = "variable"
    REMEDY = "remedy"
    RECIPE = "client recipe"
    CODE = "code"
    PROGRAM = "client program"
    LOG = "server log"
    ARTICLE = "article"
    TEXT = "error text"
    """What was pasted; it is listed nowhere."""

    @property
    def plural(self) -> str:
        return "remedies" if self is Kind.REMEDY else f"{self}s"


@dataclass(frozen=True, slots=True)
class Topic:
    """An entry by name. `group` is the heading under which it is listed."""

    kind: Kind
    id: str
    title: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class EntrySection:
    """A part with a heading; the first part's is empty.

    Paragraphs, then points, then `verbatim` lines, which must not be wrapped.
    """

    heading: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    verbatim: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """One entry in full. `related` are the entries that a reader may want next."""

    topic: Topic
    sections: tuple[EntrySection, ...]
    references: tuple[Reference, ...] = ()
    related: tuple[Topic, ...] = ()
