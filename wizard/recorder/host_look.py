"""One look at the server's machine: its connections' sockets, memory, and the data's disk.

Sources: proc(5); "PSI - Pressure Stall Information" in the kernel's documentation; df(1).
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from wizard.health.cgroup import memory_group_path
from wizard.health.pressure import parse_pressure
from wizard.hosts.proc_text import memory, of_proc, pairs
from wizard.hosts.protocol import Command, File, Host, HostError, Prefetch
from wizard.hosts.small_files import text_of
from wizard.recorder.sockets import SocketEyes, Sockets, Unreached

COUNTED = "/proc/vmstat"
"""Holds oom_kill, the kernel's count of processes that it killed for want of memory."""

_MEMORY, _PRESSURE = "/proc/meminfo", "/proc/pressure/memory"
_MOST = 1 << 20

SOCKETS_EVERY = 2
"""Looks from one to the next at the sockets."""

_LOOKS_BEFORE_DEATH = 3
"""A look at the machine may be made between the server's death and the look that misses it."""

DISK_EVERY = 10
"""Looks from one to the next at the disk."""


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
    """Looks at one machine. `pid` is the server's process, whose network namespace counts; `group`
    its control group of memory."""

    def __init__(self, host: Host, port: int | None, pid: int | None, data: str) -> None:
        self.pid = pid
        self.group = memory_group_path(host, pid) if pid is not None else ""
        self._host = host
        self._data = data
        self._looks = 0
        self._disk: tuple[int | None, int | None] = (None, None)
        self._seen = Sockets()
        self._sockets = SocketEyes(host, port, pid) if port else None
        self._oom_kills: deque[int | None] = deque(maxlen=_LOOKS_BEFORE_DEATH)

    @property
    def oom_kills_before(self) -> int | None:
        """The kernel's count when the server certainly lived."""
        return self._oom_kills[0] if self._oom_kills else None

    def look(self, lost: bool = True) -> HostLook:
        """At the sockets only every SOCKETS_EVERY looks, unless there is reason to.

        Their table is as long as the server has connections. A reason is that somebody was `lost`,
        or that the last look found packets that nobody had acknowledged. Raises HostError where
        the machine is out of sight.
        """
        host, disk = self._host, ("df", "-Pk", self._data)
        due = lost or bool(self._seen.unreached) or self._looks % SOCKETS_EVERY == 0
        sockets = self._sockets if due else None
        with_disk = bool(self._data) and self._looks % DISK_EVERY == 0
        self._looks += 1
        commands = list(sockets.commands) if sockets is not None else []
        if with_disk:
            commands.append(Command(disk))
        host.bring(
            Prefetch(
                files=tuple(File(path) for path in (_MEMORY, COUNTED, _PRESSURE)),
                commands=tuple(commands),
            )
        )
        if sockets is not None:
            self._seen = sockets.look()
        meminfo = host.read(_MEMORY).decode("ascii", "replace")
        with of_proc():
            known = memory(pairs(meminfo))
        if with_disk:
            self._disk = _df(self._output(disk))
        self._oom_kills.append(pairs(text_of(host, COUNTED) or "").get("oom_kill"))
        return HostLook(
            self._seen.closed,
            self._seen.unreached,
            self._oom_kills[-1],
            known.available,
            known.total,
            _stalled(text_of(host, _PRESSURE) or ""),
            *self._disk,
        )

    def _output(self, command: tuple[str, ...]) -> str:
        try:
            return self._host.run(command, 5.0, _MOST).stdout
        except HostError:
            return ""


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
