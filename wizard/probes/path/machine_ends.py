"""What a machine at one end of the way tells: addresses, keepalive, listeners."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from wizard.hosts.protocol import Host, HostError
from wizard.probes.path.listener import Listener, listeners
from wizard.probes.path.proxy_config import ProxyConfig, read_config
from wizard.safety.sanitize import sanitize

KERNEL = (
    "tcp_keepalive_time",
    "tcp_keepalive_intvl",
    "tcp_keepalive_probes",
    "tcp_retries2",
    "tcp_mtu_probing",
)
"""Below /proc/sys/net/ipv4; they hold for IPv6 too. Seconds, seconds, counts, counts, 0 to 2."""


@dataclass(frozen=True, slots=True)
class Route:
    """`mtu` is that of the route, or of its device, in bytes."""

    device: str
    via: str = ""
    source: str = ""
    mtu: int | None = None


@dataclass(frozen=True, slots=True)
class Keepalives:
    """Of the server's `open` TCP sessions, how many have `keepalive` on.

    For one that rests no other timer runs.
    """

    open: int
    keepalive: int


@dataclass(frozen=True, slots=True)
class Listening:
    """Who listens on the port of a machine, and the configuration of a proxy that does."""

    label: str
    found: tuple[Listener, ...]
    config: ProxyConfig | None = None


@dataclass(frozen=True, slots=True)
class End:
    """One machine. What could not be had is empty, and `problems` says why."""

    label: str
    addresses: tuple[str, ...] = ()
    kernel: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def look_at(host: Host) -> End:
    problems = []
    addresses: tuple[str, ...] = ()
    kernel: dict[str, int] = {}
    try:
        addresses = own_addresses(host.run(("ip", "-o", "address")).stdout)
    except HostError as error:
        problems.append(str(error))
    try:
        told = host.run(("cat", *(f"/proc/sys/net/ipv4/{name}" for name in KERNEL))).stdout.split()
        kernel = {n: int(v) for n, v in zip(KERNEL, told, strict=False) if v.isdecimal()}
    except HostError as error:
        problems.append(str(error))
    return End(host.label, addresses, kernel, tuple(sanitize(p) for p in problems))


def own_addresses(text: str) -> tuple[str, ...]:
    """Of `ip -o address`: `2: eth0    inet 10.0.0.1/24 ...`."""
    return tuple(re.findall(r"\binet6? ([0-9a-fA-F.:]+)/", text))


def is_own(address: str, end: End) -> bool:
    """Whether the address is the machine's, as far as that is known."""
    return is_loopback(address) or address in end.addresses


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address in ("localhost", "ip6-localhost")


def listening_at(host: Host, address: str, port: int) -> Listening:
    """Who takes connections to `address`. Raises HostError."""
    found = listeners(host, port)
    meets = next((at for at in found if at.address == address), None)
    takers = [meets] if meets is not None else list(found)
    for taker in takers:
        if (config := read_config(host, taker, port)) is not None:
            return Listening(host.label, found, config)
    return Listening(host.label, found)


def taker_of(seen: Listening, address: str) -> Listener | None:
    """The listener that a connection to `address` meets, where it can be only one."""
    exact = [at for at in seen.found if at.address == address]
    wide = [at for at in seen.found if at.address in ("0.0.0.0", "*", "::")]
    fits = exact or wide
    programs = {at.process for at in fits}
    return fits[0] if len(programs) == 1 else None


def keepalives_of(host: Host, port: int) -> Keepalives | None:
    """None where ss(8) does not tell."""
    try:
        told = host.run(
            ("ss", "-H", "-t", "-n", "-o", "state", "established", "sport", "=", f":{port}")
        )
    except HostError:
        return None
    lines = told.stdout.splitlines()
    return Keepalives(len(lines), sum("timer:(" in line for line in lines))


def route_to(host: Host, address: str) -> Route | None:
    """By `ip route get`. None where it does not tell."""
    try:
        route = parsed_route(host.run(("ip", "-o", "route", "get", address)).stdout)
        if route is None or route.mtu is not None:
            return route
        link = host.run(("ip", "-o", "link", "show", "dev", route.device)).stdout
    except HostError:
        return None
    mtu = re.search(r"\bmtu ([0-9]+)", link)
    return Route(route.device, route.via, route.source, int(mtu[1]) if mtu else None)


def parsed_route(text: str) -> Route | None:
    """`10.0.0.2 via 10.0.0.1 dev eth0 src 10.0.0.9 uid 0 \\    cache mtu 1400`."""
    found = {
        name: match[1]
        for name in ("dev", "via", "src", "mtu")
        if (match := re.search(rf"\b{name} (?:lock )?([0-9A-Za-z_.:@-]+)", text))
    }
    if "dev" not in found:
        return None
    mtu = found.get("mtu", "")
    return Route(
        found["dev"], found.get("via", ""), found.get("src", ""),
        int(mtu) if mtu.isdecimal() else None,
    )  # fmt: skip


def resolved(host: Host, name: str) -> str | None:
    """The first address of a name, as that machine resolves it."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        pass
    else:
        return name
    try:
        told = host.run(("getent", "ahosts", name)).stdout.split()
    except HostError:
        return None
    return told[0] if told else None


def connection_figures(host: Host, address: str, port: int) -> Mapping[str, str]:
    """mss, pmtu, rtt and retrans of a connection of that machine to the address, by `ss -ti`."""
    try:
        told = host.run(
            ("ss", "-H", "-t", "-i", "-n", "dst", address, "and", "dport", "=", f":{port}")
        ).stdout
    except HostError:
        return {}
    found = {
        name: re.search(rf"\b{name}:([0-9./]+)", told) for name in ("mss", "pmtu", "rtt", "retrans")
    }
    return {name: match[1] for name, match in found.items() if match is not None}
