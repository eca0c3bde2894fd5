"""What the kernel knows of one TCP connection: TCP_INFO (tcp(7)), or a line of `ss -ti` (ss(8)).

The layout is that of struct tcp_info in linux/tcp.h. A kernel gives the first so many bytes of
it; a field that lies beyond them is unknown, never 0.
"""

import re
import socket
import struct
from dataclasses import dataclass

_ASKED = 256
"""Bytes: more than any kernel gives yet."""

_FIELDS: dict[str, tuple[int, str]] = {
    "state": (0, "B"),
    "snd_mss": (16, "I"),
    "pmtu": (60, "I"),
    "rtt": (68, "I"),
    "rttvar": (72, "I"),
    "total_retrans": (100, "I"),
    "segs_out": (136, "I"),
    "segs_in": (140, "I"),
    "data_segs_in": (152, "I"),
    "data_segs_out": (156, "I"),
    "bytes_retrans": (208, "Q"),
    "dsack_dups": (216, "I"),
    "rcv_ooopack": (224, "I"),
}
"""Offset and type of each (linux/tcp.h; offsets are the same on every 64-bit Linux)."""

ESTABLISHED = 1


@dataclass(frozen=True, slots=True)
class TcpInfo:
    """In the kernel's names. `rtt` and `rttvar` in milliseconds, `snd_mss` and `pmtu` in bytes,
    the others count since the connection was opened. None: this kernel does not tell."""

    state: int | None = None
    rtt: float | None = None
    rttvar: float | None = None
    snd_mss: int | None = None
    pmtu: int | None = None
    total_retrans: int | None = None
    segs_out: int | None = None
    segs_in: int | None = None
    data_segs_out: int | None = None
    data_segs_in: int | None = None
    bytes_retrans: int | None = None
    dsack_dups: int | None = None
    rcv_ooopack: int | None = None


def of_socket(opened: socket.socket | None) -> TcpInfo | None:
    """None where there is no such socket, it is none of TCP, or the system is not Linux."""
    option = getattr(socket, "TCP_INFO", None)
    if opened is None or option is None or opened.family == getattr(socket, "AF_UNIX", None):
        return None
    try:
        return parsed(opened.getsockopt(socket.IPPROTO_TCP, option, _ASKED))
    except OSError:
        return None


def parsed(given: bytes) -> TcpInfo:
    """The fields that lie within the bytes that the kernel gave."""
    found: dict[str, int] = {}
    for name, (offset, kind) in _FIELDS.items():
        if offset + struct.calcsize(kind) <= len(given):
            (found[name],) = struct.unpack_from(f"={kind}", given, offset)
    return TcpInfo(
        rtt=_milliseconds(found.pop("rtt", None)),
        rttvar=_milliseconds(found.pop("rttvar", None)),
        **found,
    )


def _milliseconds(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / 1000


@dataclass(frozen=True, slots=True)
class Listed:
    """One connection in the output of `ss -tin`: its two ends as ss writes them."""

    local: str
    peer: str
    info: TcpInfo


def listed(output: str) -> tuple[Listed, ...]:
    """The connections in the output of `ss -Htin`.

    Each is a line with the ends, then one that begins with a space and holds the figures.
    """
    found: list[Listed] = []
    ends: tuple[str, str] | None = None
    for line in output.splitlines():
        if line[:1].isspace():
            if ends is not None:
                found.append(Listed(*ends, _of_line(line)))
            ends = None
            continue
        words = line.split()
        # The state stands first unless the filter asks for a single one.
        addresses = [word for word in words if re.search(r":[0-9]+$", word)]
        ends = (addresses[0], addresses[1]) if len(addresses) >= 2 else None
    return tuple(found)


def _of_line(line: str) -> TcpInfo:
    """ss leaves out what is 0; `segs_out` stands in every line of an ss that can count."""
    values = {name: value for name, _, value in (w.partition(":") for w in line.split()) if value}
    rtt, _, rttvar = values.get("rtt", "").partition("/")
    counts = "segs_out" in values
    usual = 0 if counts else None
    retransmitted = values.get("retrans", "").rpartition("/")[2]
    return TcpInfo(
        state=ESTABLISHED,
        rtt=_decimal(rtt),
        rttvar=_decimal(rttvar),
        snd_mss=_integer(values, "mss", None),
        pmtu=_integer(values, "pmtu", None),
        total_retrans=int(retransmitted) if retransmitted.isdecimal() else usual,
        segs_out=_integer(values, "segs_out", None),
        segs_in=_integer(values, "segs_in", usual),
        data_segs_out=_integer(values, "data_segs_out", usual),
        data_segs_in=_integer(values, "data_segs_in", usual),
        bytes_retrans=_integer(values, "bytes_retrans", usual),
        dsack_dups=_integer(values, "dsack_dups", usual),
        rcv_ooopack=_integer(values, "rcv_ooopack", usual),
    )


def _integer(values: dict[str, str], name: str, otherwise: int | None) -> int | None:
    text = values.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() else otherwise


def _decimal(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else None
