"""The section on the failures: how many, when, and to which cause each is put down."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, tzinfo

from wizard.case.case import Case
from wizard.case.evidence import StepStatus
from wizard.diagnosis.model import Attribution, Diagnosis
from wizard.report.model import Block, Grid, Heading, Item, Items, Paragraph, Section
from wizard.report.sections.server_life import server_life
from wizard.report.sections.timeline import draw
from wizard.report.time_axis import UNEXPLAINED
from wizard.report.words import moment, offset, span
from wizard.units import many

MAX_ROWS = 20
"""Failures shown one by one; the rest is counted."""

MAX_TEXTS = 10
"""Different texts that the client saw; the rest is counted."""

_MAX_TEXT = 300

_ENDED = ("log.aborted-", "log.idle-timeout", "count.lost-client")
_NOT_GIVEN = "No error of the application was given"


def failures(case: Case, diagnosis: Diagnosis, counted: str, zone: tzinfo) -> Section:
    if not diagnosis.total:
        return Section("failures", "Failures", (Paragraph(_none(case, diagnosis)),))
    blocks: list[Block] = [Paragraph(counted)]
    if not diagnosis.attributions:
        blocks.append(Paragraph(_server_saw(case)))
        blocks.append(_by_finding(diagnosis))
        return Section("failures", "Failures", tuple(blocks))
    attributions = sorted(diagnosis.attributions, key=_order)
    if drawing := draw(case.window, attributions, zone, server_life(case)):
        blocks.append(drawing)
    undated = sum(1 for a in attributions if a.failure.at is None)
    if undated:
        blocks.append(Paragraph(f"{many(undated, 'failure')} without a time."))
    blocks.append(_by_cause(attributions, zone))
    blocks += [Heading("What the client saw"), _by_text(attributions, zone)]
    unexplained = [a for a in attributions if a.cause is None]
    if unexplained:
        blocks += [Heading("Not explained, one by one"), _one_by_one(unexplained, zone)]
    explained = [a for a in attributions if a.cause is not None]
    if explained:
        blocks += [Heading("Explained, one by one"), _one_by_one(explained, zone)]
    return Section("failures", "Failures", tuple(blocks))


def _none(case: Case, diagnosis: Diagnosis) -> str:
    if not any(s.status is StepStatus.DONE for s in case.steps):
        return "No failure was counted, for nothing could be looked at."
    if diagnosis.observer == "application":
        return "The application's log was read and holds no failure in the window."
    return f"No failure was counted. {_ends(case)} {_application(case)}"


def _ends(case: Case) -> str:
    """What the server's side tells of sessions that no accused cause stands for."""
    seen = sum(e.count for e in case.evidence if e.signal.startswith(_ENDED) and not e.weak)
    if seen:
        return (
            f"The server saw {many(seen, 'session')} end badly, and not for a reason that is sure."
        )
    return "The server saw no session end badly in what was looked at."


def _application(case: Case) -> str:
    symptom = case.step("symptom")
    if symptom is None or symptom.status is not StepStatus.DONE:
        return "No error of the application was given (--app-log, or a pasted error)."
    return (
        "The application's text was read, and no failure of a MySQL connection was recognised in"
        " it for the window."
    )


def _server_saw(case: Case) -> str:
    symptom = case.step("symptom")
    given = symptom is not None and symptom.status is StepStatus.DONE
    read = (
        "The application's text tells of none (the right log? --app-log)" if given else _NOT_GIVEN
    )
    more = "" if given else " Give the application's log (--app-log) to explain each failure."
    return f"{read}, so these are sessions that the server saw ending badly.{more}"


def _by_finding(diagnosis: Diagnosis) -> Grid:
    rows = [(f.cause, str(f.explains)) for f in diagnosis.findings if f.explains and not f.noise]
    if diagnosis.unexplained:
        rows.append((UNEXPLAINED, str(diagnosis.unexplained)))
    return Grid(("CAUSE", "SESSIONS"), tuple(rows))


def _by_cause(attributions: Sequence[Attribution], zone: tzinfo) -> Grid:
    groups: dict[str, list[Attribution]] = {}
    for attribution in attributions:
        groups.setdefault(attribution.cause or UNEXPLAINED, []).append(attribution)
    ordered = sorted(groups.items(), key=lambda g: (g[0] == UNEXPLAINED, -len(g[1]), g[0]))
    rows = tuple((cause, str(len(group)), _when(group, zone)) for cause, group in ordered)
    return Grid(("CAUSE", "FAILURES", "WHEN"), rows)


def _when(group: Sequence[Attribution], zone: tzinfo) -> str:
    times: list[datetime] = [a.failure.at for a in group if a.failure.at is not None]
    return span(min(times), max(times), zone) if times else "unknown"


def _one_by_one(attributions: Sequence[Attribution], zone: tzinfo) -> Grid:
    kept = attributions[:MAX_ROWS]
    rows = tuple(
        (
            moment(a.failure.at, zone)[:19],
            a.cause or UNEXPLAINED,
            a.because,
            a.failure.source.rpartition("/")[2],
        )
        for a in kept
    )
    left = len(attributions) - len(kept)
    more = f"... and {left} more{_of_which(attributions[MAX_ROWS:])}" if left else ""
    return Grid((f"TIME ({offset(zone)})", "PUT DOWN TO", "BECAUSE", "WHERE"), rows, more)


def _by_text(attributions: Sequence[Attribution], zone: tzinfo) -> Items:
    """What the client saw, one example of each text for a cause.

    Texts that differ in numbers and times alone are the same; unexplained ones first, then the most
    frequent.
    """
    groups: dict[tuple[str, str], list[Attribution]] = {}
    for attribution in attributions:
        key = (attribution.cause or UNEXPLAINED, re.sub(r"\d+", "0", attribution.failure.text))
        groups.setdefault(key, []).append(attribution)
    ordered = sorted(groups.items(), key=lambda g: (g[0][0] != UNEXPLAINED, -len(g[1]), g[0]))
    items = tuple(
        Item(
            _short(group[0].failure.text),
            (
                f"{many(len(group), 'time')}, {cause}, {_when(group, zone)}",
                f"First in {group[0].failure.source}",
            ),
        )
        for (cause, _), group in ordered[:MAX_TEXTS]
    )
    left = len(ordered) - len(items)
    return Items("", items, f"... and {many(left, 'other text')}" if left else "")


def _of_which(rest: Sequence[Attribution]) -> str:
    causes = Counter(a.cause or UNEXPLAINED for a in rest).most_common()
    if len(causes) < 2:
        return ""
    return f" ({', '.join(f'{n} {cause}' for cause, n in causes)})"


def _short(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 3].rstrip() + "..."


def _order(attribution: Attribution) -> tuple[bool, float]:
    at = attribution.failure.at
    return (at is None, at.timestamp() if at else 0.0)
