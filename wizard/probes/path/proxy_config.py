"""The configuration of the proxy that listens on a port, where its machine can be looked at."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.hosts.protocol import Host, HostError
from wizard.probes.path.listener import Listener
from wizard.probes.path.proxy_files import (
    ProxyTimeout,
    haproxy_timeouts,
    maxscale_timeouts,
    proxysql_timeouts,
    router_timeouts,
)
from wizard.safety.sanitize import sanitize

_MOST = 1 << 20
"""Bytes of one file that are read."""

_MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class _Kind:
    flags: tuple[str, ...]
    usual: str
    parse: Callable[[str, int], tuple[ProxyTimeout, ...]]


_KINDS = {
    "haproxy": _Kind(("-f",), "/etc/haproxy/haproxy.cfg", haproxy_timeouts),
    "mysqlrouter": _Kind(("-c", "--config"), "/etc/mysqlrouter/mysqlrouter.conf", router_timeouts),
    "maxscale": _Kind(("-f", "--config"), "/etc/maxscale.cnf", maxscale_timeouts),
    "proxysql": _Kind(("-c", "--config"), "/etc/proxysql.cnf", proxysql_timeouts),
}


@dataclass(frozen=True, slots=True)
class ProxyConfig:
    """`timeouts` that concern the port, read from `files`; `problem` where they were not."""

    process: str
    files: tuple[str, ...] = ()
    timeouts: tuple[ProxyTimeout, ...] = ()
    problem: str = ""

    @property
    def idle(self) -> ProxyTimeout | None:
        """The one that ends idle connections first."""
        on_idle = [t for t in self.timeouts if t.on_idle and t.seconds > 0]
        return min(on_idle, key=lambda t: t.seconds, default=None)


def read_config(host: Host, listener: Listener, port: int) -> ProxyConfig | None:
    """None where the listener is no proxy whose files are known."""
    kind = _KINDS.get(listener.process)
    if kind is None:
        return None
    texts: dict[str, str] = {}
    problem = ""
    for path in (*_named(host, listener, kind), kind.usual):
        if texts:
            break
        try:
            texts.update(_read(host, listener, path))
        except HostError as error:
            problem = str(error)
    if not texts:
        return ProxyConfig(listener.process, problem=sanitize(problem, 200))
    # HAProxy takes several files as one.
    timeouts = kind.parse("\n".join(texts.values()), port)
    return ProxyConfig(listener.process, tuple(sanitize(name) for name in texts), timeouts)


def _named(host: Host, listener: Listener, kind: _Kind) -> Iterator[str]:
    """On its command line."""
    with contextlib.suppress(HostError):
        line = host.read(f"/proc/{listener.pid}/cmdline", length=16 << 10)
        words = line.decode("utf-8", "surrogateescape").split("\0")
        for at, word in enumerate(words):
            name, _, value = word.partition("=")
            if name in kind.flags:
                value = value or (words[at + 1] if at + 1 < len(words) else "")
                if value:
                    yield value


def _read(host: Host, listener: Listener, path: str) -> dict[str, str]:
    """The file, or those in the directory, as the proxy's own process sees them.

    It may be in a container. Raises HostError.
    """
    seen = PurePosixPath(path)
    if not seen.is_absolute():
        seen = PurePosixPath(f"/proc/{listener.pid}/cwd") / seen
    inside = PurePosixPath(f"/proc/{listener.pid}/root{seen}")
    for place in (inside, seen) if listener.pid is not None else (seen,):
        with contextlib.suppress(HostError):
            if not host.stat(place).is_dir:
                return {path: _text(host, place)}
            names = [name for name in host.list_dir(place) if name.endswith(".cfg")]
            return {f"{path}/{n}": _text(host, place / n) for n in names[:_MOST_FILES]}
    return {path: _text(host, seen)}


def _text(host: Host, path: PurePosixPath) -> str:
    return host.read(path, length=_MOST).decode("utf-8", "replace")
