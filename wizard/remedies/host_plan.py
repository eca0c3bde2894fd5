"""What is changed on the database host itself: kernel settings and the service's unit.

A kernel setting is set in the running kernel and kept in /etc/sysctl.d (sysctl.d(5)); what
systemd is to do stands in a drop-in of the unit that runs the server (systemd.unit(5)).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.model import Remedy
from wizard.health.kernel_lines import is_server_unit
from wizard.hosts.protocol import Host, HostError
from wizard.remedies.budget import OWN_FILES
from wizard.remedies.figures import ObservedFigures
from wizard.remedies.files import Files
from wizard.remedies.host_record import HostRecord, KernelSetting
from wizard.remedies.option_file_edit import FileEdit, added_block
from wizard.remedies.place import ChangePlace
from wizard.remedies.plan import PlanError
from wizard.server.variables import Settings
from wizard.units import whole_number

SYSCTL_FILE = "/etc/sysctl.d/99-zz-goneaway-wizard.conf"
"""Read after /etc/sysctl.d/99-sysctl.conf, which is a link to /etc/sysctl.conf."""

KEEPALIVE_TIME = "net.ipv4.tcp_keepalive_time"
_KEEPALIVE = {"net.ipv4.tcp_keepalive_intvl": "15", "net.ipv4.tcp_keepalive_probes": "4"}

_MOST_SETTABLE = 32767
"""What the kernel takes at most (tcp(7))."""

_MOST_PID = 1 << 22
"""proc(5), PID_MAX_LIMIT."""

_MOST_KEEPALIVE = 120
"""Seconds: below the idle limits of the usual load balancers (240 s, 350 s, 600 s)."""

UNIT_LINES = {
    "systemd-restart": {"Restart": "on-failure", "RestartSec": "5s"},
    "memory-budget": {"OOMScoreAdjust": "-600"},
    "raise-file-limit": {"LimitNOFILE": ""},
}
"""What each remedy writes; an empty value is reckoned."""

_AT_RESTART = frozenset({"OOMScoreAdjust", "LimitNOFILE"})


@dataclass(frozen=True, slots=True)
class HostPlan:
    """What would be done on the host; `because` says how the values came about."""

    remedy: Remedy
    label: str
    identity: str
    flavor: str
    place: ChangePlace
    record: HostRecord
    edit: FileEdit
    because: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HostView:
    """What a plan is made from; `settings` is None where the server does not answer, and `pid`
    where its process is not known."""

    label: str
    identity: str
    flavor: str
    place: ChangePlace
    measured: ObservedFigures
    settings: Settings | None
    pid: int | None


def host_plan(
    remedy: Remedy, view: HostView, wanted: Mapping[str, str], host: Host, files: Files
) -> HostPlan:
    """Reads; changes nothing. Raises PlanError, FileChangeError, HostError."""
    if remedy.id == "keep-idle-flows-alive":
        values, because = _kernel_values(view, wanted)
        settings = tuple(KernelSetting(n, running(host, n), v) for n, v in values.items())
        settings = tuple(s for s in settings if s.old != s.new)
        if not settings:
            raise PlanError(f"nothing to do: {KEEPALIVE_TIME} is {values[KEEPALIVE_TIME]} already")
        lines = [f"{s.name} = {s.new}" for s in settings]
        edit = added_block(SYSCTL_FILE, files.content(SYSCTL_FILE), remedy.title, lines)
        return _made(remedy, view, HostRecord(settings), edit, because, _KEEPALIVE_NOTES)
    unit = unit_of(host, view.pid)
    unit_values, because = _unit_values(remedy, view, wanted)
    path = f"/etc/systemd/system/{unit}.d/zz-goneaway-wizard.conf"
    lines = ["[Service]", *(f"{name}={value}" for name, value in unit_values.items())]
    edit = added_block(path, files.content(path), remedy.title, lines)
    record = HostRecord((), unit, tuple(unit_values.items()))
    return _made(remedy, view, record, edit, because, tuple(_unit_notes(unit, unit_values)))


def _made(
    remedy: Remedy,
    view: HostView,
    record: HostRecord,
    edit: FileEdit,
    because: str,
    notes: tuple[str, ...],
) -> HostPlan:
    return HostPlan(
        remedy, view.label, view.identity, view.flavor, view.place, record, edit, because, notes
    )


_KEEPALIVE_NOTES = (
    "Acts on connections with keepalive on, as both servers switch it on for theirs; one that is"
    " open follows after its next packet.",
    "All programs of the host that use keepalive get these values.",
)


def _kernel_values(view: HostView, wanted: Mapping[str, str]) -> tuple[dict[str, str], str]:
    known = {KEEPALIVE_TIME, *_KEEPALIVE}
    for name, value in wanted.items():
        if name not in known or not whole_number(value, _MOST_SETTABLE):
            raise PlanError(
                f"{name[:64]}={value[:20]}: this remedy sets {', '.join(sorted(known))}, in whole"
                " numbers from 1 to 32767",
                usage=True,
            )
    if KEEPALIVE_TIME in wanted:
        return {KEEPALIVE_TIME: wanted[KEEPALIVE_TIME], **_KEEPALIVE, **wanted}, "asked for"
    link = view.measured.link
    if link is None:
        raise PlanError(
            "which idle limit the way has is not known: the idle ladder tells (check --probe idle,"
            " or the Network screen)",
            wants=f"{KEEPALIVE_TIME}=SECONDS",
        )
    half = max(1, min(int(link.seconds) // 2, _MOST_KEEPALIVE))
    because = f"{link.told}; half of that, at most {_MOST_KEEPALIVE} s"
    return {KEEPALIVE_TIME: str(half), **_KEEPALIVE, **wanted}, because


def _unit_values(
    remedy: Remedy, view: HostView, wanted: Mapping[str, str]
) -> tuple[dict[str, str], str]:
    values = dict(UNIT_LINES[remedy.id])
    for name, value in wanted.items():
        if name not in values or not value or any(c in value for c in "\n\r%\\"):
            raise PlanError(f"{name[:64]}: this remedy sets {', '.join(values)}", usage=True)
    because = "asked for" if wanted else "as the manual of the service manager advises"
    if remedy.id == "raise-file-limit" and "LimitNOFILE" not in wanted:
        values["LimitNOFILE"], because = _file_limit(view.settings)
    return {**values, **wanted}, because


def _file_limit(settings: Settings | None) -> tuple[str, str]:
    if settings is None or settings.number("max_connections") is None:
        raise PlanError("the server does not answer, so nothing is reckoned", wants="LimitNOFILE=N")
    slots = settings.number("max_connections") or 0
    tables = settings.number("table_open_cache") or 0
    needed = OWN_FILES + slots + 2 * tables
    value = 1 << (max(needed, 8192) - 1).bit_length()
    return str(value), (
        f"{slots} connections, 2 files for each of {tables} tables and {OWN_FILES} more make"
        f" {needed}; the next power of two"
    )


def _unit_notes(unit: str, values: Mapping[str, str]) -> Iterator[str]:
    if waiting := sorted(_AT_RESTART & set(values)):
        yield (
            f"{' and '.join(waiting)} acts at the next start of {unit}; the wizard restarts"
            " nothing of itself."
        )
    if "LimitNOFILE" in values:
        yield "open_files_limit, where an option file sets it, has to be raised as well."
    if "OOMScoreAdjust" in values:
        yield "It makes the kernel choose another victim; it does not make memory."


def unit_of(host: Host, pid: int | None) -> str:
    """The systemd unit that runs the server. Raises PlanError."""
    if pid is None:
        raise PlanError("the server's process is not seen: which unit runs it is not known")
    try:
        text = host.read(f"/proc/{pid}/cgroup", 0, 1 << 14).decode("utf-8", "replace")
    except HostError as error:
        raise PlanError(f"which unit runs the server is not known: {error}") from None
    unit = unit_in(text)
    if not is_server_unit(unit) and _main_pid(host, unit) != pid:
        raise PlanError(
            f"the server runs within {unit}, which is not its own: change what starts it"
        )
    return unit


def _main_pid(host: Host, unit: str) -> int | None:
    """A server that somebody started by hand is in the unit of what they did it from."""
    try:
        done = host.run(["systemctl", "show", unit, "--property=MainPID"])
    except HostError:
        return None
    told = done.stdout.strip().partition("=")[2]
    return whole_number(told, _MOST_PID)


def unit_in(cgroup: str) -> str:
    """The unit that /proc/PID/cgroup names. Raises PlanError."""
    for line in cgroup.splitlines():
        path = line.split(":", 2)[-1]
        for part in reversed(Path(path).parts):
            if part.endswith(".service") and "/" not in part:
                return part
    raise PlanError("no systemd unit runs this server: change what starts it")


def running(host: Host, name: str) -> str:
    """A kernel setting as it is. Raises HostError."""
    path = "/proc/sys/" + name.replace(".", "/")
    return host.read(path, 0, 4096).decode("ascii", "replace").strip()
