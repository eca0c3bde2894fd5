"""The application's host as --app-ssh meets it: an sshd on the client machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.network.namespaces import Namespace
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import SshDaemon


@dataclass(frozen=True, slots=True)
class AppHost:
    """`place` is what --app-ssh takes; `home` holds the key and the known hosts for it."""

    place: str
    keys: ClientHome
    daemon: SshDaemon

    @property
    def home(self) -> Path:
        return self.keys.home


@contextmanager
def app_host(machine: Namespace, address: str, directory: Path) -> Iterator[AppHost]:
    """A daemon of `machine` on `address`, its files in `directory`, which is new."""
    keys = ClientHome(directory / "home")
    daemon = SshDaemon(
        directory / "sshd",
        authorized=(keys.key(),),
        address=address,
        launcher=machine.launcher(),
    )
    try:
        with machine.entered():
            daemon.start()
        keys.knows(daemon)
        yield AppHost(f"root@{address}:{daemon.port}", keys, daemon)
    finally:
        daemon.stop()
