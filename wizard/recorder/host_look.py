"""One look at the server's machine: its connections' sockets, memory, and the data's disk.

The sockets come filtered by awk(1) where they are, so that little crosses a wire. Sources:
proc(5), /proc/net/tcp; "PSI - Pressure Stall Information" in the kernel's documentation; df(1).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wizard.health.pressure import parse_pressure
from wizard.hosts.proc_text import memory, pairs
from wizard.hosts.protocol import Command, File, Host, HostError, Prefetch
from wizard.hosts.small_files import text_of

_FIN_WAIT2, _ESTABLISHED, _FIN_WAIT1 = "05", "01", "04"
_PICK = (
    '$2 ~ port && ($4 == "05" || (($4 == "01" || $4 == "04") && ($7 != "00000000" || '
    '$9 != "0"))) {print $3, $4, $5, $7, $9}'
)
"""Remote end, state, queues, retransmits, unanswered keepalive probes of what stands out."""

_MEMORY, _COUNTED, _PRESSURE = "/proc/meminfo", "/proc/vmstat", "/proc/pressure/memory"
_MOST = 1 << 20

SOCKETS_EVERY = 2
"""Looks from one to the next at the sockets."""

DISK_EVERY = 10
"""Looks from one to the next at the disk."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """A connection whose packets are not acknowledged. `unacknowledged` in bytes."""

    retransmits: int
    probes: int
    unacknowledged: int


@dataclass(frozen=True, slots=True)
class HostLook:
    """By the client's port. `closed` are connections that the server closed and the client has
    not. None is what could not be seen; `disk_free` and `disk_total` in bytes."""

    closed: frozenset[int] = frozenset()
    unreached: Mapping[int, Unreached] = field(default_factory=dict)
    oom_kills: int | None = None
    memory_available: int | None = None
    memory_total: int | None = None
    stalled_percent: float | None = None
    disk_free: int | None = None
    disk_total: int | None = None


class HostEyes:
    """Looks at one machine. `pid` is the server's process, whose network namespace counts."""

    def __init__(self, host: Host, port: int | None, pid: int | None, data: str) -> None:
        self._host = host
        self._data = data
        self._looks = 0
        self._disk: tuple[int | None, int | None] = (None, None)
        self._seen: tuple[frozenset[int], Mapping[int, Unreached]] = frozenset(), {}
        self._sockets: tuple[str, ...] = ()
        if port:
            where = f"/proc/{pid}/net" if pid else "/proc/net"
            match = f"port=:{port:04X}$"
            self._sockets = ("awk", "-v", match, _PICK, f"{where}/tcp", f"{where}/tcp6")

    def look(self, lost: bool = True) -> HostLook:
        """At the sockets only every SOCKETS_EVERY looks, unless somebody was `lost`.

        Their table is as long as the server has connections. Raises HostError where the machine
        is out of sight.
        """
        host, disk = self._host, ("df", "-Pk", self._data)
        wanted = bool(self._sockets) and (lost or self._looks % SOCKETS_EVERY == 0)
        with_disk = bool(self._data) and self._looks % DISK_EVERY == 0
        self._looks += 1
        commands = [Command(self._sockets)] if wanted else []
        if with_disk:
            commands.append(Command(disk))
        host.bring(
            Prefetch(
                files=tuple(File(path) for path in (_MEMORY, _COUNTED, _PRESSURE)),
                commands=tuple(commands),
            )
        )
        if wanted:
            self._seen = self._stand_out()
        closed, unreached = self._seen
        table = pairs(host.read(_MEMORY).decode("ascii", "replace"))
        known = memory(table)
        if with_disk:
            self._disk = _df(self._output(disk))
        return HostLook(
            closed,
            unreached,
            pairs(text_of(host, _COUNTED) or "").get("oom_kill"),
            known.available,
            known.total,
            _stalled(text_of(host, _PRESSURE) or ""),
            *self._disk,
        )

    def _stand_out(self) -> tuple[frozenset[int], Mapping[int, Unreached]]:
        closed, unreached = set[int](), dict[int, Unreached]()
        for line in self._output(self._sockets).splitlines():
            for port, state, found in _socket(line):
                if state == _FIN_WAIT2:
                    closed.add(port)
                elif state in (_ESTABLISHED, _FIN_WAIT1):
                    unreached[port] = found
        return frozenset(closed), unreached

    def _output(self, command: tuple[str, ...]) -> str:
        """What it could read: a namespace may have no tcp6."""
        try:
            return self._host.run(command, 5.0, _MOST).stdout
        except HostError:
            return ""


def _socket(line: str) -> Iterator[tuple[int, str, Unreached]]:
    words = line.split()
    try:
        remote, state, queues, retransmits, probes = words
        port = int(remote.rpartition(":")[2], 16)
        unacknowledged = int(queues.partition(":")[0], 16)
        yield port, state, Unreached(int(retransmits, 16), int(probes), unacknowledged)
    except ValueError:
        return


def _stalled(text: str) -> float | None:
    found = parse_pressure(text)
    return found.full.avg10 if found is not None and found.full is not None else None


def _df(text: str) -> tuple[int | None, int | None]:
    """Free and total bytes from `df -Pk PATH`."""
    words = text.splitlines()[-1].split() if text.strip() else []
    try:
        return int(words[3]) << 10, int(words[1]) << 10
    except (ValueError, IndexError):
        return None, None
