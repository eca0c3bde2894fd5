"""A server that is down, in the words of the screens: when, why, and what to do first. Pure."""

from __future__ import annotations

from screens.state import State
from screens.text.words import wrapped
from wizard.case.facts import LET_GO_ON
from wizard.diagnosis.down_now import HELD, OUT_OF_REACH, RUNS, DownNow, how_to_start, met_as

LABEL = 7
"""Columns before each part."""

ROOM = 29
"""Columns that a row of the next step has for a command."""

_OUT_OF_REACH = "see first whether it runs: it is out of reach"


def down_lines(down: DownNow) -> tuple[str, ...]:
    """Each part on a line of its own, unfolded."""
    return (
        f"DOWN   {down.met}",
        f"WHEN   {down.since}",
        f"ENDED  {down.ended}",
        f"FIRST  {down.start}",
    )


def down_block(down: DownNow, width: int) -> str:
    """The same in at most `width` columns."""
    return "\n".join(part for line in down_lines(down) for part in wrapped(line, width, LABEL))


def start_words(state: State) -> str:
    """What to do first where nobody was met at the last look; empty where it answered."""
    diagnosis, case = state.diagnosis, state.case
    if case is None or diagnosis is None or state.up is not False:
        return ""
    met = met_as(diagnosis)
    if not met:
        return ""
    if met == HELD:
        return f"let the server go on: {case.fact(LET_GO_ON) or 'its process is stopped'}"
    command = how_to_start(case, met)
    if met == RUNS:
        return command
    if len(command) <= ROOM:
        return f"start the server first: {command}"
    if command == OUT_OF_REACH:
        return _OUT_OF_REACH
    return "start the server first, and see why it ended"
