"""Small files of a host, which may not be there or not be for this account."""

from wizard.hosts.protocol import Host, HostError

LIMIT = 1 << 16


def text_of(host: Host, path: str) -> str | None:
    """None where the file could not be read."""
    try:
        return host.read(path, 0, LIMIT).decode("utf-8", "replace")
    except HostError:
        return None


def number_of(host: Host, path: str) -> int | None:
    """A file that holds one number; None for `max` and for what could not be read."""
    text = (text_of(host, path) or "").strip()
    return int(text) if text.removeprefix("-").isdecimal() else None


def tail_of(host: Host, path: str, limit: int) -> str | None:
    """The last `limit` bytes."""
    try:
        size = host.stat(path).size
        return host.read(path, max(0, size - limit), limit).decode("utf-8", "replace")
    except HostError:
        return None
