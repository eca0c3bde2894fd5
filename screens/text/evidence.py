"""The plain text of the evidence window. Pure functions of evidence and knowledge."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from screens.text.words import block_on_screen, clock, counted, verdict_word
from wizard.case.evidence import Evidence
from wizard.diagnosis.model import Finding, Missing, Reason
from wizard.units import many, moment

if TYPE_CHECKING:
    from knowledge.model import Cause, Knowledge

MAX_TIMES = 200
"""Single events listed of one piece of evidence."""


def known() -> Knowledge:
    """The knowledge base. The diagnosis has read it before anything here is shown."""
    from knowledge.load import load

    return load()


def evidence_text(evidence: Evidence) -> str:
    """What was seen, where and when, the lines themselves, and what would count against it."""
    lines = [
        evidence.text,
        "",
        f"Signal:  {evidence.signal}",
        f"Source:  {evidence.source}",
        f"Count:   {evidence.count}" + ("  (not placed in the window)" if evidence.weak else ""),
        *_span(evidence.first, evidence.last),
        *_excerpt(evidence.excerpt),
    ]
    times = [o for o in evidence.occurrences if o.at is not None]
    if times:
        lines += ["", f"Single events ({len(times)}):"]
        for seen in times[:MAX_TIMES]:
            line = f"  line {seen.line}" if seen.line is not None else ""
            account = f"  {seen.account}" if seen.account else ""
            lines.append(f"  {clock(seen.at)}{line}{account}")
        if len(times) > MAX_TIMES:
            lines.append(f"  … {len(times) - MAX_TIMES} more")
    lines += _speaks(evidence.signal)
    return block_on_screen("\n".join(lines), 2000)


def finding_text(finding: Finding) -> str:
    """A verdict with everything that speaks for and against it."""
    lines = [
        f"{verdict_word(finding.verdict)}  {finding.cause}: {finding.title}",
        f"Confidence {finding.confidence:.0%}, explains {many(finding.explains, 'failure')}",
    ]
    cause = known().causes.get(finding.cause)
    if cause is not None:
        lines += ["", cause.summary.strip()]
    lines += ["", "For:", *_reasons(finding.supports)]
    lines += ["", "Against:", *_reasons(finding.against)]
    lines += ["", "Not looked at:", *_missing(finding.missing)]
    if cause is not None:
        lines += ["", "Would count against it:", *_would_deny(cause)]
        lines += ["", "References:", *(f"  {r.title}: {r.url}" for r in cause.references)]
    return block_on_screen("\n".join(lines), 2000)


def _span(first: object, last: object) -> list[str]:
    from datetime import datetime

    if not isinstance(first, datetime):
        return []
    end = f" to {moment(last)}" if isinstance(last, datetime) and last != first else ""
    return [f"When:    {moment(first)}{end}"]


def _excerpt(excerpt: str) -> list[str]:
    return ["", "Lines:", *(f"  {line}" for line in excerpt.splitlines())] if excerpt else []


def _reasons(reasons: Iterable[Reason]) -> list[str]:
    lines: list[str] = []
    for reason in reasons:
        lines.append(f"  {counted(reason.count, reason.text)}")
        lines.append(f"      {reason.source}  {clock(reason.first)}".rstrip())
        lines += [f"      | {line}" for line in reason.excerpt.splitlines()]
    return lines or ["  nothing"]


def _missing(missing: Iterable[Missing]) -> list[str]:
    return [f"  {m.text}: {m.how}" for m in missing] or ["  nothing"]


def _would_deny(cause: Cause) -> list[str]:
    signals = known().signals
    lines = []
    for weighed in cause.against:
        signal = signals.get(weighed.signal)
        text = signal.text if signal is not None else weighed.signal
        lines.append(f"  not seen: {text}" if weighed.absent else f"  {text}")
    return lines or ["  nothing that the wizard can see"]


def _speaks(signal: str) -> list[str]:
    """Which causes a signal speaks for, and what would count against each."""
    lines: list[str] = []
    for cause in known().causes.values():
        if any(w.signal == signal and not w.absent for w in cause.supports):
            lines += ["", f"Speaks for {cause.id}; against it would count:", *_would_deny(cause)]
    return lines
