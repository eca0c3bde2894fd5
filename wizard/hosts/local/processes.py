"""The database servers that run on this machine, from psutil and /proc."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil

from wizard.hosts.local.listeners import listeners_of
from wizard.hosts.protocol import SERVER_NAMES, NotPermitted, ServerProcess
from wizard.safety.sanitize import sanitize

T = TypeVar("T")

_MAX_ARGUMENT = 4096
_ENDED = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
_HELD = (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)


def local_server_processes() -> tuple[ServerProcess, ...]:
    """Every running mysqld and mariadbd, oldest first. Raises NotPermitted where /proc hides
    other accounts' processes (mount option hidepid)."""
    _see_others()
    found = (_described(p) for p in psutil.process_iter() if _is_server(p))
    return tuple(sorted((p for p in found if p is not None), key=lambda p: p.create_time or 0.0))


def _see_others() -> None:
    try:
        Path("/proc/1/stat").stat()
    except OSError:
        raise NotPermitted(
            "/proc hides other accounts' processes (hidepid); run as root to see the server"
        ) from None


def _is_server(process: psutil.Process) -> bool:
    name = _allowed(process.name)
    return name in SERVER_NAMES and _allowed(process.status) not in _ENDED


def _described(process: psutil.Process) -> ServerProcess | None:
    create_time = _allowed(process.create_time)
    if create_time is None:
        return None
    memory = _allowed(process.memory_info)
    limit = _allowed(lambda: process.rlimit(psutil.RLIMIT_NOFILE))
    listening = listeners_of(process.pid)
    return ServerProcess(
        pid=process.pid,
        name=_allowed(process.name) or "",
        cmdline=tuple(sanitize(a, _MAX_ARGUMENT) for a in _allowed(process.cmdline) or ()),
        create_time=create_time,
        rss=memory.rss if memory is not None else None,
        num_fds=_allowed(process.num_fds),
        max_fds=limit[0] if limit is not None else _max_open_files(process.pid),
        num_threads=_allowed(process.num_threads),
        username=_allowed(process.username),
        root=_root(process.pid),
        listening=tuple(sorted(listening.ports)),
        sockets=tuple(
            sorted(sanitize(path, _MAX_ARGUMENT) for path in listening.sockets if path[0] == "/")
        ),
        state=state if (state := _allowed(process.status)) in _HELD else "",
    )


def _allowed(ask: Callable[[], T]) -> T | None:
    """The answer, or None where the process is gone or this account may not know."""
    try:
        return ask()
    except (psutil.Error, OSError):
        return None


def _max_open_files(pid: int) -> int | None:
    """/proc/PID/limits is readable where prlimit(2) on another account's process is not."""
    limits = _allowed(lambda: Path(f"/proc/{pid}/limits").read_text(encoding="utf-8")) or ""
    for line in limits.splitlines():
        if line.startswith("Max open files"):
            soft = line.split()[3]
            return int(soft) if soft.isdecimal() else None
    return None


def _root(pid: int) -> str:
    """Where the process's `/` is, as seen from here.

    The link of a process in a mount namespace of its own reads `/` (proc(5)), so a container
    is told by the directory behind it.
    """
    link = Path(f"/proc/{pid}/root")
    try:
        named, theirs, ours = link.readlink(), (link / ".").stat(), Path("/").stat()
    except OSError:
        return "/"
    if os.path.samestat(theirs, ours):
        return "/"
    return str(named) if named != Path("/") and _same(named, theirs) else str(link)


def _same(path: Path, expected: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), expected)
    except OSError:
        return False
