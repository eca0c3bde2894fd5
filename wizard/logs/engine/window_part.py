"""The part of a log, plain or packed, that lies in the window: here or on a remote host."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host
from wizard.logs.engine.block import BLOCK
from wizard.logs.engine.line_ends import without_returns
from wizard.logs.engine.open_log import Log, open_log
from wizard.logs.engine.packed_log import PackedLog
from wizard.logs.engine.progress import Progress, watched
from wizard.logs.engine.stamps import Clock

MOST_FETCHED = 1 << 30
"""Bytes of a log on another host that are read where they all have to come here, its newest."""

WHY_FETCHED = "it had to be fetched, as no Python there may read it"


@dataclass(frozen=True, slots=True)
class WindowPart:
    """From `begin` to `end` of a log. `cuts` say what of the window is not in it."""

    log: Log
    begin: int
    end: int
    cuts: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return self.end - self.begin

    def chunks(
        self,
        checkpoint: Callable[[], None] = lambda: None,
        say: Callable[[str], None] = lambda _: None,
        length: int = BLOCK,
        what: str = "",
    ) -> Iterator[bytes]:
        """Whole lines, about `length` bytes at a time; `checkpoint` may raise to stop, `say` is
        told how far it is with this part, which is called `what`."""
        blocks = self.log.blocks(self.begin, self.end, length=length)
        for block in without_returns(watched(blocks, Progress(self.size, what=what), say)):
            checkpoint()
            yield block.data


def cuts_meanwhile(parts: Iterable[WindowPart]) -> tuple[str, ...]:
    """What was lost of them while they were read; asked afterwards."""
    return tuple(cut for part in parts if (cut := part.log.cut_meanwhile()))


def window_part(
    host: Host,
    path: str,
    clock: Clock,
    window: Window | None,
    checkpoint: Callable[[], None] = lambda: None,
) -> WindowPart:
    """The whole file without a window. Raises HostError."""
    log = open_log(host, path, clock, checkpoint)
    begin = _begin(log, window, checkpoint)
    end = log.seek(window.until, checkpoint) if window else log.size
    cuts = [log.remark] if isinstance(log, PackedLog) and log.remark else []
    if not isinstance(host, LocalHost) and end - begin > MOST_FETCHED:
        begin = end - MOST_FETCHED
        cuts.append(
            f"{path}: only the newest {MOST_FETCHED >> 20} MiB of the window were read: "
            f"{WHY_FETCHED}"
        )
    return WindowPart(log, begin, end, tuple(cuts))


def begins_in(log: Log, window: Window) -> bool:
    """Whether the window begins before the log does, as far as its times tell."""
    first = log.first_time()
    return first is None or first >= window.since


def _begin(log: Log, window: Window | None, checkpoint: Callable[[], None]) -> int:
    """The file's own begin where the window goes back beyond its first time.

    Above that may stand a banner, or entries of a second that the file before it names.
    """
    if window is None or (log.first_time() is not None and begins_in(log, window)):
        return 0
    return log.seek(window.since, checkpoint)
