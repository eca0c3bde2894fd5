"""Turns kills for want of memory into evidence: our server's, and others'."""

from collections.abc import Iterable
from datetime import UTC, datetime

from wizard.case import clocks
from wizard.case.case import Window
from wizard.case.evidence import MAX_OCCURRENCES, Evidence, Occurrence, Table
from wizard.health.cgroup import MemoryGroup
from wizard.health.kernel_lines import Kill
from wizard.hosts.protocol import ServerProcess
from wizard.units import moment, size

MAX_ROWS = 50
"""Kills in the table, the newest; a machine in a loop has thousands."""

SESSION_THREADS = ("connection", "one_connection")
"""What MySQL 8 and MariaDB 11.8 call the threads of their sessions: the asker is the server."""


def relevant(kills: Iterable[Kill], window: Window, dead_pids: frozenset[int]) -> tuple[Kill, ...]:
    """Those inside the window, and those of a process that the error log knows as dead."""
    return tuple(k for k in kills if window.holds(k.at, clocks.KERNEL_LOG) or k.pid in dead_pids)


def evidence(kills: Iterable[Kill], own: ServerProcess | None) -> tuple[Evidence, ...]:
    """One `kernel.oom-kill` for each killed server, one `kernel.oom-other` for all the rest."""
    servers: list[Evidence] = []
    others: list[Kill] = []
    for kill in kills:
        if kill.is_server and not _outlived(kill, own):
            servers.append(_server_killed(kill))
        else:
            others.append(kill)
    return (*servers, *([_others_killed(others)] if others else []))


def _outlived(kill: Kill, own: ServerProcess | None) -> bool:
    """Whether the target's process was already running, and so another server was killed."""
    if own is None or own.create_time is None or kill.at is None:
        return False
    return datetime.fromtimestamp(own.create_time, UTC) < kill.at - clocks.KERNEL_LOG


def _victim(kill: Kill) -> str:
    if kill.name:
        return kill.name + (f" (pid {kill.pid})" if kill.pid is not None else "")
    return kill.unit or "a process"


def _server_killed(kill: Kill) -> Evidence:
    parts = [f"{kill.by} killed {_victim(kill)}, {moment(kill.at)}"]
    if kill.rss:
        parts.append(f"it held {size(kill.rss)}")
    if kill.limited:
        parts.append(f"the memory limit of its cgroup {kill.cgroup} was reached".replace("  ", " "))
    elif kill.asker and kill.asker not in (kill.name, *SESSION_THREADS):
        parts.append(f"{kill.asker} had asked for the memory")
    return Evidence(
        "kernel.oom-kill",
        "; ".join(parts),
        kill.source,
        first=kill.at,
        last=kill.at,
        excerpt=kill.raw,
        value=float(kill.pid) if kill.pid is not None else None,
        occurrences=(Occurrence(at=kill.at),),
    )


def _others_killed(kills: list[Kill]) -> Evidence:
    last = kills[-1]
    return Evidence(
        "kernel.oom-other",
        f"{last.by} killed {_victim(last)}, {moment(last.at)}"
        + (f", and {len(kills) - 1} more" if len(kills) > 1 else ""),
        last.source,
        count=len(kills),
        first=kills[0].at,
        last=last.at,
        excerpt=last.raw,
        value=float(last.pid) if last.pid is not None else None,
        occurrences=tuple(Occurrence(at=k.at) for k in kills[:MAX_OCCURRENCES]),
    )


def table(kills: Iterable[Kill]) -> Table:
    """Every kill that the kernel log knows, in or outside the window."""
    rows = tuple((moment(k.at), _victim(k), size(k.rss), k.by, k.asker, k.source) for k in kills)
    titles = ("When", "Killed", "Held", "By", "Asked for memory", "Source")
    return Table("Killed for want of memory", titles, rows[-MAX_ROWS:])


def counted(group: MemoryGroup | None) -> tuple[Evidence, ...]:
    """The cgroup's own counter, for when no log tells of the kill: it has no time and no pid."""
    if group is None or not group.limit or not group.oom_kills:
        return ()
    text = (
        f"the kernel has killed {group.oom_kills} processes in the server's memory cgroup "
        f"(limit {size(group.limit)}) since it was made"
    )
    return (Evidence("kernel.oom-kill", text, group.path, group.oom_kills, weak=True),)
