"""Whose container died, and when, as kubectl and docker tell it.

`Reason: OOMKilled` names nobody: the container's name and image stand in the lines around it,
and the time of its end below. A pod has several containers, and a paste several pods.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from knowledge.model import Signature
from wizard.logs.error.scan_model import LogEvent, Tally

_OF_PODS = frozenset({"supervisor-oom", "supervisor-back-off"})

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


def with_pods(tally: Tally, lines: Sequence[str]) -> Tally:
    """Without what befell other containers than the server's, and with the time of each end."""
    if not is_of_a_pod(tally.signature):
        return tally
    return replace(tally, events=tuple(e for one in tally.events if (e := _placed(one, lines))))


def _placed(event: LogEvent, lines: Sequence[str]) -> LogEvent | None:
    number = event.place.line
    if number is None or number > len(lines):
        return event
    names = _names(lines, number - 1)
    if names and (any(map(_OTHER.search, names)) or not any(map(_is_server, names))):
        return None
    return event if event.at is not None else replace(event, at=_ended(lines, number - 1))


def _is_server(name: str) -> bool:
    return _SERVER.search(name) is not None and _HELPER.search(name) is None


def _names(lines: Sequence[str], at: int) -> list[str]:
    """What the container in line `at` is called, and its image; nothing where none is told."""
    if told := _IN_MESSAGE.search(lines[at]):
        return [told["name"]]
    if "OOMKilled" not in lines[at]:
        pod = next((m for m in map(_POD.match, reversed(lines[:at])) if m), None)
        return [pod["name"]] if pod else []
    found: list[str] = []
    for line in reversed(lines[max(0, at - _ABOVE) : at]):
        if image := _IMAGE.match(line):
            found.append(image["name"].rpartition("/")[2])
        if block := _BLOCK.match(line):
            return [block["name"]] if _HELPER.search(block["name"]) else [*found, block["name"]]
        if line.lstrip().startswith(("- ", "{")) and found:
            break
        if _POD.match(line):
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
