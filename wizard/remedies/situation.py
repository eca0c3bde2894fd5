"""What a plan is made from: the server's values, what was measured, how values are kept.

Kept across a restart, that is. Reads; changes nothing.
"""

import platform
from dataclasses import dataclass, field
from pathlib import Path

from wizard.case.case import Case
from wizard.case.evidence import Scalar
from wizard.hosts.protocol import Host, HostError, ServerProcess
from wizard.hosts.server_process import command_line, process_for
from wizard.remedies.figures import NOTHING_OBSERVED, ObservedFigures, measure, with_high_water
from wizard.remedies.managed import HandOn, service_of
from wizard.remedies.option_file_edit import NoPlace, OptionFilePlace, places
from wizard.remedies.place import UNKNOWN_PLACE, ChangePlace, place_of
from wizard.server.session import ServerInfo, ServerSession
from wizard.server.variables import Settings, read_settings
from wizard.target.model import Target
from wizard.target.option_files import OptionSet, server_options

LOCAL = "this host"
"""The label of the machine that the wizard runs on; only there can files be written."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a value survives a restart: SET PERSIST, a line in one of `places`, or not at all
    (`refusal` says why). `command_line` are the options that the server was started with."""

    set_persist: bool = False
    places: tuple[OptionFilePlace, ...] = ()
    options: OptionSet = field(default_factory=lambda: OptionSet({}))
    command_line: frozenset[str] = frozenset()
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that `plan` looks at. `label` names the target on screens; `identity` tells
    this server from another one, whatever way it is reached; `service` is the cloud's that runs
    it, None for a server of one's own."""

    info: ServerInfo
    settings: Settings
    measured: ObservedFigures = NOTHING_OBSERVED
    keeping: Keeping = Keeping(refusal="not looked at")
    label: str = ""
    identity: str = ""
    place: ChangePlace = UNKNOWN_PLACE
    service: HandOn | None = None


def observe(
    session: ServerSession,
    target: Target,
    case: Case | None = None,
    host: Host | None = None,
) -> Situation:
    """Read what a plan needs. Raises ServerError."""
    settings = read_settings(session)
    measured = with_high_water(measure(case), session)
    keeping = _keeping(session.info, settings, target, host)
    return Situation(
        session.info,
        settings,
        measured,
        keeping,
        target.label,
        identity_of(settings),
        place_of(target, host),
        service_of(settings, session.info.version, target.host),
    )


def identity_of(settings: Settings) -> str:
    """The same however the server is reached; it survives a restart, not a re-installation."""
    own = settings.value("server_uuid") or settings.value("server_uid")
    parts = [settings.value(n) or "" for n in ("hostname", "port", "datadir")]
    return own or "|".join(parts)


def _keeping(info: ServerInfo, settings: Settings, target: Target, host: Host | None) -> Keeping:
    persists = not info.is_mariadb and info.numbers >= (8, 0, 0)
    try:
        process = _process(host, target, info, settings) if host is not None else None
    except HostError as error:
        return Keeping(set_persist=True) if persists else Keeping(refusal=str(error))
    if persists:
        return _by_persist(settings, process)
    if process is None or host is None:
        return Keeping(refusal="the server's machine is not seen; run the wizard there")
    return _by_file(info, process, local=host.label == LOCAL)


def _by_persist(settings: Settings, process: ServerProcess | None) -> Keeping:
    """How SET PERSIST keeps a value, or why it does not.

    MySQL 9.7 started with --no-defaults ignores mysqld-auto.cnf, and shows persisted_globals_load
    as ON all the same.
    """
    if process is not None and "no_defaults" in command_line(process):
        return Keeping(
            refusal="the server was started with --no-defaults and ignores SET PERSIST;"
            " change the command line that starts it"
        )
    if settings.value("persisted_globals_load") == "OFF":
        return Keeping(refusal="persisted_globals_load is OFF: the server ignores SET PERSIST")
    return Keeping(set_persist=True)


def _process(
    host: Host, target: Target, info: ServerInfo, settings: Settings
) -> ServerProcess | None:
    """The server's own process. On this machine the names have to agree, or a tunnel could end
    at another machine's server."""
    if host.label == LOCAL and settings.value("hostname") != platform.node():
        return None
    facts: dict[str, Scalar] = {
        name: value
        for name in ("pid_file", "socket", "datadir", "hostname")
        if (value := settings.value(name))
    }
    facts["flavor"] = info.flavor
    if port := settings.number("port"):
        facts["port"] = port
    return process_for(target, facts, host.server_processes(), host)


def _by_file(info: ServerInfo, process: ServerProcess, local: bool) -> Keeping:
    arguments = command_line(process)
    given = frozenset(arguments)
    if "no_defaults" in arguments:
        return Keeping(
            command_line=given,
            refusal="the server was started with --no-defaults and reads no option file;"
            " change the command line that starts it",
        )
    if process.root != "/":
        return Keeping(
            command_line=given,
            refusal="the server runs in a container or chroot; change its configuration there",
        )
    if not local:
        return Keeping(
            command_line=given,
            refusal="the option files are on another machine; run the wizard there",
        )

    def read(root: Path) -> OptionSet:
        return server_options(
            info.flavor,
            info.numbers[:2],
            _path(arguments.get("defaults_file")),
            _path(arguments.get("defaults_extra_file")),
            arguments.get("defaults_group_suffix", ""),
            root,
        )

    group = "mariadb" if info.is_mariadb else "mysqld"
    options = read(Path("/"))
    try:
        found = places(options, group, read)
    except NoPlace as no_place:
        return Keeping(options=options, command_line=given, refusal=str(no_place))
    return Keeping(False, found, options, given)


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
