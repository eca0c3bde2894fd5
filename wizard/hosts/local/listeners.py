"""What listens on this machine, as /proc tells (proc_net(5), unix(7)). Connects to nothing."""

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

_LISTENING = 0x10000
"""__SO_ACCEPTCON in the flags column of /proc/net/unix."""

_TCP_LISTEN = "0A"
"""TCP_LISTEN in the st column of /proc/net/tcp."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """What listens here: Unix sockets by path, and TCP ports on any address."""

    sockets: frozenset[str]
    ports: frozenset[int]


_SOCKET = "socket:["
"""What the link of a socket's descriptor begins with; its inode follows (proc(5))."""

_HEX = re.compile(r"[0-9A-Fa-f]{1,8}")

_NOBODYS = "0"
"""The inode of a TCP connection that no descriptor holds any more."""


def system_listeners() -> Listeners:
    """What /proc tells about this machine's own network namespace."""
    net = Path("/proc/net")
    sockets = frozenset(path for path, flags, _ in _unix(net) if flags & _LISTENING)
    return Listeners(sockets, frozenset(port for port, _ in _tcp(net)))


def listeners_of(pid: int) -> Listeners:
    """The paths of one process's Unix sockets, and the TCP ports on which it listens.

    Nothing where this account may not see its descriptors. A server of 2,000 sessions holds as
    many: each descriptor and each line of the tables is looked at once.
    """
    inodes = _inodes(pid)
    if not inodes:
        return Listeners(frozenset(), frozenset())
    net = Path(f"/proc/{pid}/net")
    return Listeners(
        frozenset(path for path, _, inode in _unix(net) if inode in inodes),
        frozenset(port for port, inode in _tcp(net) if inode in inodes),
    )


def _inodes(pid: int) -> Collection[str]:
    directory = f"/proc/{pid}/fd"
    found = set()
    try:
        for entry in os.scandir(directory):
            try:
                link = os.readlink(entry.path)  # noqa: PTH115 - of thousands, a Path takes longer
            except OSError:
                continue
            if link.startswith(_SOCKET):
                found.add(link[len(_SOCKET) : -1])
    except OSError:
        return ()
    return found - {_NOBODYS}


def _unix(net: Path) -> Iterator[tuple[str, int, str]]:
    """The path, the flags and the inode of each Unix socket that has a path."""
    try:
        table = (net / "unix").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return
    # Num, RefCount, Protocol, Flags, Type, St, Inode, Path; the last may be missing, or hold a
    # line break and with it whatever another account of this machine likes.
    for line in table.split("\n")[1:]:
        row = line.split(maxsplit=7)
        if len(row) == 8 and _HEX.fullmatch(row[3]):
            yield row[7], int(row[3], 16), row[6]


def _tcp(net: Path) -> Iterator[tuple[int, str]]:
    """The port and the inode of each TCP socket that listens."""
    for name in ("tcp", "tcp6"):
        try:
            lines = (net / name).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            if f" {_TCP_LISTEN} " not in line:
                continue
            row = line.split()
            if row[3] == _TCP_LISTEN:
                yield int(row[1].rpartition(":")[2], 16), row[9]
