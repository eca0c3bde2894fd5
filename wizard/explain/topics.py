"""Everything that can be explained, by kind and name, and what belongs together. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from knowledge.codes import Code, Program, codes, programs
from knowledge.load import article, capture_findings, errors, load, myths, needed_privileges
from knowledge.model import (
    ArticlePoint,
    CaptureFinding,
    Cause,
    ErrorNumber,
    Meaning,
    Myth,
    NeededPrivilege,
    Remedy,
    Variable,
)
from knowledge.recipe import Recipe, recipes
from knowledge.server_logs import StatementLog, statement_logs
from wizard.explain.entry import Kind, Topic


@dataclass(frozen=True, slots=True)
class Article:
    """What the usual article says, and what has to be put right."""

    points: tuple[ArticlePoint, ...]
    title: str = "What the usual article says of error 2006, put right"
    summary: str = (
        "Most pages on the web give this advice. Each point, in short, and whether it holds."
    )


@dataclass(frozen=True, slots=True)
class Privileges:
    """What an account needs for each part of the wizard, and the statements that give it."""

    needed: tuple[NeededPrivilege, ...]
    title: str = "What a diagnostic account needs (GRANT), and what is lost without it"
    summary: str = (
        "A diagnostic account needs little; captures and fixes need more. Without a privilege the "
        "rest runs, and what was not looked at is said."
    )


@dataclass(frozen=True, slots=True)
class WayBack:
    """How a captured log goes back, and what defeats that."""

    findings: tuple[CaptureFinding, ...]
    title: str = "How a log that was switched on for a while goes back, whatever happens"
    summary: str = (
        "A session of its own sends one packet: switch on, wait, put back. While it waits nothing "
        "is needed of the wizard: the server goes on by itself. A guard process outside the wizard "
        "watches too (not over SSH), and a journal is offered at the next start."
    )


_GROUPS = (
    "the server closed it",
    "the server went away",
    "what lies between",
    "the client's side",
    "no way in",
    "the machine",
    "storage and version",
    "noise",
)
"""Of causes, the most frequent first."""

Named = Code | Program | StatementLog
"""What has other names too."""

Page = Article | Privileges | WayBack
"""What is one page and no list."""

TopicEntry = Cause | ErrorNumber | Myth | Variable | Remedy | Recipe | Named | Page


@cache
def topics() -> tuple[Topic, ...]:
    """All of them, by kind and group, then in the order of the files."""
    kinds = list(Kind)
    order = list(dict.fromkeys((*_GROUPS, *(t.group for t in entries()))))
    return tuple(sorted(entries(), key=lambda t: (kinds.index(t.kind), order.index(t.group))))


@cache
def entries() -> dict[Topic, TopicEntry]:
    """The topics with what the knowledge base holds on each."""
    known = load()
    found: dict[Topic, TopicEntry] = {}
    for cause in known.causes.values():
        found[Topic(Kind.CAUSE, cause.id, cause.title, cause.group)] = cause
    for error in errors().values():
        found[Topic(Kind.ERROR, str(error.number), _error_title(error))] = error
    for myth in myths().values():
        found[Topic(Kind.MYTH, myth.id, myth.claim)] = myth
    for variable in known.variables.values():
        found[Topic(Kind.VARIABLE, variable.name, variable.summary)] = variable
    for remedy in known.remedies.values():
        found[Topic(Kind.REMEDY, remedy.id, remedy.title)] = remedy
    for recipe in recipes().values():
        found[Topic(Kind.RECIPE, recipe.id, recipe.title, recipe.kind)] = recipe
    for code in codes().values():
        found[Topic(Kind.CODE, code.id, code.title)] = code
    for program in programs().values():
        found[Topic(Kind.PROGRAM, program.id, program.title)] = program
    for log in statement_logs().values():
        found[Topic(Kind.LOG, log.id, log.title)] = log
    usual = Article(article())
    found[Topic(Kind.ARTICLE, "article", usual.title)] = usual
    account, back = Privileges(needed_privileges()), WayBack(capture_findings())
    found[Topic(Kind.ARTICLE, "privileges", account.title)] = account
    found[Topic(Kind.ARTICLE, "capture", back.title)] = back
    return found


def topic(kind: Kind, name: str) -> Topic:
    """Raises KeyError for an unknown one."""
    return _by_name()[kind, name]


def named(name: str) -> tuple[Topic, ...]:
    """The topics of just this name, by kind; also by another one of theirs."""
    own = (_by_name()[kind, name] for kind in Kind if (kind, name) in _by_name())
    return tuple(dict.fromkeys((*own, *_by_other_name().get(name.lower(), ()))))


@cache
def _by_other_name() -> dict[str, tuple[Topic, ...]]:
    """The topics by the other forms of their names, in lower case."""
    found: dict[str, tuple[Topic, ...]] = {}
    for known, entry in entries().items():
        if isinstance(entry, Named):
            for name in (entry.id, *entry.names):
                found[name.lower()] = (*found.get(name.lower(), ()), known)
    return found


@cache
def _by_name() -> dict[tuple[Kind, str], Topic]:
    return {(t.kind, t.id): t for t in topics()}


def related(entry: TopicEntry) -> tuple[Topic, ...]:
    """What a reader may want next, without what the entry's own sections name already."""
    match entry:
        case Cause():
            own = [e for e in errors().values() if _names(e.meanings, entry.id)]
            fitting = [r for r in recipes().values() if entry.id in r.causes]
            return (
                *(topic(Kind.ERROR, str(e.number)) for e in own),
                *_variables(remedy.variable for remedy in _remedies(entry)),
                *(topic(Kind.RECIPE, r.id) for r in fitting),
            )
        case Variable():
            changes = [r for r in load().remedies.values() if r.variable == entry.name]
            return tuple(topic(Kind.REMEDY, r.id) for r in changes)
        case Remedy():
            return tuple(_variables([entry.variable]))
        case Myth():
            return tuple(_variables(entry.variables))
        case Program():
            return (topic(Kind.RECIPE, entry.recipe),) if entry.recipe else ()
        case StatementLog():
            return tuple(_variables(entry.variables))
        case _:
            return ()


def myths_about(cause: str = "", variable: str = "") -> tuple[Myth, ...]:
    return tuple(m for m in myths().values() if cause in m.causes or variable in m.variables)


def causes_helped(remedy: str) -> tuple[Cause, ...]:
    return tuple(c for c in load().causes.values() if remedy in c.remedies)


def _names(meanings: Iterable[Meaning], cause: str) -> bool:
    return any(cause in meaning.causes for meaning in meanings)


def _remedies(cause: Cause) -> list[Remedy]:
    return [load().remedies[name] for name in cause.remedies]


def _variables(names: Iterable[str]) -> list[Topic]:
    return [topic(Kind.VARIABLE, name) for name in names if name]


def _error_title(error: ErrorNumber) -> str:
    return error.meanings[0].text
