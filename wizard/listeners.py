"""What listens on this machine, as /proc tells (proc_net(5), unix(7)). Connects to nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_LISTENING = 0x10000
"""__SO_ACCEPTCON in the flags column of /proc/net/unix."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """What listens here: `sockets` by path, `ports` of TCP on any address; and, for one
    process, its own listening sockets and whether it shares our network."""

    sockets: Callable[[], frozenset[str]]
    ports: Callable[[], frozenset[int]]
    sockets_of: Callable[[int], tuple[str, ...]]
    shares_network: Callable[[int], bool]


def system_listeners() -> Listeners:
    """What /proc tells about this machine."""
    return Listeners(_listening_sockets, _listening_ports, _sockets_of, _shares_network)


def _unix_table(path: Path) -> dict[int, str]:
    """Inode to path of the listening Unix sockets in a /proc/…/net/unix table."""
    try:
        lines = path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()[1:]
    except OSError:
        return {}
    rows = (line.split(maxsplit=7) for line in lines)
    return {
        int(row[6]): row[7]
        for row in rows
        if len(row) == 8 and int(row[3], 16) & _LISTENING and not row[7].startswith("@")
    }


def _listening_sockets() -> frozenset[str]:
    return frozenset(_unix_table(Path("/proc/net/unix")).values())


def _listening_ports() -> frozenset[int]:
    ports: set[int] = set()
    for name in ("tcp", "tcp6"):
        try:
            lines = Path(f"/proc/net/{name}").read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        rows = [line.split() for line in lines]
        ports.update(int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A")
    return frozenset(ports)


def _sockets_of(pid: int) -> tuple[str, ...]:
    table = _unix_table(Path(f"/proc/{pid}/net/unix"))
    own: list[str] = []
    try:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            link = str(entry.readlink())
            if link.startswith("socket:[") and (path := table.get(int(link[8:-1]))):
                own.append(path)
    except OSError:
        return tuple(own)
    return tuple(own)


def _shares_network(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/ns/net").readlink() == Path("/proc/self/ns/net").readlink()
    except OSError:
        return True
