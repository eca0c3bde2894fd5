"""What is left of a server out of sight: its log, its process, the kernel's word.

Sources: proc(5), /proc/PID/stat and the counter oom_kill of /proc/vmstat; dmesg(1), asked only
where that counter has grown.
"""

import re
from collections.abc import Sequence
from contextlib import suppress

from wizard.hosts.proc_text import pairs
from wizard.hosts.protocol import File, Host, HostError, NotFound, Prefetch
from wizard.hosts.small_files import text_of
from wizard.recorder.first_words import FirstWords, OutOfMemory, Process, Remains, first_words
from wizard.recorder.host_look import COUNTED
from wizard.recorder.log_tail import LogTail

_RING = ("dmesg",)
_KILLED = re.compile(r"Killed process (\d+)(?:, UID \d+,)? \(([^)\n]*)\)")
_SERVERS = frozenset(("mysqld", "mariadbd"))
_RING_SECONDS = 2.0
_RING_BYTES = 8 << 20


class RemainsOf:
    """The server with process `pid` of `host`; `oom_kills` is the kernel's count while it lived."""

    def __init__(
        self, host: Host | None, pid: int | None, oom_kills: int | None, tail: LogTail | None
    ) -> None:
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
        except HostError:
            return OutOfMemory.SOMEBODY
        return _of_these(_KILLED.findall(told)[self._oom_kills - count :], self._pid)


def _of_these(victims: Sequence[tuple[str, str]], pid: int | None) -> OutOfMemory:
    """In a container the server's number is another one than the kernel's."""
    if any(number == str(pid) for number, _ in victims):
        return OutOfMemory.THIS_ONE
    if victims and not any(name in _SERVERS for _, name in victims):
        return OutOfMemory.UNTOLD
    return OutOfMemory.SOMEBODY
