"""How many connected and quit in one general log, and who never did."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from wizard.case.case import Window
from wizard.hosts.protocol import Host
from wizard.logs.engine.progress import Progress, watched
from wizard.logs.engine.stamps import general_clock
from wizard.logs.engine.tally import Names
from wizard.logs.engine.window_part import window_part
from wizard.logs.general.never_quit import read_sessions


@dataclass(frozen=True, slots=True)
class Connects:
    """`size` are the bytes that were read; `examples` and `accounts` are of those that did not
    quit, `connected_by` of all that connected."""

    size: int
    connected: int
    quits: int
    refused: int
    never_quit: int
    first: datetime | None
    last: datetime | None
    examples: tuple[str, ...]
    accounts: Names
    connected_by: Names


def read_connects(
    host: Host,
    path: str,
    window: Window | None,
    zone: tzinfo | None = None,
    checkpoint: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
) -> Connects:
    """This file alone, the whole of it without a window. Raises HostError."""
    clock = general_clock(zone)
    part = window_part(host, path, clock, window, checkpoint)
    blocks = watched(part.log.blocks(part.begin, part.end), Progress(part.size), say)
    told = read_sessions(blocks, clock, checkpoint)
    return Connects(
        told.size, told.connected, told.quits, told.refused, told.never_quit, told.first,
        told.last, tuple(told.examples), told.accounts(), told.connected_by(),
    )  # fmt: skip
