"""From a word to an entry: names, numbers, symbols, pasted messages and loose words. Pure."""

import difflib
import re
from functools import cache

from knowledge.codes import Code, Program
from knowledge.load import errors
from knowledge.model import Cause, ErrorNumber, Myth, Variable
from knowledge.recipe import recipes
from knowledge.server_logs import StatementLog
from wizard.explain.entry import Explanation, Kind, Topic
from wizard.explain.pages import page
from wizard.explain.told import told
from wizard.explain.topics import Privileges, TopicEntry, WayBack, entries, named, topics
from wizard.logs.application.client_drivers import driver_of
from wizard.safety.errors import WizardError

MOST = 12
"""Matches that are listed."""

_LONGEST = 400
"""Characters of a pasted message that are looked at."""

_PASTED = 20_000
"""Characters of a pasted text that are read as a log."""

_WORD = re.compile(r"[a-z0-9_]+")
_PLAIN = frozenset({"an", "and", "at", "for", "in", "is", "it", "of", "on", "or", "the", "to"})
"""Words that say nothing."""


class NoSuchTopic(WizardError):
    """No entry has this name. `matches` speak of the words, best first; `near` are names that
    look alike, where nothing speaks of them."""

    def __init__(self, matches: tuple[Topic, ...], near: tuple[Topic, ...]) -> None:
        super().__init__("no entry has this name")
        self.matches = matches
        self.near = near


def explain(word: str) -> Explanation:
    """The page of one entry.

    `word` is its name, error number or symbol; or a pasted text, which is read as a log is; or
    holds just one known number or code. Raises NoSuchTopic.
    """
    text = " ".join(word[:_LONGEST].lower().split())
    exact = _names(text)
    if not exact and (read := told(word[:_PASTED])) is not None:
        return _with_number(read)
    exact = exact or _within(text) or _by_driver(word[:_LONGEST])
    if exact:
        first, *others = exact
        return _with_others(page(first), others)
    matches = search(text)
    raise NoSuchTopic(matches, () if matches else _near(text))


def search(words: str) -> tuple[Topic, ...]:
    """The entries that speak of all these words, best first, at most MOST."""
    heard = _WORD.findall(words.lower().replace("-", " "))
    wanted = [w for w in heard if len(w) > 1 and w not in _PLAIN]
    if not wanted:
        return ()
    scored = [(_score(texts, wanted), n, topic) for n, (topic, texts) in enumerate(_texts())]
    best = sorted((-score, n, topic) for score, n, topic in scored if score)
    return tuple(topic for _score, _n, topic in best[:MOST])


def _names(text: str) -> list[Topic]:
    bare = text.strip("()[]'\" ")
    names = dict.fromkeys((text, text.replace("-", "_"), text.replace("_", "-"), bare))
    return list(dict.fromkeys(topic for name in names for topic in named(name)))


def _with_number(read: Explanation) -> Explanation:
    """A pasted text's page as its number's own, where it has just one."""
    numbers = [t for t in read.related if t.kind is Kind.ERROR]
    if len(numbers) != 1:
        return read
    own = page(numbers[0])
    others = [t for t in read.related if t not in numbers]
    heard = tuple(s for s in read.sections if not s.heading.startswith("Error "))
    return _with_others(
        Explanation(own.topic, (*heard, *own.sections), own.references, own.related), others
    )


def _within(text: str) -> list[Topic]:
    """The entry of the one number, symbol or code in a text."""
    numbers = {n for n in map(int, re.findall(r"(?<!\d)\d{4,6}(?!\d)", text)) if n in errors()}
    symbols = {n for n, e in errors().items() if text in {m.symbol.lower() for m in e.meanings}}
    found = numbers | symbols
    if len(found) == 1:
        return [t for n in found for t in named(str(n))]
    inside = [t for t, forms in _forms() if any(_stands_in(form, text) for form in forms)]
    return inside[:1]


