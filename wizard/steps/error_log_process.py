"""The process of the run that an error log ends in, where it is still there.

A server that recovers, or takes long to shut down, listens nowhere, and its log breaks off in the
middle: it is not dead for that, and must be neither started again nor killed.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from wizard.case import clocks
from wizard.case.evidence import Evidence, Scalar
from wizard.hosts.protocol import HostError, ServerProcess
from wizard.logs.error.life_evidence import DOWN
from wizard.logs.error.reading import Reading
from wizard.logs.error.run import Run, RunEnding
from wizard.steps.step import Context
from wizard.units import moment

SIGNAL = "log.process-runs"

_NO_GREETING = ("state.timeout", "state.no-greeting")


def still_there(context: Context, reading: Reading) -> ServerProcess | None:
    """The process that wrote the last lines of a log, where it runs and nobody is let in.

    Not where the server's machine is not looked at: its number is another's here. One that
    crashed or gave up may be there for long, as it dumps its memory.
    """
    last = reading.life.last
    if context.server is not None or last is None or last.pid is None or last.started is None:
        return None
    if context.host is None or last.ending in (RunEnding.CRASH, RunEnding.FAILED):
        return None
    try:
        processes = context.host.server_processes()
    except HostError:
        return None
    return next((p for p in processes if _wrote_start(p, last)), None)


def _wrote_start(process: ServerProcess, run: Run) -> bool:
    """Whether it had this number already when the start was written: then it wrote it."""
    if process.pid != run.pid or process.create_time is None or run.started is None:
        return False
    return process.create_time <= run.started.timestamp() + clocks.WHOLE_SECONDS.total_seconds()


def evidence_of(
    process: ServerProcess | None, reading: Reading, gone: bool, met: Iterable[Evidence]
) -> Iterable[Evidence]:
    """`gone` says that nothing listens and nothing was written since; `met` is what was met.

    A server that is not ready may write on after nobody listened, and late in its start it has its
    port, and greets nobody yet.
    """
    run = reading.life.last
    if process is None or run is None:
        return
    shut_out = any(e.signal in (*DOWN, *_NO_GREETING) for e in met)
    if not gone and not (shut_out and _state(run) != "ready"):
        return
    held = f"; it is {process.state}" if process.state else ""
    yield Evidence(
        SIGNAL,
        f"{_told(run, process.pid)}{held}",
        f"/proc/{process.pid}, error log {reading.path}",
        first=reading.scan.last,
        last=datetime.now(UTC),
    )


def facts_of(process: ServerProcess | None, reading: Reading) -> dict[str, Scalar]:
    """How far the run of such a process is, as its log tells; None without one."""
    run = reading.life.last
    return {"process_state": None if process is None or run is None else _state(run)}


def _state(run: Run) -> str:
    if run.stop_asked is not None:
        return "stopping"
    return "starting" if run.ready is None else "ready"


def _told(run: Run, pid: int) -> str:
    match _state(run):
        case "stopping":
            return (
                f"the server is shutting down: process {pid} still runs since it was asked to at"
                f" {_clock(run.stop_asked)}"
            )
        case "starting":
            return (
                f"the server is starting, or recovers: process {pid} runs since"
                f" {_clock(run.started)}, and its log does not say yet that it is ready"
            )
        case _:
            return (
                f"the server runs (process {pid}, ready since {_clock(run.ready)}) and does not"
                " listen there (port, bind_address, skip_networking)"
            )


def _clock(at: datetime | None) -> str:
    return moment(at.astimezone(UTC)) if at is not None else "an unknown time"
