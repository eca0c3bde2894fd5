"""Real proxies and tunnels on the loopback, each a process of our own."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.bench import Bench, NotHere
from tests.lab.clients import wait_until
from tests.servers.sshd.daemon import SshDaemon, free_port, new_key, public_line

_STREAM = Path("/usr/lib/nginx/modules/ngx_stream_module.so")


@contextmanager
def haproxy(place: Bench, seconds: int, server_seconds: int | None = None) -> Iterator[int]:
    """HAProxy in TCP mode with `timeout client` (and `timeout server`); yields its port."""
    port = free_port()
    config = f"""\
global
    maxconn 200
defaults
    mode tcp
    timeout connect 5s
    timeout client {seconds}s
    timeout server {server_seconds or seconds}s
listen db
    bind 127.0.0.1:{port}
    server db1 {place.server.host}:{place.server.port}
"""
    path = place.server.directory / "haproxy.cfg"
    path.write_text(config, encoding="utf-8")
    with _running(["haproxy", "-db", "-f", str(path)], place, port):
        yield port


@contextmanager
def nginx(place: Bench, seconds: int) -> Iterator[int]:
    """nginx's stream module with `proxy_timeout`; yields its port."""
    if not _STREAM.exists():
        raise NotHere("nginx has no stream module")
    port = free_port()
    directory = place.server.directory
    config = f"""\
load_module {_STREAM};
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log {directory}/nginx-error.txt info;
events {{ worker_connections 64; }}
stream {{
    server {{
        listen 127.0.0.1:{port};
        proxy_pass {place.server.host}:{place.server.port};
        proxy_timeout {seconds}s;
    }}
}}
"""
    path = directory / "nginx.conf"
    path.write_text(config, encoding="utf-8")
    with _running(["nginx", "-c", str(path)], place, port):
        yield port


class Tunnel:
    """`ssh -N -L` through a real sshd."""

    def __init__(self, place: Bench) -> None:
        self._place = place
        self._directory = place.server.directory / "tunnel"
        self._directory.mkdir()
        self._key = new_key(self._directory / "id_ed25519")
        self._daemon = SshDaemon(
            self._directory / "sshd", authorized=(public_line(self._key),),
            options={"AllowTcpForwarding": "yes"},
        )  # fmt: skip
        self._client: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    def __enter__(self) -> "Tunnel":
        self._daemon.start()
        self.open()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.drop()
        self._daemon.stop()

    def open(self) -> None:
        server = self._place.server
        known = self._directory / "known_hosts"
        known.write_text(self._daemon.known_host + "\n", encoding="ascii")
        options = ["BatchMode=yes", f"UserKnownHostsFile={known}", "ExitOnForwardFailure=yes"]
        words = [word for option in options for word in ("-o", option)]
        forward = f"127.0.0.1:{self.port}:{server.host}:{server.port}"
        self._client = subprocess.Popen(
            ["ssh", "-F", "none", "-N", *words, "-i", str(self._key), "-p", str(self._daemon.port),
             "-L", forward, "root@127.0.0.1"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_until(lambda: _answers(self.port))

    def drop(self) -> None:
        if self._client is not None:
            self._client.terminate()
            self._client.wait(10)
        self._client = None


@contextmanager
def _running(command: list[str], place: Bench, port: int) -> Iterator[None]:
    found = shutil.which(command[0], path="/usr/sbin:/usr/bin:/sbin:/usr/local/sbin")
    if found is None:
        raise NotHere(f"{command[0]} is not installed")
    said = place.server.directory / f"{command[0]}.out"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [found, *command[1:]], stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        wait_until(lambda: process.poll() is not None or _answers(port))
        if process.poll() is not None:
            raise NotHere(f"{command[0]}: {said.read_text().strip()[-200:]}")
        time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(10)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
