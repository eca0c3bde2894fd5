"""`goneaway-wizard watch` as a process of its own, and when it told what."""

import json
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.servers.harness.server import ServerUnderTest
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import SshDaemon
from tests.servers.watching import command, environment

TOLD_SECONDS = 3.0
PATIENCE = 60.0
SEEN = 2.5
"""Seconds in which a session is seen by a recorder that looks each second."""

Event = Mapping[str, Any]
Way = Sequence[str]


class Told:
    """Events with the moment (monotonic clock) at which their line was read."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.events: list[tuple[float, Event]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.append((time.monotonic(), json.loads(line)))

    def first(
        self, wanted: Callable[[Event], bool], known: int, seconds: float
    ) -> tuple[float, Event] | None:
        """The first that is wanted, of those after the first `known`, within so many seconds."""
        give_up = time.monotonic() + seconds
        while True:
            for at, event in list(self.events[known:]):
                if wanted(event):
                    return at, event
            if time.monotonic() > give_up:
                return None
            time.sleep(0.02)

    def ended(self) -> list[Event]:
        return [e for _, e in self.events if e["event"] == "session-ended"]


@contextmanager
def told(server: ServerUnderTest, home: Path | None, *more: str, way: Way = ()) -> Iterator[Told]:
    """A recorder that has begun. Over SSH where there is a `home` with a key and a known host."""
    with tempfile.TemporaryDirectory() as state:
        settings = environment(Path(state))
        if home is not None:
            settings = {**settings, "HOME": str(home)}
            settings.pop("SSH_AUTH_SOCK", None)
        process = subprocess.Popen(
            command(server, "watch", "--format", "json", *more, way=way),
            stdout=subprocess.PIPE, text=True, env=settings,
        )  # fmt: skip
        made = Told(process)
        try:
            begun = made.first(lambda e: e["event"] == "recorder-started", 0, PATIENCE)
            assert begun is not None, "the recorder did not begin"
            yield made
        finally:
            process.terminate()
            process.wait(PATIENCE)


class Ways:
    """How the recorder reaches a server: here, or by an sshd of this machine."""

    def __init__(self, stack: ExitStack, over_ssh: bool) -> None:
        self.home: Path | None = None
        self._ssh: tuple[str, ...] = ()
        if over_ssh:
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="goneaway-soak-")))
            client = ClientHome(place / "client")
            daemon = SshDaemon(place / "sshd", authorized=(client.key(),))
            stack.callback(daemon.stop)
            client.knows(daemon.start())
            self.home = client.home
            self._ssh = ("--ssh", f"root@127.0.0.1:{daemon.port}")

    def by_socket(self, server: ServerUnderTest) -> Way:
        return (*self._ssh, "-S", str(server.socket), "-u", "root")

    def by_port(self, port: int, password: Path) -> Way:
        words = ("-h", "127.0.0.1", "-P", str(port), "-u", "admin")
        return (*self._ssh, *words, "--password-file", str(password))


def caused(causes: Collection[str]) -> Callable[[Event], bool]:
    return lambda event: event["cause"] in causes
