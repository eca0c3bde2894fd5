"""The database servers of another machine, from what PROCESSES printed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wizard.hosts.proc_text import NOT_PROC, moment
from wizard.hosts.protocol import HostError, ServerProcess
from wizard.hosts.remote.sections import sections
from wizard.safety.sanitize import sanitize
from wizard.units import whole_number

_MOST_PID = 1 << 22
"""proc(5), PID_MAX_LIMIT."""

_MAX_ARGUMENT = 4096
_ENDED = frozenset({"Z", "X", "x"})
"""States of proc(5): zombie and dead."""

_HELD = {"T": "stopped", "t": "tracing-stop"}
"""The same of a process that runs no instruction, by psutil's names."""


@dataclass(slots=True)
class _Raw:
    pid: int
    name: str
    parts: dict[str, bytes] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.parts.get(name, b"").decode("utf-8", "replace").strip()


@dataclass(frozen=True, slots=True)
class _Machine:
    """What all processes share: sockets by inode, and units."""

    ticks: int
    page: int
    boot: float
    root: str
    ports: Mapping[str, int]
    paths: Mapping[str, str]


def parse_processes(output: bytes, mark: str) -> tuple[ServerProcess, ...]:
    """Oldest first, as local_server_processes gives them. Raises HostError."""
    common: dict[str, str] = {}
    found: list[_Raw] = []
    for words, body in sections(output, mark):
        pid = whole_number(words[1], _MOST_PID) if len(words) == 3 else None
        if words[0] == "process" and pid is not None:
            found.append(_Raw(pid, words[2]))
        elif found and words[0] not in ("tcp", "unix"):
            found[-1].parts[words[0]] = body
        else:
            common[words[0]] = body.decode("utf-8", "replace")
    try:
        machine = _machine(common)
        described = [_described(raw, machine) for raw in found]
    except NOT_PROC:
        raise HostError("the host's process list could not be read") from None
    running = [process for process in described if process is not None]
    return tuple(sorted(running, key=lambda p: p.create_time or 0.0))


def _machine(common: Mapping[str, str]) -> _Machine:
    return _Machine(
        ticks=int(common["ticks"]),
        page=int(common["page"]),
        boot=float(common["boot"].split()[1]),
        root=common["root"].strip(),
        ports=dict(_ports(common.get("tcp", ""))),
        paths=dict(_paths(common.get("unix", ""))),
    )


def _ports(text: str) -> Iterator[tuple[str, int]]:
    for line in text.splitlines():
        address, _, inode = line.partition(" ")
        yield inode, int(address.rpartition(":")[2], 16)


def _paths(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        inode, _, path = line.partition(" ")
        yield inode, sanitize(path, _MAX_ARGUMENT)


def _described(raw: _Raw, machine: _Machine) -> ServerProcess | None:
    # The name may hold spaces and brackets; what follows it does not (proc(5), /proc/pid/stat).
    stat = raw.text("stat").rpartition(")")[2].split()
    if len(stat) < 20 or stat[0] in _ENDED:
        return None
    statm = raw.text("statm").split()
    limit = raw.text("files").split()
    fds = raw.text("fds").split()
    return ServerProcess(
        pid=raw.pid,
        name=sanitize(raw.name),
        cmdline=_arguments(raw.parts.get("cmdline", b"")),
        create_time=moment(int(stat[19]) / machine.ticks + machine.boot),
        rss=int(statm[1]) * machine.page if len(statm) > 1 else None,
        num_fds=len(fds) or None,
        max_fds=int(limit[3]) if len(limit) > 3 and limit[3].isdecimal() else None,
        num_threads=int(stat[17]),
        username=sanitize(raw.text("user")) or None,
        root=_root(raw, machine),
        listening=tuple(sorted({machine.ports[i] for i in fds if i in machine.ports})),
        sockets=tuple(sorted({machine.paths[i] for i in fds if i in machine.paths})),
        state=_HELD.get(stat[0], ""),
    )


def _arguments(raw: bytes) -> tuple[str, ...]:
    whole = raw.removesuffix(b"\n").removesuffix(b"\0")
    if not whole:
        return ()
    return tuple(sanitize(a.decode("utf-8", "replace"), _MAX_ARGUMENT) for a in whole.split(b"\0"))


def _root(raw: _Raw, machine: _Machine) -> str:
    """Where the process's `/` is, as seen from its host. See local_processes."""
    theirs, link = raw.text("rootid"), sanitize(raw.text("rootlink"), _MAX_ARGUMENT)
    if not theirs or theirs == machine.root:
        return "/"
    is_seen = link.startswith("/") and link != "/" and raw.text("linkid") == theirs
    return link if is_seen else f"/proc/{raw.pid}/root"
