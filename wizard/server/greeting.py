"""The first bytes of a connection: open it, and look at the greeting before the driver does.

A glance at the greeting tells a server from anything else behind the port, and whether TLS is
offered, without a second connection that the server would count as aborted.
Layout: MySQL Internals, "Protocol::HandshakeV10" and "ERR_Packet".
"""

import contextlib
import errno
import select
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wizard.server.failed_attempt import FailedAttempt, Stage
from wizard.server.login_stages import LoginStages
from wizard.target.model import Target

_HEADER = 4
_MAX_GREETING = 4096
_PROTOCOL_10 = 10
_ERROR = 0xFF
_CLIENT_SSL = 0x0800
_MULTI_FACTOR = 0x1000
"""Of the upper capabilities."""

_SLICE = 0.2

Checkpoint = Callable[[], None]
"""Called several times a second while a greeting is waited for; it may raise to stop."""


def never_stop() -> None:
    """For who cannot be interrupted."""


class AttemptFailed(Exception):
    """The connection did not come about; `attempt` says how far it came."""

    def __init__(self, attempt: FailedAttempt) -> None:
        super().__init__(attempt.stage.value)
        self.attempt = attempt


@dataclass(frozen=True, slots=True)
class Greeting:
    """What the server says first. `version` is as it came, bounded but not sanitized."""

    version: str
    offers_tls: bool
    asks_factors: bool = False
    """Whether it tells of a second factor, if it is told that this would be understood."""

    connection_id: int | None = None


def open_socket(
    target: Target, timeout: float, laps: LoginStages, segment: int | None = None
) -> socket.socket:
    """A connected socket to the target; `timeout` in seconds bounds all its addresses together.

    `segment` is the most bytes that both sides may put into one TCP segment (tcp(7), TCP_MAXSEG);
    None leaves it to the kernel. Raises AttemptFailed.
    """
    began = time.monotonic()
    try:
        if target.socket:
            with laps.of("open"):
                return _open_one(socket.AF_UNIX, target.socket, timeout)
        with laps.of("resolve"):
            addresses = _addresses(target)
        with laps.of("open"):
            return _open_any(addresses, began + timeout, segment)
    except TimeoutError:
        waited = time.monotonic() - began
        raise AttemptFailed(FailedAttempt(Stage.OPEN, timed_out=True, seconds=waited)) from None
    except OSError as error:
        code = error.errno
        if target.socket and code == errno.ECONNREFUSED and not Path(target.socket).is_socket():
            # The kernel says the same of a plain file and of a socket that nobody holds.
            code = errno.ENOTSOCK
        raise AttemptFailed(FailedAttempt(Stage.OPEN, error.strerror or str(error), code)) from None


def _addresses(target: Target) -> list[tuple[int, object]]:
    try:
        found = socket.getaddrinfo(target.host or "localhost", target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        text = getattr(error, "strerror", None) or "no valid name"
        raise AttemptFailed(FailedAttempt(Stage.RESOLVE, text)) from None
    return [(family, address) for family, _, _, _, address in found]


def _open_any(
    addresses: list[tuple[int, object]], deadline: float, segment: int | None
) -> socket.socket:
    failure: OSError = OSError("the name has no address")
    for family, address in addresses:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        try:
            opened = _open_one(family, address, left, segment)
        except OSError as error:
            failure = error
        else:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            return opened
    raise failure


def _open_one(
    family: int, address: object, timeout: float, segment: int | None = None
) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        if segment is not None:
            # Before the connect, which tells the other side as well.
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment)
        opened.settimeout(timeout)
        opened.connect(address)  # type: ignore[arg-type]
    except BaseException:
        opened.close()
        raise
    return opened


def peek_greeting(
    opened: socket.socket, timeout: float, checkpoint: Checkpoint = never_stop
) -> Greeting:
    """The greeting, left in the socket for the driver.

    Raises AttemptFailed, and what `checkpoint` does.

    `timeout` is in seconds. A refusal that the server sends instead (1040, 1129, 1130) is an
    attempt that failed with that number.
    """
    heard = _peek(opened, time.monotonic() + timeout, checkpoint)
    if heard is None:
        raise AttemptFailed(FailedAttempt(Stage.GREETING, timed_out=True, seconds=timeout))
    payload = heard[_HEADER:]
    if not payload or heard[3] != 0 or payload[0] not in (_PROTOCOL_10, _ERROR):
        raise AttemptFailed(FailedAttempt(Stage.GREETING, heard=heard[:64]))
    if payload[0] == _ERROR:
        raise AttemptFailed(_told(payload))
    version, _, rest = payload[1:].partition(b"\0")
    # Connection id (4), scramble (8), filler (1), then the lower capabilities.
    flags = struct.unpack_from("<H", rest, 13)[0] if len(rest) >= 15 else 0
    # Then a character set (1) and the status (2), and the upper capabilities.
    upper = struct.unpack_from("<H", rest, 18)[0] if len(rest) >= 20 else 0
    return Greeting(
        version.decode("utf-8", "replace"),
        bool(flags & _CLIENT_SSL),
        bool(upper & _MULTI_FACTOR),
        struct.unpack_from("<I", rest)[0] if len(rest) >= 4 else None,
    )


def _told(payload: bytes) -> FailedAttempt:
    if len(payload) < 3:
        return FailedAttempt(Stage.GREETING, heard=payload)
    (number,) = struct.unpack_from("<H", payload, 1)
    text = payload[3:]
    if text.startswith(b"#"):
        text = text[6:]
    return FailedAttempt(Stage.LOGIN, text.decode("utf-8", "replace"), number=number)


def _peek(opened: socket.socket, deadline: float, checkpoint: Checkpoint) -> bytes | None:
    """The first packet, or what came before the other side closed; None at the deadline."""
    heard = b""
    while (left := deadline - time.monotonic()) > 0:
        checkpoint()
        readable, _, _ = select.select([opened], [], [], min(left, _SLICE))
        if not readable:
            continue
        try:
            more = opened.recv(_MAX_GREETING, socket.MSG_PEEK)
        except OSError:
            return heard
        if len(more) >= _HEADER:
            length = int.from_bytes(more[:3], "little")
            if len(more) >= min(_HEADER + length, _MAX_GREETING):
                return more
            if more[3] != 0:
                return more
        if len(more) == len(heard) and _is_closed(opened, len(more)):
            return more
        heard = more
        time.sleep(0.005)
    return heard or None


def _is_closed(opened: socket.socket, held: int) -> bool:
    """Whether nothing can follow the `held` bytes that wait in the socket."""
    if held == 0:
        return True
    poll = select.poll()
    poll.register(opened, select.POLLRDHUP)
    with contextlib.suppress(OSError):
        return bool(poll.poll(0))
    return True
