"""A look along one way to the server: who answers, from where, how wide the path is."""

import contextlib
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from wizard.hosts.protocol import Host, HostError
from wizard.probes.path.listener import Listener
from wizard.probes.path.machine_ends import (
    End,
    Keepalives,
    Listening,
    Route,
    connection_figures,
    is_loopback,
    is_own,
    keepalives_of,
    listening_at,
    look_at,
    resolved,
    route_to,
    taker_of,
)
from wizard.probes.path.mtu import PathMtu, from_here, from_host, of_socket
from wizard.probes.path.peers import VARIABLES, Peer, recognised, same_end
from wizard.probes.path.port_answer import SPEAKS_FIRST, PortAnswer, listen, speak
from wizard.probes.shared.way import HERE, Way
from wizard.safety.sanitize import sanitize
from wizard.server.connection_end import ConnectionEnd
from wizard.server.greeting import AttemptFailed
from wizard.server.login_stages import LoginStages
from wizard.server.pymysql_session import PyMySqlSession
from wizard.server.refusals import refusal
from wizard.server.session import CannotConnect, ServerError
from wizard.steps.step import Context

MAY_BE_SLOW = 15.0
"""Seconds of silence after which a port is spoken to: a server that looks up our name counts
this as a failed connect."""

LOOK_UP_SECONDS = 35.0
"""Seconds that a server's resolver may take over our name (resolv.conf(5): three name servers,
asked twice, 5 s each)."""

_READ_SECONDS = 10.0
_ETHERNET = 1500

