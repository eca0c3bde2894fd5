"""Who listens on a port of a machine, on which address, and how full its queue is."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from wizard.hosts.protocol import SERVER_NAMES, Host, HostError
from wizard.safety.sanitize import sanitize

FORWARDERS = frozenset(
    {
        "cloud-sql-proxy",
        "cloud_sql_proxy",
        "docker-proxy",
        "envoy",
        "haproxy",
        "kubectl",
        "maxscale",
        "mysqlrouter",
        "nginx",
        "proxysql",
        "rinetd",
        "rootlessport",
        "slirp4netns",
        "socat",
        "ssh",
        "sshd",
        "stunnel",
        "stunnel4",
        "xinetd",
    }
)
"""Programs that accept whether or not a server is behind them."""


@dataclass(frozen=True, slots=True)
class Listener:
    """`process` is "" where this account may not see whose it is. `waiting` connections were not
    accepted yet, of at most `backlog` (None where it is not told)."""

    address: str
    process: str = ""
    pid: int | None = None
    waiting: int = 0
    backlog: int | None = None

    @property
    def is_server(self) -> bool:
        return self.process in SERVER_NAMES

    @property
    def is_forwarder(self) -> bool:
        return self.process in FORWARDERS

    @property
    def is_full(self) -> bool:
        return self.backlog is not None and self.waiting > self.backlog


def listeners(host: Host, port: int) -> tuple[Listener, ...]:
    """By ss(8), else by /proc/net/tcp, which tells no program. Raises HostError."""
    with contextlib.suppress(HostError):
        told = host.run(("ss", "-H", "-l", "-t", "-n", "-p", "sport", "=", f":{port}"))
        if told.exit_code == 0:
            return tuple(from_ss(told.stdout))
    tables = [host.read("/proc/net/tcp", length=1 << 20)]
    with contextlib.suppress(HostError):
        tables.append(host.read("/proc/net/tcp6", length=1 << 20))
    return tuple(found for t in tables for found in from_proc(t.decode("ascii", "replace"), port))


def from_ss(text: str) -> Iterator[Listener]:
    """A listener's queue and backlog from `ss -Hltnp`.

    Of lines such as `LISTEN 0 80 127.0.0.1:3306 0.0.0.0:* users:(("mariadbd",pid=7,fd=20))` Recv-Q
    is what waits and Send-Q the backlog.
    """
    for line in text.splitlines():
        words = line.split()
        if len(words) < 5 or words[0] != "LISTEN" or not (words[1] + words[2]).isdecimal():
            continue
        address = words[3].rpartition(":")[0].partition("%")[0].strip("[]")
        owner = re.search(r'\(\("([^"]{1,64})",pid=([0-9]+)', line)
        yield Listener(
            sanitize(address, 64),
            sanitize(owner[1], 64) if owner else "",
            int(owner[2]) if owner else None,
            int(words[1]),
            int(words[2]),
        )


def from_proc(text: str, port: int) -> Iterator[Listener]:
    """proc_net(5): the local address in hexadecimal, each 32 bits in the machine's order."""
    for line in text.splitlines()[1:]:
        words = line.split()
        if len(words) < 5 or words[3] != "0A":
            continue
        address, _, number = words[1].partition(":")
        if int(number, 16) == port:
            yield Listener(_dotted(address), waiting=int(words[4].rpartition(":")[2], 16))


def _dotted(address: str) -> str:
    raw = b"".join(bytes.fromhex(address[i : i + 8])[::-1] for i in range(0, len(address), 8))
    if len(raw) == 4:
        return ".".join(str(byte) for byte in raw)
    if not any(raw):
        return "::"
    if raw[:12] == bytes(10) + b"\xff\xff":
        return ".".join(str(byte) for byte in raw[12:])
    return ":".join(raw[i : i + 2].hex() for i in range(0, 16, 2))
