"""What the sessions of a general log did within the window."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, tzinfo

from wizard.case.case import Window
from wizard.hosts.protocol import Host
from wizard.logs.engine.stamps import general_clock
from wizard.logs.engine.window_part import window_part
from wizard.logs.general.lines import entries
from wizard.logs.general.sessions import Workload, read_sessions


@dataclass(frozen=True, slots=True)
class GeneralReading:
    """`cuts` say what of the window was not read."""

    path: str
    work: Workload
    bytes_read: int
    cuts: tuple[str, ...] = ()


def read_general_log(
    host: Host,
    path: str,
    window: Window | None,
    zone: tzinfo = UTC,
    checkpoint: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
) -> GeneralReading:
    """The whole file without a window. Raises HostError."""
    part = window_part(host, path, general_clock(zone), window, checkpoint)
    work = read_sessions(entries(part.chunks(checkpoint, say), zone))
    return GeneralReading(path, work, part.size, part.cuts)
