"""The recorder's live picture as lines: timeline, sparklines, who is cut next. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from screens.text.sparkline import sparkline
from screens.text.words import middle_cut, on_screen
from wizard.diagnosis.model import Verdict
from wizard.logs.recorded.outages import without_guesses
from wizard.report.time_axis import counts, ends, marks
from wizard.units import zone_word

if TYPE_CHECKING:
    from wizard.recorder.event import RecorderEvent
    from wizard.recorder.live import Moment, NextCut

NAME_WIDTH = 19
COUNT_WIDTH = 5
MOST_CAUSES = 4
_ONE_LINE = 80
"""Columns from which on an event has one line."""

_LEAST_NAME = 16

SPAN = timedelta(minutes=5)
"""What the width of the timeline stands for."""

QUIET = frozenset(("recorder-started", "recorder-stopped"))


def kind_of(event: RecorderEvent) -> str:
    """The row that an event belongs to: its cause, else what it is."""
    return event.cause or event.kind.value


def picture(
    events: Sequence[RecorderEvent],
    moments: Sequence[Moment],
    cuts: Sequence[NextCut] | None,
    until: datetime,
    width: int,
) -> list[str]:
    """At most `width` columns; the newest is at the right, `until`. `cuts` are None where nobody
    knows who is cut next: in an earlier moment, and while the server is away."""
    columns = max(width - NAME_WIDTH - COUNT_WIDTH - 1, 8)
    begin = until - SPAN
    seen = [m for m in moments if m.at <= until]
    return [
        " " * (NAME_WIDTH + 1) + _axis(begin, until, columns),
        *(_causes(events, begin, until, columns) or [_none_seen(seen)]),
        *_sparks(seen, begin, until, columns),
        *(_next(cuts, width) if cuts is not None else ()),
    ]


def _axis(begin: datetime, end: datetime, columns: int) -> str:
    left, right = ends(begin, end)
    return left + right.rjust(columns - len(left)) if len(left) + len(right) < columns else right


def _causes(
    events: Sequence[RecorderEvent], begin: datetime, end: datetime, columns: int
) -> list[str]:
    rows: dict[str, list[datetime | None]] = {}
    totals: Counter[str] = Counter()
    for event in _once(without_guesses(events)):
        if event.kind.value in QUIET:
            continue
        name = kind_of(event)
        totals[name] += event.count
        if begin <= event.at <= end:
            rows.setdefault(name, []).append(event.at)
    lines = []
    for name, total in totals.most_common(MOST_CAUSES):
        drawn = marks(counts(rows.get(name, ()), begin, end, columns))
        lines.append(f"{name[:NAME_WIDTH]:<{NAME_WIDTH}} {drawn} {total:>4}")
    if len(totals) > MOST_CAUSES:
        rest = sum(totals.values()) - sum(n for _, n in totals.most_common(MOST_CAUSES))
        lines.append(f"and {rest} of {len(totals) - MOST_CAUSES} other kinds; f shows one alone")
    return lines


def _none_seen(moments: Sequence[Moment]) -> str:
    """A session that began and ended between two looks is in the counter alone."""
    counted = sum(moment.aborted for moment in moments)
    if not counted:
        return "no session was lost since the recorder began"
    whose = "whose session it was" if counted == 1 else "whose sessions these were"
    return f"Aborted_clients rose by {counted}: no look saw {whose}"


def _once(events: Sequence[RecorderEvent]) -> list[RecorderEvent]:
    """Without what the application says of a cause of which the ends themselves were seen."""
    ended = {event.cause for event in events if event.kind.value == "session-ended"}
    return [
        event
        for event in events
        if event.kind.value != "application-error"
        or event.cause is None
        or event.cause not in ended
    ]


def _sparks(moments: Sequence[Moment], begin: datetime, end: datetime, columns: int) -> list[str]:
    """Sessions as the most of each column, ends without COM_QUIT as their sum."""
    sessions: list[float | None] = [None] * columns
    aborted: list[float | None] = [None] * columns
    for moment in moments:
        if moment.at < begin:
            continue
        column = min(int((moment.at - begin) / (end - begin) * columns), columns - 1)
        sessions[column] = max(sessions[column] or 0.0, float(moment.sessions))
        aborted[column] = (aborted[column] or 0.0) + moment.aborted
    now = moments[-1].sessions if moments else 0
    total = sum(moment.aborted for moment in moments)
    return [
        f"{'sessions':<{NAME_WIDTH}} {sparkline(sessions, columns)} {now:>4}",
        f"{'aborted':<{NAME_WIDTH}} {sparkline(aborted, columns)} {total:>4}",
    ]


def _next(cuts: Sequence[NextCut], width: int) -> list[str]:
    if not cuts:
        return ["next to be cut: no session rests"]
    words = [f"in {_span(c.seconds)} {c.session.account} {c.session.id}" for c in cuts]
    names = ["wait_timeout cuts", *[""] * (len(words) - 1)]
    return [f"{n:<{NAME_WIDTH}} {w}"[:width] for n, w in zip(names, words, strict=True)]


def _span(seconds: int) -> str:
    from wizard.units import duration

    return duration(float(seconds))


def event_row(event: RecorderEvent, width: int) -> str:
    """One event in the list: what and whom first; where there is little room, in two lines.

    `idle-timeout?` is likely or possible, not sure.
    """
    sure = event.verdict in (None, Verdict.CONFIRMED)
    head = f"{event.at.astimezone(UTC):%H:%M:%S} {kind_of(event)}{'' if sure else '?'}"
    text = on_screen(event.text)
    if event.session is not None:
        # Who it was decides; its number is in the window that Enter opens.
        account = on_screen(event.session.account)
        text = text.replace(f" (connection {event.session.id})", "", 1)
        text = text.replace(account, middle_cut(account, max(width // 2, _LEAST_NAME)), 1)
    return f"{head}: {text}" if width >= _ONE_LINE else f"{head}\n  {text}"


def event_text(event: RecorderEvent) -> str:
    """All that is known of an event, for the evidence window."""
    lines = [event.text, "", f"when: {_exactly(event.at)}"]
    if event.began is not None:
        lines.append(f"began: {_exactly(event.began)}")
    lines.append(f"what: {event.kind.value}")
    if event.cause is not None:
        verdict = f" ({event.verdict.value})" if event.verdict is not None else ""
        lines.append(f"cause: {event.cause}{verdict}")
    seen = event.session
    if seen is not None:
        lines += [
            f"session: {seen.id}, {seen.account}",
            f"last seen: {seen.command or 'never'} for {_span(seen.seconds)} {seen.state}".rstrip(),
        ]
        if seen.statement:
            lines.append(f"statement ({seen.statement_bytes} bytes): {seen.statement}")
        if seen.transaction_seconds is not None:
            lines.append(f"transaction open for {_span(seen.transaction_seconds)}")
    lines += [f"lost beside it: {s.id}, {s.account}" for s in event.beside]
    return "\n".join(lines)


def _exactly(at: datetime) -> str:
    """To the millisecond: sessions that end together are told apart by that."""
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d} {zone_word(at)}".strip()
