"""The network with a database in it, and the faults to stage: see the package."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from tests.lab.relay import Relay
from tests.network import filters, haproxy, listeners
from tests.network.app_host import AppHost, app_host
from tests.network.filters import Direction, Filter
from tests.network.namespaces import Namespace, missing
from tests.network.topology import CLIENT_FOR_OPERATOR, ROUTER, SERVER, Machines, machines
from tests.servers.check_run import CheckRun, password_file
from tests.servers.harness.requirement import unavailable
from tests.servers.harness.server import ServerUnderTest
from tests.servers.harness.templates import Templates

_PROGRAMS = ("ip", "nft", "ethtool", "nsenter", "unshare")


class NetworkLab:
    """Faults hold inside their `with`, on the router, for TCP to the database's port (or `port`).
    Address the database as `lab.database.host` or `db.example.test`."""

    ROUTER = ROUTER

    def __init__(self, machines: Machines, database: ServerUnderTest) -> None:
        self.client = machines.client
        self.router = machines.router
        self.server = machines.server
        self.operator = machines.operator
        self.database = database

    def forgetful_firewall(self, seconds: int, port: int = 0) -> AbstractContextManager[Filter]:
        """Forgets a flow that was idle for `seconds`, and drops what comes later, silently.

        A flow that was there before the fault is unknown from the start.
        """
        return filters.stateful(self.router, port or self.database.port, seconds, "drop")

    def answering_firewall(self, seconds: int, port: int = 0) -> AbstractContextManager[Filter]:
        """The same, but it answers with a reset."""
        verdict = "reject with tcp reset"
        return filters.stateful(self.router, port or self.database.port, seconds, verdict)

    def loss(self, percent: float, port: int = 0) -> AbstractContextManager[Filter]:
        """So many of 100 packets are lost, in each direction."""
        return filters.staged(self.router, port or self.database.port, filters.loss(percent))

    def size_limit(
        self, size: int = 1200, direction: Direction = Direction.BOTH, port: int = 0
    ) -> AbstractContextManager[Filter]:
        """A hop that drops larger IP packets without a word: a black hole for the path's MTU."""
        rule = filters.size_limit(size)
        return filters.staged(self.router, port or self.database.port, rule, direction=direction)

    def dropped(self, port: int = 0) -> AbstractContextManager[Filter]:
        """Nothing reaches the port, and nobody answers in its place."""
        return filters.staged(self.router, port or self.database.port, "counter drop")

    def haproxy(
        self, client_timeout: float = 3600.0, server_timeout: float = 3600.0
    ) -> AbstractContextManager[haproxy.Proxy]:
        """HAProxy on `ROUTER`, in front of the database; timeouts in seconds."""
        place = (self.database.host, self.database.port)
        return haproxy.haproxy(self.router, ROUTER, place, client_timeout, server_timeout)

    def message_limit(self, size: int) -> AbstractContextManager[Relay]:
        """A proxy on `ROUTER` that closes a connection once one side has said more than `size`
        bytes without a word from the other: a statement or a result that is too large."""
        return self.relay(message_limit=size)

    @contextmanager
    def relay(
        self, idle_limit: float | None = None, silent: bool = False, delay: float = 0.0,
        message_limit: int | None = None,
    ) -> Iterator[Relay]:  # fmt: skip
        """tests.lab.relay on `ROUTER`, in front of the database."""
        place = (self.database.host, self.database.port)
        with self.router.entered():
            relay = Relay(place, idle_limit, silent, delay, ROUTER, message_limit)
            relay.__enter__()
        try:
            yield relay
        finally:
            relay.__exit__()

    def silent_port(self) -> AbstractContextManager[int]:
        """A port of the server that accepts and says nothing."""
        return _within(self.server, listeners.silent())

    def closing_port(self) -> AbstractContextManager[int]:
        """A port of the server that accepts and closes at once."""
        return _within(self.server, listeners.closing())

    def http_port(self) -> AbstractContextManager[int]:
        """A port of the server that speaks HTTP."""
        return _within(self.server, listeners.speaking_http())

    def tls_port(self) -> AbstractContextManager[int]:
        """A port of the server that waits for a TLS handshake."""
        return _within(self.server, listeners.tls(self.server.directory))

    def refused_port(self) -> int:
        """A port of the server where nothing listens."""
        with self.server.entered(), listeners.silent() as port:
            return port

    def app_host(self) -> AbstractContextManager[AppHost]:
        """An sshd on the client machine, which `operator` reaches by its own line:
        `lab.check("operator", "--app-ssh", host.place, home=host.home)`."""
        directory = Path(tempfile.mkdtemp(prefix="sshd-", dir=self.client.directory))
        return app_host(self.client, CLIENT_FOR_OPERATOR, directory)

    def check(
        self, machine: str, *more: str, host: str = "", port: int = 0, user: str = "admin",
        home: Path | None = None,
    ) -> CheckRun:  # fmt: skip
        """`check` as run on "client", "operator", "router" or "server", with a fresh home."""
        place: Namespace = getattr(self, machine)
        home = home or Path(tempfile.mkdtemp(prefix="home-", dir=place.directory))
        words = ["-h", host or self.database.host, "-P", str(port or self.database.port)]
        words += ["-u", user, "--password-file", str(password_file(self.database, user)), *more]
        environment = {**os.environ, "HOME": str(home)}
        return CheckRun(words, self.database.passwords[user], place.launcher(), environment)


@contextmanager
def network_lab(
    template: Templates, product: str, settings: dict[str, object]
) -> Iterator[NetworkLab]:
    """A network, and a running server of `product` in it; skips where none can be made."""
    with ExitStack() as stack:
        made = _machines(stack)
        binary, data = template(product)
        options = {"bind_address": "0.0.0.0", **settings}
        launcher = made.server.launcher(binary.root)
        server = ServerUnderTest(binary, options, data, SERVER, launcher)
        yield NetworkLab(made, stack.enter_context(server))


def _machines(stack: ExitStack) -> Machines:
    if os.geteuid() != 0:
        unavailable("root, to make network namespaces")
    if lacking := missing(*_PROGRAMS):
        unavailable(f"the programs {', '.join(lacking)}")
    try:
        made = stack.enter_context(machines())
        filters.probe(made.router)
    except subprocess.CalledProcessError as error:
        unavailable(f"no network of its own: {error.stderr.strip()[-200:]}")
    except OSError as error:
        unavailable(f"no network of its own: {error}")
    return made


@contextmanager
def _within(machine: Namespace, listener: AbstractContextManager[int]) -> Iterator[int]:
    """Begin it on that machine; go on where the caller is."""
    with machine.entered():
        port = listener.__enter__()
    try:
        yield port
    finally:
        listener.__exit__(None, None, None)
