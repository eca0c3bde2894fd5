"""What the knowledge base says about a word, for a terminal and for a screen. Pure."""

from wizard.explain.entry import EntrySection, Explanation, Kind, Topic
from wizard.explain.find import NoSuchTopic, explain, search
from wizard.explain.lines import entry, lines, listed
from wizard.explain.pages import page
from wizard.explain.topics import topics

__all__ = [
    "EntrySection",
    "Explanation",
    "Kind",
    "NoSuchTopic",
    "Topic",
    "entry",
    "explain",
    "lines",
    "listed",
    "page",
    "search",
    "topics",
]  # fmt: skip
