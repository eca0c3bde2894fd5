"""What systemd knows of the server: its unit now, and what became of it in the window."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from wizard.case import clocks
from wizard.case.case import Window
from wizard.case.evidence import Evidence, Occurrence, Table
from wizard.health.kernel_lines import KernelLine, Kill, is_server_unit, kills_in, syslog_line
from wizard.health.kernel_log import LIMIT, TIMEOUT
from wizard.hosts.protocol import Command, Host, HostError
from wizard.safety.sanitize import sanitize
from wizard.target.defaults import DEFAULT_UNITS
from wizard.units import moment

PROPERTIES = (
    "Id,LoadState,ActiveState,SubState,Result,NRestarts,ExecMainPID,ExecMainStatus,ExecMainCode,"
    "ExecMainStartTimestamp,ExecMainExitTimestamp,Restart,LimitNOFILE,OOMPolicy,MemoryMax"
)

SYSTEMD_RUNS = "/run/systemd/system"
"""sd_booted(3)"""

_JOURNAL = ("journalctl", "--no-pager", "-o", "short-iso-precise")
_KILLED = re.compile(r"main process exited, code=(?:killed|dumped), status=(\d+)/(\w+)", re.I)
_TIMED_OUT = re.compile(r"(?:timed out\. (?:Killing|Terminating|Aborting)|with signal SIGKILL)")
_STOPPING = re.compile(r"Stopping \S")
_RESTARTED = re.compile(r"Scheduled restart job, restart counter is at (\d+)")
_ORDERLY = frozenset({1, 2, 15})  # SIGHUP, SIGINT, SIGTERM end a server in order
_NO_RESTART = {
    "no": "any end",
    "on-success": "a kill or a crash",
    "on-abort": "an OOM kill",  # Result=oom-kill is no signal to it, systemd.service(5)
}
_UNIT_IN_CGROUP = re.compile(r"/([^/]+\.service)(?:/|$)", re.M)


@dataclass(frozen=True, slots=True)
class Services:
    """`looked` says that the manager's records of the whole window could be read."""

    units: tuple[dict[str, str], ...] = ()
    lines: tuple[KernelLine, ...] = ()
    kills: tuple[Kill, ...] = ()
    looked: bool = False
    problems: tuple[str, ...] = field(default=())


def commands(window: Window, asked: tuple[str, ...]) -> tuple[Command, ...]:
    """What is asked about the units of these names."""
    return (_show(asked), _journal_of(window, asked), _journal_before(window))


def units_asked(host: Host, pid: int | None) -> tuple[str, ...]:
    """The unit in whose cgroup the process lives, and the usual ones."""
    return tuple(dict.fromkeys((*filter(None, [_unit_of(host, pid)]), *DEFAULT_UNITS)))


def read_services(
    host: Host, window: Window, pid: int | None, now: datetime, checkpoint: Callable[[], None]
) -> Services:
    """The server's units and systemd's own records of them. Never raises HostError."""
    try:
        host.stat(SYSTEMD_RUNS)
    except HostError:
        return Services(
            problems=(
                "no systemd here: what a service manager or container runtime did is not known",
            )
        )
    checkpoint()
    try:
        asked = units_asked(host, pid)
        units = _units(host, asked)
    except HostError as problem:
        return Services(problems=(f"systemd could not be asked: {problem}",))
    if not units:
        return Services(problems=("no systemd unit of a MySQL or MariaDB server is installed",))
    checkpoint()
    try:
        lines, looked = _journal(host, window, asked, now)
    except HostError as problem:
        return Services(units, problems=(f"the unit's journal could not be read: {problem}",))
    problems = (
        ()
        if looked
        else (
            "the journal of the unit does not reach back to the window's start, or this account "
            "may not see it",
        )
    )
    return Services(units, lines, kills_in(lines, "journal of the unit"), looked, problems)


def _show(asked: tuple[str, ...]) -> Command:
    return Command(("systemctl", "show", "--no-pager", "-p", PROPERTIES, *asked))


def _units(host: Host, asked: tuple[str, ...]) -> tuple[dict[str, str], ...]:
    result = host.run(_show(asked).words, timeout=TIMEOUT)
    if result.exit_code != 0:
        raise HostError(sanitize(result.stderr, 200) or "systemctl failed")
    return parse_units(result.stdout)


def _unit_of(host: Host, pid: int | None) -> str | None:
    """The unit in whose cgroup the process lives."""
    if pid is None:
        return None
    try:
        found = _UNIT_IN_CGROUP.search(host.read(f"/proc/{pid}/cgroup").decode("ascii", "replace"))
    except HostError:
        return None
    return found[1] if found else None


def parse_units(text: str) -> tuple[dict[str, str], ...]:
    """`systemctl show` of several units: the loaded ones, each once (an alias shows the Id)."""
    units: dict[str, dict[str, str]] = {}
    for block in text.split("\n\n"):
        pairs = (line.partition("=") for line in block.splitlines())
        unit = {name: sanitize(value, 200) for name, equals, value in pairs if equals}
        if unit.get("LoadState") == "loaded" and unit.get("Id"):
            units.setdefault(unit["Id"], unit)
    return tuple(units.values())


def _journal_of(window: Window, units: tuple[str, ...]) -> Command:
    since, until = (
        int((window.since - clocks.KERNEL_LOG).timestamp()),
        int((window.until + clocks.KERNEL_LOG).timestamp()),
    )
    matches: list[str] = []
    for unit in units:
        matches += ["+", "_PID=1", f"UNIT={unit}"]
    span = ("--since", f"@{since}", "--until", f"@{until + 1}")
    return Command((*_JOURNAL, *span, *matches[1:]), LIMIT)


