"""The memory limit that a container runtime or service manager has set on a process.

cgroup v1 and v2, "Memory Resource Controller" in the kernel's documentation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.health.pressure import Pressure, parse_pressure
from wizard.hosts.protocol import Host
from wizard.hosts.small_files import text_of
from wizard.safety.sanitize import sanitize

NO_LIMIT = 1 << 60
"""cgroup v1 writes "no limit" as the largest multiple of a page; nobody has an exbibyte."""


@dataclass(frozen=True, slots=True)
class MemoryGroup:
    """`limit` is the tightest of the group and its parents, None where there is none; `used`
    leaves out file pages that the kernel can drop at once; `oom_kills` counts the processes that
    the kernel has killed in this very group since it was made; `limit_hits` how often it met its
    limit and had to give pages back; `pressure` is cgroup v2's own memory pressure."""

    path: str
    limit: int | None
    used: int | None
    oom_kills: int | None
    limit_hits: int | None = None
    pressure: Pressure | None = None


@dataclass(frozen=True, slots=True)
class _Files:
    """The names that one version of the interface uses."""

    limit: str
    usage: str
    kills: str
    droppable: str
    hits: tuple[str, str]
    pressure: str


_V1 = _Files(
    "memory.limit_in_bytes", "memory.usage_in_bytes", "memory.oom_control", "total_inactive_file",
    ("memory.failcnt", ""), "",
)  # fmt: skip
_V2 = _Files(
    "memory.max",
    "memory.current",
    "memory.events",
    "inactive_file",
    ("memory.events", "max"),
    "memory.pressure",
)


def memory_group(host: Host, pid: int) -> MemoryGroup | None:
    """The memory cgroup of a process, or None where it has none or it may not be read."""
    for names, path in _paths(host, pid):
        if names is _V1:
            return _group(host, "/sys/fs/cgroup/memory", path, _V1)
        unified = _group(host, "/sys/fs/cgroup", path, _V2)
        if unified is not None:
            return unified
    return None


def memory_group_path(host: Host, pid: int) -> str:
    """The path as the kernel's own lines name it, or "" where it may not be read."""
    paths = dict(reversed(list(_paths(host, pid))))
    return paths.get(_V1, paths.get(_V2, ""))


def _paths(host: Host, pid: int) -> Iterator[tuple[_Files, str]]:
    """Of both versions of the interface, in the order of /proc/PID/cgroup."""
    for line in _text(host, f"/proc/{pid}/cgroup").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if "memory" in controllers.split(","):
            yield _V1, path
        elif number == "0" and not controllers:
            yield _V2, path


def _group(host: Host, mount: str, path: str, names: _Files) -> MemoryGroup | None:
    """Inside a container the path may be the host's, while the mount shows our group as `/`."""
    for place in (PurePosixPath(mount + path), PurePosixPath(mount)):
        usage = _number(_text(host, place / names.usage))
        if usage is None:
            continue
        stat = _table(_text(host, place / "memory.stat"))
        kills = _table(_text(host, place / names.kills))
        return MemoryGroup(
            path=sanitize(str(place), 300),
            limit=_tightest(host, place, PurePosixPath(mount), names),
            used=max(0, usage - stat.get(names.droppable, 0)),
            oom_kills=kills.get("oom_kill"),
            limit_hits=_hits(_text(host, place / names.hits[0]), names.hits[1]),
            pressure=parse_pressure(_text(host, place / names.pressure))
            if names.pressure
            else None,
        )
    return None


def _tightest(host: Host, place: PurePosixPath, mount: PurePosixPath, names: _Files) -> int | None:
    limits: list[int] = []
    for group in (place, *place.parents):
        limit = _number(_text(host, group / names.limit))
        if limit is not None and limit < NO_LIMIT:
            limits.append(limit)
        if group == mount:
            break
    return min(limits, default=None)


def _hits(text: str, name: str) -> int | None:
    """v1 keeps the number alone in a file, v2 under a name."""
    return _table(text).get(name) if name else _number(text)


def _text(host: Host, path: PurePosixPath | str) -> str:
    return text_of(host, str(path)) or ""


def _number(text: str) -> int | None:
    """None for `max` (no limit) and for what could not be read."""
    stripped = text.strip()
    return int(stripped) if stripped.isdecimal() else None


def _table(text: str) -> dict[str, int]:
    pairs = (line.split() for line in text.splitlines())
    return {p[0]: int(p[1]) for p in pairs if len(p) == 2 and p[1].isdecimal()}
