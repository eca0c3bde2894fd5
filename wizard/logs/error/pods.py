"""Whose container died, and when, as kubectl and docker tell it.

`Reason: OOMKilled` names nobody: the container's name and image stand in the lines around it,
and the time of its end below. A pod has several containers, and a paste several pods.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from knowledge.model import Signature
from wizard.logs.error.scan_model import LogEvent, Tally

_OF_PODS = frozenset({"supervisor-oom", "supervisor-back-off", "supervisor-crash-loop"})

_SERVER = re.compile(
    r"mysql|maria|percona|galera|xtradb|(?:^|[-_/])db(?:$|[-_:/\d])", re.IGNORECASE
)
_HELPER = re.compile(
    r"operator|exporter|backup|client|router|proxy|maxscale|phpmyadmin|adminer|admin\b|agent|init",
    re.IGNORECASE,
)
_OTHER = re.compile(r"postgres|pgsql|mongo|redis|cassandra|clickhouse|elastic|mssql", re.IGNORECASE)
_BLOCK = re.compile(r"  (?P<name>[\w.-]+):\s*$")
_POD = re.compile(r"Name:\s+(?P<name>\S+)")
_IMAGE = re.compile(r"""\s*["']?[Ii]mage["']?:\s*["']?(?P<name>[^\s"',]+)""")
_NAME = re.compile(r"""\s*["']?[Nn]ame["']?:\s*["']?/?(?P<name>[\w.-]+)""")
_IN_MESSAGE = re.compile(r"failed container[ =](?P<name>[\w.-]+)")
_FINISHED = re.compile(
    r"""\s*["']?finished(?:At)?["']?:\s*["']?(?P<when>"""
    r"""\w{3}, \d\d \w{3} \d{4} [\d:]{8} [+-]\d{4}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)""",
    re.IGNORECASE,
)
_ABOVE, _BELOW = 400, 40
_ENDED = 8
"""Lines from a container's reason to the time of its end, either way."""


def is_of_a_pod(signature: Signature) -> bool:
    """Whether its lines do not name the container that they tell of."""
    return signature.id in _OF_PODS


def with_pods(tally: Tally, page: "Page") -> Tally:
    """Without what befell other containers than the server's, and with the time of each end."""
    if not is_of_a_pod(tally.signature):
        return tally
    return replace(tally, events=tuple(e for one in tally.events if (e := _placed(one, page))))


@dataclass(frozen=True, slots=True)
class _Mark:
    """A line that names a container or a pod, or begins another item of a list."""

    line: int
    image: str = ""
    block: str = ""
    pod: str = ""


class Page:
    """The lines of a file, and which of them name something: sought once, not for each event."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self._marks = [mark for at, line in enumerate(lines) if (mark := _mark(at, line))]
        self._places = [mark.line for mark in self._marks]
        self._pods = [mark for mark in self._marks if mark.pod]
        self._pod_places = [mark.line for mark in self._pods]

    def pod(self, at: int) -> str:
        """The last pod that is named above line `at`; "" where none is."""
        before = bisect_left(self._pod_places, at)
        return self._pods[before - 1].pod if before else ""

    def above(self, at: int) -> Iterator[_Mark]:
        """The marks of the lines above line `at`, the nearest first."""
        first, end = (bisect_left(self._places, place) for place in (at - _ABOVE, at))
        return reversed(self._marks[first:end])


def _mark(at: int, line: str) -> _Mark | None:
    if image := _IMAGE.match(line):
        return _Mark(at, image=image["name"].rpartition("/")[2])
    if block := _BLOCK.match(line):
        return _Mark(at, block=block["name"])
    if pod := _POD.match(line):
        return _Mark(at, pod=pod["name"])
    return _Mark(at) if line.lstrip().startswith(("- ", "{")) else None


def _placed(event: LogEvent, page: Page) -> LogEvent | None:
    number = event.place.line
    if number is None or number > len(page.lines):
        return event
    names = _names(page, number - 1)
    if names and (any(map(_OTHER.search, names)) or not any(map(_is_server, names))):
        return None
    return event if event.at is not None else replace(event, at=_ended(page.lines, number - 1))


def _is_server(name: str) -> bool:
    return _SERVER.search(name) is not None and _HELPER.search(name) is None


def _names(page: Page, at: int) -> list[str]:
    """What the container in line `at` is called, and its image; nothing where none is told."""
    lines = page.lines
    if told := _IN_MESSAGE.search(lines[at]):
        return [told["name"]]
    if "OOMKilled" not in lines[at]:
        return [pod] if (pod := page.pod(at)) else []
    found: list[str] = []
    for mark in page.above(at):
        if mark.image:
            found.append(mark.image)
        elif mark.block:
            return [mark.block] if _HELPER.search(mark.block) else [*found, mark.block]
        elif mark.pod or found:
            break
    below = next((m for m in map(_NAME.match, lines[at + 1 : at + _BELOW]) if m), None)
    return [*found, below["name"]] if below else found


def _ended(lines: Sequence[str], at: int) -> datetime | None:
    near = lines[max(0, at - _ENDED) : at + _ENDED]
    told = next((m["when"] for m in map(_FINISHED.match, near) if m), None)
    if told is None:
        return None
    try:
        return (
            parsedate_to_datetime(told)
            if "," in told
            else datetime.fromisoformat(told).replace(tzinfo=UTC)
        )
    except ValueError:
        return None
