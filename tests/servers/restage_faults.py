"""A fault for each remedy that changes something: how it is staged, and whether it is there."""

import socket
import struct
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymysql
from pymysql.constants import CLIENT

from tests.servers.harness import faults
from tests.servers.harness.server import ServerUnderTest

NAMED = "10.77.77.1"
"""An address of the loopback device in a network of one's own, which has a name there."""

_LOST = (pymysql.err.Error, OSError, struct.error)
_REST = 4.0
_LONG_REST = 6.0

Shows = Callable[[ServerUnderTest], bool]


@dataclass(frozen=True, slots=True)
class Fault:
    """`settings` of the option file stage it; `shows` tells whether a client meets it, and `fix`
    are the words that mend it. `flavor` is empty for both; `is_undone` where undo brings it
    back."""

    remedy: str
    fix: tuple[str, ...]
    shows: Shows
    settings: Mapping[str, object] = field(default_factory=dict)
    flavor: str = ""
    is_undone: bool = True

    @property
    def is_kept(self) -> bool:
        """Whether it is a variable, which is made to outlive a restart."""
        return bool(self.settings) and self.is_undone


def _fails(work: Callable[[], object]) -> bool:
    try:
        work()
    except _LOST:
        return True
    return False


def _rested(server: ServerUnderTest, first: str = "SELECT 1", **options: Any) -> bool:
    with server.client(**options) as client:
        client.query(first)
        time.sleep(_REST)
        return _fails(lambda: client.query("SELECT 1"))


def idle(server: ServerUnderTest) -> bool:
    """A session rests, and is closed."""
    return _rested(server)


def interactive(server: ServerUnderTest) -> bool:
    """The same of a client that calls itself interactive."""
    return _rested(server, client_flag=CLIENT.INTERACTIVE)


def idle_transaction(server: ServerUnderTest) -> bool:
    """The same within a transaction."""
    return _rested(server, "START TRANSACTION", autocommit=False)


def packet(server: ServerUnderTest) -> bool:
    """A statement of 2 MiB costs its session."""
    with server.client() as client:
        return _fails(lambda: client.query("SELECT LENGTH('" + "a" * (2 << 20) + "')"))


def stalled_upload(server: ServerUnderTest) -> bool:
    """LOAD DATA LOCAL whose source stalls in the middle."""
    client = server.client(database="shop", local_infile=True)
    try:
        client.query("CREATE TEMPORARY TABLE upload (n INT)")
        client._execute_command(3, "LOAD DATA LOCAL INFILE 'x' INTO TABLE upload")  # type: ignore[attr-defined]
        wire = client._sock  # type: ignore[attr-defined]
        wire.settimeout(20)
        wire.recv(256)
        wire.sendall(_numbered(2, b"1\n"))
        time.sleep(_LONG_REST)
        wire.sendall(_numbered(3, b"2\n") + _numbered(4, b""))
        return bytes(wire.recv(5))[4:] != b"\x00"
    except _LOST:
        return True
    finally:
        client._force_close()  # type: ignore[attr-defined]


def _numbered(number: int, content: bytes) -> bytes:
    """A packet of the protocol."""
    return struct.pack("<I", len(content))[:3] + bytes([number]) + content


def slow_reader(server: ServerUnderTest) -> bool:
    """200 MB are asked for, and read only after a pause."""
    many = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
    client = server.client()
    try:
        client._execute_command(3, f"{many} SELECT REPEAT('x', 1000000) FROM n")  # type: ignore[attr-defined]
        wire = client._sock  # type: ignore[attr-defined]
        time.sleep(_LONG_REST)
        wire.settimeout(60)
        read = 0
        while read < 200_000_000:
            part = wire.recv(1 << 20)
            if not part:
                return True
            read += len(part)
        return False
    except _LOST:
        return True
    finally:
        client._force_close()  # type: ignore[attr-defined]


def slow_login(server: ServerUnderTest) -> bool:
    """The greeting is not answered for a while, and the server hangs up."""
    with socket.create_connection((server.host, server.port), timeout=10) as wire:
        wire.recv(256)
        wire.settimeout(_REST)
        try:
            while wire.recv(256):
                pass
        except TimeoutError:
            return False
        except OSError:
            return True
        return True


def too_many(server: ServerUnderTest) -> bool:
    """Twelve sessions at once, of which some are refused."""
    held: list[Any] = []
    try:
        return _fails(lambda: held.extend(server.client() for _ in range(12)))
    finally:
        for client in held:
            client.close()


