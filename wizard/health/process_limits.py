"""What the kernel allows the server's process: files, threads, and its OOM score.

Sources: proc(5), and the pids controller in the kernel's cgroup documentation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.case.evidence import Evidence
from wizard.hosts.protocol import Host, ServerProcess
from wizard.hosts.small_files import number_of, text_of

THREADS_SHARE = 0.9
"""Share of the limit of threads; the rest goes in one burst of connections."""


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """The control group with the tightest limit of tasks. `refused` counts the forks and threads
    that the limit has refused since the group was made."""

    path: str
    current: int | None
    most: int | None
    refused: int | None


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """Soft limits; None for `unlimited` and for what could not be read. `readable` tells the
    two apart."""

    readable: bool = False
    max_files: int | None = None
    max_processes: int | None = None
    oom_score_adj: int | None = None
    tasks: TaskGroup | None = None


def parse_limits(text: str) -> dict[str, int | None]:
    """`/proc/PID/limits`: soft limit by name, None for unlimited."""
    found: dict[str, int | None] = {}
    for line in text.splitlines():
        name, words = line[:26].strip(), line[26:].split()
        if words and (words[0].isdecimal() or words[0] == "unlimited"):
            found[name] = int(words[0]) if words[0].isdecimal() else None
    return found


def read_limits(host: Host, pid: int) -> ProcessLimits:
    text = text_of(host, f"/proc/{pid}/limits")
    limits = parse_limits(text or "")
    return ProcessLimits(
        readable=bool(limits),
        max_files=limits.get("Max open files"),
        max_processes=limits.get("Max processes"),
        oom_score_adj=number_of(host, f"/proc/{pid}/oom_score_adj"),
        tasks=task_group(host, pid),
    )


def task_group(host: Host, pid: int) -> TaskGroup | None:
    """None where the process has no group with a count of tasks that may be read."""
    for line in (text_of(host, f"/proc/{pid}/cgroup") or "").splitlines():
        number, _, rest = line.partition(":")
        kinds, _, path = rest.partition(":")
        if "pids" in kinds.split(","):
            return _tightest(host, PurePosixPath("/sys/fs/cgroup/pids"), path)
        if number == "0" and not kinds:
            found = _tightest(host, PurePosixPath("/sys/fs/cgroup"), path)
            if found is not None:
                return found
    return None


def _tightest(host: Host, mount: PurePosixPath, path: str) -> TaskGroup | None:
    """Inside a container the path may be the host's, while the mount shows our group as `/`."""
    place = PurePosixPath(f"{mount}{path}")
    groups = [_group(host, at) for at in (place, *place.parents) if at.is_relative_to(mount)]
    if all(group is None for group in groups):
        groups = [_group(host, mount)]
    seen = [group for group in groups if group is not None]
    limited = [g for g in seen if g.most is not None and g.current is not None]
    if limited:
        return min(limited, key=lambda g: (g.most or 0) - (g.current or 0))
    return seen[0] if seen else None


def _group(host: Host, place: PurePosixPath) -> TaskGroup | None:
    current = number_of(host, f"{place}/pids.current")
    if current is None:
        return None
    words = (text_of(host, f"{place}/pids.events") or "").split()
    refused = (
        int(words[1]) if len(words) > 1 and words[0] == "max" and words[1].isdecimal() else None
    )
    return TaskGroup(str(place), current, number_of(host, f"{place}/pids.max"), refused)


def evidence(limits: ProcessLimits, process: ServerProcess) -> tuple[Evidence, ...]:
    """Threads near the limit of the control group, or of the account. The account's limit binds
    every process of it together, so the server's own threads are the least that counts; it does
    not bind root (setrlimit(2))."""
    tasks = limits.tasks
    if tasks is not None and tasks.most and (tasks.current or 0) >= THREADS_SHARE * tasks.most:
        text = f"the server's cgroup has {tasks.current} tasks and may have {tasks.most}"
        return (
            Evidence("host.threads-near-limit", text, tasks.path, value=float(tasks.current or 0)),
        )
    threads, most = process.num_threads, limits.max_processes
    if threads is None or not most or process.username == "root":
        return ()
    if threads < THREADS_SHARE * most:
        return ()
    text = f"the server has {threads} threads, and its account may have {most} (Max processes)"
    source = f"/proc/{process.pid}/limits"
    return (Evidence("host.threads-near-limit", text, source, value=float(threads)),)


def rows(limits: ProcessLimits) -> Iterator[tuple[str, str]]:
    """For the table of the process."""
    if not limits.readable:
        yield "Limits", "not visible to this account"
    else:
        most = limits.max_processes
        yield "Max processes", "unlimited" if most is None else str(most)
    if (tasks := limits.tasks) is not None:
        refused = f", {tasks.refused} refused" if tasks.refused else ""
        most_tasks = "no limit" if tasks.most is None else str(tasks.most)
        yield "Tasks in its cgroup", f"{tasks.current} of {most_tasks}{refused}"
    adjust = limits.oom_score_adj
    yield "oom_score_adj", "unknown" if adjust is None else f"{adjust}{_meaning(adjust)}"


def _meaning(adjust: int) -> str:
    if adjust == -1000:
        return " (the OOM killer never takes it)"
    if adjust == 0:
        return " (the largest process goes first)"
    return " (spared for longer)" if adjust < 0 else " (taken earlier than others)"
