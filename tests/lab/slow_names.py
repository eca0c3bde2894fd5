"""A server that looks every client's name up, with a resolver that does not answer."""

import socket
import subprocess
from pathlib import Path

from tests.lab import own_network
from tests.lab.bench import Bench
from tests.lab.clients import application, worker
from tests.lab.scenario import fault
from wizard.diagnosis.model import Verdict

_SLOW = "10.77.77.2"
_RESOLVER_SECONDS = 6


@fault(
    "name-resolution", "connect-timeout", own_network=True, alone=(), least=Verdict.POSSIBLE,
    beside=("client-read-timeout",),
    settings={"skip_name_resolve": "OFF", "bind_address": "*"},
)  # fmt: skip
def slow_resolver(place: Bench) -> None:
    """The server asks a dead resolver for each client's name; the clients give up before."""
    own_network.prepare(place.server.binary, place.server.directory)
    application(place).close()
    place.held.enter_context(_silent_resolver(place))
    place.server.host = _SLOW
    for _ in range(3):
        with worker(place, "shop.pool", connect_timeout=2, read_timeout=2) as job:
            job.run("order", "SELECT 1")
    place.host = own_network.ADDRESS


def _silent_resolver(place: Bench) -> socket.socket:
    """Takes questions and answers none; whoever asks waits for its time-out."""
    resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    resolver.bind(("127.0.0.1", 53))
    config = place.server.directory / "resolv.conf"
    config.write_text(
        f"nameserver 127.0.0.1\noptions timeout:{_RESOLVER_SECONDS} attempts:1\n", encoding="ascii"
    )
    commands = [["ip", "address", "replace", f"{_SLOW}/32", "dev", "lo"]]
    for path in {Path("/etc/resolv.conf"), place.server.binary.root / "etc" / "resolv.conf"}:
        path.touch()
        commands.append(["mount", "--bind", str(config), str(path)])
    for command in commands:
        subprocess.run(command, check=True, capture_output=True, timeout=10)
    return resolver
