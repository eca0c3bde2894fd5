"""What a pasted text says, read as a line of an application's or a server's log is.

The same signatures, in the same order, as an investigation has: a text that `check` recognises
is known here too.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from knowledge.load import errors, load, signatures
from knowledge.model import Signature
from knowledge.recipe import recipes
from wizard.case.evidence import Failure, Phase
from wizard.explain.entry import EntrySection, Explanation, Kind, Topic
from wizard.explain.topics import named, topics
from wizard.logs.application.read import scan_text

_PHASES = {
    Phase.CONNECT: "while connecting",
    Phase.IDLE: "at the first use after a rest",
    Phase.QUERY: "while a statement ran, or was sent",
    Phase.RESULT: "while rows came",
}
_MOST_CAUSES = 8


def told(text: str) -> Explanation | None:
    """What is known of the errors in `text`; None where it holds none."""
    failures = scan_text(text).failures
    if failures:
        return _of_client(failures)
    signature = _server_signature(text)
    return None if signature is None else _of_server(signature)


def _of_client(failures: tuple[Failure, ...]) -> Explanation:
    kinds = list(dict.fromkeys((f.signal, f.number, f.driver, f.phase) for f in failures))
    signals = tuple(dict.fromkeys(signal for signal, *_ in kinds))
    sections = [EntrySection("Read as", items=tuple(_read_as(*kind) for kind in kinds))]
    sections += [
        _meaning(number) for number in dict.fromkeys(k[1] for k in kinds) if number in errors()
    ]
    sections.append(
        EntrySection("Causes that such an error speaks for", items=tuple(_causes(signals)))
    )
    title = load().signals[signals[0]].text
    return Explanation(
        Topic(Kind.TEXT, signals[0], title),
        tuple(s for s in sections if s.items or s.paragraphs),
        (),
        tuple(_related(failures)),
    )


def _read_as(signal: str, number: int | None, driver: str | None, phase: Phase) -> str:
    parts = [load().signals[signal].text]
    if number is not None:
        parts.append(f"number {number}")
    if driver is not None:
        parts.append(f"told by {driver}")
    if phase in _PHASES:
        parts.append(_PHASES[phase])
    return "; ".join(parts)


def _meaning(number: int | None) -> EntrySection:
    meanings = errors()[number or 0].meanings
    return EntrySection(f"Error {number}", tuple(f"{m.means} Look at: {m.look}" for m in meanings))


def _causes(signals: Iterable[str]) -> Iterator[str]:
    known = [load().causes[t.id] for t in topics() if t.kind is Kind.CAUSE]
    wanted = set(signals)
    found = [c for c in known if any(use.signal in wanted for use in c.supports)]
    found += [c for c in known if c not in found and wanted & set(c.fits)]
    for cause in found[:_MOST_CAUSES]:
        yield f"{cause.id}: {cause.title}"


def _related(failures: Iterable[Failure]) -> Iterator[Topic]:
    for number in dict.fromkeys(f.number for f in failures):
        yield from named(str(number))
    drivers = {f.driver for f in failures}
    for recipe in recipes().values():
        if drivers & set(recipe.drivers):
            yield from named(recipe.id)


def _of_server(signature: Signature) -> Explanation:
    known = load().signals.get(signature.signal)
    items = (f"{signature.title}: a line of the server's own log",)
    sections = (
        EntrySection("Read as", items=items),
        EntrySection("Causes that it speaks for", items=tuple(_causes((signature.signal,)))),
    )
    title = known.text if known is not None else signature.title
    return Explanation(
        Topic(Kind.TEXT, signature.signal or signature.id, title),
        tuple(s for s in sections if s.items),
    )


def _server_signature(text: str) -> Signature | None:
    """The first signature of the server's log that fits the line or its message."""
    message = _HEAD.sub("", text.strip())
    folded = text.lower()
    for literal, pattern, signature in _server_signatures():
        if literal in folded and (pattern.search(message) or pattern.search(text)):
            return signature
    return None


_HEAD = re.compile(r"^\S+(?: +\d{1,2}:\d\d:\d\d)? +\d+ \[\w+\] (?:\[MY-\d+\] )?(?:\[\w+\] )?")


@cache
def _server_signatures() -> tuple[tuple[str, re.Pattern[str], Signature], ...]:
    return tuple(
        (s.literal.lower(), re.compile(s.pattern), s)
        for s in signatures("error-log")
        if s.literal.strip()
    )
