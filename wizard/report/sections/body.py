"""The sections of a report below the answer, in the order in which a reader needs them."""

from collections.abc import Iterator
from datetime import tzinfo

from knowledge.model import Knowledge, Remedy
from wizard.case.case import Case, Change
from wizard.case.evidence import StepResult, StepStatus
from wizard.case.how_far import how_far
from wizard.diagnosis.model import Diagnosis, Finding, Missing, Reason, Verdict
from wizard.diagnosis.tally import tally
from wizard.report.model import Block, Grid, Heading, Item, Items, Paragraph, Section
from wizard.report.sections.answer import accused
from wizard.report.words import moment, sentence, span
from wizard.server.flavor import PRODUCTS
from wizard.steps.names import title_of
from wizard.units import duration, many

MAX_REASONS = 8
MAX_MISSING = 5
MAX_CHANGES = 50
_MAX_EXCERPT_LINES = 6
_MAX_NOTES = 6


def to_do(diagnosis: Diagnosis, knowledge: Knowledge) -> Section | None:
    """The remedies of each cause, in order, each once."""
    items, seen = [], set[str]()
    for finding in accused(diagnosis):
        for name in finding.remedies:
            remedy = knowledge.remedies.get(name)
            if name not in seen and remedy is not None:
                items.append(_remedy(remedy, finding))
            seen.add(name)
    if not items:
        return None
    return Section("to-do", "What to do", (Items("", tuple(items)),))


def target(case: Case, zone: tzinfo) -> Section:
    facts = case.target
    reach = {True: "reachable", False: "not reachable", None: "not tried"}[facts.reachable]
    rows = [("Server", f"{facts.label} ({reach})"), ("Version", _version(case))]
    if facts.socket:
        rows.append(("Socket", facts.socket))
    elif facts.host:
        rows.append(("Address", f"{facts.host}, port {facts.port or 'unknown'}"))
    if facts.user:
        rows.append(("Account", facts.user))
    if facts.app_host:
        rows.append(("Application", f"on {facts.app_host}"))
    if facts.uptime_seconds is not None:
        rows.append(("Up for", duration(facts.uptime_seconds)))
    chosen = "chosen by the operator" if case.window.asked else "chosen by the program"
    rows.append(("Window", f"{span(case.window.since, case.window.until, zone)}, {chosen}"))
    return Section("target", "What was looked at", (Grid(("WHAT", "VALUE"), tuple(rows)),))


def why(diagnosis: Diagnosis, knowledge: Knowledge, zone: tzinfo) -> Section | None:
    """What speaks for, against, and what was not looked at, for each confirmed or likely cause."""
    blocks: list[Block] = []
    for finding in accused(diagnosis):
        confidence = f"confidence {min(99, round(finding.confidence * 100))} %"
        blocks.append(Heading(f"{finding.cause}: {finding.verdict.value}, {confidence}"))
        cause = knowledge.causes.get(finding.cause)
        if cause is not None and cause.summary:
            blocks.append(Paragraph(cause.summary))
        blocks.append(_reasons("For", finding.supports, "nothing", zone))
        blocks.append(_reasons("Against", finding.against, "nothing that was found", zone))
        if finding.missing:
            blocks.append(_missing(finding.missing))
    return Section("why", "Why", tuple(blocks)) if blocks else None


def suspects(diagnosis: Diagnosis) -> Section | None:
    named = {f.cause for f in accused(diagnosis)}
    rows = tuple(
        (("noise" if f.noise else f.verdict.value), f.cause, _because(f))
        for f in diagnosis.findings
        if f.cause not in named
    )
    if not rows:
        return None
    grid = Grid(("VERDICT", "CAUSE", "BECAUSE"), rows)
    return Section("suspects", "Other suspects", (grid,))


def steps(case: Case) -> Section:
    if not case.steps:
        return Section("steps", "Steps", (Paragraph("No step was run."),))
    items = tuple(_step(result) for result in case.steps)
    remark = Paragraph("What was not looked at is not known; it is not taken as fine.")
    skipped = any(s.status is not StepStatus.DONE for s in case.steps)
    return Section("steps", "Steps", (Items("", items), *((remark,) if skipped else ())))


def changes(case: Case, zone: tzinfo) -> Section:
    if not case.changes:
        return Section("changes", "Changes", (Paragraph("Nothing was changed."),))
    kept = case.changes[:MAX_CHANGES]
    more = _more(len(case.changes), len(kept))
    return Section("changes", "Changes", tuple(_told_changes(case, kept, more, zone)))


