"""A server whose process runs no instruction: stopped by a signal or a debugger, or frozen.

Its port still takes connections, as the kernel does that, and nobody gets a greeting. Sources:
signal(7), proc(5), and the freezers in the kernel's cgroup documentation.
"""

from collections.abc import Iterator
from contextlib import suppress

from wizard.case.evidence import Evidence
from wizard.hosts.protocol import Host, HostError, ServerProcess

_STATES = {
    "stopped": "was stopped by a signal (SIGSTOP, SIGTSTP)",
    "tracing-stop": "is held by a debugger or tracer (gdb, gcore, strace)",
}
_FROZEN = frozenset({b"do_freezer_trap", b"__refrigerator"})
"""What /proc/PID/wchan names in a group of cgroup v2 or v1 that is frozen (docker pause)."""

_HIDDEN = frozenset({b"", b"0"})
"""What it says to another account, and of a process that runs right now."""


def held_process(process: ServerProcess | None, host: Host) -> Iterator[Evidence]:
    """That nobody can get an answer of the server now."""
    held = _held(process, host)
    if process is not None and held is not None:
        why, command = held
        yield Evidence(
            "host.process-stopped",
            f"the server's process {process.pid} {why}: it answers nobody until it is let go on"
            f" ({command})",
            f"/proc/{process.pid}",
        )


def let_go_on(process: ServerProcess | None, host: Host) -> str | None:
    """What lets it go on, to be typed or done there; None where nothing holds it."""
    held = _held(process, host)
    return None if held is None else held[1]


def _held(process: ServerProcess | None, host: Host) -> tuple[str, str] | None:
    """What holds it, and what lets it go on."""
    if process is None:
        return None
    if process.state == "stopped":
        return _STATES[process.state], f"kill -CONT {process.pid}"
    if process.state in _STATES:
        return _STATES[process.state], "end that tracer"
    if _is_frozen(process, host):
        return "is frozen with its control group (docker pause, a freezer)", "docker unpause, thaw"
    return None


def can_tell(process: ServerProcess, host: Host) -> bool:
    """Whether it would be seen here that the process is held."""
    return process.state in _STATES or _is_frozen(process, host) is not None


def _is_frozen(process: ServerProcess, host: Host) -> bool | None:
    """Whether the process is in a frozen control group; None where nothing tells that.

    Its wait channel is shown to few, the state of its group to all.
    """
    channel = _read(host, f"/proc/{process.pid}/wchan").strip()
    if channel in _FROZEN:
        return True
    told = [_read(host, path) for path in _freezers(_read(host, f"/proc/{process.pid}/cgroup"))]
    if any(b"frozen 1" in state or state.strip() == b"FROZEN" for state in told):
        return True
    return False if any(told) or channel not in _HIDDEN else None


def _freezers(groups: bytes) -> Iterator[str]:
    """The files that tell the state of the groups which /proc/PID/cgroup lists."""
    for line in groups.decode("utf-8", "replace").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        group = path.rstrip("/")
        if "freezer" in controllers.split(","):
            yield f"/sys/fs/cgroup/freezer{group}/freezer.state"
        elif number == "0" and not controllers:
            yield f"/sys/fs/cgroup{group}/cgroup.events"


def _read(host: Host, path: str) -> bytes:
    with suppress(HostError):
        return host.read(path, 0, 1 << 12)
    return b""
