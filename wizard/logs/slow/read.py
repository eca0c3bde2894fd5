"""A slow log file's part of the window, plain or packed, here or on a remote host."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, tzinfo

from wizard.case.case import Window
from wizard.hosts.protocol import Host
from wizard.logs.engine.open_log import open_log
from wizard.logs.engine.packed_log import PackedLog
from wizard.logs.engine.stamps import slow_clock
from wizard.logs.slow.digest import SlowDigest, digest
from wizard.logs.slow.lines import entries

MOST_BYTES = 1 << 30
"""Bytes of a log that are read, its newest ones."""


@dataclass(frozen=True, slots=True)
class SlowReading:
    """`cuts` say what of the window was not read."""

    path: str
    digest: SlowDigest
    bytes_read: int
    cuts: tuple[str, ...] = ()


def read_slow_log(
    host: Host,
    path: str,
    window: Window | None,
    zone: tzinfo = UTC,
    checkpoint: Callable[[], None] = lambda: None,
    most: int = MOST_BYTES,
) -> SlowReading:
    """The whole file without a window. Raises HostError."""
    log = open_log(host, path, slow_clock(zone))
    begin = log.seek(window.since, checkpoint) if window else 0
    end = log.seek(window.until, checkpoint) if window else log.size
    cuts = [log.remark] if isinstance(log, PackedLog) and log.remark else []
    if end - begin > most:
        begin = end - most
        cuts.append(f"{path}: only the newest {most >> 20} MiB of the window were read")

    def chunks() -> Iterator[bytes]:
        for block in log.blocks(begin, end, None):
            checkpoint()
            yield block.data

    found = digest(entries(chunks(), zone))
    return SlowReading(path, found, end - begin, tuple(cuts))
