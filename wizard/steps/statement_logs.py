"""Where the general or the slow log is: as named by the operator, or as the server says."""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo
from pathlib import Path

from wizard.case import facts
from wizard.case.case import Case
from wizard.case.evidence import StepResult
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host, HostError
from wizard.hosts.server_process import process_for
from wizard.logs.kind import LogKind
from wizard.logs.understood import NotUnderstood, head_of, why_not
from wizard.safety.sanitize import sanitize
from wizard.server.session import QueryDenied, QueryFailed, ServerSession
from wizard.steps.step import Context, Skip, Step

_MAX_PATH = 4096


@dataclass(frozen=True, slots=True)
class StatementLog:
    """Which of the two. `switch` is its variable, `named` the file of the command line."""

    switch: str
    title: str
    named: Path | None


@dataclass(frozen=True, slots=True)
class FoundLog:
    """A file that can be read; `how` says why it is this one."""

    host: Host
    path: str
    how: str


def find_log(context: Context, log: StatementLog, off: str) -> FoundLog:
    """Raises Skip with the reason and what would help; `off` is said where the log is off."""
    if log.named is not None:
        return FoundLog(context.host or LocalHost(), str(log.named), "the log that was named")
    server = context.need_server()
    values = _values(server, log)
    if values.get(log.switch, "OFF").upper() not in ("ON", "1"):
        raise Skip(off)
    if "FILE" not in values.get("log_output", "FILE").upper():
        raise Skip(
            f"the {log.title} log goes to a table ({values['log_output']}): goneaway-wizard "
            f"capture {log.title} reads it"
        )
    host = context.need_host()
    path = posixpath.join(values.get("datadir", ""), values.get(f"{log.switch}_file", ""))
    try:
        known = {**_facts(context.case), **values}
        process = process_for(context.target, known, host.server_processes(), host)
        root = "" if process is None or process.root == "/" else process.root
        host.read(root + path, 0, 1)
    except HostError as error:
        raise Skip(f"the {log.title} log {path} cannot be read: {error}") from None
    return FoundLog(host, root + path, f"the file that {log.switch}_file names")


def not_understood(step: Step, log: FoundLog, kind: LogKind, cuts: Sequence[str]) -> StepResult:
    """Of a file in which nothing is of its kind, so that it is not taken for a quiet log."""
    try:
        told = why_not(log.path, kind, head_of(log.host, log.path))
    except NotUnderstood as error:
        # What it says of the file is what was cut.
        return step.failed(sanitize(str(error), 400))
    except HostError as error:
        told = str(error)
    return step.failed(sanitize("; ".join((told, *cuts)), 400))


def zone_of_case(case: Case) -> tzinfo:
    """The server's own, in which MariaDB writes the times of its logs; UTC where not known."""
    offset = case.fact(facts.SERVER_TIME_OFFSET_SECONDS)
    return timezone(timedelta(seconds=offset)) if isinstance(offset, int | float) else UTC


def _values(server: ServerSession, log: StatementLog) -> dict[str, str]:
    listed = ", ".join(
        f"'{n}'" for n in (log.switch, f"{log.switch}_file", "log_output", "datadir")
    )
    try:
        rows = server.rows(f"SHOW GLOBAL VARIABLES WHERE Variable_name IN ({listed})")
    except (QueryDenied, QueryFailed) as error:
        raise Skip(f"whether the {log.title} log is on cannot be seen: {error}") from None
    return {str(r["Variable_name"]).lower(): str(r["Value"])[:_MAX_PATH] for r in rows}


def _facts(case: Case) -> dict[str, str | int | float | bool | None]:
    step = case.step("connection")
    return dict(step.facts) if step is not None else {}
