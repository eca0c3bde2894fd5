"""Echo requests, where this account may send them (icmp(7)).

They show what the network does without TCP.

A datagram socket needs net.ipv4.ping_group_range to hold the group, a raw one CAP_NET_RAW.
"""

import os
import re
import select
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wizard.hosts.protocol import Host, HostError
from wizard.probes.shared.patience import patiently

COUNT = 20
_PAUSE = 0.05
_WAIT = 1.0
"""Seconds until the last reply is no longer waited for."""

_REQUEST = {socket.AF_INET: 8, socket.AF_INET6: 128}
_REPLY = {socket.AF_INET: 0, socket.AF_INET6: 129}
_PROTOCOL = {socket.AF_INET: socket.IPPROTO_ICMP, socket.AF_INET6: socket.IPPROTO_ICMPV6}
_MARK = b"goneaway-wizard "


@dataclass(frozen=True, slots=True)
class Echoes:
    """`times` of the replies in seconds, as they came."""

    sent: int
    times: tuple[float, ...]


def from_here(address: str, checkpoint: Callable[[], None]) -> Echoes | None:
    """None where this account may not, or the address is none."""
    try:
        family, _, _, _, place = socket.getaddrinfo(
            address, None, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST
        )[0]
        opened = echo_socket(socket.AddressFamily(family))
    except OSError:
        return None
    with opened:
        return _exchange(opened, place, checkpoint)


def from_host(host: Host, address: str, checkpoint: Callable[[], None]) -> Echoes | None:
    """By ping(8) of that machine. None where it has none, or may not."""
    command = ("ping", "-n", "-c", str(COUNT), "-i", "0.2", "-w", "8", address)
    try:
        done = patiently(lambda: host.run(command, timeout=12.0), 15.0, checkpoint)
    except (HostError, TimeoutError):
        return None
    sent = re.search(r"([0-9]+) packets transmitted", done.stdout)
    if sent is None:
        return None
    times = re.findall(r"time=([0-9]+(?:\.[0-9]+)?) ms", done.stdout)
    return Echoes(int(sent[1]), tuple(float(ms) / 1000 for ms in times))


def echo_socket(family: socket.AddressFamily) -> socket.socket:
    """Raises OSError where the kernel lets this account send no echo."""
    protocol = _PROTOCOL[family]
    try:
        return socket.socket(family, socket.SOCK_DGRAM, protocol)
    except PermissionError:
        return socket.socket(family, socket.SOCK_RAW, protocol)


def _exchange(
    opened: socket.socket, place: tuple[Any, ...], checkpoint: Callable[[], None]
) -> Echoes | None:
    token = _MARK + os.urandom(8)
    sent: dict[int, float] = {}
    times: list[float] = []
    opened.setblocking(False)
    for number in range(COUNT):
        checkpoint()
        try:
            opened.sendto(echo_request(opened.family, number, token), place)
        except OSError:
            if number == 0:
                return None
        sent[number] = time.monotonic()
        times += _replies(opened, token, sent, time.monotonic() + _PAUSE, until_all=False)
    deadline = time.monotonic() + _WAIT
    while len(times) < COUNT and time.monotonic() < deadline:
        checkpoint()
        slice_end = min(deadline, time.monotonic() + 0.2)
        times += _replies(opened, token, sent, slice_end, until_all=True)
    return Echoes(COUNT, tuple(times))


def _replies(
    opened: socket.socket, token: bytes, sent: dict[int, float], until: float, until_all: bool
) -> list[float]:
    """Times of the replies to what is in `sent`, which are taken out of it."""
    times: list[float] = []
    while (left := until - time.monotonic()) > 0 and (sent or not until_all):
        if not select.select([opened], [], [], left)[0]:
            break
        try:
            heard = opened.recv(2048)
        except OSError:
            continue
        now = time.monotonic()
        at = heard.find(token)
        # The token stands behind the 8 bytes of the header; a raw socket hears requests as well.
        if at < 8 or heard[at - 8] != _REPLY[socket.AddressFamily(opened.family)]:
            continue
        (number,) = struct.unpack_from(">H", heard, at - 2)
        if number in sent:
            times.append(now - sent.pop(number))
    return times


def echo_request(family: int, number: int, data: bytes) -> bytes:
    """RFC 792 and RFC 4443: type, code, checksum, identifier, sequence number, data."""
    kind = _REQUEST[socket.AddressFamily(family)]
    header = struct.pack(">BBHHH", kind, 0, 0, os.getpid() & 0xFFFF, number)
    if family == socket.AF_INET6:
        return header + data  # the kernel fills the checksum in
    checksum = _checksum(header + data)
    return struct.pack(">BBHHH", kind, 0, checksum, os.getpid() & 0xFFFF, number) + data


def _checksum(data: bytes) -> int:
    """RFC 1071."""
    even = data + b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(even) // 2}H", even))
    total = (total & 0xFFFF) + (total >> 16)
    return int(~(total + (total >> 16)) & 0xFFFF)
