"""States as words, text laid out, and the row of suspects. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from rich.cells import cell_len, chop_cells
from textual.content import Content

from screens.state import State
from screens.text.in_keys import in_keys
from wizard.case.evidence import StepResult, StepStatus
from wizard.diagnosis.model import Diagnosis, Finding, Verdict
from wizard.diagnosis.tally import tally
from wizard.safety.sanitize import sanitize, sanitize_block


def on_screen(text: str) -> str:
    """Text from outside as one line, with ways to do something told in keys."""
    return in_keys(sanitize(text))


def block_on_screen(text: str, lines: int = 2000) -> str:
    """The same of several lines."""
    return in_keys(sanitize_block(text, lines))


def safe(text: str) -> Content:
    """Text from outside as one line that no markup parser and no terminal will obey."""
    return Content(on_screen(text))


def safe_block(text: str, lines: int = 2000) -> Content:
    return Content(block_on_screen(text, lines))


def hanging(text: str, width: int, indent: int) -> Content:
    """One line from outside, wrapped to `width` columns with its further lines indented."""
    return Content("\n".join(wrapped(on_screen(text), max(width, indent + 20), indent)))


def middle_cut(text: str, room: int) -> str:
    """`text` in at most `room` columns; what is too much goes from its middle."""
    if cell_len(text) <= room:
        return text
    end = max((room - 1) // 2, 1)
    begin = max(room - 1 - end, 1)
    return f"{_begin(text, begin)}…{_begin(text[::-1], end)[::-1]}"


def _begin(text: str, room: int) -> str:
    """As much of `text` as fits into so many columns."""
    return text[:room] if text.isascii() else chop_cells(text, room)[0]


_SENTENCE = 4
"""Words from which on a cell is read from its beginning."""


def cell_cut(text: str, room: int) -> str:
    """A table's cell in at most `room` columns: a sentence loses its end, a name its middle."""
    if cell_len(text) <= room or text.count(" ") < _SENTENCE - 1:
        return middle_cut(text, room)
    return f"{_begin(text, max(room - 1, 1))}…"


_CHUNK = re.compile(r"\s+|\S+(?: UTC\b)?")
_STEP = re.compile(r"[^/]*/+|[^/]+")
"""What a path is made of. It breaks here, so that the name of a file stays in one piece."""

_PIECE = re.compile(r"[^/._,;:=-]*[/._,;:=-]+|[^/._,;:=-]+")
"""What a name too long for a line may be broken into: after a separator."""


_SQL_CHUNK = re.compile(r"\s+|(?:'[^']*'|[^\s'])+|'")
"""A string with its blanks is one word: a line break in it would make it another string."""


_WIDEST = 2
"""Columns of a wide character. A terminal may leave less room, or none, while it is resized."""


def wrapped(text: str, width: int, indent: int) -> list[str]:
    """Lines of at most `width` columns; a word is broken only where it fits on no line."""
    return _laid(_CHUNK.findall(text), width, indent)


def wrapped_sql(text: str, width: int, indent: int) -> list[str]:
    """The same of a statement, which stays the same statement where its lines are copied."""
    return _laid(_SQL_CHUNK.findall(text), width, indent)


def _laid(chunks: list[str], width: int, indent: int) -> list[str]:
    lines: list[str] = [""]
    width = max(width, indent + _WIDEST)
    margin = " " * indent
    for chunk in chunks:
        for piece in _pieces(chunk, width - indent):
            if cell_len(lines[-1]) + cell_len(piece) <= width:
                lines[-1] += piece
            elif not piece.isspace():
                parts = chop_cells(piece, width - indent)
                if lines == [""]:
                    lines = [parts.pop(0)]
                lines += [margin + part for part in parts]
    return [line.rstrip() for line in lines if line.strip()]


def _pieces(chunk: str, room: int) -> Iterator[str]:
    """A word whole where it fits, else the steps of its path, else what separators part."""
    for step in [chunk] if cell_len(chunk) <= room else _STEP.findall(chunk):
        yield from [step] if cell_len(step) <= room else _PIECE.findall(step)


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


_STYLES = {
    Verdict.CONFIRMED: "bold $text-error",
    Verdict.LIKELY: "bold $text-error",
    Verdict.POSSIBLE: "$text-warning",
    Verdict.RULED_OUT: "$text-success",
}


def verdict_style(verdict: Verdict) -> str:
    """Only helps the eye: the word says it."""
    return _STYLES.get(verdict, "$text-muted")


def counted(count: int, text: str) -> str:
    """`text` with its count, unless it tells the count itself."""
    return text if count < 2 or str(count) in text else f"{count} x {text}"


def clock(at: datetime | None) -> str:
    """Everywhere in the zone of the report, whatever the log's own was."""
    return "" if at is None else f"{at.astimezone(UTC):%m-%d %H:%M:%S} UTC"


READING = "The saved case is being read ..."

SUSPECTED = (Verdict.CONFIRMED, Verdict.LIKELY, Verdict.POSSIBLE)
"""Verdicts that put a cause on the list of suspects."""


def tally_words(diagnosis: Diagnosis) -> str:
    """`37 failures: 35 explained, 2 not explained`, or that none was counted."""
    if diagnosis.total:
        return tally(diagnosis).words
    beside = "; a cause is seen all the same" if diagnosis.accused else ""
    return f"No application's failure is known{beside}"


def suspects_line(state: State, width: int) -> str:
    """Verdicts and causes in one row: what decides first, then how many are left."""
    diagnosis = state.diagnosis
    if state.reading:
        return READING
    if diagnosis is None:
        return "Nothing known yet" if not state.running else "Looking ..."
    named = [f for f in diagnosis.findings if f.verdict in SUSPECTED and not f.noise]
    if not named and not state.settled:
        return f"Looking ... {len(state.case.steps) if state.case is not None else 0} steps run."
    if not named:
        return f"No suspect. {tally_words(diagnosis)}."
    end = f"  s: {len(named)} suspects" if len(named) > 1 else "  s opens"
    line = ""
    for finding in named:
        part = f"{' · ' if line else ''}{_named(finding, diagnosis.total, whole=not line)}"
        if line and cell_len(line + part + end) > width:
            break
        line += part
    return line + end


def _named(finding: Finding, total: int, whole: bool) -> str:
    """With its share of all failures, where it is one; `whole` says of how many."""
    share = f" {finding.explains}" if 0 < finding.explains <= total else ""
    of = f" of {total}" if share and whole else ""
    return f"{verdict_word(finding.verdict)} {finding.cause}{share}{of}"


def summary(state: State) -> str:
    """Over the column of suspects: how many failures are explained, and what to look at next."""
    diagnosis = state.diagnosis
    if state.reading:
        return READING
    if diagnosis is None:
        return "nothing known yet" if not state.running else "looking ..."
    counts = tally_words(diagnosis)
    return " ".join((f"{counts}.", *diagnosis.remarks, diagnosis.advice)).strip()
