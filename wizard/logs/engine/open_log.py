"""Opens a log file, plain or compressed."""

from collections.abc import Callable

from wizard.hosts.protocol import Host
from wizard.logs.engine.log_file import LogFile
from wizard.logs.engine.packed_log import PackedLog
from wizard.logs.engine.rotated import unpack_by_magic, unpack_of
from wizard.logs.engine.stamps import Clock

Log = LogFile | PackedLog


def open_log(
    host: Host, path: str, clock: Clock, checkpoint: Callable[[], None] = lambda: None
) -> Log:
    """A plain file, or a compressed one: by its suffix, and by its content where that was wrong.

    `checkpoint` is called often while it is unpacked, and may raise to stop. Raises HostError.
    """
    if not (unpack := unpack_of(path)):
        log = LogFile.open(host, path, clock)
        unpack = unpack_by_magic(log.head)
        return PackedLog.open(host, path, unpack, clock, checkpoint) if unpack else log
    packed = PackedLog.open(host, path, unpack, clock, checkpoint)
    if packed.size or not packed.complaint:
        return packed
    log = LogFile.open(host, path, clock)
    if unpack := unpack_by_magic(log.head):
        return PackedLog.open(host, path, unpack, clock, checkpoint)
    return packed if log.first_time() is None else log
