"""One command on the other machine, drained, bounded in time and size, cancellable."""

import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import paramiko
from paramiko.ssh_exception import ChannelException, SSHException

from wizard.hosts.protocol import HostError, Unfinished
from wizard.hosts.ssh.connection import SshConnection
from wizard.hosts.ssh.errors import NoShell, SshError, SshFailure
from wizard.safety.sanitize import sanitize
from wizard.units import duration

MAX_STDERR = 64 << 10
"""Bytes of a command's complaints that are kept."""

WINDOW = 4 << 20
"""Bytes in flight: at 20 ms the default of 2 MiB is what bounds the rate."""

MOST_SECTIONS = 90.0
"""Seconds in all that an answer in sections may take, however it goes on."""

_CHUNK = 256 << 10
_MOMENT = 0.3

_LOOK = 0.05
"""Seconds after which stderr and a cancellation are looked at while stdout is silent."""


@dataclass(frozen=True, slots=True)
class Output:
    exit_code: int
    stdout: bytes
    stderr: bytes
    truncated: bool = False


def run_command(
    connection: SshConnection,
    command: str,
    what: str,
    timeout: float,
    limit: int,
    stopped: Callable[[], bool] = lambda: False,
    stdin: bytes = b"",
    listen: Callable[[bytes], bool] = lambda _: False,
    begins: float | None = None,
    mark: bytes = b"",
) -> Output:
    """Run one shell command line; `what` names it in messages, `stdin` is what it is given;
    `listen` hears its stderr as it comes, and says whether that is progress: from there the time
    runs anew. The first sign of it may take `begins` seconds, by default as long as any. A section
    of its stdout, which begins with `mark`, is progress too, up to MOST_SECTIONS in all.

    Stdin stays open until the end, so that the other side can tell that we are gone. Raises
    Unfinished where the time ran out, HostError where the operator stopped it, SshError where
    the connection or the shell is missing.
    """
    patience, deadline = _Patience(what, timeout, begins), time.monotonic() + timeout
    try:
        channel = connection.transport.open_session(window_size=WINDOW, timeout=timeout)
    except ChannelException:
        raise _no_shell(connection) from None
    except (SSHException, EOFError, OSError) as error:
        raise _lost_or_late(connection, what, timeout, error) from None
    try:
        channel.settimeout(timeout)
        begin(channel, command, deadline)
        _feed(channel, stdin, deadline)
        err = _Complaints(listen, patience)
        out = _Answer(limit, mark, patience)
        return _drained(connection, channel, what, out, stopped, err)
    except (SSHException, EOFError, OSError) as error:
        if connection.lost:
            raise lost(connection) from None
        if isinstance(error, TimeoutError):
            raise patience.spent() from None
        raise _no_shell(connection) from None
    finally:
        channel.close()


def begin(channel: paramiko.Channel, command: str, deadline: float) -> None:
    """Start the command. The library waits for the answer to that without a limit of its own;
    raises TimeoutError."""
    late = threading.Timer(max(0.0, deadline - time.monotonic()), _hang_up, (channel,))
    late.daemon = True
    late.start()
    try:
        channel.exec_command(command)
    except SSHException:
        if time.monotonic() >= deadline:
            raise TimeoutError from None
        raise
    finally:
        late.cancel()
    if time.monotonic() >= deadline:
        # The line was hung up on, or is about to be: what is read of it would look like an answer.
        raise TimeoutError


def _hang_up(channel: paramiko.Channel) -> None:
    with suppress(SSHException, EOFError, OSError):
        channel.close()


def _feed(channel: paramiko.Channel, stdin: bytes, deadline: float) -> None:
    """Give a command its input, in all of the time that it has: it may take it byte by byte. One
    that ended before it took all of it says why itself."""
    left = stdin
    try:
        while left:
            channel.settimeout(max(0.001, deadline - time.monotonic()))
            left = left[channel.send(left) :]
    except OSError:
        if not channel.closed:
            raise


