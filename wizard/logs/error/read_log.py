"""Reads an error log where it lies: with Python there if there is one, else by shell."""

from collections.abc import Callable
from datetime import tzinfo

from wizard.case.case import Window
from wizard.hosts.protocol import Host
from wizard.logs.error.in_place import read_in_place
from wizard.logs.error.reading import Reading
from wizard.logs.source.ask import read_at_source


def read_file(
    host: Host,
    path: str,
    window: Window,
    zone: tzinfo | None = None,
    checkpoint: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
) -> Reading:
    """The window's part of a log file and of its rotated ones. Raises HostError."""
    return read_at_source(read_in_place, host, path, window, zone, checkpoint, say)
