"""What the lines of a journal come to: each change in its last state. Pure."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wizard.case.json_codec import CodecError
from wizard.remedies.journal_entry import ChangeState, JournalEntry
from wizard.remedies.journal_lines import decoded

_WRONG = (ValueError, KeyError, TypeError, AttributeError, RecursionError, CodecError)

_MOVES = ("id", "state", "text", "proof")

_OVER = frozenset(str(state) for state in ChangeState if not state.in_force)


@dataclass(frozen=True, slots=True)
class Reading:
    """Every change, oldest first. `unread` are the ids of those that may be in force and that
    this version does not understand: another one made them, or somebody edited the file."""

    entries: tuple[JournalEntry, ...]
    unread: tuple[str, ...] = ()


def reading(lines: Iterable[tuple[bytes, bool]]) -> Reading:
    """Of each line, and whether it is so old that it only counts while its change is in force.

    A line that a crash cut short is passed over: what it was to tell had not been done. What is
    over stays over, whatever a wizard that was still at its proof has noted since; of what is old
    and over, that alone is kept in mind.
    """
    found: dict[str, dict[str, Any]] = {}
    for line, is_old in lines:
        told = _told(line)
        number = str(told.get("id", ""))
        before = found.get(number, {})
        if not number or _is_over(before):
            continue
        found[number] = told if "changes" in told else {**before, **_moved(told, before)}
        if is_old and _is_over(found[number]):
            found[number] = {"state": found[number]["state"]}
    return _decoded(found)


def _is_over(data: dict[str, Any]) -> bool:
    return str(data.get("state")) in _OVER


def _told(line: bytes) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _moved(told: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """A state of a later version leaves the change in the one that it had."""
    if before and str(told.get("state")) not in frozenset(map(str, ChangeState)):
        return {}
    return {name: value for name, value in told.items() if name in _MOVES}


def _decoded(found: dict[str, dict[str, Any]]) -> Reading:
    entries, unread = [], []
    for number, data in found.items():
        try:
            entries.append(decoded(data))
        except _WRONG:
            if not _is_over(data):
                unread.append(number)
    return Reading(tuple(entries), tuple(unread))
