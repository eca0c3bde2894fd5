"""Faults that a router's packet filter stages (nft(8)); each counts what it dropped."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.network.namespaces import Namespace

_DEFAULTS = {
    "netfilter__nf_conntrack_tcp_timeout_established": 432000,
    "netfilter__nf_conntrack_tcp_loose": 1,
}


class Direction(StrEnum):
    """Of the packets that a fault hits."""

    TO_SERVER = "to server"
    FROM_SERVER = "from server"
    BOTH = "both"


@dataclass(slots=True)
class Filter:
    """A fault on a router; `ended_with` is what `hits` was at its end.

    Counts hold whatever comes to the port: what a connection that got stuck in the fault before
    sends again may be among it.
    """

    router: Namespace
    table: str
    ended_with: int = -1

    def hits(self) -> int:
        """How many packets it has dropped, or answered with a reset."""
        return sum(_packets(rule) for rule in self._rules() if len(rule) > 1)

    def seen(self) -> int:
        """How many packets it has looked at."""
        return sum(_packets(rule) for rule in self._rules() if len(rule) == 1)

    def _rules(self) -> list[list[dict[str, Any]]]:
        text = self.router.run("nft", "--json", "list", "chain", "inet", self.table, "bad")
        listed = json.loads(text)["nftables"]
        return [entry["rule"]["expr"] for entry in listed if "rule" in entry]


def _packets(rule: list[dict[str, Any]]) -> int:
    return sum(part["counter"]["packets"] for part in rule if "counter" in part)


@contextmanager
def staged(
    router: Namespace, port: int, *rules: str, direction: Direction = Direction.BOTH
) -> Iterator[Filter]:
    """Packets of the server's TCP `port` that are routed meet `rules`, until the end."""
    ways = {Direction.TO_SERVER: ("dport",), Direction.FROM_SERVER: ("sport",)}
    matches = "\n".join(
        f"tcp {way} {port} jump bad;" for way in ways.get(direction, ("dport", "sport"))
    )
    table = f"fault_{secrets.token_hex(4)}"
    text = f"""
table inet {table} {{
    chain bad {{ {"; ".join(("counter", *rules))}; }}
    chain forward {{ type filter hook forward priority 0; policy accept; {matches} }}
}}
"""
    router.run("nft", "-f", "-", text=text)
    fault = Filter(router, table)
    try:
        yield fault
    finally:
        fault.ended_with = fault.hits()
        router.run("nft", "delete", "table", "inet", table)


@contextmanager
def stateful(router: Namespace, port: int, seconds: int, verdict: str) -> Iterator[Filter]:
    """A firewall that forgets a flow after `seconds` without a packet; `verdict` is for packets
    of flows that it does not know. The kernel looks at the age when a packet comes: measured, a
    flow is known at 2.0 s and gone at 2.1 s where `seconds` is 2."""
    router.set_kernel(
        netfilter__nf_conntrack_tcp_timeout_established=seconds,
        netfilter__nf_conntrack_tcp_loose=0,
    )
    rules = (f"ct state invalid counter {verdict}", "ct state established,new accept")
    try:
        with staged(router, port, *rules) as fault:
            yield fault
    finally:
        router.set_kernel(**_DEFAULTS)


def probe(router: Namespace) -> None:
    """Raises CalledProcessError where the kernel lacks what the faults need, OSError where it
    lets nobody set how long it knows a flow."""
    with stateful(router, 1, 5, "reject with tcp reset"):
        pass
    with staged(router, 1, loss(5), size_limit(1200)):
        pass


def loss(percent: float) -> str:
    """The rule that drops packets at random."""
    return f"numgen random mod 10000 < {round(percent * 100)} counter drop"


def size_limit(size: int) -> str:
    """The rule that drops IP packets above `size` bytes, headers counted, and tells nobody."""
    return f"meta length > {size} counter drop"
