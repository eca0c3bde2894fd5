"""What supervisors write of the server into a log that is not its own.

`kubectl describe pod`, a compose project's joint log and a copied journal are given as the
application's log: the kubelet's, docker's and systemd's word on the server stands in them.
"""

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path
from typing import IO

from knowledge.load import load, signatures
from knowledge.model import Signature
from wizard.case.case import Window
from wizard.case.evidence import Evidence
from wizard.hosts.local.unpack import BROKEN
from wizard.logs.engine.block import Block
from wizard.logs.engine.progress import Progress, size_of, telling
from wizard.logs.engine.required import required_texts
from wizard.logs.error.pods import Page, is_of_a_pod, with_pods
from wizard.logs.error.scan import scan
from wizard.logs.error.scan_model import Tally
from wizard.logs.error.session_evidence import UNDONE_WITHIN, occurrence_of

PIECE = 1 << 20

MOST = 8 << 20
"""Bytes of a file in which containers' names are looked for."""

PREFIX = "log.supervisor-"

PHASE = "supervisors"


@cache
def _known() -> tuple[Signature, ...]:
    return tuple(s for s in signatures("error-log") if s.signal.startswith(PREFIX))


def supervisors_in_file(
    path: Path,
    window: Window,
    opener: Callable[[Path], IO[bytes]],
    checkpoint: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Evidence, ...]:
    """What supervisors say in that file. `say` is told how far it is. Raises what `opener` raises.

    Most logs hold none of their words: those are sought first, which is ten times faster.
    """
    with opener(path) as stream:
        if not _holds_any(stream, telling(checkpoint, Progress(size_of(stream), what=PHASE), say)):
            return ()
    with opener(path) as stream:
        passed = telling(checkpoint, Progress(size_of(stream), what=PHASE), say)
        found = scan(_blocks(stream, str(path), passed), None, lambda: None, _known())
    lines = _lines(path, opener) if any(is_of_a_pod(t.signature) for t in found.tallies) else ()
    page = Page(lines)
    of_servers = (with_pods(tally, page) for tally in found.tallies)
    return tuple(e for tally in of_servers if (e := _evidence(tally, window)) is not None)


def _lines(path: Path, opener: Callable[[Path], IO[bytes]]) -> tuple[str, ...]:
    """The first of the file, in which the containers are named."""
    with opener(path) as stream:
        return tuple(_read(stream, MOST).decode(errors="replace").split("\n"))


@cache
def _words() -> tuple[bytes, ...]:
    """In small letters: each line of theirs holds one of them."""
    found: set[str] = set()
    for signature in _known():
        found |= min(required_texts(signature.pattern, _cost), key=_cost)
    return tuple(word.encode() for word in sorted(found))


def _cost(texts: AbstractSet[str]) -> tuple[float, int]:
    return -min(map(len, texts)), len(texts)


def _holds_any(stream: IO[bytes], passed: Callable[[int], None]) -> bool:
    rest, done, longest = b"", 0, max(map(len, _words()))
    while piece := _read(stream):
        data = (rest + piece).lower()
        if any(word in data for word in _words()):
            return True
        rest = data[-longest:]
        done += len(piece)
        passed(done)
    return False


def _blocks(stream: IO[bytes], path: str, passed: Callable[[int], None]) -> Iterator[Block]:
    offset, line, rest = 0, 1, b""
    while piece := _read(stream):
        data = rest + piece
        cut = data.rfind(b"\n") + 1 or len(data)
        data, rest = data[:cut], data[cut:]
        yield Block(data, path, offset, line, len(data))
        offset += len(data)
        line += data.count(b"\n")
        passed(offset)
    if rest:
        yield Block(rest, path, offset, line, len(rest))


def _read(stream: IO[bytes], size: int = PIECE) -> bytes:
    """The next piece; a damaged file ends where the damage begins."""
    try:
        return stream.read(size)
    except (OSError, *BROKEN):
        return b""


def _evidence(tally: Tally, window: Window) -> Evidence | None:
    """Those of the window, and those without a time."""
    events = [e for e in tally.events if e.at is None or window.holds(e.at, UNDONE_WITHIN)]
    if not events:
        return None
    times = [e.at for e in events if e.at is not None]
    newest = events[-1]
    return Evidence(
        tally.signature.signal,
        f"{len(events)} × {load().signals[tally.signature.signal].text}: {tally.signature.title}",
        str(newest.place),
        count=len(events),
        first=min(times, default=None),
        last=max(times, default=None),
        excerpt=newest.text,
        occurrences=tuple(occurrence_of(e) for e in events),
    )
