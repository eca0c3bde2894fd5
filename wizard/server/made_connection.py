"""A PyMySQL connection that suits the line to its target, made and not yet open."""

import ssl
from typing import Any, NoReturn, TypeVar

import pymysql
from pymysql import _auth

from wizard.server.bounded_connection import (
    IN_CLEAR,
    NOT_SPOKEN,
    AnswerCursor,
    BoundedConnection,
    OpenLineConnection,
)
from wizard.target.model import Target

PROGRAM_NAME = "goneaway-wizard"

CONNECT_TIMEOUT = 5.0
"""Seconds until the socket must be open."""

WRITE_TIMEOUT = 10.0

Kind = TypeVar("Kind", bound=BoundedConnection)


class _SocketConnection(BoundedConnection):
    """A connection over a Unix socket, which the server counts as secure.

    The driver must send a caching_sha2_password as it is, and asks for a key only where it knows no
    better. For sha256_password the server wants it encrypted there too.
    """

    _secure = True


class _Sha256OverSocket:
    """Sends a sha256_password to the key that the server gives over its own socket."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def authenticate(self, packet: object) -> object:
        self._connection._secure = False
        try:
            return _auth.sha256_password_auth(  # type: ignore[no-untyped-call]
                self._connection, packet
            )
        finally:
            self._connection._secure = True


class _Refuse:
    """Answers a server that asks for the password itself over an open line.

    The mysql client does so only with --enable-cleartext-plugin.
    """

    why = IN_CLEAR

    def __init__(self, _connection: object) -> None:
        pass

    def authenticate(self, _packet: object) -> NoReturn:
        raise pymysql.err.OperationalError(NOT_SPOKEN, self.why)


class _RefuseOld(_Refuse):
    """Answers a server that wants the hash of MySQL before 4.1, which is soon undone.

    The mysql client has refused it since 5.7 (secure_auth); the driver has forgotten it.
    """

    why = "it wants the password as before MySQL 4.1 (mysql_old_password)"


def made_connection(
    target: Target, context: ssl.SSLContext | None, read_timeout: float, capabilities: int
) -> BoundedConnection:
    is_open_line = context is None and target.socket is None
    in_tunnel = target.ssh is not None and target.is_loopback
    if target.socket:
        return _made(_SocketConnection, target, context, read_timeout, capabilities)
    if not is_open_line or in_tunnel:
        return _made(BoundedConnection, target, context, read_timeout, capabilities)
    connection = _made(OpenLineConnection, target, context, read_timeout, capabilities)
    if target.tls.public_key is not None:
        connection.server_public_key = target.tls.public_key.read_bytes()
    if target.tls.ask_public_key:
        connection.allow_asking()
    return connection


def _made(
    kind: type[Kind],
    target: Target,
    context: ssl.SSLContext | None,
    read_timeout: float,
    capabilities: int,
) -> Kind:
    password = target.password.reveal() if target.password else ""
    is_private = kind is not OpenLineConnection
    # With TLS the server takes it as it is there too, and a question for its key as a password.
    is_bare_socket = target.socket is not None and context is None
    return kind(
        host=target.host or "localhost",
        port=target.port,
        unix_socket=target.socket,
        user=target.user,
        # The driver would encode a str as Latin-1.
        password=password.encode("utf-8", "surrogateescape"),
        database=target.database,
        charset="utf8mb4",
        cursorclass=AnswerCursor,
        autocommit=True,
        connect_timeout=int(CONNECT_TIMEOUT),
        read_timeout=read_timeout,
        client_flag=capabilities,
        write_timeout=WRITE_TIMEOUT,
        program_name=PROGRAM_NAME,
        ssl=context,
        ssl_disabled=context is None,
        auth_plugin_map={
            "mysql_old_password": _RefuseOld,
            **({} if is_private else {"mysql_clear_password": _Refuse, "dialog": _Refuse}),
            **({"sha256_password": _Sha256OverSocket} if is_bare_socket else {}),
        },
        defer_connect=True,
    )
