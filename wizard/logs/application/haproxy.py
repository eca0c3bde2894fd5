"""How HAProxy says that connections through it ended, from its own TCP log.

Two letters tell it (HAProxy's manual, "Session state at disconnection"): who ended the session,
and in which state it was. `cD` and `sD` are HAProxy's own limits, `timeout client` and
`timeout server`; the others are somebody else's doing.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from statistics import median
from typing import IO

from knowledge.load import load
from wizard.case.case import Window
from wizard.case.evidence import MAX_OCCURRENCES, Evidence, Occurrence
from wizard.hosts.local.unpack import BROKEN
from wizard.safety.sanitize import sanitize

PIECE = 1 << 20
"""Bytes read at once; a log that shows no session of HAProxy in its first ones is none."""

TIMEOUT = "log.proxy-timeout"
SERVER_CLOSED = "log.proxy-server-closed"
NO_SERVER = "log.proxy-no-server"

SIGNALS = (TIMEOUT, SERVER_CLOSED, NO_SERVER)

_MEANING = {
    "cD": TIMEOUT,
    "sD": TIMEOUT,
    "SD": SERVER_CLOSED,
    "SC": NO_SERVER,
    "sC": NO_SERVER,
    "sQ": NO_SERVER,
    "cC": NO_SERVER,
}

_LINE = re.compile(
    rb"\[(?P<begun>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?:\.\d+)?)\] "
    rb"(?P<front>\S{1,100}) (?P<back>\S{1,100})/(?P<server>\S{1,100}) "
    rb"-?\d+/-?\d+/\+?(?P<lasted>\d{1,12}) \+?\d+ (?P<state>[-A-Za-z]{2}) [^\n]{0,400}"
)
"""From the time on: [accepted] frontend backend/server waited/connected/lasted bytes state ..."""

_ZONE = re.compile(rb"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class _Session:
    """One session of the log: when it ended, how, after how many seconds, and its line."""

    at: datetime
    state: str
    seconds: float
    line: int
    text: str


def proxy_sessions(
    path: Path,
    window: Window,
    opener: Callable[[Path], IO[bytes]],
    checkpoint: Callable[[], None] = lambda: None,
    zone: tzinfo | None = None,
) -> tuple[Evidence, ...] | None:
    """What HAProxy's log at `path` tells of ends; None where it is another's log.

    `zone` is for times without one (None: this machine's). Raises what `opener` raises.
    """
    kinds: dict[str, list[_Session]] = defaultdict(list)
    seen = False
    with opener(path) as stream:
        for session in _sessions(stream, zone, checkpoint):
            seen = True
            signal = _MEANING.get(session.state)
            if signal is not None and window.holds(session.at):
                kinds[signal].append(session)
    told = tuple(_evidence(signal, kinds[signal], path) for signal in SIGNALS if kinds[signal])
    return told if seen else None


def _sessions(
    stream: IO[bytes], zone: tzinfo | None, checkpoint: Callable[[], None]
) -> Iterator[_Session]:
    line, rest, first = 1, b"", True
    while piece := _read(stream):
        checkpoint()
        data = rest + piece
        cut = data.rfind(b"\n") + 1 or len(data)
        data, rest = data[:cut], data[cut:]
        if first and _LINE.search(data) is None:
            return
        first = False
        yield from _in_piece(data, line, zone)
        line += data.count(b"\n")
    if rest:
        yield from _in_piece(rest, line, zone)


def _read(stream: IO[bytes]) -> bytes:
    """The next piece; a damaged file ends where the damage begins."""
    try:
        return stream.read(PIECE)
    except (OSError, *BROKEN):
        return b""


def _in_piece(data: bytes, line: int, zone: tzinfo | None) -> Iterator[_Session]:
    counted = 0
    for found in _LINE.finditer(data):
        head = data[data.rfind(b"\n", 0, found.start()) + 1 : found.start()]
        begun = _moment(found["begun"].decode("ascii"), _zone(head) or zone)
        if begun is None:
            continue
        line += data.count(b"\n", counted, found.start())
        counted = found.start()
        seconds = int(found["lasted"]) / 1000
        yield _Session(
            begun + timedelta(seconds=seconds),
            found["state"].decode("ascii"),
            seconds,
            line,
            sanitize((head + found[0]).decode("utf-8", "replace"), 300),
        )


def _zone(head: bytes) -> tzinfo | None:
    """The zone that the syslog's own time names."""
    stamp = _ZONE.match(head)
    if stamp is None:
        return None
    try:
        return datetime.fromisoformat(stamp[0].decode("ascii")).tzinfo
    except ValueError:
        return None


def _moment(text: str, zone: tzinfo | None) -> datetime | None:
    shape = "%d/%b/%Y:%H:%M:%S.%f" if "." in text else "%d/%b/%Y:%H:%M:%S"
    try:
        naive = datetime.strptime(text, shape)
        return naive.astimezone() if zone is None else naive.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        return None


def _evidence(signal: str, sessions: list[_Session], path: Path) -> Evidence:
    sessions.sort(key=lambda session: session.at)
    newest = sessions[-1]
    return Evidence(
        signal,
        f"{load().signals[signal].text}: {_counted(sessions)}",
        f"{path.name}:{newest.line}",
        count=len(sessions),
        first=sessions[0].at,
        last=newest.at,
        excerpt=newest.text,
        occurrences=tuple(
            Occurrence(at=session.at, seconds=session.seconds, line=session.line)
            for session in sessions[-MAX_OCCURRENCES:]
        ),
    )


def _counted(sessions: list[_Session]) -> str:
    """How many ended in each way, and after how many seconds as a rule."""
    parts = []
    for state, count in Counter(session.state for session in sessions).most_common():
        usual = median(session.seconds for session in sessions if session.state == state)
        parts.append(f"{count} × {state}, after {usual:.1f} s" + (" (median)" if count > 1 else ""))
    return "; ".join(parts)