def _journal_before(window: Window) -> Command:
    until = int(window.since.timestamp())
    return Command((*_JOURNAL, "-n", "1", "--until", f"@{until}", "_PID=1"), 1 << 16)


def _journal(
    host: Host, window: Window, units: tuple[str, ...], now: datetime
) -> tuple[tuple[KernelLine, ...], bool]:
    """Process 1's own lines about the units, and whether they reach back far enough."""
    ask, before = _journal_of(window, units), _journal_before(window)
    result = host.run(ask.words, timeout=TIMEOUT, limit=ask.limit)
    rows = (syslog_line(row, UTC, now) for row in result.stdout.splitlines())
    earlier = host.run(before.words, timeout=TIMEOUT, limit=before.limit)
    seen_before = any(syslog_line(row, UTC, now) for row in earlier.stdout.splitlines())
    looked = seen_before and not result.truncated
    return tuple(line for line in rows if line is not None), looked


def evidence(services: Services, window: Window) -> tuple[Evidence, ...]:
    """Kills by a signal or a time limit, and orderly stops, inside the window."""
    lines = tuple(line for line in services.lines if window.holds(line.at, clocks.KERNEL_LOG))
    found = (_killed(lines) or _killed_now(services.units, window), _stopped(lines))
    return tuple(e for e in found if e is not None)


def _killed(lines: tuple[KernelLine, ...]) -> Evidence | None:
    hits: list[tuple[KernelLine, int | None, str]] = []
    for line in lines:
        if (match := _KILLED.search(line.message)) and int(match[1]) not in _ORDERLY:
            hits.append((line, int(match[1]), f"signal {match[1]} ({match[2]})"))
        elif _TIMED_OUT.search(line.message):
            hits.append((line, 9, "a time limit of the service"))
    if not hits:
        return None
    last, number, how = hits[-1]
    return Evidence(
        "host.service-killed",
        f"systemd saw the server killed by {how}, {moment(last.at)}",
        "journal of the unit",
        count=len(hits),
        first=hits[0][0].at,
        last=last.at,
        excerpt=sanitize(last.message),
        value=float(number) if number is not None else None,
        occurrences=tuple(Occurrence(at=line.at) for line, _number, _how in hits),
    )


def _killed_now(units: tuple[dict[str, str], ...], window: Window) -> Evidence | None:
    """A unit that lies dead: its last main process, where the journal could not be read."""
    for unit in units:
        at = manager_time(unit.get("ExecMainExitTimestamp", ""))
        # CLD_KILLED and CLD_DUMPED of waitid(2).
        killed = unit.get("ExecMainCode") in ("2", "3") and unit.get("ActiveState") != "active"
        status = unit.get("ExecMainStatus", "")
        if (
            killed
            and window.holds(at, clocks.KERNEL_LOG)
            and status.isdecimal()
            and int(status) not in _ORDERLY
        ):
            return Evidence(
                "host.service-killed",
                f"{unit['Id']} is {unit.get('ActiveState')}: its process was killed by signal "
                f"{status}, {moment(at)}",
                "systemctl show",
                first=at,
                last=at,
                excerpt=f"Result={unit.get('Result', '')} ExecMainStatus={status}",
                value=float(status),
                occurrences=(Occurrence(at=at),),
            )
    return None


def _stopped(lines: tuple[KernelLine, ...]) -> Evidence | None:
    """`Stopping` begins an orderly stop; `Stopped` also follows a crash."""
    hits = [line for line in lines if _STOPPING.match(line.message)]
    if not hits:
        return None
    return Evidence(
        "host.service-stopped",
        f"systemd stopped or restarted the server, {moment(hits[-1].at)}",
        "journal of the unit",
        count=len(hits),
        first=hits[0].at,
        last=hits[-1].at,
        excerpt=sanitize(hits[-1].message),
        occurrences=tuple(Occurrence(at=line.at) for line in hits),
    )


def last_end(services: Services) -> datetime | None:
    """When a server's unit last ended, of those that do not run; None where none is known."""
    ended = (
        manager_time(unit.get("ExecMainExitTimestamp", ""))
        for unit in services.units
        if unit.get("ActiveState") != "active" and is_server_unit(unit["Id"])
    )
    return max((at for at in ended if at is not None), default=None)


def at_rest(services: Services) -> tuple[str, ...]:
    """The units of database servers that do not run and are not about to."""
    resting = ("inactive", "failed")
    units = [u["Id"] for u in services.units if u.get("ActiveState") in resting]
    return tuple(unit for unit in units if is_server_unit(unit))


def manager_time(text: str) -> datetime | None:
    """A time as systemd prints it in UTC (`Mon 2026-11-23 12:40:00 UTC`)."""
    try:
        return datetime.strptime(text, "%a %Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    except ValueError:
        return None


def notes(services: Services) -> tuple[str, ...]:
    """What an operator should know beside the evidence."""
    said = list(services.problems)
    counters = [m[1] for line in services.lines if (m := _RESTARTED.search(line.message))]
    if counters:
        said.append(f"systemd restarted the server by itself; its counter is at {counters[-1]}")
    for unit in services.units:
        after = _NO_RESTART.get(unit.get("Restart", ""))
        if after and is_server_unit(unit["Id"]):
            said.append(
                f"{unit['Id']} has Restart={unit['Restart']}: "
                f"systemd does not start it again after {after}"
            )
    return tuple(said)


def table(services: Services) -> Table | None:
    """The units in rows, or None where there are none."""
    wanted = ("Id", "ActiveState", "SubState", "Result", "NRestarts", "Restart", "LimitNOFILE")
    rows = tuple(tuple(u.get(name, "") for name in wanted) for u in services.units)
    titles = ("Unit", "State", "Detail", "Result", "Restarts", "Restart=", "LimitNOFILE=")
    return Table("Service", titles, rows) if rows else None
