"""Whether the files that the server writes are within our reach, and their disk's room."""

import os
from pathlib import Path

from wizard.capture.logging_state import LoggingState
from wizard.capture.plan import Reach
from wizard.case.evidence import Scalar
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host, HostError
from wizard.hosts.server_process import process_for
from wizard.server.session import ServerInfo
from wizard.target.model import Target


def reach_of(host: Host | None, target: Target, state: LoggingState, info: ServerInfo) -> Reach:
    """A file is of use only where we can open it and remove its name at once."""
    if not isinstance(host, LocalHost):
        return Reach(why_no_file="the server is on another machine")
    datadir = state.values.get("datadir", "")
    facts: dict[str, Scalar] = {"flavor": info.flavor, **state.values}
    try:
        process = process_for(target, facts, host.server_processes(), host)
    except HostError as error:
        return Reach(why_no_file=str(error))
    if process is None:
        return Reach(why_no_file="the server's process cannot be told on this machine")
    directory = Path(process.root, *Path(datadir).parts[1:]) if datadir else Path()
    if not datadir.startswith("/") or not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        return Reach(why_no_file=f"this account may not write in {datadir or 'the data directory'}")
    return Reach(str(directory))


def free_bytes(directory: str) -> int | None:
    """What an ordinary account may still write there."""
    try:
        room = os.statvfs(directory)
    except OSError:
        return None
    return room.f_bavail * room.f_frsize
