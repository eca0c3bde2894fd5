"""The server's TCP connections that stand out, as its machine's kernel lists them.

The list is as long as the server has connections. Here it is read; elsewhere awk(1) filters it, so
that little crosses the wire. Source: proc(5), /proc/net/tcp.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Command, Host, HostError

_FIN_WAIT2, _ESTABLISHED, _FIN_WAIT1 = "05", "01", "04"
_PICK = (
    '$2 ~ port && ($4 == "05" || (($4 == "01" || $4 == "04") && ($7 != "00000000" || '
    '$9 != "0"))) {print $3, $4, $5, $7, $9}'
)
"""Remote end, state, queues, retransmits, unanswered keepalive probes of what stands out."""

_NONE = "00000000"
_LINE = r"^ *\d+: [0-9A-F]+:%04X (\S+) (0[145]) (\S+) \S+ (\S+) +\d+ +(\d+) "
_MOST_OUTPUT = 1 << 20
_MOST_READ = 32 << 20


@dataclass(frozen=True, slots=True)
class Unreached:
    """A connection whose packets are not acknowledged. `unacknowledged` in bytes."""

    retransmits: int
    probes: int
    unacknowledged: int


@dataclass(frozen=True, slots=True)
class Sockets:
    """By the client's port. `closed` are connections that the server closed and the client has
    not."""

    closed: frozenset[int] = frozenset()
    unreached: Mapping[int, Unreached] = field(default_factory=dict)


class SocketEyes:
    """Looks at the connections of a server that listens on `port`; `pid` is its process, whose
    network namespace counts."""

    def __init__(self, host: Host, port: int, pid: int | None) -> None:
        self._host = host
        where = f"/proc/{pid}/net" if pid else "/proc/net"
        self._paths = (f"{where}/tcp", f"{where}/tcp6")
        self._line = re.compile((_LINE % port).encode("ascii"), re.MULTILINE)
        self._command = ("awk", "-v", f"port=:{port:04X}$", _PICK, *self._paths)

    @property
    def commands(self) -> tuple[Command, ...]:
        """What will be asked of a machine that is not this one."""
        return () if isinstance(self._host, LocalHost) else (Command(self._command),)

    def look(self) -> Sockets:
        """At this moment; nothing of what cannot be seen."""
        closed, unreached = set[int](), dict[int, Unreached]()
        for words in self._here() if isinstance(self._host, LocalHost) else self._there():
            for port, state, found in _socket(words):
                if state == _FIN_WAIT2:
                    closed.add(port)
                elif state in (_ESTABLISHED, _FIN_WAIT1):
                    unreached[port] = found
        return Sockets(frozenset(closed), unreached)

    def _here(self) -> Iterator[list[str]]:
        for path in self._paths:
            try:
                table = self._host.read(path, 0, _MOST_READ)
            except HostError:
                continue
            for found in self._line.finditer(table):
                words = [word.decode("ascii") for word in found.groups()]
                _, state, _, retransmits, probes = words
                if state == _FIN_WAIT2 or retransmits != _NONE or probes != "0":
                    yield words

    def _there(self) -> Iterator[list[str]]:
        """A namespace may have no tcp6."""
        try:
            output = self._host.run(self._command, 5.0, _MOST_OUTPUT).stdout
        except HostError:
            return
        for line in output.splitlines():
            yield line.split()


def _socket(words: list[str]) -> Iterator[tuple[int, str, Unreached]]:
    try:
        remote, state, queues, retransmits, probes = words
        port = int(remote.rpartition(":")[2], 16)
        unacknowledged = int(queues.partition(":")[0], 16)
        yield port, state, Unreached(int(retransmits, 16), int(probes), unacknowledged)
    except ValueError:
        return
