"""Which of a machine's server processes is the one that the target names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.hosts.base import Host, HostError, ServerProcess

if TYPE_CHECKING:
    from wizard.steps.base import Context


def server_process(context: Context, host: Host) -> ServerProcess | None:
    """The target's own process, or None: the wrong server's log is worse than no log."""
    try:
        candidates = host.server_processes()
    except HostError:
        return None
    sure = [p for p in candidates if _is_target(context, p)]
    if not sure:
        sure = [p for p in candidates if _has_pid_file(context, host, p)]
    if len(sure) == 1:
        return sure[0]
    # A lone process whose ports cannot be seen (a network namespace of its own) is taken,
    # but only for a server that answers.
    if not sure and len(candidates) == 1 and context.server is not None:
        only = candidates[0]
        return None if only.listening or only.sockets else only
    return None


def _is_target(context: Context, process: ServerProcess) -> bool:
    target, case = context.target, context.case
    socket = target.socket or case.fact("connection", "socket")
    if context.server is None and target.socket is None:
        socket = None
    if socket and _given(process, "socket") == socket:
        return True
    if socket and (socket in process.sockets or _inside(process, str(socket))):
        return True
    datadir = case.fact("connection", "datadir")
    if isinstance(datadir, str) and datadir:
        given = _given(process, "datadir")
        if given is not None:
            return given.rstrip("/") == datadir.rstrip("/")
    return target.socket is None and target.port in process.listening


def _inside(process: ServerProcess, socket: str) -> bool:
    """Whether the target's socket lies under the process's own root (a chroot, a container)."""
    return any(socket.endswith(inner) for inner in process.sockets if process.root != "/")


def _given(process: ServerProcess, name: str) -> str | None:
    start = f"--{name}="
    return next((w[len(start) :] for w in process.cmdline if w.startswith(start)), None)


def _has_pid_file(context: Context, host: Host, process: ServerProcess) -> bool:
    path = context.case.fact("connection", "pid_file")
    if not isinstance(path, str) or not path.startswith("/"):
        return False
    root = process.root if process.root not in ("", "/") else ""
    try:
        text = host.read(root + path, 0, 32).decode("ascii", "replace").strip()
    except HostError:
        return False
    return text == str(process.pid) or (bool(root) and text == "1")
