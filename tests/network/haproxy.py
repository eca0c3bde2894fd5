"""A real HAProxy in TCP mode before the database."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.network.namespaces import Namespace, missing
from tests.servers.harness.requirement import unavailable

_START_SECONDS = 120.0
_LONG = 3600.0


@dataclass(frozen=True, slots=True)
class Proxy:
    port: int


@contextmanager
def haproxy(
    machine: Namespace, listen: str, server: tuple[str, int],
    client_timeout: float = _LONG, server_timeout: float = _LONG,
) -> Iterator[Proxy]:  # fmt: skip
    """On a free port of the address `listen` of that machine; `timeout client` and `timeout
    server` in seconds."""
    if missing("haproxy"):
        unavailable("the package haproxy")
    with machine.entered(), socket.create_server((listen, 0)) as probe:
        port = probe.getsockname()[1]
    config = machine.directory / f"haproxy-{port}.cfg"
    config.write_text(_config((listen, port), server, client_timeout, server_timeout))
    log = config.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*machine.launcher(), "haproxy", "-db", "-f", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        _wait_until_it_listens(process, machine, (listen, port), log)
        yield Proxy(port)
    finally:
        process.kill()
        process.wait()


def _config(
    listen: tuple[str, int], server: tuple[str, int], client_timeout: float, server_timeout: float
) -> str:
    return f"""\
global
    maxconn 200
defaults
    mode tcp
    timeout connect 5s
    timeout client {round(client_timeout * 1000)}ms
    timeout server {round(server_timeout * 1000)}ms
listen database
    bind {listen[0]}:{listen[1]}
    server db {server[0]}:{server[1]}
"""


def _wait_until_it_listens(
    process: "subprocess.Popen[bytes]", machine: Namespace, place: tuple[str, int], log: Path
) -> None:
    """By the kernel's table of listeners: a connection would reach the database."""
    wanted = f":{place[1]:04X} 00000000:0000 0A "
    give_up = time.monotonic() + _START_SECONDS
    with machine.entered():
        while wanted not in Path("/proc/thread-self/net/tcp").read_text(encoding="ascii"):
            assert process.poll() is None, f"haproxy ended: {log.read_text()}"
            assert time.monotonic() < give_up, f"haproxy does not listen: {log.read_text()}"
            time.sleep(0.02)
