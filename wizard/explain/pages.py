"""One page for each kind of entry. Pure."""

from collections.abc import Iterable, Iterator

from knowledge.codes import Code, Program
from knowledge.load import load
from knowledge.model import (
    ArticlePoint,
    Cause,
    ErrorNumber,
    Meaning,
    Myth,
    Remedy,
    Variable,
    Weighed,
)
from knowledge.recipe import Recipe
from knowledge.server_logs import StatementLog
from wizard.explain.entry import EntrySection, Explanation, Topic
from wizard.explain.guides import privileges_sections, way_back_sections
from wizard.explain.topics import (
    Article,
    Privileges,
    TopicEntry,
    WayBack,
    causes_helped,
    entries,
    myths_about,
    related,
)
from wizard.remedies.doable import ACTIONS, HOST_REMEDIES

_SPEAKERS = {
    "server": "From MySQL and MariaDB",
    "mysql": "From MySQL",
    "mariadb": "From MariaDB",
    "galera": "From a Galera node",
    "client": "From the client library",
}

_APPLIES = {
    "new": "A change reaches new sessions only; open ones keep their value until they reconnect.",
    "now": "A change is in force at once.",
    "restart": "A change needs a restart.",
}

_KINDS = {
    "variable": "The wizard can apply, prove and undo it:",
    "service": "For you to do, on the database host; a command that stands here does its part.",
    "advice": "For you to do; a command that stands here does its part.",
}


def page(topic: Topic) -> Explanation:
    """Everything that is known about one topic. Raises KeyError for an unknown one."""
    entry = entries()[topic]
    sections = tuple(s for s in _sections(entry) if s.paragraphs or s.items or s.verbatim)
    # A recipe prints its own references.
    references = () if isinstance(entry, Recipe) else getattr(entry, "references", ())
    return Explanation(topic, sections, references, related(entry))


def _sections(entry: TopicEntry) -> Iterator[EntrySection]:
    match entry:
        case Cause():
            yield from _cause(entry)
        case ErrorNumber():
            yield from (_meaning(entry.number, meaning) for meaning in entry.meanings)
        case Myth():
            yield EntrySection("", (f"It is said: {entry.claim}", entry.fact))
            yield EntrySection("Where it tempts", items=tuple(_causes(entry.causes)))
        case Variable():
            yield from _variable(entry)
        case Remedy():
            yield from _remedy(entry)
        case Recipe():
            yield _recipe(entry)
        case Article():
            yield from _article(entry)
        case Privileges():
            yield from privileges_sections(entry)
        case WayBack():
            yield from way_back_sections(entry)
        case Code():
            yield EntrySection("", (entry.means, *_also(entry.names)))
            yield EntrySection("Usual causes", items=tuple(_causes(entry.causes)))
        case Program():
            yield EntrySection("", (entry.says, *_also(entry.names)))
        case StatementLog():
            yield from _statement_log(entry)


def _cause(cause: Cause) -> Iterator[EntrySection]:
    known = load()
    yield EntrySection("", (cause.summary, f"On the wire: {cause.wire}"))
    yield EntrySection(
        "What clients show", items=tuple(f"{c.client}: {c.text}" for c in cause.clients)
    )
    yield EntrySection("What confirms it", items=cause.confirm)
    yield EntrySection("What rules it out", items=cause.rules_out)
    yield EntrySection("What the wizard looks for", items=tuple(_signals(cause.supports)))
    yield EntrySection(
        "What helps", items=tuple(f"{r}: {known.remedies[r].title}" for r in cause.remedies)
    )
    yield EntrySection(
        "What does not help, though often said",
        items=tuple(f"{m.claim} ({m.id})" for m in myths_about(cause=cause.id)),
    )


def _statement_log(log: StatementLog) -> Iterator[EntrySection]:
    signals = load().signals
    yield EntrySection("", (log.says, f"What it costs: {log.cost}"))
    yield EntrySection("What it cannot tell", items=log.cannot)
    yield EntrySection(
        "What the wizard reads out of it",
        items=tuple(
            f"{signals[told.signal].text}: {told.means}{_speaks_for(told.signal)}"
            for told in log.tells
        ),
    )


def _speaks_for(signal: str) -> str:
    causes = [
        cause.id
        for cause in load().causes.values()
        if any(use.signal == signal for use in cause.supports)
    ]
    return f" (speaks for {', '.join(causes)})" if causes else ""


