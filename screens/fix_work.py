"""What the Fix pane has done in the thread: preview, apply with proof, undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens.opening import Engine
from wizard.verdict import Diagnosis

if TYPE_CHECKING:
    from wizard.remedies.journal import Entry

    from knowledge.model import Remedy
    from wizard.remedies.plan import Plan

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Offer:
    """A remedy with the cause that asks for it; `verdict` is a word."""

    remedy: Remedy
    cause: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Preview:
    """`plan` is None where the operator has to do it."""

    offer: Offer
    lines: tuple[str, ...]
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Undoable:
    """The newest change in force, and what others changed since."""

    entry: Entry
    lines: tuple[str, ...]


def offers(diagnosis: Diagnosis | None) -> list[Offer]:
    """Remedies of accused causes first, then of possible ones; each once."""
    from screens.prose import known
    from screens.words import SUSPECTED, verdict_word

    seen: dict[str, Offer] = {}
    for finding in diagnosis.findings if diagnosis is not None else ():
        if finding.noise or finding.verdict not in SUSPECTED:
            continue
        for name in finding.remedies:
            remedy = known().remedies.get(name)
            if remedy is not None:
                word = verdict_word(finding.verdict)
                seen.setdefault(name, Offer(remedy, finding.cause, word))
    return list(seen.values())


def wanted(text: str) -> dict[str, str]:
    """`wait_timeout=10m, max_allowed_packet=64M` as a mapping; raises ValueError on others."""
    pairs: dict[str, str] = {}
    for part in (part.strip() for part in text.split(",")):
        if not part:
            continue
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not (equals and name and value):
            raise ValueError(f"{part} is not VARIABLE=VALUE")
        pairs[name] = value
    return pairs


def preview(engine: Engine, offer: Offer, values: Mapping[str, str], persist: bool) -> Preview:
    """The plan of a remedy for this server; changes nothing."""
    remedy = offer.remedy
    head = (f"{remedy.title}  (for {offer.cause}, {offer.verdict})", "", remedy.text.strip(), "")
    if remedy.kind != "variable":
        risk = (f"Risk: {remedy.risk}",) if remedy.risk else ()
        return Preview(offer, (*head, *risk, "The wizard does not do this: it is for you to do."))
    from wizard.remedies.preview import lines

    from wizard.remedies.plan import plan
    from wizard.remedies.situation import observe

    context = engine.context
    situation = observe(context.need_server(), context.target, engine.case, context.host)
    planned = plan(remedy, situation, values, persist)
    return Preview(offer, (*head, *lines(planned)), planned)


def apply_and_verify(engine: Engine, shown: Preview, say: Say) -> tuple[str, ...]:
    """Make the change that was shown, then prove it; the lines tell before and after."""
    from wizard.remedies.apply import apply
    from wizard.remedies.journal import Journal
    from wizard.remedies.verify import verify

    assert shown.plan is not None
    context, journal = engine.context, Journal.default()
    server = context.need_server()
    applied = apply(shown.plan, server, context.connector, journal, say)
    if not applied.ok:
        return ("NOT APPLIED", *applied.lines)
    checked = verify(applied.entry, server, context.connector, journal, say)
    word = "VERIFIED" if checked.ok else "APPLIED, NOT VERIFIED"
    return (word, *applied.lines, "", "Proof:", *checked.lines)


def undoable(engine: Engine) -> Undoable | None:
    """The newest change in force, or None."""
    from wizard.remedies.journal import Journal
    from wizard.remedies.undo import undo_conflicts

    entries = [entry for entry in Journal.default().entries() if entry.in_force]
    if not entries:
        return None
    entry = entries[-1]
    conflicts = undo_conflicts(entry, engine.context.server)
    return Undoable(entry, tuple(conflicts))


def undo_now(engine: Engine, what: Undoable) -> tuple[str, ...]:
    """Take the change back, overwriting what others changed since (the operator agreed)."""
    from wizard.remedies.journal import Journal
    from wizard.remedies.undo import undo

    undone = undo(what.entry, engine.context.server, Journal.default(), bool(what.lines))
    return (f"UNDONE: {undone.state}", *undone.lines)
