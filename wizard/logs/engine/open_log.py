"""Opens a log file, plain or compressed."""

from collections.abc import Callable

from wizard.hosts.protocol import Host
from wizard.logs.engine.log_file import LogFile
from wizard.logs.engine.packed_log import PackedLog
from wizard.logs.engine.rotated import unpack_of
from wizard.logs.engine.stamps import Clock

Log = LogFile | PackedLog


def open_log(
    host: Host, path: str, clock: Clock, checkpoint: Callable[[], None] = lambda: None
) -> Log:
    """A plain file, or a compressed one by its suffix. `checkpoint` is called often while it is
    unpacked, and may raise to stop. Raises HostError."""
    unpack = unpack_of(path)
    if unpack:
        return PackedLog.open(host, path, unpack, clock, checkpoint)
    return LogFile.open(host, path, clock)
