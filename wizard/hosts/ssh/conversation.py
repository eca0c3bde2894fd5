"""A command on the other machine that is asked again and again while it runs."""

import time

from paramiko.ssh_exception import ChannelException, SSHException

from wizard.hosts.protocol import HostError
from wizard.hosts.ssh.command import begin, lost
from wizard.hosts.ssh.connection import SshConnection
from wizard.safety.sanitize import decode, sanitize
from wizard.units import duration

_CHUNK = 64 << 10
_LONGEST_LINE = 4096
_CLOSED = "it ended by itself"


class Conversation:
    """Words go to its stdin, what it answers is read by the line or by the byte. Its stdin ends
    with us, by which it knows that we are gone. Raises HostError; not thread-safe. What came of an
    answer before a signal ended the wait for the rest is kept for whoever asks for it again."""

    def __init__(self, connection: SshConnection, command: str, what: str, seconds: float) -> None:
        self._connection, self._what, self._seconds = connection, what, seconds
        self._rest = bytearray()
        try:
            self._channel = connection.transport.open_session(timeout=seconds)
        except (ChannelException, SSHException, EOFError, OSError) as error:
            raise self._failed(error) from None
        try:
            self._channel.settimeout(seconds)
            begin(self._channel, command, time.monotonic() + seconds)
        except (SSHException, EOFError, OSError) as error:
            self._channel.close()
            raise self._failed(error) from None

    def say(self, words: bytes) -> None:
        try:
            self._channel.sendall(words)
        except (SSHException, EOFError, OSError) as error:
            raise self._failed(error) from None

    def line(self) -> str:
        """The next line of its answer."""
        deadline = time.monotonic() + self._seconds
        while b"\n" not in self._rest:
            if len(self._rest) > _LONGEST_LINE or time.monotonic() > deadline:
                raise HostError(f"{self._what} gave no answer within {duration(self._seconds)}")
            self._rest += self._received()
        line = self._rest[: self._rest.index(b"\n")]
        del self._rest[: len(line) + 1]
        return decode(bytes(line), _LONGEST_LINE)

    def take(self, length: int) -> bytes:
        """Exactly so many bytes."""
        deadline = time.monotonic() + self._seconds
        while len(self._rest) < length:
            if time.monotonic() > deadline:
                raise HostError(f"{self._what} gave no answer within {duration(self._seconds)}")
            self._rest += self._received()
        found = bytes(self._rest[:length])
        del self._rest[:length]
        return found

    def close(self) -> None:
        self._channel.close()

    def _received(self) -> bytes:
        try:
            data = self._channel.recv(_CHUNK)
        except (SSHException, EOFError, OSError) as error:
            raise self._failed(error) from None
        if not data:
            said = b""
            while self._channel.recv_stderr_ready():
                said += self._channel.recv_stderr(_CHUNK)
            raise self._failed(EOFError(decode(said.strip(), 200) or _CLOSED))
        return data

    def _failed(self, error: Exception) -> HostError:
        if self._connection.lost:
            return lost(self._connection)
        if isinstance(error, TimeoutError):
            return HostError(f"{self._what} gave no answer within {duration(self._seconds)}")
        return HostError(f"{self._what} could not be read there: {sanitize(str(error), 200)}")
