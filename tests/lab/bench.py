"""Where a fault is staged: a running private server, and how `check` will be told to look."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.lab.truth import Failing, Truth
from tests.servers.harness.server import ServerUnderTest
from wizard.demo.application import ApplicationLog
from wizard.demo.binaries import Flavor, ServerBinary

SETTLE_SECONDS = 2.1
"""MariaDB's log and the uptime have whole seconds."""


class NotHere(Exception):
    """This machine cannot stage it; one line says why."""


class LabServer(ServerUnderTest):
    """A server on which a fault is staged."""


class LabLog(ApplicationLog):
    """An application's log that a script's output goes to as well."""

    @property
    def failed(self) -> int:
        return len(self.failures)

    def line(self, level: str, logger: str, text: str) -> None:
        self._write(level, logger, text)


class Bench:
    """What a stager works with.

    `held` keeps what must stay as it is until the check is over (open connections, a proxy).
    `host`, `port` and `socket` are where the check will look for the server; `arguments` are
    further words of its command line. `logs` are those of further applications; `authority` is
    the file of the certificate authority where the server's was made here.
    """

    def __init__(self, server: LabServer, template: Path) -> None:
        self.server = server
        self.template = template
        self.log = LabLog(server.directory / "application.log")
        self.held = ExitStack()
        self.host = server.host
        self.port = server.port
        self.socket: Path | None = None
        self.arguments: list[str] = []
        self.since: datetime | None = None
        self.logs: set[Path] = set()
        self.authority: Path | None = None
        self.truth = Truth()

    @property
    def is_mariadb(self) -> bool:
        return self.server.flavor is Flavor.MARIADB

    def age(self) -> None:
        """Let the window begin now, after the server's start and all that went before."""
        time.sleep(SETTLE_SECONDS)
        self.since = datetime.now(UTC)
        time.sleep(SETTLE_SECONDS / 2)

    def due(
        self, *causes: str, by: Failing | None = None, known: bool = True
    ) -> AbstractContextManager[None]:
        """What the application `by`, or the bench's own, logs in here has one of `causes`."""
        return self.truth.due(by or self.log, *causes, known=known)

    def neighbour(self) -> ServerUnderTest:
        """Another running server of the same product on this host, gone after the check."""
        return self.held.enter_context(LabServer(self.server.binary, {}, self.template))

    def with_error_log(self) -> None:
        """Tell the check where the log is; a server that is down cannot."""
        self.arguments += ["--error-log", str(self.server.error_log)]

    def close(self) -> None:
        self.held.close()


@contextmanager
def bench(
    binary: ServerBinary, settings: dict[str, object], template: Path, aged: bool
) -> Iterator[Bench]:
    """A running server with these settings. Raises NoServer."""
    with LabServer(binary, settings, template) as server:
        place = Bench(server, template)
        try:
            if aged:
                place.age()
            yield place
        finally:
            place.close()
