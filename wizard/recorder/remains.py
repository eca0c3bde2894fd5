"""What is left of a server out of sight: its log, its process, the kernel's word.

Sources: proc(5), /proc/PID/stat and the counter oom_kill of /proc/vmstat; dmesg(1), asked only
where that counter has grown; pid_namespaces(7).

Two servers of one machine may die in the same seconds, one of them for want of memory. The kernel
names its victim by the number that the first PID namespace has for it, and by its control group.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from wizard.health.kernel_lines import Kill, kills_in, ring_line
from wizard.hosts.proc_text import pairs
from wizard.hosts.protocol import File, Host, HostError, NotFound, Prefetch
from wizard.hosts.small_files import text_of
from wizard.recorder.first_words import FirstWords, OutOfMemory, Process, Remains, first_words
from wizard.recorder.host_look import COUNTED
from wizard.recorder.log_tail import LogTail

_RING = ("dmesg",)
_OF_KILLS = "Killed process", "oom-kill:"
_BOOT = datetime.fromtimestamp(0, UTC)
"""Only the order of the ring's lines counts here."""

_NAMESPACE = ("readlink", "/proc/self/ns/pid")
_FIRST_NAMESPACE = f"pid:[{0xEFFFFFFC}]"
"""PROC_PID_INIT_INO: where a machine lists its processes by the kernel's own numbers."""

_RING_SECONDS = 2.0
_RING_BYTES = 8 << 20


class RemainsOf:
    """The server with process `pid` of `host`; `oom_kills` is the kernel's count while it lived,
    `group` its control group of memory then."""

    def __init__(
        self,
        host: Host | None,
        pid: int | None,
        oom_kills: int | None,
        tail: LogTail | None,
        group: str = "",
    ) -> None:
        self._group = group
        self._host = host
        self._pid = pid
        self._oom_kills = oom_kills
        self._tail = tail

    def look(self) -> FirstWords | None:
        """What they say at this moment. What cannot be seen says nothing."""
        marks = None
        if self._tail is not None:
            self._tail.read()
            marks = None if self._tail.trouble else tuple(self._tail.marks)
        if self._host is None:
            return first_words(Remains(marks))
        self._see_anew(self._host)
        process = self._process(self._host)
        memory = self._memory(self._host) if process is not Process.LIVES else OutOfMemory.UNTOLD
        return first_words(Remains(marks, process, memory))

    def _see_anew(self, host: Host) -> None:
        """What was brought along while the server lived holds no longer."""
        process = (File(f"/proc/{self._pid}/stat"),) if self._pid is not None else ()
        with suppress(HostError):
            host.bring(Prefetch(files=(File(COUNTED), *process)))

    def _process(self, host: Host) -> Process:
        if self._pid is None:
            return Process.UNKNOWN
        try:
            stat = host.read(f"/proc/{self._pid}/stat", 0, 1 << 12)
        except NotFound:
            return Process.GONE
        except HostError:
            return Process.UNKNOWN
        state = stat.rpartition(b")")[2].split()[:1]
        return Process.GONE if state in ([], [b"Z"], [b"X"]) else Process.LIVES

    def _memory(self, host: Host) -> OutOfMemory:
        if self._oom_kills is None:
            return OutOfMemory.UNTOLD
        try:
            count = pairs(text_of(host, COUNTED) or "").get("oom_kill")
            if count is None or count <= self._oom_kills:
                return OutOfMemory.UNTOLD
            told = host.run(_RING, _RING_SECONDS, _RING_BYTES).stdout
            numbers = host.run(_NAMESPACE, _RING_SECONDS, _RING_BYTES).stdout
        except HostError:
            return OutOfMemory.SOMEBODY
        victims = _victims(told)[self._oom_kills - count :]
        if len(victims) < count - self._oom_kills:
            victims = ()
        pid = self._pid if numbers.strip() == _FIRST_NAMESPACE else None
        return _of_these(victims, pid, self._group)


def _victims(ring: str) -> Sequence[Kill]:
    """Oldest first."""
    told = (
        ring_line(line, _BOOT) for line in ring.splitlines() if any(w in line for w in _OF_KILLS)
    )
    return kills_in((line for line in told if line is not None), "dmesg")


def _of_these(victims: Sequence[Kill], pid: int | None, group: str) -> OutOfMemory:
    """`pid` is None where it is another number than the kernel's, as in a container."""
    if pid is not None and any(kill.pid == pid for kill in victims):
        return OutOfMemory.THIS_ONE
    if not victims:
        return OutOfMemory.SOMEBODY
    if pid is not None or not any(k.is_server and _may_be(k.cgroup, group) for k in victims):
        return OutOfMemory.UNTOLD
    return OutOfMemory.SOMEBODY


def _may_be(named: str, ours: str) -> bool:
    """Whether two paths may be of one group: inside a container its own is the root."""
    shown, known = named.rstrip("/"), ours.rstrip("/")
    return not shown or not known or shown.endswith(known) or known.endswith(shown)
