"""What the Fix pane has done in the thread: preview, apply with proof, undo."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from screens.opening import Engine
from wizard.diagnosis.model import Diagnosis

if TYPE_CHECKING:
    from knowledge.model import Remedy
    from wizard.remedies.journal import JournalEntry
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
    """The newest change in force, what undo would do, and whether it overwrites others' work."""

    entry: JournalEntry
    lines: tuple[str, ...]
    overwrites: bool


def offers(diagnosis: Diagnosis | None) -> list[Offer]:
    """Remedies of accused causes first, then of possible ones; each once."""
    from screens.text.evidence import known
    from screens.text.words import SUSPECTED, verdict_word

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
    """`wait_timeout=10m, max_allowed_packet=64M` as a mapping. Raises UsageError."""
    from wizard.remedies.wanted import wanted_values

    return wanted_values(part for part in text.split(",") if part.strip())


def preview(engine: Engine, offer: Offer, values: Mapping[str, str], persist: bool) -> Preview:
    """The plan of a remedy for this server; changes nothing."""
    remedy = offer.remedy
    about = ("", f"For {offer.cause} ({offer.verdict}).", remedy.text.strip())
    if remedy.kind != "variable":
        risk = (f"Risk: {remedy.risk}",) if remedy.risk else ()
        own = "The wizard does not do this: it is for you to do."
        return Preview(offer, (remedy.title, *about, *risk, "", own))
    from wizard.diagnosis.diagnose import diagnose
    from wizard.remedies.in_vain import warned
    from wizard.remedies.offers import is_founded
    from wizard.remedies.preview import lines
    from wizard.remedies.session import prepare

    diagnosis = diagnose(engine.case)
    planned = prepare(engine.context, remedy, values, persist, None)
    if is_founded(remedy, diagnosis):
        planned = replace(planned, unfounded=())
    told = warned(planned, diagnosis).notes
    vain = [f"WARNING: {text}" for text in told[: len(told) - len(planned.notes)]]
    space = [""] if vain else []
    return Preview(offer, (*vain, *space, *lines(planned), *about), planned)


def apply_and_verify(engine: Engine, shown: Preview, say: Say) -> tuple[str, ...]:
    """Make the change that was shown, then prove it; the lines tell before and after.

    Raises ServerError, JournalError. Cancelling stops the proof, never the change itself.
    """
    from wizard.remedies.journal import Journal
    from wizard.remedies.session import carry_out, prove
    from wizard.steps.step import Cancelled

    assert shown.plan is not None
    context, journal = engine.context, Journal.default()
    say("making the change")
    applied = carry_out(context, shown.plan, journal, say)
    if not applied.ok:
        return ("NOT APPLIED", *applied.lines)
    before = tuple(f"  {c.name}: {c.old_text} -> {c.new_text}" for c in shown.plan.changes)
    lines = ("", "Before -> after:", *before, "", "Done:", *indented(applied.lines), "", "Proof:")
    try:
        checked = prove(context, applied, journal, say)
    except Cancelled:
        return ("APPLIED, NOT VERIFIED", *lines, "  cancelled; Undo takes the change back")
    word = f"APPLIED: {str(checked.outcome).upper()}"
    sides = (f"  {r.what}: before {r.before}, after {r.after}" for r in checked.rows)
    needed = (f"  What would prove it: {checked.would_prove}",) if checked.would_prove else ()
    lines += (*sides, *needed)
    return (word, *lines, *indented(checked.lines), "", "Undo takes it back, now or later.")


def undoable(engine: Engine) -> Undoable | None:
    """The newest change of this server that is in force, or None."""
    from wizard.remedies.journal import Journal
    from wizard.remedies.session import conflicts, preview_of
    from wizard.remedies.situation import observe
    from wizard.remedies.undo import in_force

    context = engine.context
    session, label = context.server, engine.case.target.label
    known = observe(session, context.target).identity if session is not None else ""
    entries = in_force(Journal.default().entries(), known, label)
    if not entries:
        return None
    entry = entries[0]
    overwritten = conflicts(context, entry)
    lines = (
        f"{entry.at.astimezone():%Y-%m-%d %H:%M}  {entry.remedy}  ({entry.state})",
        f"  {entry.summary}",
        "",
        "Undo would do:",
        *indented(preview_of(entry, session)),
    )
    if overwritten:
        lines += ("", "Undo would overwrite what others changed since:", *indented(overwritten))
    return Undoable(entry, lines, bool(overwritten))


def undo_now(engine: Engine, what: Undoable) -> tuple[str, ...]:
    """Take the change back; the operator has agreed to what it overwrites."""
    from wizard.remedies.journal import Journal
    from wizard.remedies.session import take_back

    undone = take_back(engine.context, what.entry, Journal.default(), what.overwrites)
    return (str(undone.state).upper().replace("-", " "), *indented(undone.lines))


def indented(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"  {part}" for line in lines for part in line.splitlines())