def _also(names: Iterable[str]) -> Iterator[str]:
    told = ", ".join(names)
    if told:
        yield f"Also met as: {told}."


def _signals(uses: Iterable[Weighed]) -> Iterator[str]:
    """Each signal with what has to be given so that it can be looked for."""
    known = load().signals
    for use in uses:
        mark = " (decisive)" if use.conclusive else ""
        how = f" - {known[use.signal].how}" if known[use.signal].how else ""
        yield f"{known[use.signal].text}{mark}{how}"


def _meaning(number: int, meaning: Meaning) -> EntrySection:
    texts = [f'{number} {meaning.symbol}: "{meaning.text}"']
    if meaning.mariadb_text:
        texts.append(f'MariaDB\'s words: "{meaning.mariadb_text}"')
    texts += [meaning.means, f"Look at: {meaning.look}"]
    if meaning.causes:
        texts.append("Usual causes:")
    return EntrySection(_SPEAKERS[meaning.speaker], tuple(texts), tuple(_causes(meaning.causes)))


def _causes(names: Iterable[str]) -> Iterator[str]:
    yield from (f"{name}: {load().causes[name].title}" for name in names)


def _variable(variable: Variable) -> Iterator[EntrySection]:
    yield EntrySection("", (variable.summary, " ".join(_how_to_set(variable))))
    unit = variable.unit or "no unit"
    widest = max(map(len, variable.defaults), default=0)
    defaults = (f"  {series:<{widest}}  {value}" for series, value in variable.defaults.items())
    yield EntrySection(f"Defaults ({unit})", verbatim=tuple(defaults))
    yield EntrySection("Cost", (variable.cost,) if variable.cost else ())
    myths = myths_about(variable=variable.name)
    yield EntrySection(
        "What is said of it, and what is true",
        items=tuple(f'"{m.claim}" {m.fact} ({m.id})' for m in myths),
    )


def _how_to_set(variable: Variable) -> Iterator[str]:
    if not variable.dynamic:
        yield "It cannot be changed while the server runs."
    elif variable.session:
        yield "It can be set for the server (SET GLOBAL) and for a session (SET SESSION)."
    else:
        yield "It can be set for the server (SET GLOBAL), not for a session."
    yield _APPLIES[variable.applies]
    if variable.persistable:
        yield "MySQL 8.0 and later can keep it with SET PERSIST."
    if variable.minimum is not None and variable.maximum is not None:
        yield f"Range: {variable.minimum} to {variable.maximum}."
    if variable.block > 1:
        yield f"Values are rounded down to a multiple of {variable.block}."


def _remedy(remedy: Remedy) -> Iterator[EntrySection]:
    can_be_done = remedy.kind == "variable" or remedy.id in ACTIONS | HOST_REMEDIES
    apply = (f"  goneaway-wizard fix {remedy.id}",) if can_be_done else ()
    yield EntrySection("", (remedy.text,))
    yield EntrySection("How", (_KINDS[remedy.kind],), verbatim=apply)
    yield EntrySection("Risk", (remedy.risk,) if remedy.risk else ())
    yield EntrySection("It will not help where", (remedy.vain,) if remedy.vain else ())
    yield EntrySection("First", items=remedy.after)
    yield EntrySection("Proof", (remedy.verify,) if remedy.verify else ())
    helped = (f"{c.id}: {c.title}" for c in causes_helped(remedy.id))
    yield EntrySection("Helps against", items=tuple(helped))


def _article(article: Article) -> Iterator[EntrySection]:
    yield EntrySection("", (article.summary,))
    headings = dict.fromkeys(point.section for point in article.points)
    for heading in headings:
        points = (p for p in article.points if p.section == heading)
        yield EntrySection(heading.capitalize(), items=tuple(map(_point, points)))
    unnamed = (f"{c.id}: {c.title}" for c in load().causes.values() if not c.in_article)
    yield EntrySection("Causes that it does not name", items=tuple(unnamed))


def _point(point: ArticlePoint) -> str:
    told = "Right" if point.verdict == "right" else f"{point.verdict.capitalize()}: "
    return f'"{point.says}" {told}{point.correction or "."}'


def _recipe(recipe: Recipe) -> EntrySection:
    from wizard.recipes import explain_lines

    # The first two lines are the title, which every page has.
    return EntrySection("", verbatim=tuple(explain_lines(recipe.id)[2:]))
