"""How large a packet may be on the way, by echo requests that no router may cut up.

What tracepath(8) does. Where a router says that a packet is too large, the path is narrow and
sound; where large requests vanish and small ones are answered, TCP may hang just so.
"""

import errno
import os
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from wizard.hosts.protocol import Host, HostError, NotFound
from wizard.probes.shared.icmp import echo_request, echo_socket

SMALL = 84
"""Bytes of the packet that ping(8) sends by itself."""

COMMON = (576, 1024, 1200, 1280, 1300, 1350, 1376, 1400, 1420, 1436, 1450, 1460, 1476, 1480, 1492)
"""MTUs of tunnels, overlays and access lines; between them nothing is looked for."""

_TRIES = 2
_WAIT = 0.7
_IP_MTU_DISCOVER, _IPV6_MTU_DISCOVER, _PROBE = 10, 23, 3
_IP_RECVERR, _IPV6_RECVERR = 11, 25
_IP_MTU, _IPV6_MTU = 14, 24


class Echo(Enum):
    """What became of an echo request."""

    ANSWERED = "answered"
    TOO_BIG = "too big"
    """A router or this machine said so."""
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class PathMtu:
    """`largest` is the size of the largest packet that was answered; `reported` says that a
    router names larger ones too big, where they do not simply vanish. `top` was the most."""

    largest: int
    top: int
    reported: bool

    @property
    def is_whole(self) -> bool:
        return self.largest >= self.top


def find(echo: Callable[[int], Echo], top: int) -> PathMtu | None:
    """`echo` sends a packet of so many bytes. None where not even a small one is answered."""
    if _repeated(echo, SMALL) is not Echo.ANSWERED:
        return None
    if (first := _repeated(echo, top)) is Echo.ANSWERED:
        return PathMtu(top, top, reported=False)
    reported = first is Echo.TOO_BIG
    sizes = [SMALL, *(size for size in COMMON if size < top)]
    low, high = 0, len(sizes)
    while high - low > 1:
        middle = (low + high) // 2
        met = _repeated(echo, sizes[middle])
        reported = reported or met is Echo.TOO_BIG
        low, high = (middle, high) if met is Echo.ANSWERED else (low, middle)
    return PathMtu(sizes[low], top, reported)


def _repeated(echo: Callable[[int], Echo], size: int) -> Echo:
    met = Echo.SILENT
    for _ in range(_TRIES):
        met = echo(size)
        if met is not Echo.SILENT:
            break
    return met


def from_here(address: str, top: int, checkpoint: Callable[[], None]) -> PathMtu | None:
    """None where this account may send no echo, or none is answered (icmp(7))."""
    try:
        family, _, _, _, place = socket.getaddrinfo(
            address, None, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST
        )[0]
        opened = _uncut_socket(socket.AddressFamily(family))
    except OSError:
        return None
    with opened:
        return find(lambda size: _echo(opened, place, size, checkpoint), top)


def from_host(host: Host, address: str, top: int, checkpoint: Callable[[], None]) -> PathMtu | None:
    """By ping(8) of that machine. None where it has none or may not, or none is answered."""
    header = 48 if ":" in address else 28

    def echo(size: int) -> Echo:
        checkpoint()
        data = str(size - header)
        told = host.run(("ping", "-n", "-M", "do", "-c", "1", "-W", "1", "-s", data, address), 5.0)
        if told.exit_code == 0:
            return Echo.ANSWERED
        said = (told.stdout + told.stderr).lower()
        return Echo.TOO_BIG if "mtu" in said or "too long" in said else Echo.SILENT

    try:
        return find(echo, top)
    except (HostError, NotFound):
        return None


def of_socket(opened: socket.socket) -> int | None:
    """What the kernel takes for the MTU of a connection's path (ip(7), IP_MTU)."""
    try:
        if opened.family == socket.AF_INET6:
            return opened.getsockopt(socket.IPPROTO_IPV6, _IPV6_MTU)
        if opened.family == socket.AF_INET:
            return opened.getsockopt(socket.IPPROTO_IP, _IP_MTU)
    except OSError:
        pass
    return None


def _uncut_socket(family: socket.AddressFamily) -> socket.socket:
    """Its packets are never cut up, and it hears what routers say of them (ip(7), ipv6(7)).

    Raises OSError where the kernel lets this account send no echo.
    """
    opened = echo_socket(family)
    is_six = family == socket.AF_INET6
    level = socket.IPPROTO_IPV6 if is_six else socket.IPPROTO_IP
    opened.setsockopt(level, _IPV6_MTU_DISCOVER if is_six else _IP_MTU_DISCOVER, _PROBE)
    opened.setsockopt(level, _IPV6_RECVERR if is_six else _IP_RECVERR, 1)
    opened.setblocking(False)
    return opened


def _echo(
    opened: socket.socket, place: tuple[Any, ...], size: int, checkpoint: Callable[[], None]
) -> Echo:
    token = os.urandom(16)
    headers = 48 if opened.family == socket.AF_INET6 else 28
    data = token + bytes(size - headers - len(token))
    try:
        opened.sendto(echo_request(opened.family, 1, data), place)
    except OSError as error:
        return Echo.TOO_BIG if error.errno == errno.EMSGSIZE else Echo.SILENT
    deadline = time.monotonic() + _WAIT
    while (left := deadline - time.monotonic()) > 0:
        checkpoint()
        if not select.select([opened], [], [], min(left, 0.1))[0]:
            continue
        try:
            heard = opened.recv(size + 64)
        except OSError as error:
            if error.errno == errno.EMSGSIZE:
                return Echo.TOO_BIG
            continue
        # A raw socket hears requests as well: a reply's type is 8 bytes before the token.
        at = heard.find(token)
        if at >= 8 and heard[at - 8] in (0, 129):
            return Echo.ANSWERED
    return Echo.SILENT
