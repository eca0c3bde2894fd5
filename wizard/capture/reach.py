"""Whether the files that the server writes are within our reach, and their disk's room."""

import os

from wizard.capture.logging_state import LoggingState
from wizard.capture.plan import Reach
from wizard.case.evidence import Scalar
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host, HostError
from wizard.hosts.remote.held_log import ROOM
from wizard.hosts.server_process import process_for
from wizard.server.session import ServerInfo
from wizard.target.model import Target


def reach_of(host: Host | None, target: Target, state: LoggingState, info: ServerInfo) -> Reach:
    """A file is of use only where we can open it and remove its name at once.

    That is as root, or as the server's own account. sudo is not used for it over SSH: a command
    there holds the file open.
    """
    if host is None:
        return Reach(why_no_file="the server is on another machine")
    datadir = state.values.get("datadir", "")
    facts: dict[str, Scalar] = {"flavor": info.flavor, **state.values}
    try:
        process = process_for(target, facts, host.server_processes(), host)
    except HostError as error:
        return Reach(why_no_file=str(error))
    if process is None:
        return Reach(why_no_file=f"the server's process cannot be told on {_place(host)}")
    root = "" if process.root == "/" else process.root.rstrip("/")
    directory = root + (datadir.rstrip("/") or "/")
    free = _room(host, directory) if datadir.startswith("/") else None
    if free is None:
        what = datadir or "the data directory"
        why = f"this account may not write in {what} on {_place(host)}"
        return Reach(why_no_file=why, root=root)
    return Reach(directory, free=free, root=root)


def _place(host: Host) -> str:
    return "this machine" if isinstance(host, LocalHost) else host.label


def _room(host: Host, directory: str) -> int | None:
    """The free bytes of a folder in which this account may write; None for another one."""
    if isinstance(host, LocalHost):
        ours = os.access(directory, os.R_OK | os.W_OK | os.X_OK)
        return free_bytes(directory) if ours else None
    try:
        told = host.run(("sh", "-c", ROOM, "sh", directory)).stdout.strip()
    except HostError:
        return None
    return int(told) if told.isascii() and told.isdecimal() else None


def free_bytes(directory: str) -> int | None:
    """What an ordinary account may still write there."""
    try:
        room = os.statvfs(directory)
    except OSError:
        return None
    return room.f_bavail * room.f_frsize
