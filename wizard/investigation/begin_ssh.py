"""A target whose machine is reached over SSH.

Its host, the way to the server, and which server is meant where none is named.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.hosts.protocol import HostError, ServerProcess, Unfinished
from wizard.investigation.local_servers import ports_for_clients, sockets_for_clients
from wizard.safety.errors import UsageError
from wizard.safety.sanitize import sanitize
from wizard.target.flags import TargetArguments
from wizard.target.model import Sources, SshPlace, Target
from wizard.target.resolve import resolve_target

if TYPE_CHECKING:
    from wizard.hosts.remote.host import SshHost
    from wizard.hosts.ssh.prompt import Prompt
    from wizard.server.pymysql_session import PyMySqlConnector


@dataclass(frozen=True, slots=True)
class Reached:
    """A machine that is connected. `host` makes the connection again when it is lost.

    `blind` is why nothing can be seen there (an account without a shell), or "": the server may
    be reached through it all the same.
    """

    host: SshHost
    blind: str = ""

    def host_of(self, target: Target) -> tuple[SshHost | None, str]:
        """The server's machine, or None and why it is not this one."""
        place = self.host.link.place
        if target.is_loopback or target.host in (place.host, self.host.link.address):
            return (None, self.blind) if self.blind else (self.host, "")
        return None, (
            f"the server is not on {sanitize(place.host)}: give its own machine to --ssh to see "
            "its health and logs"
        )

    def connector(self, target: Target) -> PyMySqlConnector:
        """Opens sessions through the connection, as the machine itself sees the server."""
        from wizard.server.pymysql_session import PyMySqlConnector
        from wizard.server.ssh_forward import ThroughSsh

        return PyMySqlConnector(target, ThroughSsh(self.host.link, self.host))


def reach(
    place: SshPlace,
    prompt: Prompt | None,
    remark: Callable[[str], None],
    options: Sequence[str] = (),
) -> Reached:
    """Connect now, and see whether commands run there. Raises HostError.

    `options` are lines of ssh_config(5) that win over those of the files.
    """
    from wizard.hosts.remote.host import SshHost
    from wizard.hosts.ssh.config import SshFiles
    from wizard.hosts.ssh.link import SshLink

    link = SshLink(place, SshFiles(Path.home(), options=tuple(options)), prompt)
    connection = link.connection()
    atexit.register(link.close)
    remark(f"connected to {connection.label} over SSH ({connection.how})")
    host = SshHost(link)
    try:
        host.require_shell()
    except HostError as error:
        # The server may be reached through a machine that answers nothing sensible itself.
        remark(str(error))
        return Reached(host, str(error))
    return Reached(host)


def target_there(
    arguments: TargetArguments,
    reached: Reached,
    prompt: Callable[[str], str] | None,
    remark: Callable[[str], None],
) -> Target:
    """The target as the machine sees it. Raises UsageError, HostError.

    Where no server is named, the one that runs there is taken. Option files are this machine's:
    they tell the account, and never a socket of the other one.
    """
    place = arguments.ssh
    target = resolve_target(arguments, prompt, sockets=(), remark=remark)
    target = replace(target, ssh=place, server_option_files=())
    if arguments.names_address:
        return target
    if reached.blind:
        return replace(target, host="127.0.0.1", socket=None)
    try:
        server = _only_one(reached.host.server_processes())
    except HostError as error:
        # A machine that does not tell what runs on it may have a server all the same.
        remark(str(error))
        server = None
    if server is None:
        return replace(target, host="127.0.0.1", socket=None)
    remark(f"looking at {sanitize(server.name)} (pid {server.pid}) there")
    socket = next(iter(sockets_for_clients(server)), None)
    if socket is not None and server.root == "/":
        return replace(target, host=None, socket=socket)
    ports = ports_for_clients(server)
    if ports and target.port not in ports:
        return replace(target, host="127.0.0.1", socket=None, port=ports[0])
    return replace(target, host="127.0.0.1", socket=None)


def _only_one(found: Sequence[ServerProcess]) -> ServerProcess | None:
    """Raises UsageError where several run."""
    if len(found) < 2:
        return found[0] if found else None
    listed = "; ".join(
        f"pid {p.pid} on {', '.join((*p.sockets, *map(str, p.listening))) or 'nothing seen'}"
        for p in found
    )
    raise UsageError(f"several servers run there, name one with -S or -P: {sanitize(listed)}")


def require_logs(sources: Sources, reached: Reached, remark: Callable[[str], None]) -> None:
    """The server's logs are files of its machine. Raises UsageError for one that is not there."""
    named = (
        ("--error-log", sources.error_log),
        ("--general-log", sources.general_log),
        ("--slow-log", sources.slow_log),
    )
    for flag, path in named:
        if path is None:
            continue
        try:
            is_dir = reached.host.stat(path).is_dir
        except Unfinished as error:
            # Whether it is there is not known. The step that reads it says so.
            remark(f"{flag}: {error}")
            continue
        except HostError as error:
            raise UsageError(f"{flag}: {error}") from None
        if is_dir:
            raise UsageError(f"{flag}: {sanitize(str(path))} is a directory; name the file in it")
