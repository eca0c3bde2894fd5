"""Where the database is: a line that names its host and port speaks of it.

`dial tcp 127.0.0.1:36146: connect: connection refused` names no MySQL. It is the database's
where the operator's target is that place, or where another line of the same log named the
place together with MySQL (a DSN, a driver's own error).
"""

import re
from collections.abc import Iterable

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
_MOST = 16
_PLACE = r"(?P<host>\[[0-9a-fA-F:]+\]|[\w.-]{1,200})"
LEARNT = re.compile(
    rf"(?:ECONNREFUSED|ETIMEDOUT|ECONNRESET|dial tcp|mysql://(?:[^@\s/]*@)?|mariadb://(?:[^@\s/]*@)?"
    rf"|@tcp\(|connect to|server on '?) ?{_PLACE}[:)](?P<port>\d{{2,5}})\b"
    rf"|\(host={_PLACE.replace('host', 'host2')}\)\(port=(?P<port2>\d{{2,5}})\)"
    r"|(?:ENOTFOUND|EAI_AGAIN|lookup|getaddrinfo for|server on|server host) '?"
    r"(?P<name>[\w-]+\.[\w.-]+)"
)
"""A place as programs write it. It is the database's where the line speaks of MySQL."""


class Endpoints:
    """The places of the database that are known so far; `known` are `host:port` or names."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known: dict[str, None] = {}
        for place in known:
            self._add(place)

    def named_in(self, text: str) -> bool:
        """Whether `text` names one of the places."""
        return bool(self._known) and any(_stands_in(place, text.lower()) for place in self._known)

    def learn(self, text: str) -> None:
        """Take the places in `text`, which speaks of MySQL."""
        for found in LEARNT.finditer(text):
            host, port = found["host"] or found["host2"], found["port"] or found["port2"]
            self._add(f"{host}:{port}" if host else found["name"])

    def _add(self, place: str) -> None:
        host, _, port = place.lower().rpartition(":")
        hosts = _LOCAL if host in _LOCAL else (host,)
        for one in hosts:
            if len(self._known) < _MOST:
                self._known[f"{one}:{port}" if host else port] = None


def endpoints_of(host: str | None, port: int, socket: str | None = None) -> tuple[str, ...]:
    """The places that a target's host, port and socket are written as."""
    paths = (socket,) if socket else ()
    if not host:
        return (f"localhost:{port}", *paths)
    named = "." in host and not host.replace(".", "").isdecimal()
    return (f"{host}:{port}", host, *paths) if named else (f"{host}:{port}", *paths)


def _stands_in(place: str, folded: str) -> bool:
    at = folded.find(place)
    if at < 0:
        return False
    before, after = folded[at - 1 : at] if at else "", folded[at + len(place) : at + len(place) + 1]
    return not (before.isalnum() or before in "-_.") and not after.isalnum()