TIMEOUTS = (
    "wait_timeout",
    "interactive_timeout",
    "net_read_timeout",
    "net_write_timeout",
    "connect_timeout",
    "tcp_keepalive_time",
    "tcp_keepalive_interval",
    "tcp_keepalive_probes",
    "bind_address",
    "port",
    "back_log",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one way showed; what could not be had is None or empty.

    `closed` says why the port did not open, `refused` why no login came about. `ours` and
    `theirs` are the ends of the connection as this kernel has them, `seen_as` is where the server
    sees it come from. `silent` is how many seconds the port kept silent.
    """

    way: Way
    closed: str = ""
    heard: PortAnswer | None = None
    silent: float = 0.0
    refused: str = ""
    greeting: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    peers: tuple[Peer, ...] = ()
    ours: str = ""
    theirs: str = ""
    seen_as: str = ""
    same_end: bool | None = None
    socket_mtu: int | None = None
    segment: int | None = None
    route: Route | None = None
    echo: PathMtu | None = None
    figures: Mapping[str, str] = field(default_factory=dict)
    end: End | None = None
    server_end: End | None = None
    listening: Listening | None = None
    keepalives: Keepalives | None = None
    problems: tuple[str, ...] = ()

    @property
    def taker(self) -> Listener | None:
        """The program that takes the connections, where its machine was looked at."""
        if self.listening is None:
            return None
        return taker_of(self.listening, self.theirs)


def look(context: Context, way: Way) -> Seen:
    """Raises Cancelled."""
    context.progress(f"{way.label}: looking at both ends")
    seen = _machines(context, Seen(way))
    context.progress(f"{way.label}: connecting")
    seen = _answering(context, seen)
    if seen.theirs and way.host is not None:
        context.progress(f"{way.label}: looking for the path's MTU")
        seen = _measured(context, seen, way.host)
    host = way.target.host
    peers = recognised(seen.greeting, seen.variables, host) if host or seen.greeting else ()
    return replace(seen, peers=peers)


def _machines(context: Context, seen: Seen) -> Seen:
    way = seen.way
    end = look_at(way.host) if way.host is not None else None
    server = context.host
    if server is not None and way.host is not None and server.label == way.host.label:
        server = None
    server_end = look_at(server) if server is not None else None
    theirs = _address(way)
    problems = [*(end.problems if end else ()), *(server_end.problems if server_end else ())]
    listening: Listening | None = None
    for host, machine in ((way.host, end), (server, server_end)):
        if listening is None and host is not None and machine is not None and theirs:
            if host is server and is_loopback(theirs):
                continue
            if is_own(theirs, machine):
                try:
                    listening = listening_at(host, theirs, way.target.port)
                except HostError as error:
                    problems.append(sanitize(str(error)))
    seen = replace(
        seen,
        end=end,
        server_end=server_end,
        theirs=theirs,
        listening=listening,
        problems=tuple(dict.fromkeys(problems)),
    )
    if context.host is None or seen.taker is None or not seen.taker.is_server:
        return seen
    return replace(seen, keepalives=keepalives_of(context.host, way.target.port))


def _address(way: Way) -> str:
    """The server's address as the way's machine resolves it; "" for a Unix socket."""
    if way.target.socket is not None:
        return ""
    name = way.target.host or "localhost"
    if way.own_sockets or way.host is None:
        with contextlib.suppress(OSError, UnicodeError):
            found = socket.getaddrinfo(name, way.target.port, type=socket.SOCK_STREAM)
            return str(found[0][4][0])
        return ""
    return resolved(way.host, name) or ""


def _answering(context: Context, seen: Seen) -> Seen:
    """Who answers, and where it is a server, what it says of itself."""
    way = seen.way
    try:
        opened = way.connector.open()
    except AttemptFailed as failed:
        return replace(seen, closed=sanitize(str(refusal(way.target, failed.attempt))))
    with opened:
        seen = _with_socket(seen, opened)
        seen = _heard(context, seen, opened)
        if seen.heard is None or not seen.heard.is_greeting:
            return seen
        try:
            connector = way.connector.over(opened)
            session = connector.login(_READ_SECONDS, LoginStages(), context.checkpoint)
        except CannotConnect as refused:
            return replace(seen, refused=sanitize(str(refused)))
        try:
            return _asked(_with_figures(seen), session)
        finally:
            session.close()


def _with_socket(seen: Seen, opened: socket.socket) -> Seen:
    if not seen.way.own_sockets or opened.family == socket.AF_UNIX:
        return seen
    ours, theirs = opened.getsockname(), opened.getpeername()
    return replace(
        seen,
        ours=f"{ours[0]}:{ours[1]}",
        theirs=str(theirs[0]),
        socket_mtu=of_socket(opened),
        segment=opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG),
    )


def _with_figures(seen: Seen) -> Seen:
    """Of the connection that a channel of SSH opened, while it is there."""
    way = seen.way
    if way.own_sockets or way.host is None or not seen.theirs:
        return seen
    figures = connection_figures(way.host, seen.theirs, way.target.port)
    return replace(seen, figures=figures)


def _heard(context: Context, seen: Seen, opened: socket.socket) -> Seen:
    """Waits for the greeting as long as a server may take for it, before anybody is accused."""
    way = seen.way
    taker = seen.taker
    no_server = taker is not None and taker.is_forwarder
    before = _waited_in_vain(context) if way.id == HERE else 0.0
    began = time.monotonic()

    def silence() -> float:
        return before + time.monotonic() - began

    checkpoint = context.checkpoint
    patience = SPEAKS_FIRST if no_server else max(SPEAKS_FIRST, MAY_BE_SLOW - before)
    heard = listen(opened, patience, checkpoint)
    if heard.ending is ConnectionEnd.SILENT:
        context.progress(f"{way.label}: the port is silent; asking it for HTTP and TLS")
        reply = speak(way.connector, checkpoint)
        heard = replace(heard, reply=reply)
        longest = MAY_BE_SLOW if way.target.is_loopback else LOOK_UP_SECONDS
        if not reply and not no_server and silence() < longest:
            context.progress(f"{way.label}: waiting for a greeting that is late")
            heard = listen(opened, longest - silence(), checkpoint)
    return replace(
        seen, heard=heard, silent=silence() if heard.ending is ConnectionEnd.SILENT else 0.0
    )


def _waited_in_vain(context: Context) -> float:
    """Seconds that the connection step waited for a greeting."""
    step = context.case.step("connection")
    if step is None or not any(e.signal == "state.timeout" for e in step.evidence):
        return 0.0
    return step.seconds


def _asked(seen: Seen, session: PyMySqlSession) -> Seen:
    greeting = sanitize(session.greeted_as, 120)
    variables: dict[str, str] = {}
    problems = list(seen.problems)
    seen_as = ""
    try:
        session.ask_for_whole_answers()
        seen_as = _seen_as(session)
        # In small answers, which pass where large ones do not.
        for wanted in (
            f"Variable_name IN ({_quoted(VARIABLES)})",
            f"Variable_name IN ({_quoted(TIMEOUTS)})",
        ):
            rows = session.rows(f"SHOW GLOBAL VARIABLES WHERE {wanted}")
            variables.update((str(r["Variable_name"]), sanitize(str(r["Value"]))) for r in rows)
    except ServerError as error:
        problems.append(sanitize(f"not all was told: {error}"))
    addresses = seen.end.addresses if seen.end is not None else ()
    same = None if seen.way.target.socket else same_end(seen.ours, seen_as, addresses)
    if not seen.ours and is_loopback(seen.theirs):
        same = None if same is False else same
    return replace(
        seen,
        greeting=greeting,
        variables=variables,
        seen_as=seen_as,
        same_end=same,
        problems=tuple(problems),
    )


def _seen_as(session: PyMySqlSession) -> str:
    """MySQL moves the process list from the one schema to the other."""
    for schema in ("information_schema", "performance_schema"):
        with contextlib.suppress(ServerError):
            told = session.value(
                f"SELECT HOST FROM {schema}.PROCESSLIST WHERE ID = CONNECTION_ID()"
            )
            if told:
                return sanitize(str(told), 255)
    return ""


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _measured(context: Context, seen: Seen, host: Host) -> Seen:
    way, address, checkpoint = seen.way, seen.theirs, context.checkpoint
    route = route_to(host, address)
    if seen.end is None or is_own(address, seen.end):
        return replace(seen, route=route)
    top = (route.mtu if route is not None else None) or seen.socket_mtu or _ETHERNET
    if way.own_sockets:
        return replace(seen, route=route, echo=from_here(address, top, checkpoint))
    return replace(seen, route=route, echo=from_host(host, address, top, checkpoint))