def _drained(
    connection: SshConnection,
    channel: paramiko.Channel,
    what: str,
    out: "_Answer",
    stopped: Callable[[], bool],
    err: "_Complaints",
) -> Output:
    channel.settimeout(_LOOK)
    ended = False
    while not ended:
        with suppress(TimeoutError):
            ended = not out.take(channel.recv(_CHUNK))
        err.drain(channel)
        if out.is_full:
            return Output(-1, out.cut(), bytes(err.kept), truncated=True)
        if stopped():
            raise HostError(f"{what} was stopped")
        if not ended and out.patience.is_over():
            raise out.patience.spent()
    return Output(_exit_code(connection, channel, out.patience, err), out.cut(), bytes(err.kept))


class _Answer:
    """What a command writes to stdout. `take` says whether there was any."""

    def __init__(self, limit: int, mark: bytes, patience: "_Patience") -> None:
        self.patience = patience
        self._limit, self._mark = limit, mark
        self._latest = patience.begun + MOST_SECTIONS
        self._data = bytearray()

    def take(self, chunk: bytes) -> bool:
        known = max(0, len(self._data) - len(self._mark) + 1)
        self._data += chunk
        if self._mark and self._data.find(self._mark, known) >= 0:
            self.patience.renew(self._latest)
        return bool(chunk)

    @property
    def is_full(self) -> bool:
        return len(self._data) > self._limit

    def cut(self) -> bytes:
        return bytes(self._data[: self._limit])


class _Patience:
    """How long is waited for a command, counted anew from each sign of progress."""

    def __init__(self, what: str, seconds: float, begins: float | None) -> None:
        self._what, self._seconds = what, seconds
        self._begins = seconds if begins is None else begins
        self.begun = time.monotonic()
        self._end = self.begun + self._begins
        self._went_on = False

    def renew(self, latest: float = math.inf) -> None:
        """Never beyond `latest`, by the monotonic clock."""
        end = time.monotonic() + self._seconds
        self._end, self._went_on = min(end, latest), end <= latest

    def is_over(self) -> bool:
        return time.monotonic() > self._end

    def spent(self) -> Unfinished:
        if self._went_on:
            return Unfinished(f"{self._what} went no further for {duration(self._seconds)}")
        waited = max(self._begins, self._end - self.begun)
        return Unfinished(f"{self._what} gave no answer within {duration(round(waited, 1))}")


class _Complaints:
    """What a command writes to stderr: its beginning is kept, all is passed on."""

    def __init__(self, listen: Callable[[bytes], bool], patience: _Patience) -> None:
        self.kept = bytearray()
        self._listen, self._patience = listen, patience

    def drain(self, channel: paramiko.Channel) -> None:
        while channel.recv_stderr_ready():
            chunk = channel.recv_stderr(_CHUNK)
            self.kept += chunk[: max(0, MAX_STDERR - len(self.kept))]
            if self._listen(chunk):
                self._patience.renew()


def _exit_code(
    connection: SshConnection,
    channel: paramiko.Channel,
    patience: _Patience,
    err: _Complaints,
) -> int:
    """The exit code once stdout has ended; -1 for a command that a signal ended."""
    while not channel.status_event.wait(_LOOK):
        err.drain(channel)
        if connection.lost:
            raise lost(connection)
        if patience.is_over():
            raise patience.spent()
    err.drain(channel)
    if channel.exit_status == -1 and _is_lost(connection):
        raise lost(connection)
    return channel.exit_status


def _is_lost(connection: SshConnection) -> bool:
    """Whether the connection is gone. A channel is told so a moment before it is."""
    end = time.monotonic() + _MOMENT
    while not connection.lost and time.monotonic() < end:
        time.sleep(0.02)
    return connection.lost


def lost(connection: SshConnection) -> SshError:
    return SshError(
        SshFailure.LOST,
        f"the SSH connection to {connection.settings.host} is lost",
        "look at it again to connect anew",
    )


def _no_shell(connection: SshConnection) -> SshError:
    who = f"{connection.settings.user} on {connection.settings.host}"
    said = sanitize(connection.transport.refusal, 200)
    return NoShell(who, said)


def _lost_or_late(
    connection: SshConnection, what: str, timeout: float, error: Exception
) -> HostError:
    if connection.lost or not isinstance(error, SSHException):
        return lost(connection)
    return Unfinished(f"{what} could not be started within {duration(timeout)}")
