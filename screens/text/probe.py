"""What a probe brought, or has brought so far, as lines of text. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from screens.state import State
from screens.text.charts import chart
from screens.text.evidence import evidence_text
from screens.text.probe_states import result_of
from screens.text.tables import tables_lines
from screens.text.words import on_screen, state_word, wrapped
from wizard.case.evidence import StepResult, StepStatus

UNFINISHED = "Seen before it ended; no part of the diagnosis:"


def picture(result: StepResult, width: int) -> list[str]:
    """Tables, charts and notes in lines of `width` columns, an empty line between them."""
    charts = [chart(samples, width) for samples in result.samples]
    parts = [
        tables_lines(result.tables, width),
        *(["", *lines] for lines in charts if lines),
        ["", *_wrapped(result.notes, width)] if result.notes else [],
    ]
    lines = [on_screen(line) for line in chain.from_iterable(parts)]
    return lines[1:]


def _wrapped(texts: Iterable[str], width: int) -> list[str]:
    return [line for text in texts for line in wrapped(on_screen(text), width, 0)]


def shown_lines(probe: str, state: State, width: int) -> list[str]:
    """What stands below the headline.

    Of a run that brought a result, that; else what was seen until it ended.
    """
    result, partial = result_of(probe, state), state.partial.get(probe)
    if state.running == probe:
        return picture(partial, width) if partial is not None else []
    if result is None:
        return []
    lines = picture(result, width)
    if partial is not None and result.status is not StepStatus.DONE:
        lines += [UNFINISHED, "", *picture(partial, width)]
    return lines


def whole_text(probe: str, state: State, width: int) -> str:
    """Everything that is known of a probe in lines of `width` columns, for a window of its own."""
    result = result_of(probe, state)
    lines = shown_lines(probe, state, width)
    if result is None or state.running == probe:
        return "\n".join(lines)
    facts = [line for e in result.evidence for line in ("", *evidence_text(e).splitlines())]
    told = [state_word(result), result.headline, "", *lines, *facts]
    return "\n".join(part for line in told for part in wrapped(line, width, 2) or [""])