def silent_log(server: ServerUnderTest) -> bool:
    """A client vanishes, and the error log says nothing of it."""
    before = len(server.log_text())
    aborted = server.status("Aborted_clients")
    faults.leave_without_quit(server)
    server.counted("Aborted_clients", aborted + 1)
    end = time.monotonic() + 3
    while "Aborted connection" not in server.log_text()[before:]:
        if time.monotonic() > end:
            return True
        time.sleep(0.1)
    return False


def shut_out(server: ServerUnderTest) -> bool:
    """An ordinary account may not log in."""
    return _fails(lambda: server.client().close())


def break_handshakes(server: ServerUnderTest) -> None:
    """From a host that the server can name; it counts them."""
    before = server.status("Aborted_connects")
    for _ in range(4):
        with socket.create_connection((NAMED, server.port), timeout=10) as wire:
            wire.recv(256)
    server.counted("Aborted_connects", before + 3)


def blocked(server: ServerUnderTest) -> bool:
    """A login from that host."""
    host = server.host
    server.host = NAMED
    try:
        return shut_out(server)
    finally:
        server.host = host


def forgotten_flow(server: ServerUnderTest) -> bool:
    """A session rests for longer than a firewall on the way remembers it."""
    client = server.client(read_timeout=3)
    try:
        client.query("SELECT 1")
        time.sleep(_LONG_REST)
        return _fails(lambda: client.query("SELECT 1"))
    finally:
        client._force_close()  # type: ignore[attr-defined]


def firewall(port: int) -> None:
    """Drop what belongs to no flow; a flow is forgotten after 4 s. In a network of one's own."""
    net = Path("/proc/sys/net/netfilter")
    rules = (
        "table inet restage {\nchain input {\ntype filter hook input priority 0;\n"
        f"tcp dport {port} ct state invalid drop\n"
        f"tcp dport {port} ct state new,established accept\n}}\n}}\n"
    )
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True, timeout=20)
    for name, value in (("loose", "0"), ("timeout_established", "4")):
        (net / f"nf_conntrack_tcp_{name}").write_text(value, encoding="ascii")


def no_firewall() -> None:
    subprocess.run(["nft", "delete", "table", "inet", "restage"], check=False, timeout=20)


def _variable(
    remedy: str, name: str, bad: object, good: str, shows: Shows, flavor: str = ""
) -> Fault:
    settings = {name: bad, "local_infile": "ON"}
    return Fault(remedy, (remedy, "--set", f"{name}={good}"), shows, settings, flavor)


_KEEPALIVE = ("keep-idle-flows-alive", "--set", "net.ipv4.tcp_keepalive_time=2")

VARIABLES = (
    _variable("raise-wait-timeout", "wait_timeout", 1, "60", idle),
    _variable("raise-interactive-timeout", "interactive_timeout", 1, "60", interactive),
    _variable("raise-max-allowed-packet", "max_allowed_packet", 1 << 20, "8M", packet),
    _variable("raise-net-read-timeout", "net_read_timeout", 1, "60", stalled_upload),
    _variable("raise-net-write-timeout", "net_write_timeout", 1, "60", slow_reader),
    _variable("raise-connect-timeout", "connect_timeout", 2, "30", slow_login),
    _variable("raise-max-connections", "max_connections", 10, "100", too_many),
    _variable("raise-idle-transaction-timeout", "idle_transaction_timeout", 1, "60",
              idle_transaction, "mariadb"),
    _variable("log-verbosity", "log_warnings", 0, "2", silent_log, "mariadb"),
    _variable("log-verbosity", "log_error_verbosity", 1, "3", silent_log, "mysql"),
    _variable("leave-offline-mode", "offline_mode", "ON", "OFF", shut_out, "mysql"),
)  # fmt: skip

UNBLOCK = Fault(
    "unblock-host", ("unblock-host",), blocked,
    {"max_connect_errors": 3, "performance_schema": "ON"}, is_undone=False,
)  # fmt: skip
KEEPALIVE = Fault(_KEEPALIVE[0], _KEEPALIVE, forgotten_flow)
FREE_SLOTS = Fault("free-slots", ("free-slots",), shut_out, {"max_connections": 10},
                   is_undone=False)  # fmt: skip

FAULTS = (*VARIABLES, UNBLOCK, FREE_SLOTS, KEEPALIVE)
