"""Four machines and the lines between them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.network.namespaces import Namespace, namespaces, run

CLIENT = "10.77.1.2"
ROUTER = "10.77.1.1"
"""The router's side toward the client: where a proxy listens."""
SERVER = "10.77.2.2"
OPERATOR = "10.77.3.2"
CLIENT_FOR_OPERATOR = "10.77.4.1"
"""The client on its line to the operator: where its sshd listens."""

_ROUTER_INSIDE = "10.77.2.1"
_SERVER_FOR_OPERATOR = "10.77.3.1"
_OPERATOR_OUTSIDE = "10.77.4.2"

NAMES = {
    "app.example.test": CLIENT,
    "proxy.example.test": ROUTER,
    "db.example.test": SERVER,
    "operator.example.test": OPERATOR,
}


@dataclass(frozen=True, slots=True)
class Machines:
    """The operator meets the server and the router without passing what the router forwards."""

    client: Namespace
    router: Namespace
    server: Namespace
    operator: Namespace


@contextmanager
def machines() -> Iterator[Machines]:
    """Up and routed, every name server answering. Raises CalledProcessError, OSError."""
    with namespaces(("client", "router", "server", "operator")) as made, ExitStack() as stack:
        found = Machines(**made)
        _line(found.client, CLIENT, found.router, ROUTER)
        _line(found.router, _ROUTER_INSIDE, found.server, SERVER)
        _line(found.server, _SERVER_FOR_OPERATOR, found.operator, OPERATOR)
        _line(found.client, CLIENT_FOR_OPERATOR, found.operator, _OPERATOR_OUTSIDE)
        found.router.set_kernel(ipv4__ip_forward=1)
        found.server.set_kernel(ipv4__ip_forward=1)
        for machine, gateway in (
            (found.client, ROUTER),
            (found.router, SERVER),
            (found.server, _ROUTER_INSIDE),
            (found.operator, _SERVER_FOR_OPERATOR),
        ):
            run("ip", "-n", machine.name, "route", "add", "default", "via", gateway)
        for machine in made.values():
            stack.callback(machine.names.stop)
            with machine.entered():
                machine.names.start(NAMES)
        yield found


def _line(left: Namespace, left_address: str, right: Namespace, right_address: str) -> None:
    """A veth pair. Offloads are off: what passes are segments of the size that a wire has."""
    subnet = left_address.split(".")[2]
    ends = ((left, left_address), (right, right_address))
    names = [f"line{subnet}" for _ in ends]
    run(
        *("ip", "link", "add", names[0], "netns", left.name, "type", "veth"),
        *("peer", "name", names[1], "netns", right.name),
    )
    for (machine, address), name in zip(ends, names, strict=True):
        run("ip", "-n", machine.name, "address", "add", f"{address}/24", "dev", name)
        run("ip", "-n", machine.name, "link", "set", name, "up")
        with machine.entered():
            run("ethtool", "-K", name, "tso", "off", "gso", "off", "gro", "off")