def _told_changes(case: Case, kept: tuple[Change, ...], more: str, zone: tzinfo) -> Iterator[Block]:
    """Each change, with what was repeated before and after it below it as a table."""
    for number, change in enumerate(kept, 1):
        last = number == len(kept)
        yield Items("", (_change(case, change, zone),), more if last else "")
        if change.proof:
            rows = tuple((row.what, row.before, row.after) for row in change.proof)
            yield Grid(("PROOF", "BEFORE", "AFTER"), rows)


def masking(count: int) -> Section:
    text = "Nothing had to be masked."
    if count:
        text = (
            f"{many(count, 'value')} in log lines and statements"
            f" {'is' if count == 1 else 'are'} shown as ?. Passwords are masked in the case"
            " file too; other values are still in it, so treat it as confidential."
        )
    return Section("masked", "What was masked", (Paragraph(text),))


def _version(case: Case) -> str:
    flavor = PRODUCTS.get(case.target.flavor, "unknown server")
    return f"{flavor} {case.target.version or '(version unknown)'}"


def _remedy(remedy: Remedy, finding: Finding) -> Item:
    details = [remedy.text]
    if remedy.risk:
        details.append(f"Risk: {remedy.risk}")
    if remedy.verify:
        details.append(f"Proof: {remedy.verify}")
    if remedy.kind == "variable":
        details.append(f"Preview: goneaway-wizard fix {remedy.id} --dry-run")
    return Item(f"{remedy.title} [{finding.cause}]", tuple(d for d in details if d))


def _reasons(label: str, reasons: tuple[Reason, ...], none: str, zone: tzinfo) -> Items:
    if not reasons:
        return Items(label, (Item(none),))
    kept = reasons[:MAX_REASONS]
    return Items(label, tuple(_reason(r, zone) for r in kept), _more(len(reasons), len(kept)))


def _reason(reason: Reason, zone: tzinfo) -> Item:
    seen = []
    if reason.count > 1:
        seen.append(f"{reason.count} times")
    if reason.first or reason.last:
        seen.append(span(reason.first, reason.last, zone))
    source = reason.source if reason.source == reason.step else f"{reason.source} ({reason.step})"
    details = (f"Where: {source}", *((f"When: {', '.join(seen)}",) if seen else ()))
    return Item(reason.text, details, _cut(reason.excerpt))


def _missing(missing: tuple[Missing, ...]) -> Items:
    kept = missing[:MAX_MISSING]
    items = tuple(Item(m.text, (f"How to: {m.how}",) if m.how else ()) for m in kept)
    return Items("Not looked at", items, _more(len(missing), len(kept)))


def _because(finding: Finding) -> str:
    against = finding.verdict in (Verdict.RULED_OUT, Verdict.UNLIKELY)
    order = (finding.against, finding.supports) if against else (finding.supports, finding.against)
    for reasons in order:
        if reasons:
            return reasons[0].text
    return f"not looked at: {finding.missing[0].text}" if finding.missing else finding.title


def _step(result: StepResult) -> Item:
    said = result.reason if result.status is not StepStatus.DONE else result.headline
    title = f"{title_of(result.id)}: {result.status.value}"
    details = [said] if said else []
    if result.status is StepStatus.DONE:
        details += result.notes[:_MAX_NOTES]
    return Item(f"{title} ({result.seconds:.1f} s)", tuple(sentence(d) for d in details))


def _change(case: Case, change: Change, zone: tzinfo) -> Item:
    proof = change.verified or "not verified"
    details = (
        f"{moment(change.at, zone)}, remedy {change.remedy}, id {change.id}",
        f"Verification: {proof}",
    )
    return Item(f"{change.summary} ({how_far(change, case)})", details)


def _cut(excerpt: str) -> str:
    lines = excerpt.splitlines()
    if len(lines) <= _MAX_EXCERPT_LINES:
        return excerpt
    left = many(len(lines) - _MAX_EXCERPT_LINES, "more line")
    return "\n".join((*lines[:_MAX_EXCERPT_LINES], f"... {left}"))


def _more(total: int, kept: int) -> str:
    return f"... and {total - kept} more" if total > kept else ""


def counted(diagnosis: Diagnosis) -> str:
    """`37 failures: 35 explained, 2 not explained.`, as the screens say it."""
    return f"{tally(diagnosis).words}."
