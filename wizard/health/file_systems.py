"""The file systems that the server writes to: which they are, and whether one is full."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.case.evidence import Evidence, Scalar, Table
from wizard.hosts.protocol import DiskUsage, ServerProcess
from wizard.hosts.server_process import argument
from wizard.safety.sanitize import sanitize
from wizard.units import size

FULL_PERCENT = 99.0
"""At 99 % the next binary log or temporary table no longer fits."""

FULL_BELOW = 1 << 30
"""A large file system may be 99 % full and have room for days; below 1 GiB a default binary
log (max_binlog_size) does not fit."""

MIN_FREE = 64 << 20
"""Less than this is eaten by one temporary table or one InnoDB extension of 64 MiB."""

MIN_INODES = 100
"""A file system this near its end fails at the next handful of tables or temporary files."""

_DIRECTORIES = ("datadir", "tmpdir", "innodb_tmpdir", "innodb_log_group_home_dir")
_FILES = ("log_error", "log_bin_basename", "slow_query_log_file", "general_log_file")


@dataclass(frozen=True, slots=True)
class ServerPath:
    """A directory that the server writes to, as seen from the host."""

    uses: str
    path: str

    def holds(self, variable: str) -> bool:
        """Whether it is the place that `variable` names."""
        return variable in self.uses.split(", ")


def places(known: Mapping[str, Scalar], process: ServerProcess | None) -> tuple[ServerPath, ...]:
    """Where the server writes. `known` is by variable name; the process's own command line
    fills what is missing; relative names lie in the data directory, as the server takes them."""
    values = {
        name: str(known.get(name) or (process and argument(process, name)) or "")
        for name in (*_DIRECTORIES, *_FILES)
    }
    datadir = values["datadir"]
    named: dict[str, list[str]] = {}
    for name, value in values.items():
        for part in value.split(":") if name == "tmpdir" else (value,):
            path = _directory(part, datadir, is_file=name in _FILES)
            if path:
                named.setdefault(_seen_from_host(path, process), []).append(name)
    return tuple(ServerPath(", ".join(uses), path) for path, uses in named.items())


def _directory(value: str, datadir: str, is_file: bool) -> str:
    if not value or value in ("stderr", "stdout", "OFF", "ON"):
        return ""
    path = PurePosixPath(value)
    if not path.is_absolute():
        if not datadir:
            return ""
        path = PurePosixPath(datadir) / path
    return str(path.parent if is_file else path)


def _seen_from_host(path: str, process: ServerProcess | None) -> str:
    root = process.root if process is not None else "/"
    return str(PurePosixPath(root) / path.lstrip("/"))


def full(usages: Sequence[DiskUsage]) -> tuple[Evidence, ...]:
    """Evidence for each file system without room or without inodes, once a file system."""
    found: list[Evidence] = []
    for usage in _each_once(usages):
        where = sanitize(usage.path, 200)
        if _no_room(usage):
            found.append(
                Evidence(
                    "host.disk-full",
                    f"the file system of {where} is {usage.percent:.0f} % full, "
                    f"{size(usage.free)} free",
                    "disk usage of the host",
                    value=usage.percent,
                )
            )
        if usage.inodes_total and usage.inodes_free < MIN_INODES:
            found.append(
                Evidence(
                    "host.inodes-full",
                    f"the file system of {where} has {usage.inodes_free} of "
                    f"{usage.inodes_total} inodes left",
                    "disk usage of the host",
                    value=float(usage.inodes_free),
                )
            )
    return tuple(found)


def _no_room(usage: DiskUsage) -> bool:
    nearly = usage.percent >= FULL_PERCENT and usage.free < FULL_BELOW
    return nearly or (usage.free < MIN_FREE and usage.used > usage.free)


def _each_once(usages: Iterable[DiskUsage]) -> tuple[DiskUsage, ...]:
    return tuple({u.device or u.path: u for u in reversed(tuple(usages))}.values())


def table(found: Sequence[ServerPath], usages: Sequence[DiskUsage]) -> Table:
    """Free space and inodes of every place."""
    by_path = {u.path: u for u in usages}
    rows: list[tuple[str, ...]] = []
    for place in found:
        usage = by_path.get(place.path)
        where = (place.uses, sanitize(place.path, 200))
        if usage is None:
            rows.append((*where, "unknown", "unknown", "unknown"))
        else:
            inodes = str(usage.inodes_free) if usage.inodes_total else "no limit"
            rows.append((*where, size(usage.free), f"{usage.percent:.0f} %", inodes))
    return Table(
        "File systems that the server writes to",
        ("Use", "Directory", "Free", "Used", "Inodes free"),
        tuple(rows),
        "" if rows else "The server's directories are not known.",
    )
