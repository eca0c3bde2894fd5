"""A server whose process runs no instruction: stopped by a signal or a debugger, or frozen.

Its port still takes connections, as the kernel does that, and nobody gets a greeting. Sources:
signal(7), proc(5), and the freezers in the kernel's cgroup documentation.
"""

from collections.abc import Iterator

from wizard.case.evidence import Evidence
from wizard.hosts.protocol import Host, HostError, ServerProcess

_STATES = {
    "stopped": "was stopped by a signal (SIGSTOP, SIGTSTP)",
    "tracing-stop": "is held by a debugger or tracer (gdb, gcore, strace)",
}
_FROZEN = frozenset({b"do_freezer_trap", b"__refrigerator"})
"""What /proc/PID/wchan names in a group of cgroup v2 or v1 that is frozen (docker pause)."""


def held_process(process: ServerProcess | None, host: Host) -> Iterator[Evidence]:
    """That nobody can get an answer of the server now."""
    if process is None:
        return
    source, why = f"/proc/{process.pid}/stat", _STATES.get(process.state, "")
    if not why and _is_frozen(process, host):
        source = f"/proc/{process.pid}/wchan"
        why = "is frozen with its control group (docker pause, a freezer)"
    if why:
        yield Evidence(
            "host.process-stopped",
            f"the server's process {process.pid} {why}: it answers nobody until it is let go on",
            source,
        )


def _is_frozen(process: ServerProcess, host: Host) -> bool:
    try:
        return host.read(f"/proc/{process.pid}/wchan", 0, 64).strip() in _FROZEN
    except HostError:
        return False
