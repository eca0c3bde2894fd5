"""A connection that is made when it is needed, and made again when it was lost."""

import threading
import time
from collections.abc import Callable

from wizard.ssh.channel import Output, run_command
from wizard.ssh.config import SshFiles, settings_for
from wizard.ssh.connect import SshConnection, open_connection
from wizard.ssh.errors import SshError, SshFailure
from wizard.ssh.prompt import Prompt, Question, Remembered
from wizard.target import SshPlace

RETRY_AFTER = 5.0
"""Seconds for which a failed attempt to connect again is not repeated."""


class SshLink:
    """One machine over SSH. May be used from several threads.

    `commands` counts the commands that were run there, each of which costs a round trip or
    two. A connection made again has to show the host key of the first one.
    """

    def __init__(
        self,
        place: SshPlace,
        files: SshFiles,
        prompt: Prompt | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self.place = place
        self.commands = 0
        self.stopped = stopped
        self._files = files
        self._prompt = Remembered(prompt)
        self._lock = threading.Lock()
        self._connection: SshConnection | None = None
        self._host_key: bytes | None = None
        self._failed: tuple[float, SshError] | None = None

    @property
    def label(self) -> str:
        return self._connection.label if self._connection is not None else self.place.label

    @property
    def address(self) -> str:
        """The host's name or address as ssh_config(5) gives it."""
        return settings_for(self.place, self._files).host

    @property
    def is_up(self) -> bool:
        return self._connection is not None and not self._connection.lost

    @property
    def bytes_crossed(self) -> tuple[int, int]:
        """Bytes received and sent by the present connection."""
        if self._connection is None:
            return 0, 0
        line = self._connection.transport.line
        return line.bytes_in, line.bytes_out

    def connection(self) -> SshConnection:
        """The open connection; connects where there is none. Raises SshError."""
        with self._lock:
            if self._connection is not None and not self._connection.lost:
                return self._connection
            if self._failed is not None and time.monotonic() - self._failed[0] < RETRY_AFTER:
                raise self._failed[1]
            self._drop()
            try:
                self._connection = self._opened()
            except SshError as error:
                self._failed = (time.monotonic(), error)
                raise
            self._failed = None
            return self._connection

    @property
    def who(self) -> str:
        """The account there, for a question."""
        settings = settings_for(self.place, self._files)
        return f"{settings.user}@{settings.host}"

    @property
    def can_ask(self) -> bool:
        """Whether there is somebody to ask."""
        return self._prompt.can_ask

    def ask(self, question: Question) -> str | None:
        return self._prompt(question)

    def run(
        self, command: str, what: str, timeout: float, limit: int, stdin: bytes = b""
    ) -> Output:
        """Run one shell command line there. Raises HostError."""
        connection = self.connection()
        self.commands += 1
        return run_command(connection, command, what, timeout, limit, self.stopped, stdin)

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _opened(self) -> SshConnection:
        opened = open_connection(self.place, self._files, self._prompt)
        if self._host_key is not None and opened.host_key != self._host_key:
            opened.close()
            raise SshError(
                SshFailure.HOST_KEY_CHANGED,
                f"{self.place.label} shows another host key than before the connection was lost",
                "ask its administrator whether it was set up anew, and start again",
            )
        self._host_key = opened.host_key
        return opened

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
