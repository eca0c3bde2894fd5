"""States as words: the step list, the top line, the status line. Pure functions."""

from __future__ import annotations

import re
from datetime import datetime

from rich.cells import cell_len, chop_cells
from textual.content import Content

from screens.state import State
from wizard.case import facts
from wizard.case.case import Case
from wizard.case.evidence import StepResult, StepStatus
from wizard.diagnosis.model import Diagnosis, Verdict
from wizard.safety.sanitize import sanitize, sanitize_block
from wizard.server.flavor import PRODUCTS


def safe(text: str) -> Content:
    """Text from outside as one line that no markup parser and no terminal will obey."""
    return Content(sanitize(text))


def safe_block(text: str, lines: int = 2000) -> Content:
    return Content(sanitize_block(text, lines))


def hanging(text: str, width: int, indent: int) -> Content:
    """One line from outside, wrapped to `width` columns with its further lines indented."""
    return Content("\n".join(wrapped(sanitize(text), max(width, indent + 20), indent)))


_CHUNK = re.compile(r"\s+|\S+")
_PIECE = re.compile(r"[^/._,;:=-]*[/._,;:=-]+|[^/._,;:=-]+")
"""What a word too long for a line may be broken into: paths and names after a separator."""


def wrapped(text: str, width: int, indent: int) -> list[str]:
    """Lines of at most `width` columns; a word is broken only where it fits on no line."""
    lines: list[str] = [""]
    margin = " " * indent
    for chunk in _CHUNK.findall(text):
        pieces = [chunk] if cell_len(chunk) <= width - indent else _PIECE.findall(chunk)
        for piece in pieces:
            if cell_len(lines[-1]) + cell_len(piece) <= width:
                lines[-1] += piece
            elif not piece.isspace():
                parts = chop_cells(piece, width - indent)
                if lines == [""]:
                    lines = [parts.pop(0)]
                lines += [margin + part for part in parts]
    return [line.rstrip() for line in lines if line.strip()]


def state_word(result: StepResult | None) -> str:
    """A finished step's state in words."""
    if result is None:
        return "-"
    if result.status is StepStatus.DONE:
        return f"found {len(result.evidence)}" if result.evidence else "done"
    reason = result.reason or result.headline
    return f"{result.status}: {reason}" if reason else str(result.status)


def verdict_word(verdict: Verdict) -> str:
    return verdict.value.replace("-", " ").upper()


def counted(count: int, text: str) -> str:
    """`text` with its count, unless it tells the count itself."""
    return text if count < 2 or str(count) in text else f"{count} x {text}"


def clock(at: datetime | None) -> str:
    return "" if at is None else at.strftime("%m-%d %H:%M:%S")


SUSPECTED = (Verdict.CONFIRMED, Verdict.LIKELY, Verdict.POSSIBLE)
"""Verdicts that put a cause on the list of suspects."""


def server_words(case: Case, now: datetime) -> str:
    """`MariaDB 10.11.19  127.0.0.1:3306  since 13:33`, as far as it is known."""
    target = case.target
    parts = []
    if target.version:
        parts.append(
            f"{PRODUCTS.get(target.flavor, target.flavor)} {target.version.partition('-')[0]}"
        )
    parts.append(target.label)
    started = case.fact(facts.STARTED_AT)
    if isinstance(started, str):
        parts.append(f"since {minute(datetime.fromisoformat(started), case.created, now)}")
    return "  ".join(parts)


def minute(at: datetime, made: datetime, now: datetime) -> str:
    """`13:33` in the zone of the machine that made the case; with its date unless it is today."""
    local, today = at.astimezone(made.tzinfo), now.astimezone(made.tzinfo)
    return local.strftime("%H:%M" if local.date() == today.date() else "%Y-%m-%d %H:%M")


def top_line(state: State, width: int, now: datetime) -> str:
    """What we look at, and its state at the right edge. A lost server takes the whole line."""
    case = state.case
    what = server_words(case, now) if case is not None and case.target.label else state.label
    if state.offline:
        word = "no server" if state.offline.startswith("no server") else "saved case, offline"
        return _spread(what, f"{word} ", width)
    link = state.link.rstrip(".")
    if state.ssh_lost:
        return sanitize(f" SSH LOST since {state.ssh_lost}, F5 tries again: {link}", width)
    if state.up is False:
        word = "SERVER LOST" if state.was_up else "NOT CONNECTED"
        return sanitize(f" {word} since {state.since}, F5 tries again: {link}", width)
    word = "connected" if state.up else (state.link or "connecting")
    return _spread(what, f"{word} ", width)


def _spread(what: str, right: str, width: int) -> str:
    """Our own name stands first where there is room for it."""
    room = max(width - len(right) - 1, 10)
    named = f" goneaway-wizard  {what}"
    left = named if len(named) <= room else f" {what}"
    return sanitize(left, room).ljust(room) + " " + right


def status_line(state: State, titles: dict[str, str], remark: str, now: float) -> str:
    """What is going on now. `now` and `state.began` are monotonic seconds."""
    if not state.running:
        return f" {remark}"
    title = titles.get(state.running, state.running)
    said = f", {state.said}" if state.said else ""
    return f" Running: {title}, {int(now - state.began)} s, Ctrl+C stops it{said}"


def standing(state: State) -> str:
    """The status line when nothing is going on."""
    steps = state.case.steps if state.case is not None else ()
    if not steps:
        return "F1 help"
    unseen = sum(result.status is not StepStatus.DONE for result in steps)
    blind = f", {unseen} could not look" if unseen else ""
    ran = "1 step" if len(steps) == 1 else f"{len(steps)} steps"
    return f"{ran} run{blind}. Enter opens, e evidence, s suspects, F1 help"


def tally(diagnosis: Diagnosis) -> str:
    """Whose failures are counted: the application's, or sessions that the server saw ending."""
    what = "failures" if diagnosis.observer == "application" else "sessions seen ending badly"
    return f"{diagnosis.explained} of {diagnosis.total} {what} explained"


def summary(state: State) -> str:
    """One line over the suspects: how many failures are explained, and what to look at next."""
    diagnosis = state.diagnosis
    if diagnosis is None:
        return "nothing known yet" if not state.running else "looking ..."
    if diagnosis.total:
        counts = tally(diagnosis)
        if diagnosis.unexplained:
            counts += f", {diagnosis.unexplained} not"
    else:
        counts = "no failures seen yet"
    return " ".join((f"{counts}.", *diagnosis.remarks, diagnosis.advice)).strip()
