"""The window's part of a log and of the files that it was rotated into, oldest first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host, HostError, NotFound
from wizard.logs.engine.block import Block
from wizard.logs.engine.line_ends import without_returns
from wizard.logs.engine.progress import Progress, watched
from wizard.logs.engine.rotated import MAX_FILES, rotated_files
from wizard.logs.engine.stamps import Clock
from wizard.logs.engine.window_part import (
    MOST_FETCHED,
    WHY_FETCHED,
    WindowPart,
    begins_in,
    window_part,
)


@dataclass(frozen=True, slots=True)
class WindowParts:
    """`parts` are oldest first. `remarks` say which files were read too, `cuts` what of the window
    was not read."""

    parts: tuple[WindowPart, ...]
    remarks: tuple[str, ...] = ()
    cuts: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return sum(part.size for part in self.parts)


def blocks_of(
    parts: Sequence[WindowPart],
    checkpoint: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[Block]:
    """Whole lines of all of them; `checkpoint` may raise to stop, `say` is told how far it is."""
    blocks: Iterator[Block] = chain.from_iterable(p.log.blocks(p.begin, p.end) for p in parts)
    for block in without_returns(watched(blocks, Progress(sum(p.size for p in parts)), say)):
        checkpoint()
        yield block


def only(part: WindowPart) -> WindowParts:
    """Of one file alone."""
    return WindowParts((part,), cuts=part.cuts)


def window_parts(
    host: Host,
    path: str,
    clock: Clock,
    window: Window,
    checkpoint: Callable[[], None] = lambda: None,
) -> WindowParts:
    """Rotated files are looked for where the window begins before the file does. Raises HostError
    where the log itself cannot be read."""
    newest = window_part(host, path, clock, window, checkpoint)
    if not begins_in(newest.log, window):
        return only(newest)
    parts, remarks, cuts = [newest], [], list(newest.cuts)
    try:
        files = rotated_files(host, path, window)
    except HostError as error:
        return WindowParts((newest,), (f"whether there are rotated logs was not seen: {error}",))
    for number, file in enumerate(files):
        if number == MAX_FILES:
            cuts.append(
                f"{file.path} and older rotated logs were not read: {MAX_FILES} are read at most"
            )
            break
        if not isinstance(host, LocalHost) and sum(p.size for p in parts) >= MOST_FETCHED:
            cuts.append(
                f"{file.path} and older rotated logs were not read: the newest "
                f"{MOST_FETCHED >> 20} MiB were enough: {WHY_FETCHED}"
            )
            break
        try:
            older = window_part(host, file.path, clock, window, checkpoint)
        except NotFound:
            break
        except HostError as error:
            cuts.append(f"a rotated log of the window could not be read: {error}")
            break
        remarks.append(f"{file.path} was read too")
        cuts += older.cuts
        parts.append(older)
        if not begins_in(older.log, window):
            break
    return WindowParts(tuple(reversed(parts)), tuple(remarks), tuple(cuts))
