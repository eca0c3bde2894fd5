"""Name lookups, timed: forward at the client's end of a way, backward at the server's."""

import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from wizard.hosts.protocol import Host, HostError
from wizard.probes.shared.patience import patiently
from wizard.probes.shared.way import Way
from wizard.safety.sanitize import sanitize

LOOKUPS = 5
"""Forward lookups on one way: enough to meet a name server that fails now and then."""

LIMIT = 30.0
"""Seconds for one lookup: glibc asks three name servers twice with 5 s each (resolv.conf(5))."""

_SLOW_ENOUGH = 5.0
"""Seconds for all lookups of one name together, after which no more are made."""

_NOT_FOUND = 2
"""getent(1): no entry, or no answer."""

Checkpoint = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Lookup:
    """`answers` in the order given; `failed` says why there are none, or is ""."""

    seconds: float
    answers: tuple[str, ...] = ()
    failed: str = ""


def is_name(host: str | None) -> bool:
    """Whether a name server may be asked for it."""
    text = (host or "localhost").lower()
    if text == "localhost" or text.endswith("localhost") or text.startswith("-"):
        return False
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return True
    return False


def forward(way: Way, checkpoint: Checkpoint) -> tuple[Lookup, ...]:
    """The server's name, looked up again and again on the way's machine. Empty where the target
    has no name, or that machine cannot be asked."""
    name = way.target.host or ""
    if way.target.socket or not is_name(name) or way.host is None:
        return ()
    lookups: list[Lookup] = []
    while len(lookups) < LOOKUPS and sum(done.seconds for done in lookups) < _SLOW_ENOUGH:
        checkpoint()
        done = _here(name, checkpoint) if way.own_sockets else _there(way.host, name, checkpoint)
        if done is None:
            break
        lookups.append(done)
    return tuple(lookups)


def backward(host: Host, address: str, checkpoint: Checkpoint) -> Lookup | None:
    """The name of a client's `address`, as the server's machine finds it; None where that
    machine cannot be asked."""
    return _getent(host, ("getent", "hosts", address), checkpoint)


def _here(name: str, checkpoint: Checkpoint) -> Lookup:
    """As an application on this machine would; getaddrinfo(3) takes no time limit."""
    began = time.monotonic()
    try:
        found = patiently(
            lambda: socket.getaddrinfo(name, None, type=socket.SOCK_STREAM), LIMIT, checkpoint
        )
    except (OSError, UnicodeError) as error:
        waited = time.monotonic() - began
        late = isinstance(error, TimeoutError)
        text = f"no answer within {LIMIT:g} s" if late else getattr(error, "strerror", "") or ""
        return Lookup(waited, failed=sanitize(text or "no valid name"))
    waited = time.monotonic() - began
    return Lookup(waited, tuple(dict.fromkeys(str(entry[4][0]) for entry in found)))


def _there(host: Host, name: str, checkpoint: Checkpoint) -> Lookup | None:
    return _getent(host, ("getent", "ahosts", name), checkpoint)


def _getent(host: Host, command: tuple[str, ...], checkpoint: Checkpoint) -> Lookup | None:
    began = time.monotonic()
    try:
        done = patiently(lambda: host.run(command, timeout=LIMIT), LIMIT + 5, checkpoint)
    except (HostError, TimeoutError):
        waited = time.monotonic() - began
        return Lookup(waited, failed=f"no answer within {LIMIT:g} s") if waited >= LIMIT else None
    waited = time.monotonic() - began
    if done.exit_code == _NOT_FOUND:
        return Lookup(waited, failed="no such entry, or no answer")
    if done.exit_code != 0:
        return None
    words = (line.split() for line in done.stdout.splitlines())
    # ahosts lists an address a line; hosts has the name behind the address.
    column = 0 if command[1] == "ahosts" else 1
    return Lookup(waited, tuple(dict.fromkeys(sanitize(w[column]) for w in words if len(w) > 1)))
