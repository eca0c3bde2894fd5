"""Which of the server processes on a host is the target's own.

A loopback target may be a container, a forward or a proxy, so a process is named only where
something ties it to the target; several that fit equally are no answer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from wizard.case import clocks
from wizard.case.evidence import Scalar
from wizard.case.moments import moment_of
from wizard.hosts.protocol import Host, HostError, ServerProcess
from wizard.target.defaults import DEFAULT_PORT, DEFAULT_SOCKETS
from wizard.target.model import Target
from wizard.target.option_files import OptionSet
from wizard.target.option_lines import canonical

_SHORT = {"-P": "--port", "-S": "--socket", "-h": "--datadir"}
"""mysqld's short forms (mysqld --help --verbose)."""

_INITIALISES = frozenset({"--initialize", "--initialize-insecure", "--bootstrap"})
"""A server that makes a data directory and ends; it never listens."""

Facts = Mapping[str, Scalar]


def process_for(
    target: Target,
    facts: Facts,
    processes: Sequence[ServerProcess],
    host: Host | None = None,
) -> ServerProcess | None:
    """The target's process among those of its host, or None where none is tied to it.

    `facts` are those of the step "connection": `pid_file`, `socket`, `port`, `datadir`,
    `hostname`, `flavor`, and `started_at` (ISO 8601). All may be missing. `host`, where given,
    lets the server's pid file and the host's name be read.
    """
    name = _host_name(host) if host is not None else ""
    left = [p for p in processes if not _contradicted(p, facts, name)]
    for tied in _ties(target, facts, host):
        hits = [p for p in left if tied(p)]
        if len(hits) == 1:
            return hits[0]
        left = hits or left
    return None


def could_be(target: Target, facts: Facts, process: ServerProcess) -> bool:
    """Whether `process` cannot be told from the target's.

    It may still be starting, or this account may not see its sockets.
    """
    if _contradicted(process, facts, "") or _INITIALISES & set(process.cmdline):
        return False
    if target.socket is not None:
        return not process.sockets or _same_socket(target, facts, process)
    if process.listening:
        return target.port in process.listening
    return argument(process, "port") in (None, str(target.port))


def argument(process: ServerProcess, name: str) -> str | None:
    """The value of a long option on the process's command line (`_` and `-` alike)."""
    return command_line(process).get(canonical(name))


def command_line(process: ServerProcess) -> Mapping[str, str]:
    """The options that the server was started with, by canonical name.

    An option without a value has "". The last one wins, as in the server.
    """
    given: dict[str, str] = {}
    for word, following in pairwise((*process.cmdline[1:], "")):
        name, equals, value = word.partition("=")
        name = _SHORT.get(name, name)
        if name.startswith("--") and len(name) > 2:
            taken = value if equals else following
            given[canonical(name[2:])] = "" if not equals and taken.startswith("-") else taken
    return given


def speak_of(target: Target, options: OptionSet) -> bool:
    """Whether this machine's option files are of the server that the target names."""
    if target.socket is not None:
        named = options.text("socket")
        sockets = (named,) if named else DEFAULT_SOCKETS
        return any(Path(target.socket).resolve() == Path(s).resolve() for s in sockets)
    return (options.text("port") or str(DEFAULT_PORT)) == str(target.port)


def _ties(
    target: Target, facts: Facts, host: Host | None
) -> Iterator[Callable[[ServerProcess], bool]]:
    """From the surest to the least sure."""
    pid_file = facts.get("pid_file")
    if host is not None and isinstance(pid_file, str) and pid_file:
        yield lambda p: _pid_file_names(host, pid_file, p)
    yield lambda p: _same_socket(target, facts, p)
    port = _port(target, facts)
    if port is not None:
        yield lambda p: port in p.listening
    datadir = facts.get("datadir")
    if isinstance(datadir, str) and datadir:
        yield lambda p: _path(argument(p, "datadir")) == _path(datadir)
    yield lambda p: _started_apart(p, facts) <= clocks.SAME_START.total_seconds()


def _contradicted(process: ServerProcess, facts: Facts, host_name: str) -> bool:
    apart = _started_apart(process, facts)
    if clocks.TWO_CLOCKS.total_seconds() < apart < float("inf"):
        return True
    if facts.get("flavor") in ("mysql", "percona") and process.name == "mariadbd":
        return True
    port = facts.get("port")
    if isinstance(port, int) and port and process.listening and port not in process.listening:
        return True
    server_name = facts.get("hostname")
    contained = process.root.startswith("/proc/")
    if contained or not host_name or not isinstance(server_name, str) or not server_name:
        return False
    return server_name.split(".")[0].lower() != host_name.split(".")[0].lower()


def _started_apart(process: ServerProcess, facts: Facts) -> float:
    """Seconds between the process's start and the server's; infinite where one is unknown."""
    started = moment_of(facts.get("started_at"))
    if process.create_time is None or started is None:
        return float("inf")
    return abs(process.create_time - started.timestamp())


def _port(target: Target, facts: Facts) -> int | None:
    port = facts.get("port")
    if isinstance(port, int):
        return port
    return target.port if target.socket is None else None


def _same_socket(target: Target, facts: Facts, process: ServerProcess) -> bool:
    known = {_path(s) for s in (facts.get("socket"), target.socket) if isinstance(s, str) and s}
    theirs = {*process.sockets, *filter(None, [argument(process, "socket")])}
    seen = {_path(s) for s in theirs}
    if process.root != "/":
        seen |= {_path(process.root.rstrip("/") + s) for s in theirs if s.startswith("/")}
    return bool(known & seen)


def _path(path: str | None) -> str:
    """Without a trailing slash, and /var/run as what it is a link to."""
    plain = (path or "").rstrip("/")
    return plain.removeprefix("/var") if plain.startswith("/var/run/") else plain


def _pid_file_names(host: Host, pid_file: str, process: ServerProcess) -> bool:
    """Whether the pid file holds the process's number, ours or that of its own namespace."""
    inside = process.root.rstrip("/") + "/" + pid_file.lstrip("/")
    written = _read(host, inside).strip()
    if not written.isdecimal():
        return False
    return int(written) in (process.pid, *_inner_pids(host, process.pid))


def _inner_pids(host: Host, pid: int) -> tuple[int, ...]:
    for line in _read(host, f"/proc/{pid}/status").splitlines():
        if line.startswith("NSpid:"):
            return tuple(int(n) for n in line.split()[1:] if n.isdecimal())
    return ()


def _host_name(host: Host) -> str:
    return _read(host, "/proc/sys/kernel/hostname").strip()


def _read(host: Host, path: str) -> str:
    try:
        return host.read(path, 0, 1 << 14).decode("utf-8", "replace")
    except HostError:
        return ""
