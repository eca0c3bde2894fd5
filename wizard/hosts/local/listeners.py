"""What listens on this machine, as /proc tells (proc_net(5), unix(7)). Connects to nothing."""

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


def system_listeners() -> Listeners:
    """What /proc tells about this machine's own network namespace."""
    return Listeners(_sockets(), _ports())


def _sockets() -> frozenset[str]:
    try:
        table = Path("/proc/net/unix").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return frozenset()
    # Num, RefCount, Protocol, Flags, Type, St, Inode, Path; the last may be missing.
    rows = (line.split(maxsplit=7) for line in table.splitlines()[1:])
    return frozenset(row[7] for row in rows if len(row) == 8 and int(row[3], 16) & _LISTENING)


def _ports() -> frozenset[int]:
    ports: set[int] = set()
    for name in ("tcp", "tcp6"):
        try:
            lines = Path(f"/proc/net/{name}").read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        rows = [line.split() for line in lines]
        ports.update(int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == _TCP_LISTEN)
    return frozenset(ports)