def _by_driver(text: str) -> list[Topic]:
    """The recipes of a client library that is named, or whose class or mark the text is."""
    names = {n.lower(): n for r in recipes().values() for n in r.drivers}
    driver = names.get(" ".join(text.lower().split())) or driver_of(text)
    fitting = [r for r in recipes().values() if driver in r.drivers]
    # A library's own recipe before those of the frameworks that use it.
    return [t for r in sorted(fitting, key=lambda r: bool(r.marks)) for t in named(r.id)]


def _stands_in(form: str, text: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(form)}(?!\w)", text) is not None


@cache
def _forms() -> tuple[tuple[Topic, tuple[str, ...]], ...]:
    """Codes by the forms that are long enough to be told from any other word."""
    return tuple(
        (topic, tuple(n.lower() for n in (entry.id, *entry.names) if len(n) > 4))
        for topic, entry in entries().items()
        if isinstance(entry, Code)
    )


def _with_others(found: Explanation, others: list[Topic]) -> Explanation:
    """The other entries of this name come first among the related ones."""
    extra = (*others, *(t for t in found.related if t not in others))
    return Explanation(found.topic, found.sections, found.references, extra)


def _near(text: str) -> tuple[Topic, ...]:
    names: dict[str, Topic] = {}
    for topic in topics():
        names.setdefault(topic.id, topic)
    close = difflib.get_close_matches(text.replace(" ", "-"), names, 5, 0.6)
    return tuple(names[name] for name in close)


_Texts = tuple[str, str, str]
"""Name and title; the first paragraph; all the rest. Each in lower case."""


@cache
def _texts() -> tuple[tuple[Topic, _Texts], ...]:
    return tuple((topic, _searched(topic, entries()[topic])) for topic in topics())


def _searched(topic: Topic, entry: TopicEntry) -> _Texts:
    title, first, rest = f"{topic.id} {topic.title}", "", ""
    match entry:
        case Cause():
            shown = (f"{c.client} {c.text}" for c in entry.clients)
            first = entry.summary
            rest = " ".join((entry.wire, *shown, *entry.confirm, *entry.rules_out))
        case ErrorNumber():
            title = " ".join((topic.id, *(f"{m.symbol} {m.text}" for m in entry.meanings)))
            first = " ".join(f"{m.means} {m.mariadb_text}" for m in entry.meanings)
            rest = " ".join(m.look for m in entry.meanings)
        case Myth():
            first, rest = entry.fact, " ".join(entry.variables)
        case Code() | Program():
            title = " ".join((topic.id, topic.title, *entry.names))
            first = entry.means if isinstance(entry, Code) else entry.says
        case StatementLog():
            title = " ".join((topic.id, topic.title, *entry.names))
            first, rest = entry.says, " ".join((*entry.cannot, *(t.means for t in entry.tells)))
        case Variable():
            title, first = topic.id, f"{entry.summary} {entry.cost}"
        case Privileges():
            first = entry.summary
            rest = " ".join(f"{n.grant} {n.purpose}" for n in entry.needed)
        case WayBack():
            first = entry.summary
            rest = " ".join(f"{f.happens} {f.then}" for f in entry.findings)
        case _:
            first = getattr(entry, "summary", "") or getattr(entry, "text", "")
            rest = " ".join(str(s.text) for s in getattr(entry, "snippets", ()))
    return _plain(title), _plain(first), _plain(rest)


def _plain(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.lower()))} {text.lower()}"


def _score(texts: _Texts, wanted: list[str]) -> int:
    """0 unless every word is there; a word may be the beginning of a longer one. Words that
    stand together count for more than scattered ones."""
    each = [_worth(texts, word, (5, 3, 1)) for word in wanted]
    if not all(each):
        return 0
    together = _worth(texts, " ".join(wanted), (6, 4, 3)) * len(wanted)
    return max(sum(each), together)


def _worth(texts: _Texts, words: str, worth: tuple[int, int, int]) -> int:
    """That of the best text in which the words begin at a word's beginning."""
    return next((w for w, text in zip(worth, texts, strict=True) if f" {words}" in text), 0)
