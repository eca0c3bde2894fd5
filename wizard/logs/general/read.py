"""What the sessions of a general log did within the window."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from wizard.case.case import Window
from wizard.hosts.protocol import Host
from wizard.logs.engine.older_parts import WindowParts, blocks_of, window_parts
from wizard.logs.engine.stamps import general_clock
from wizard.logs.engine.window_part import WindowPart, cuts_meanwhile, window_part
from wizard.logs.general.connects import Connects, connects_of
from wizard.logs.general.lines import entries
from wizard.logs.general.never_quit import QuitTally
from wizard.logs.general.sessions import Workload, read_sessions
from wizard.logs.statement_log import is_of_its_kind


@dataclass(frozen=True, slots=True)
class GeneralReading:
    """`remarks` say which files were read too, `cuts` what of the window was not read;
    `understood` that it is a general log at all."""

    path: str
    work: Workload
    bytes_read: int
    cuts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    understood: bool = True


@dataclass(frozen=True, slots=True)
class GeneralFile:
    """The same of one file alone, with who connected and never quit in it."""

    path: str
    work: Workload
    connects: Connects
    cuts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    understood: bool = True


def read_general_log(
    host: Host,
    path: str,
    window: Window | None,
    zone: tzinfo = UTC,
    checkpoint: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
) -> GeneralFile:
    """This file alone, the whole of it without a window, read once. Raises HostError."""
    clock = general_clock(zone)
    part = window_part(host, path, clock, window, checkpoint)
    quits = QuitTally(clock)

    def tallied() -> Iterator[bytes]:
        for block in blocks_of((part,), checkpoint, say):
            quits.take(block)
            yield block.data

    work = read_sessions(entries(tallied(), zone))
    return GeneralFile(
        path, work, connects_of(quits.finish()), (*part.cuts, *cuts_meanwhile((part,))),
        understood=_understood(work, (part,)),
    )  # fmt: skip


def read_general_logs(
    host: Host,
    path: str,
    window: Window,
    zone: tzinfo = UTC,
    checkpoint: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
) -> GeneralReading:
    """The window's part of the log and of its rotated files. Raises HostError."""
    parts = window_parts(host, path, general_clock(zone), window, checkpoint)
    return _read(path, parts, zone, checkpoint, say)


def _read(
    path: str,
    found: WindowParts,
    zone: tzinfo,
    checkpoint: Callable[[], None],
    say: Callable[[str], None],
) -> GeneralReading:
    chunks = (block.data for block in blocks_of(found.parts, checkpoint, say))
    work = read_sessions(entries(chunks, zone))
    cuts = (*found.cuts, *cuts_meanwhile(found.parts))
    return GeneralReading(
        path, work, found.size, cuts, found.remarks, _understood(work, found.parts)
    )


def _understood(work: Workload, parts: Sequence[WindowPart]) -> bool:
    return work.entries + work.own_entries > 0 or any(map(is_of_its_kind, parts))
