"""The ways to the server that a probe takes: from here, and from the application's host."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.hosts.protocol import Host
from wizard.server.answers import number_of
from wizard.steps.step import Context, Skip
from wizard.target.model import Target

if TYPE_CHECKING:
    from wizard.hosts.remote.host import SshHost
    from wizard.server.pymysql_session import PyMySqlConnector

HERE, APPLICATION = "here", "application"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to the server.

    `label` names it for the operator. `host` is the machine at the client's end, None where it
    cannot be looked at. `own_sockets` says that the connections are this kernel's own: only
    then can TCP_INFO be read here, and a RST be told from a FIN.
    """

    id: str
    label: str
    target: Target
    connector: PyMySqlConnector
    host: Host | None
    own_sockets: bool


def ways(context: Context) -> tuple[Way, ...]:
    """Every way that can be gone; the one from here is first."""
    from wizard.hosts.remote.host import SshHost

    here = _from_here(context)
    if not isinstance(context.app_host, SshHost):
        return (here,)
    return here, _from_application(context, context.app_host)


def _from_here(context: Context) -> Way:
    from wizard.hosts.local.host import LocalHost
    from wizard.server.pymysql_session import PyMySqlConnector

    if not isinstance(context.connector, PyMySqlConnector):
        raise Skip("needs a driver that shows its sockets")
    target = context.target
    if target.ssh is None:
        return Way(HERE, "from here", target, context.connector, LocalHost(), own_sockets=True)
    label = f"from here ({target.path})"
    return Way(HERE, label, target, context.connector, context.host, own_sockets=False)


def _from_application(context: Context, host: SshHost) -> Way:
    """Through a channel that the application's machine opens, to the address that it uses."""
    from wizard.server.pymysql_session import PyMySqlConnector
    from wizard.server.ssh_forward import ThroughSsh

    target = replace(
        context.target,
        host=_address_from_there(context, host),
        port=_port(context),
        socket=None,
        ssh=host.link.place,
    )
    connector = PyMySqlConnector(target, ThroughSsh(host.link, host))
    label = f"from the application ({host.label})"
    return Way(APPLICATION, label, target, connector, host, own_sockets=False)


def _address_from_there(context: Context, host: SshHost) -> str:
    """Where the application's machine reaches the server.

    A server that is named by a loopback address or a socket runs on the machine of `--ssh`, or
    on this one, which the application's sshd sees by the address of our connection to it.
    """
    target = context.target
    if not target.is_loopback:
        return target.host or "localhost"
    if target.ssh is not None:
        from wizard.hosts.remote.host import SshHost

        if target.ssh == host.link.place or not isinstance(context.host, SshHost):
            return target.host or "127.0.0.1"
        return context.host.link.address
    return host.link.connection().transport.line.own_address or "127.0.0.1"


def _port(context: Context) -> int:
    """The server's TCP port, also where it was reached through a socket."""
    if context.target.socket is None or context.server is None:
        return context.target.port
    return number_of(context.server.value("SELECT @@port") or context.target.port)
