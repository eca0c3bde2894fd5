"""The top line and the status line: what is looked at, what runs, how old it is. Pure functions."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.cells import cell_len

from screens.places import NETWORK
from screens.state import State
from screens.text.age import ago, read_at, told_clock
from screens.text.words import middle_cut
from wizard.case import facts
from wizard.case.case import Case
from wizard.case.evidence import StepStatus
from wizard.case.moments import moment_of
from wizard.safety.sanitize import sanitize
from wizard.server.flavor import PRODUCTS
from wizard.steps.names import PROBE_IDS
from wizard.units import duration

UP_SINCE = "up since "
"""Before the server's start: the window has a beginning too."""


def server_words(case: Case, now: datetime) -> str:
    """`MariaDB 10.11.19  127.0.0.1:3306  up since 13:33 UTC`, as far as it is known."""
    target = case.target
    parts = []
    if target.version:
        parts.append(
            f"{PRODUCTS.get(target.flavor, target.flavor)} {target.version.partition('-')[0]}"
        )
    parts.append(target.label)
    started = moment_of(case.fact(facts.STARTED_AT))
    if started is not None:
        parts.append(f"{UP_SINCE}{minute(started, now)}")
    return "  ".join(parts)


def minute(at: datetime, now: datetime) -> str:
    """`13:33 UTC`; with its date unless it is today."""
    told, today = at.astimezone(UTC), now.astimezone(UTC)
    return f"{told:{'%H:%M' if told.date() == today.date() else '%Y-%m-%d %H:%M'}} UTC"


def top_line(state: State, width: int, now: datetime) -> str:
    """What we look at, and its state at the right edge; why it is lost stands below."""
    case = state.case
    what = server_words(case, now) if case is not None and case.target.label else state.label
    if state.offline:
        word = "no server" if state.offline.startswith("no server") else "saved case, offline"
        return _spread(what, f"{word} ", width)
    if state.ssh_lost:
        return _spread(what, f"SSH LOST {state.ssh_lost} ", width)
    if state.up is False:
        what = what.rpartition(f"  {UP_SINCE}")[0] or what
        word = "SERVER LOST" if state.was_up else "NOT CONNECTED"
        return _spread(what, f"{word} {state.since} ", width)
    word = "connected" if state.up else (state.link or "connecting")
    return _spread(what, f"{word} ", width)


def _spread(what: str, right: str, width: int) -> str:
    """Our own name stands first where there is room for it; half a time says nothing."""
    room = max(width - cell_len(right) - 1, 10)
    named = f" goneaway-wizard  {what}"
    left = sanitize(named) if cell_len(sanitize(named)) <= room else sanitize(f" {what}")
    if cell_len(left) > room:
        left = left.rpartition(f"  {UP_SINCE}")[0] or left
    left = middle_cut(left, room)
    return left + " " * (room - cell_len(left) + 1) + right


_SHORTEST_WAY = 6
"""Columns of a way's name below which it names nothing."""


def status_line(
    state: State, titles: dict[str, str], remark: str, now: float, width: int = 80
) -> str:
    """What is going on now. `now` and `state.began` are monotonic seconds.

    In a narrow terminal the words around it go first, then the way's name; its figures stay.
    """
    if not state.running:
        return f" {remark}"
    title = titles.get(state.running, state.running)
    passed = f"{title}, {duration(int(now - state.began))}"
    said = f", {state.said}" if state.said else ""
    whole = f" Running: {passed}, Ctrl+C stops it{said}"
    if cell_len(whole) <= width:
        return whole
    told = f" {passed}, Ctrl+C stops{said}"
    if cell_len(told) <= width:
        return told
    way, _, figures = state.said.rpartition(": ")
    room = width - cell_len(f" {passed}, : {figures}")
    if way and room >= _SHORTEST_WAY:
        return f" {passed}, {middle_cut(way, room)}: {figures}"
    return f" {passed}, {figures or state.said}"


def standing(state: State, place: str, now: datetime, width: int = 80) -> str:
    """The status line when nothing is going on: why the server is lost, else how old this is.

    Where it has no room, the line of keys names F1 all the same, and the age tells the clock.
    """
    if state.refused and not state.offline:
        return f"F5 asks for another password: {state.link}"
    if state.up is False and not state.offline:
        return f"F5 tries again: {state.link}"
    steps = state.case.steps if state.case is not None else ()
    if not steps:
        return "F1 help"
    unseen = sum(result.status is not StepStatus.DONE for result in steps)
    blind = f", {unseen} could not look" if unseen else ""
    ran = "1 step" if len(steps) == 1 else f"{len(steps)} steps"
    read = _read(state, place)
    told = f"{ran} run{blind}"
    if read is None:
        return f"{told}. F1 all keys"
    age = ago(read, now)
    whole = f"read {told_clock(read)} ({age}), {told}"
    if len(whole) >= width:
        return f"read {age}, {told}"
    return f"{whole}. F1 all keys" if len(f"{whole}. F1 all keys") < width else whole


def _read(state: State, place: str) -> datetime | None:
    """When the place was read; of Network the probe that was run last, else the oldest part."""
    if place == NETWORK:
        return max((at for name in PROBE_IDS if (at := read_at(state, name))), default=None)
    ids = [place]
    if state.case is not None and state.case.step(place) is None:
        ids = [result.id for result in state.case.steps]
    return min((at for name in ids if (at := read_at(state, name)) is not None), default=None)
