"""Which servers run on this machine, for the operator who names none.

Candidates are running server processes, sockets that option files name, and the places where
distributions put sockets. Nothing is connected to: a server would count each attempt.
"""

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wizard.hosts.local.listeners import Listeners, system_listeners
from wizard.hosts.protocol import ServerProcess
from wizard.hosts.server_process import command_line
from wizard.safety.sanitize import sanitize
from wizard.target.defaults import DEFAULT_PORT, DEFAULT_SOCKETS
from wizard.target.model import Target
from wizard.target.option_files import OptionSet, server_options, under
from wizard.units import LAST_PORT, whole_number

_X_PLUGIN_PORT = 33060
_ADMIN_PORT = 33062

MAX_ADDRESS = 107
"""Bytes of a path that a Unix socket address holds (unix(7))."""


@dataclass(frozen=True, slots=True)
class LocalServer:
    """One server on this machine. `socket` is a path as seen from here; `option_file` is what
    its --defaults-file names; `description` is one line for a list."""

    description: str
    socket: str | None = None
    port: int | None = None
    pid: int | None = None
    root: str = "/"
    option_file: Path | None = None


def at_local_server(target: Target, server: LocalServer) -> Target:
    """`target` with its account and TLS, but at `server`'s address."""
    files = (server.option_file,) if server.option_file else ()
    return replace(
        target,
        host=None if server.socket else "127.0.0.1",
        socket=server.socket,
        port=server.port or target.port,
        origin=f"{server.description}; {target.origin}" if target.origin else server.description,
        server_option_files=files,
    )


def local_servers(
    processes: Sequence[ServerProcess],
    options: OptionSet | None = None,
    listeners: Listeners | None = None,
) -> tuple[LocalServer, ...]:
    """The servers on this machine, running processes first; each server once.

    `options` are the client's option files, whose socket and port are candidates as well.
    """
    seen = listeners or system_listeners()
    found: list[LocalServer] = []
    claimed: set[tuple[int, int]] = set()
    for process in processes:
        server = _of_process(process, claimed, seen.ports)
        found.append(server)
        claimed |= {key for key in (_identity(server.socket),) if key}
    listening = {os.path.realpath(path) for path in seen.sockets}
    named = options.text("socket") if options else None
    for path in (*((named,) if named else ()), *DEFAULT_SOCKETS):
        key = _identity(path)
        if key is None or key in claimed or os.path.realpath(path) not in listening:
            continue
        claimed.add(key)
        found.append(LocalServer(f"a server on {sanitize(path)}", socket=path))
    return tuple(found) if found else _by_port(options, seen.ports)


def _by_port(options: OptionSet | None, ports: frozenset[int]) -> tuple[LocalServer, ...]:
    """Servers known by their port alone: a container, or processes we may not see."""
    text = (options.text("port") if options else None) or ""
    wanted = whole_number(text, LAST_PORT) or DEFAULT_PORT
    return tuple(
        LocalServer(f"something on port {port}", port=port)
        for port in dict.fromkeys((wanted, DEFAULT_PORT))
        if port in ports
    )


def _of_process(
    process: ServerProcess, claimed: set[tuple[int, int]], ports: frozenset[int]
) -> LocalServer:
    given = command_line(process)
    root = Path(process.root)
    defaults = given.get("defaults_file")
    socket = _socket_of(process, given, root, claimed)
    port = _port_of(process, given, root, ports)
    places = [sanitize(socket)] if socket else []
    places += [f"port {port}"] if port else []
    where = ", ".join(places) or "no address that can be seen"
    inside = "" if process.root == "/" else ", in a container or chroot"
    return LocalServer(
        description=f"{sanitize(process.name)} (pid {process.pid}) on {where}{inside}",
        socket=socket,
        port=port,
        pid=process.pid,
        root=process.root,
        option_file=under(root, Path(defaults)) if defaults else None,
    )


def _from_files(
    name: str, process: ServerProcess, given: Mapping[str, str], root: Path
) -> str | None:
    if "no_defaults" in given:
        return None
    defaults = given.get("defaults_file")
    flavor = "mariadb" if "maria" in process.name else "mysql"
    options = server_options(flavor, defaults_file=Path(defaults) if defaults else None, root=root)
    return options.text(name)


def _socket_of(
    process: ServerProcess, given: Mapping[str, str], root: Path, claimed: set[tuple[int, int]]
) -> str | None:
    """The server's socket as a path that can be opened from here.

    Where the process shows none, its options name it, or it is in a well-known place that no
    other server holds.
    """
    datadir = given.get("datadir", "/")
    bound = list(sockets_for_clients(process))
    named = given.get("socket") or _from_files("socket", process, given, root)
    for path in ([named] if named else []) + (bound or list(DEFAULT_SOCKETS)):
        # A relative socket lies in the data directory.
        outside = str(under(root, Path(datadir) / path))
        key = _identity(outside)
        if key and key not in claimed and len(os.fsencode(outside)) <= MAX_ADDRESS:
            return outside
    return None


def _port_of(
    process: ServerProcess, given: Mapping[str, str], root: Path, ports: frozenset[int]
) -> int | None:
    """The server's port, where it can be reached from here."""
    text = given.get("port") or _from_files("port", process, given, root) or ""
    port = whole_number(text, LAST_PORT) or DEFAULT_PORT
    if not process.listening:
        # Another account's process hides what it listens on; a container's port is elsewhere.
        return port if process.root == "/" and port in ports else None
    if port in process.listening:
        return port
    others = ports_for_clients(process)
    return others[0] if others else None


def ports_for_clients(process: ServerProcess) -> tuple[int, ...]:
    """Those on which it listens that speak the classic protocol to everybody."""
    return tuple(p for p in process.listening if p not in (_X_PLUGIN_PORT, _ADMIN_PORT))


def sockets_for_clients(process: ServerProcess) -> tuple[str, ...]:
    return tuple(path for path in process.sockets if "mysqlx" not in Path(path).name)


def _identity(path: str | None) -> tuple[int, int] | None:
    """Device and inode of a socket, or None where `path` is no socket that can be seen."""
    if not path:
        return None
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISSOCK(found.st_mode) else None
