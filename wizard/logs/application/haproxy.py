"""How HAProxy says that connections through it ended, from its own TCP log.

Two letters tell it (HAProxy's manual, "Session state at disconnection"): who ended the session,
and in which state it was. `cD` and `sD` are HAProxy's own limits, `timeout client` and
`timeout server`; the others are somebody else's doing.
"""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from statistics import median
from typing import IO

from knowledge.load import load
from wizard.case.case import Window
from wizard.case.evidence import MAX_OCCURRENCES, Evidence, Occurrence
from wizard.hosts.local.unpack import BROKEN
from wizard.logs.engine.progress import Progress, size_of, telling
from wizard.safety.sanitize import sanitize
from wizard.units import duration

PIECE = 1 << 20
"""Bytes read at once; a log that shows no session of HAProxy in its first ones is none."""

PHASE = "HAProxy"

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
    rb"\[(?P<begun>(?:0[1-9]|[12]\d|3[01])/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?:\.\d+)?)\] "
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
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Evidence, ...] | None:
    """What HAProxy's log at `path` tells of ends; None where it is another's log.

    `zone` is for times without one (None: this machine's); `say` is told how far it is. Raises
    what `opener` raises.
    """
    kinds: dict[str, _Ends] = defaultdict(_Ends)
    line, done, seen = 1, 0, False
    with opener(path) as stream:
        passed = telling(checkpoint, Progress(size_of(stream), what=PHASE), say)
        for data in _whole_lines(stream):
            done += len(data)
            passed(done)
            seen = seen or _LINE.search(data) is not None
            if not seen:
                return None
            for session in _in_piece(data, line, zone):
                if window.holds(session.at):
                    kinds[_MEANING[session.state]].add(session)
            line += data.count(b"\n")
    told = tuple(_evidence(signal, kinds[signal], path) for signal in SIGNALS if signal in kinds)
    return told if seen else None


@dataclass(slots=True)
class _Ends:
    """The ends of one kind: all are counted, by state, and the newest are kept."""

    states: Counter[str] = field(default_factory=Counter)
    kept: deque[_Session] = field(default_factory=lambda: deque(maxlen=MAX_OCCURRENCES))
    first: datetime | None = None

    def add(self, session: _Session) -> None:
        self.states[session.state] += 1
        self.kept.append(session)
        self.first = session.at if self.first is None else min(self.first, session.at)


def _whole_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The file in pieces that end with a line, but for the last one and for endless lines."""
    rest = b""
    while piece := _read(stream):
        data = rest + piece
        cut = data.rfind(b"\n") + 1 or len(data)
        yield data[:cut]
        rest = data[cut:]
    if rest:
        yield rest


def _read(stream: IO[bytes]) -> bytes:
    """The next piece; a damaged file ends where the damage begins."""
    try:
        return stream.read(PIECE)
    except (OSError, *BROKEN):
        return b""


def _in_piece(data: bytes, line: int, zone: tzinfo | None) -> Iterator[_Session]:
    """Its sessions that ended in a way that means something."""
    counted = 0
    for found in _LINE.finditer(data):
        if found["state"].decode("ascii") not in _MEANING:
            continue
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


def _evidence(signal: str, ends: _Ends, path: Path) -> Evidence:
    sessions = sorted(ends.kept, key=lambda session: session.at)
    newest = sessions[-1]
    return Evidence(
        signal,
        f"{load().signals[signal].text}: {_counted(ends)}",
        f"{path.name}:{newest.line}",
        count=ends.states.total(),
        first=ends.first,
        last=newest.at,
        excerpt=newest.text,
        occurrences=tuple(
            Occurrence(at=session.at, seconds=session.seconds, line=session.line)
            for session in sessions
        ),
    )


def _counted(ends: _Ends) -> str:
    """How many ended in each way, and after how many seconds as a rule, by the newest."""
    parts = []
    for state, count in ends.states.most_common():
        lasted = [session.seconds for session in ends.kept if session.state == state]
        usual = f", after {duration(median(lasted))}" if lasted else ""
        parts.append(f"{count} × {state}{usual}" + (" (median)" if len(lasted) > 1 else ""))
    return "; ".join(parts)
