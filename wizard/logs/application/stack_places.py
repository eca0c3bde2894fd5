"""What a stack's frames add to its error: it arose in a connect, or in the wait for a pool.

The words alone do not tell: PyMySQL says "Lost connection during query" of a greeting that never
came, and MySqlConnector said "Connect Timeout expired" of a pool that had no connection to give
(MySqlConnector#485). Pure.
"""

import re
from dataclasses import replace
from enum import Enum

from wizard.case.evidence import Phase
from wizard.logs.application.client_error import Recognised
from wizard.logs.application.client_numbers import connect_signal
from wizard.logs.application.stack_lines import is_frame


class Place(Enum):
    """Where a driver's own code was."""

    CONNECT = "connect"
    POOL = "pool"


_CONNECT = re.compile(
    r"(?:pymysql|aiomysql|asyncmy|MySQLdb|mysql/connector)/connection\w*\.\w+\", line \d+, in "
    r"(?:[\w.]+\.)?(?:_?connect|__init__|_request_authentication|_get_server_information"
    r"|_do_handshake|_do_auth|_open_connection)$"
    r"|\bConnectionImpl\.(?:createNewIO|connectOneTryOnly|connectWithRetries)\("
    r"|\bMysqlIO\.doHandshake\("
    r"|\bNativeProtocol\.(?:connect|beforeHandshake|readServerCapabilities)\("
    r"|\bStandardClient\.<init>\(|\bServerSession\.<?ConnectAsync\b|\bNativeDriver\.Open\("
    r"|\bProtocol\.handshake \("
    r"|\b(?:PDO|mysqli)->__construct\(|\bmysqli->real_connect\(|\bmysqli_(?:real_)?connect\("
    r"|\bmysql2/client\.rb:\d+:in [`'](?:Mysql2::Client#)?(?:connect|initialize)'"
    r"|\btrilogy\.rb:\d+:in [`'](?:Trilogy#)?_(?:connect|initialize)'"
    r"|\bMySQLConnection\._processInitialHandshake\b"
)
_SYSCALL = re.compile(r"\s*\"?syscall\"?: ?['\"]?connect\b")
_POOL = re.compile(r"\bSystem\.Threading\.SemaphoreSlim\.<?Wait")


def place_of(text: str) -> Place | None:
    """Where the code of a stack's line was, as far as that tells of the error."""
    if _SYSCALL.match(text):
        return Place.CONNECT
    if not is_frame(text):
        return None
    if _CONNECT.search(text.rstrip()):
        return Place.CONNECT
    return Place.POOL if _POOL.search(text) else None


def placed(error: Recognised, place: Place | None) -> Recognised:
    """The error with what the place says of it."""
    if place is Place.CONNECT and error.signal in ("client.lost", "client.out-of-order"):
        # No answer had come yet, and nobody else can have used a connection that was not there.
        signal = connect_signal(error.errno) or "client.connect-lost"
        return replace(error, signal=signal, phase=Phase.CONNECT, idle_seconds=None)
    if place is Place.POOL and error.signal == "client.connect-timeout":
        return replace(error, signal="client.pool-timeout")
    return error
