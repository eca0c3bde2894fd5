"""Timeouts in the configuration files of proxies. Pure: text in, seconds out.

HAProxy: Configuration Manual, chapters 2.4 (times), 3 and 4. MySQL Router: "Configuration File
Syntax". MaxScale: "Configuration Guide". ProxySQL reads its file at the first start only, and
keeps what was set since in its database.
"""

import configparser
import re
from collections.abc import Iterator
from dataclasses import dataclass

_TIME = re.compile(r"([0-9]{1,15})(us|ms|s|m|h|d)?")
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SECTIONS = ("defaults", "listen", "frontend", "backend")
_WANTED = ("client", "server", "tunnel", "connect", "client-fin", "server-fin")


@dataclass(frozen=True, slots=True)
class ProxyTimeout:
    """`name` as the file has it, `where` its section. `on_idle` says that it ends connections on
    which nothing moves."""

    name: str
    seconds: float
    where: str
    on_idle: bool


@dataclass(slots=True)
class _Section:
    kind: str
    name: str
    lines: list[list[str]]
    defaults: "_Section | None" = None

    @property
    def title(self) -> str:
        return f"{self.kind} {self.name}".strip()


def haproxy_timeouts(text: str, port: int) -> tuple[ProxyTimeout, ...]:
    """Of the sections that listen on `port`, and of those that they lead to.

    A section without a timeout of its own has that of the `defaults` before it.
    """
    sections = list(_sections(text))
    fronts = [s for s in sections if s.kind in ("listen", "frontend") and _binds(s, port)]
    targets = {name for front in fronts for name in _leads_to(front)}
    backs = [s for s in sections if s.kind in ("backend", "listen") and s.name in targets]
    found: dict[tuple[str, str], ProxyTimeout] = {}
    for section in (*fronts, *backs):
        sides = _sides(section)
        for name, seconds, where in _timeouts(section):
            if name in sides:
                on_idle = name in ("client", "server", "tunnel")
                found.setdefault((name, where), ProxyTimeout(name, seconds, where, on_idle))
    return tuple(found.values())


def _sections(text: str) -> Iterator[_Section]:
    defaults: dict[str, _Section] = {}
    last: _Section | None = None
    current: _Section | None = None
    for line in text.splitlines():
        words = _words(line)
        if not words:
            continue
        if words[0] in (*_SECTIONS, "global", "userlist", "peers", "resolvers", "cache", "program"):
            if current is not None:
                yield current
            named = words[3] if words[2:3] == ["from"] and len(words) > 3 else ""
            current = _Section(words[0], words[1] if len(words) > 1 else "", [])
            current.defaults = defaults.get(named) if named else last
            if words[0] == "defaults":
                last = defaults[current.name] = current
        elif current is not None:
            current.lines.append(words)
    if current is not None:
        yield current


def _words(line: str) -> list[str]:
    """Without comments; a backslash keeps the next character (2.2)."""
    bare = re.sub(r"(?<!\\)#.*", "", line)
    return bare.replace("\\ ", " ").split()


def _binds(section: _Section, port: int) -> bool:
    """`bind :3306`, `bind 10.0.0.1:3306,10.0.0.2:3306-3310`, or the address of `listen` itself."""
    places = [w[1] for w in section.lines if w[0] == "bind" and len(w) > 1]
    return any(_holds(place, port) for spec in places for place in spec.split(","))


def _holds(place: str, port: int) -> bool:
    ports = re.search(r":([0-9]{1,5})(?:-([0-9]{1,5}))?$", place)
    if ports is None:
        return False
    return int(ports[1]) <= port <= int(ports[2] or ports[1])


def _leads_to(section: _Section) -> Iterator[str]:
    for words in section.lines:
        if words[0] in ("default_backend", "use_backend") and len(words) > 1:
            yield words[1]


