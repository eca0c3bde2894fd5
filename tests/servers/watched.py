"""A recorder in a thread, and what it has told."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from tests.servers.harness.server import ServerUnderTest
from wizard.case.window import parse_window
from wizard.investigation.begin import Beginning
from wizard.recorder.event import RecorderEvent
from wizard.recorder.sample import Sample
from wizard.recorder.watch import watch
from wizard.target.model import Secret, Sources, SslMode, Target, Tls

PATIENCE = 180.0
INTERVAL = 0.5


class Recorder:
    """A recorder in a thread, and what it has told."""

    def __init__(
        self,
        server: ServerUnderTest,
        interval: float = INTERVAL,
        port: int | None = None,
        user: str = "admin",
        tls: SslMode = SslMode.PREFERRED,
    ) -> None:
        """By the server's socket and the log that it was told of; or by a port of this machine as
        `user`, and what the server itself says of its log."""
        self.interval = interval
        self.events: list[RecorderEvent] = []
        self.stop = threading.Event()
        self.samples = 0
        target = Target(socket=str(server.socket), user="root")
        sources = Sources(error_log=server.error_log)
        if port is not None:
            password = Secret(server.passwords[user])
            target = Target(host="127.0.0.1", port=port, user=user, password=password, tls=Tls(tls))
            sources = Sources()
        window = parse_window(None, None, datetime.now().astimezone())
        self._beginning = Beginning(target, sources, window)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        investigation = self._beginning.begin()
        for event in watch(investigation, self.stop, self.interval, self._sampled):
            self.events.append(event)

    def _sampled(self, _sample: Sample) -> None:
        self.samples += 1

    def start(self) -> None:
        self._thread.start()
        self.looks(1)

    def looks(self, count: int) -> None:
        """Until so many more samples have been taken, however long each takes here."""
        wanted, give_up = self.samples + count, time.monotonic() + PATIENCE
        while self.samples < wanted:
            assert time.monotonic() < give_up, [e.text for e in self.events]
            time.sleep(0.02)

    def end(self) -> None:
        self.stop.set()
        self._thread.join(PATIENCE)

    def wait_for(self, wanted: Callable[[RecorderEvent], bool]) -> RecorderEvent:
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            for event in list(self.events):
                if wanted(event):
                    return event
            time.sleep(0.05)
        raise AssertionError(f"never told; told was: {[e.text for e in self.events]}")

    def end_of(self, number: int) -> RecorderEvent:
        return self.wait_for(lambda e: e.session is not None and e.session.id == number)


@contextmanager
def recorder(
    server: ServerUnderTest,
    interval: float = INTERVAL,
    port: int | None = None,
    user: str = "admin",
    tls: SslMode = SslMode.PREFERRED,
) -> Iterator[Recorder]:
    made = Recorder(server, interval, port, user, tls)
    made.start()
    try:
        yield made
    finally:
        made.end()
