"""A connection that is made when it is needed, and made again when it was lost."""

import threading
import time
from collections.abc import Callable
from functools import partial

from wizard.hosts.ssh.command import Output, run_command
from wizard.hosts.ssh.config import SshFiles, settings_for
from wizard.hosts.ssh.connection import SshConnection, open_connection
from wizard.hosts.ssh.errors import SshError, SshFailure
from wizard.hosts.ssh.prompt import Prompt, Question, Remembered
from wizard.target.model import SshPlace

RETRY_AFTER = 5.0
"""Seconds for which a failed attempt to connect again is not repeated."""

_MOMENT = 0.3

_ANSWERS = frozenset(
    {
        SshFailure.HOST_KEY_UNKNOWN,
        SshFailure.HOST_KEY_CHANGED,
        SshFailure.HOST_KEY_REVOKED,
        SshFailure.HOST_CERTIFICATE,
        SshFailure.NO_KEY_ACCEPTED,
        SshFailure.WRONG_PASSWORD,
        SshFailure.METHOD_NOT_ALLOWED,
    }
)
"""Failures in which both sides have spoken: the next try has the same end."""


class SshLink:
    """One machine over SSH. May be used from several threads.

    `commands` counts the commands that were run there, each of which costs a round trip or
    two. A connection made again has to show the host key of the first one. `heard` is told, on
    any thread, that the connection was lost (False) and that it is there again (True).
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
        self.heard: Callable[[bool, str], None] = lambda _up, _text: None
        self._files = files
        self._prompt = Remembered(prompt)
        self._lock = threading.Lock()
        self._connection: SshConnection | None = None
        self._host_key: bytes | None = None
        self._failed: tuple[float, SshError] | None = None
        self._telling = threading.Lock()
        self._told: SshConnection | None = None

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
    def lost(self) -> bool:
        """Whether a connection was made and there is none now."""
        return self._host_key is not None and not self.is_up

    def breakage(self) -> str:
        """That the connection is lost, in words, or "". Waits a moment: what went through it ends
        before it does."""
        end = time.monotonic() + _MOMENT
        while self.is_up and time.monotonic() < end:
            time.sleep(0.02)
        return f"the SSH connection to {self.place.label} is lost" if self.lost else ""

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
            if self._failed is not None and self._holds(*self._failed):
                raise self._failed[1]
            is_again = self._host_key is not None
            if self._connection is not None:
                self._went(self._connection)
            self._drop()
            try:
                self._connection = self._opened()
            except SshError as error:
                self._failed = (time.monotonic(), error)
                raise
            self._failed = None
            self._connection.watch(partial(self._went, self._connection))
            if is_again:
                self.heard(True, f"connected to {self._connection.label} again")
            return self._connection

    def connect_again(self) -> None:
        """Connect where there is no connection, however short ago that failed. Raises SshError."""
        with self._lock:
            self._failed = None
        self.connection()

    @property
    def who(self) -> str:
        """The account there, for a question."""
        settings = settings_for(self.place, self._files)
        return f"{settings.user}@{settings.host}"

    @property
    def can_ask(self) -> bool:
        """Whether there is somebody to ask."""
        return self._prompt.can_ask

    def ask_with(self, prompt: Prompt | None) -> None:
        """Ask there from now on; what was answered already is not asked again."""
        self._prompt.ask_with(prompt)

    def ask(self, question: Question) -> str | None:
        return self._prompt(question)

    def run(
        self,
        command: str,
        what: str,
        timeout: float,
        limit: int,
        stdin: bytes = b"",
        listen: Callable[[bytes], bool] = lambda _: False,
        begins: float | None = None,
        mark: bytes = b"",
    ) -> Output:
        """Run one shell command line there, see run_command. Raises HostError."""
        connection = self.connection()
        self.commands += 1
        return run_command(
            connection, command, what, timeout, limit, self.stopped, stdin, listen, begins, mark
        )

    def close(self) -> None:
        """Whoever is connecting just now is not waited for."""
        if self._lock.acquire(timeout=_MOMENT):
            try:
                self._drop()
            finally:
                self._lock.release()

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

    def _went(self, connection: SshConnection) -> None:
        """Tell once that this connection is lost: the watcher and the next use both notice."""
        with self._telling:
            is_known, self._told = connection is self._told, connection
        if not is_known:
            self.heard(False, f"the SSH connection to {connection.label} is lost")

    @staticmethod
    def _holds(at: float, failure: SshError) -> bool:
        """Whether a failure still stands. One of trust or login does until somebody says to
        try again: each try could ask the operator the same, and counts as a failed login."""
        return failure.kind in _ANSWERS or time.monotonic() - at < RETRY_AFTER

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
