"""A socket to the database server that leads through an SSH connection.

The driver needs a real socket (it looks ahead, and wraps it in TLS), so a pair is made and two
threads carry the bytes between its far end and the channel.
"""

import contextlib
import errno
import os
import socket
import threading
import time

import paramiko
from paramiko.ssh_exception import ChannelException, SSHException

from wizard.hosts.protocol import Host, HostError, NotFound, NotPermitted
from wizard.hosts.ssh.link import SshLink
from wizard.server.failed_attempt import FailedAttempt, Stage
from wizard.server.greeting import AttemptFailed
from wizard.server.login_stages import LoginStages
from wizard.target.model import Target

_CHUNK = 64 << 10
_PATIENCE = 5.0
_PROHIBITED = 1
"""SSH_OPEN_ADMINISTRATIVELY_PROHIBITED (RFC 4254, 5.1)."""

_SPOKEN = {
    os.strerror(code): code
    for code in (
        errno.ECONNREFUSED,
        errno.ETIMEDOUT,
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
        errno.ENOENT,
        errno.EACCES,
    )
}


class ThroughSsh:
    """Opens sockets to a target as its SSH host sees it. See greeting.open_socket."""

    def __init__(self, link: SshLink, host: Host) -> None:
        self._link = link
        self._host = host
        self._opening = threading.Lock()

    def __call__(self, target: Target, timeout: float, laps: LoginStages) -> socket.socket:
        """A socket to the target.

        Raises AttemptFailed, with what the SSH server said of its own attempt, and HostError where
        there is no SSH connection: that tells nothing of the database server.
        """
        began = time.monotonic()
        try:
            with laps.of("open"):
                channel = self._channel(target, timeout)
        except ChannelException as refused:
            raise AttemptFailed(self._refused(target, refused)) from None
        except (SSHException, EOFError, OSError) as error:
            waited = time.monotonic() - began
            late = waited >= timeout * 0.9
            raise AttemptFailed(
                FailedAttempt(Stage.OPEN, str(error), timed_out=late, seconds=waited)
            ) from None
        ours, theirs = socket.socketpair()
        _carry(channel, theirs)
        return ours

    def _channel(self, target: Target, timeout: float) -> paramiko.Channel:
        transport = self._link.connection().transport
        with self._opening:
            if target.socket:
                return transport.open_unix(target.socket, timeout)
            there = (target.host or "localhost", target.port)
            return transport.open_channel("direct-tcpip", there, ("127.0.0.1", 0), timeout=timeout)

    def _refused(self, target: Target, refused: ChannelException) -> FailedAttempt:
        said = self._link.connection().transport.refusal
        if refused.code == _PROHIBITED:
            setting = "AllowStreamLocalForwarding" if target.socket else "AllowTcpForwarding"
            return FailedAttempt(Stage.OPEN, f"sshd does not forward ({setting} is off there)")
        if (code := _SPOKEN.get(said)) is not None:
            return FailedAttempt(Stage.OPEN, said, code)
        if target.socket:
            return FailedAttempt(Stage.OPEN, said, self._why_not(target.socket))
        if "name" in said.lower() or "resolution" in said.lower():
            return FailedAttempt(Stage.RESOLVE, said)
        return FailedAttempt(Stage.OPEN, said or refused.text, errno.ECONNREFUSED)

    def _why_not(self, path: str) -> int | None:
        """sshd says no more of a Unix socket than that it could not be opened."""
        try:
            self._host.stat(path)
        except NotFound:
            return errno.ENOENT
        except NotPermitted:
            return errno.EACCES
        except HostError:
            return None
        return errno.ECONNREFUSED


def _carry(channel: paramiko.Channel, end: socket.socket) -> None:
    up = threading.Thread(target=_up, args=(channel, end), name="ssh forward up", daemon=True)
    down = threading.Thread(
        target=_down, args=(channel, end, up), name="ssh forward down", daemon=True
    )
    up.start()
    down.start()


def _up(channel: paramiko.Channel, end: socket.socket) -> None:
    """From the driver to the server, until the driver closes."""
    with contextlib.suppress(OSError, EOFError, SSHException):
        while data := end.recv(_CHUNK):
            channel.sendall(data)
    with contextlib.suppress(OSError, EOFError, SSHException):
        channel.shutdown_write()


def _down(channel: paramiko.Channel, end: socket.socket, up: threading.Thread) -> None:
    """From the server to the driver, until the server or the connection is gone.

    The channel and the descriptor are given back only once the other thread has done with
    them: their numbers go to the next ones at once, and a late word or read would meet those.
    """
    with contextlib.suppress(OSError, EOFError, SSHException):
        while data := channel.recv(_CHUNK):
            end.sendall(data)
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    up.join(_PATIENCE)  # it waits for longer only where the other side takes nothing any more
    with contextlib.suppress(OSError, EOFError, SSHException):  # the connection may be gone
        channel.close()
    up.join()
    end.close()
