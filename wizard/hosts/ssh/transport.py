"""paramiko's transport with what it lacks.

A channel to a Unix socket (PROTOCOL of OpenSSH, 2.4), why a channel was not opened, and a say in
which host key is asked for.
"""

import socket
import time
from collections.abc import Sequence
from typing import Protocol

import paramiko
from paramiko.common import (
    cMSG_CHANNEL_CLOSE,
    cMSG_CHANNEL_DATA,
    cMSG_CHANNEL_EOF,
    cMSG_CHANNEL_EXTENDED_DATA,
    cMSG_CHANNEL_OPEN,
    cMSG_CHANNEL_REQUEST,
    cMSG_CHANNEL_WINDOW_ADJUST,
)
from paramiko.message import Message
from paramiko.packet import Packetizer
from paramiko.ssh_exception import SSHException

STREAM_LOCAL = "direct-streamlocal@openssh.com"

_OF_A_CHANNEL = frozenset(
    {
        cMSG_CHANNEL_CLOSE,
        cMSG_CHANNEL_DATA,
        cMSG_CHANNEL_EOF,
        cMSG_CHANNEL_EXTENDED_DATA,
        cMSG_CHANNEL_REQUEST,
        cMSG_CHANNEL_WINDOW_ADJUST,
    }
)
"""Messages whose first number is the other side's name for a channel (RFC 4254)."""


MAX_PACKET = 1 << 20
"""Bytes; the library sends and accepts data in packets of 32 KiB, OpenSSH's limit is 256 KiB."""


class ByteStream(Protocol):
    """What a transport talks over: a socket, or a channel of another transport."""

    def send(self, data: bytes, /) -> int: ...
    def recv(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...
    def settimeout(self, seconds: float | None, /) -> None: ...


class CountedStream:
    """Counts what crosses the wire, and knows when the other side was last heard."""

    def __init__(self, line: ByteStream) -> None:
        self._line = line
        # The library looks at this name of a socket when it ends its thread.
        self._closed = False
        self.heard_at = time.monotonic()
        self.bytes_in = 0
        self.bytes_out = 0

    @property
    def own_address(self) -> str | None:
        """Ours on this connection; None where it is no socket of this machine."""
        if not isinstance(self._line, socket.socket):
            return None
        return str(self._line.getsockname()[0])

    def send(self, data: bytes) -> int:
        sent = self._line.send(data)
        self.bytes_out += sent
        return sent

    def recv(self, size: int) -> bytes:
        data = self._line.recv(size)
        self.bytes_in += len(data)
        self.heard_at = time.monotonic()
        return data

    def close(self) -> None:
        self._closed = True
        self._line.close()

    def settimeout(self, seconds: float | None) -> None:
        self._line.settimeout(seconds)


class _BoundedPacketizer(Packetizer):
    """Refuses a packet of a size that no SSH server sends: the library would gather 4 GiB."""

    def read_all(self, n: int, check_rekey: bool = False) -> bytes:
        if n > MAX_PACKET:
            raise SSHException(f"a packet of {n} bytes")
        return super().read_all(n, check_rekey)


class SshTransport(paramiko.Transport):
    """Asks for the kinds of host key that `prefer` was given, in that order."""

    def __init__(self, line: CountedStream) -> None:
        super().__init__(line)  # type: ignore[arg-type]
        self.packetizer = _BoundedPacketizer(line)  # type: ignore[arg-type]
        self.line = line
        self._socket_path: str | None = None
        self._refusal = ""
        self.farewell = ""
        """The server's words as it ended the connection."""
        self._ended: set[bytes] = set()

    def prefer(self, algorithms: Sequence[str]) -> None:
        """The kinds of host key to ask for, best first."""
        self.get_security_options().key_types = tuple(algorithms)

    @property
    def preferred_keys(self) -> tuple[str, ...]:
        # The library adds to each kind its certificates, and those last.
        return tuple(self.get_security_options().key_types)

    @property
    def certificate(self) -> bytes | None:
        """The certificate that the other side showed with its key. The exchange was signed by
        the key that it certifies."""
        blob = self.get_remote_server_key().public_blob
        return None if blob is None else blob.key_blob

    def open_unix(self, path: str, timeout: float) -> paramiko.Channel:
        """A channel to the Unix socket `path` of the other side. Not for two threads at once."""
        self._socket_path = path
        try:
            return self.open_channel(STREAM_LOCAL, timeout=timeout)
        finally:
            self._socket_path = None

    @property
    def refusal(self) -> str:
        """The server's words for the last channel that it did not open.

        For example `Connection refused`.
        """
        return self._refusal

    def _send_user_message(self, data: Message) -> None:
        opens = cMSG_CHANNEL_OPEN + len(STREAM_LOCAL).to_bytes(4, "big") + STREAM_LOCAL.encode()
        if self._socket_path is not None and data.asbytes().startswith(opens):
            data.add_string(self._socket_path)
            data.add_string("")
            data.add_int(0)
        super()._send_user_message(data)  # type: ignore[misc]

    def _send_message(self, data: Message) -> None:
        # Two threads may write a channel's end of file and its close the other way round. sshd
        # takes a word for a channel that it has forgotten for an attack, and disconnects.
        if not self._is_for_ended(bytes(data.packet.getbuffer()[:5])):
            super()._send_message(data)  # type: ignore[misc]

    def _is_for_ended(self, head: bytes) -> bool:
        """Whether a message belongs to a channel that was closed. Every channel's messages pass
        here one at a time: the library holds a lock."""
        kind, channel = head[:1], head[1:]
        if kind not in _OF_A_CHANNEL:
            return False
        if channel in self._ended:
            return True
        if kind == cMSG_CHANNEL_CLOSE:
            self._ended.add(channel)
        return False

    def _parse_channel_open_success(self, m: Message) -> None:
        m.get_int()
        # The other side gives a number again once both have closed its channel.
        self._ended.discard(m.get_int().to_bytes(4, "big"))
        m.rewind()
        super()._parse_channel_open_success(m)  # type: ignore[misc]

    def _parse_disconnect(self, m: Message) -> None:
        m.get_int()
        self.farewell = m.get_text()
        m.rewind()
        super()._parse_disconnect(m)  # type: ignore[misc]

    def _parse_channel_open_failure(self, m: Message) -> None:
        m.get_int()
        m.get_int()
        self._refusal = m.get_text()
        m.rewind()
        super()._parse_channel_open_failure(m)  # type: ignore[misc]


def without_delay(opened: socket.socket, keepalive: float) -> None:
    """Send small messages at once, and notice a peer that is gone.

    That saves 40 ms a command; tcp(7), TCP_NODELAY and TCP_USER_TIMEOUT (milliseconds).
    """
    if opened.family not in (socket.AF_INET, socket.AF_INET6):
        return
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(keepalive * 2000))