def _sides(section: _Section) -> tuple[str, ...]:
    """A frontend has no server's side, a backend no client's."""
    left_out = {"frontend": ("server", "connect"), "backend": ("client",)}.get(section.kind, ())
    return tuple(name for name in _WANTED if not name.startswith(left_out or ("-",)))


def _timeouts(section: _Section) -> Iterator[tuple[str, float, str]]:
    """Name, seconds and the section that sets it; its own go before its defaults'."""
    seen: set[str] = set()
    place: _Section | None = section
    while place is not None:
        for words in reversed(place.lines):
            if words[0] == "timeout" and len(words) > 2 and words[1] in _WANTED:
                seconds = _seconds(words[2])
                if words[1] not in seen and seconds is not None:
                    seen.add(words[1])
                    yield words[1], seconds, place.title
        place = place.defaults if place.kind != "defaults" else None


def _seconds(text: str, unit: str = "ms") -> float | None:
    found = _TIME.fullmatch(text.strip().strip("\"'"))
    return None if found is None else int(found[1]) * _UNITS[found[2] or unit]


def router_timeouts(text: str, port: int) -> tuple[ProxyTimeout, ...]:
    """MySQL Router: of the routing sections that are bound to `port`; in seconds."""
    found = []
    for name, values in _ini(text):
        bound = values.get("bind_port") or values.get("bind_address", "").rpartition(":")[2]
        if not name.startswith("routing") or bound != str(port):
            continue
        for option in ("client_connect_timeout", "connect_timeout", "server_ssl_session_timeout"):
            seconds = _seconds(values.get(option, ""), "s")
            if seconds is not None:
                found.append(ProxyTimeout(option, seconds, name, on_idle=False))
    return tuple(found)


def maxscale_timeouts(text: str, port: int) -> tuple[ProxyTimeout, ...]:
    """MaxScale: of the services whose listener is on `port`. A bare number is in seconds."""
    sections = dict(_ini(text))
    services = {v.get("service") for v in sections.values() if v.get("port") == str(port)}
    found = []
    for name, values in sections.items():
        if name not in services:
            continue
        for option in ("connection_timeout", "wait_timeout", "net_write_timeout", "idle_timeout"):
            seconds = _seconds(values.get(option, ""), "s")
            if seconds:
                on_idle = option in ("connection_timeout", "wait_timeout", "idle_timeout")
                found.append(ProxyTimeout(option, seconds, name, on_idle))
    return tuple(found)


def proxysql_timeouts(text: str, port: int) -> tuple[ProxyTimeout, ...]:
    """ProxySQL: mysql_variables, in milliseconds, where `interfaces` holds `port`."""
    block = re.search(r"mysql_variables\s*=\s*\{(.*?)\}", _without_comments(text), re.DOTALL)
    if block is None:
        return ()
    values = {
        name: quoted or bare.strip()
        for name, quoted, bare in re.findall(r'(\w+)\s*=\s*(?:"([^"]*)"|([^";\n]*))', block[1])
    }
    interfaces = values.get("interfaces", "0.0.0.0:6033")
    places = re.split(r"[;,]", interfaces)
    if not any(_holds(place.strip(), port) for place in places):
        return ()
    wanted = (
        ("wait_timeout", True),
        ("max_transaction_idle_time", True),
        ("max_transaction_time", False),
        ("default_query_timeout", False),
        ("connect_timeout_client", False),
    )
    found = ((name, _seconds(values.get(name, "").strip()), idle) for name, idle in wanted)
    return tuple(
        ProxyTimeout(f"mysql-{name}", seconds, "mysql_variables", idle)
        for name, seconds, idle in found
        if seconds is not None
    )


def _without_comments(text: str) -> str:
    return re.sub(r"(?m)(#|//).*$", "", text)


def _ini(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    parser = configparser.ConfigParser(strict=False, interpolation=None, default_section="DEFAULT")
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    for name in parser.sections():
        yield name, {key.lower(): value.strip() for key, value in parser.items(name)}
