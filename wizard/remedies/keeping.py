"""How a value survives a restart of this server: SET PERSIST, an option file, or not at all."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.case.evidence import Scalar
from wizard.hosts.protocol import Host, HostError, ServerProcess
from wizard.hosts.server_process import command_line, process_for
from wizard.remedies.option_check import OptionCheck, check_of
from wizard.remedies.option_file_edit import (
    NoPlace,
    OptionFilePlace,
    content_here,
    names_here,
    places,
)
from wizard.remedies.option_mirror import as_there, mirrored
from wizard.remedies.own_root import files_root
from wizard.server.session import ServerInfo
from wizard.server.variables import Settings
from wizard.target.links import real_in
from wizard.target.model import Target
from wizard.target.option_files import SYSTEM_FILES, OptionSet, server_options, under

if TYPE_CHECKING:
    from wizard.hosts.remote.host import SshHost


LOCAL = "this host"
"""The label of the machine that the wizard runs on."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a value survives a restart: SET PERSIST, a line in one of `places`, or not at all
    (`refusal` says why). `command_line` are the options that the server was started with;
    `check` is how the server itself judges its files."""

    set_persist: bool = False
    places: tuple[OptionFilePlace, ...] = ()
    options: OptionSet = field(default_factory=lambda: OptionSet({}))
    command_line: frozenset[str] = frozenset()
    refusal: str = ""
    check: OptionCheck | None = None


NOT_LOOKED_AT = Keeping(refusal="not looked at")


def keeping_of(info: ServerInfo, settings: Settings, target: Target, host: Host | None) -> Keeping:
    """Reads; changes nothing."""
    persists = not info.is_mariadb and info.numbers >= (8, 0, 0)
    try:
        process = process_of(host, target, info, settings) if host is not None else None
        if persists and settings.value("persisted_globals_load") != "OFF":
            return _by_persist(process)
        if process is None or host is None:
            return Keeping(refusal="the server's machine is not seen; run the wizard there")
        return _by_file(info, process, host)
    except HostError as error:
        return Keeping(set_persist=True) if persists else Keeping(refusal=str(error))


def _by_persist(process: ServerProcess | None) -> Keeping:
    """How SET PERSIST keeps a value, or why it does not.

    MySQL 9.7 started with --no-defaults ignores mysqld-auto.cnf, and shows persisted_globals_load
    as ON all the same.
    """
    if process is not None and "no_defaults" in command_line(process):
        return Keeping(
            refusal="the server was started with --no-defaults and ignores SET PERSIST;"
            " change the command line that starts it"
        )
    return Keeping(set_persist=True)


def process_of(
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


def _by_file(info: ServerInfo, process: ServerProcess, host: Host) -> Keeping:
    arguments = command_line(process)
    from wizard.hosts.remote.host import SshHost

    given = frozenset(arguments)
    if "no_defaults" in arguments:
        return Keeping(
            command_line=given,
            refusal="the server was started with --no-defaults and reads no option file;"
            " change the command line that starts it",
        )
    try:
        own = files_root(host, process)
    except NoPlace as unseen:
        return Keeping(command_line=given, refusal=str(unseen))
    main, extra = (_path(arguments.get(n)) for n in ("defaults_file", "defaults_extra_file"))
    suffix = arguments.get("defaults_group_suffix", "")

    def read(root: Path) -> OptionSet:
        return server_options(info.flavor, info.numbers[:2], main, extra, suffix, under(root, own))

    group = "mariadb" if info.is_mariadb else "mysqld"
    check = check_of(info, process)
    try:
        if isinstance(host, SshHost):
            starts = (main,) if main else (*SYSTEM_FILES, *filter(None, [extra]))
            found, options = _there(host, own, starts, group, read)
        else:
            options = read(Path("/"))
            found = places(
                options, group, read,
                lambda path: content_here(real_in(own, path)),
                lambda folder: names_here(real_in(own, folder)),
            )  # fmt: skip
            found = tuple(replace(p, path=real_in(own, p.path)) for p in found)
    except NoPlace as no_place:
        return Keeping(command_line=given, refusal=str(no_place))
    return Keeping(False, found, options, given, check=check)


def _there(
    host: SshHost,
    root: Path,
    starts: Sequence[Path],
    group: str,
    read: Callable[[Path], OptionSet],
) -> tuple[tuple[OptionFilePlace, ...], OptionSet]:
    """The same on another machine. What may not be read there may beat any line: refused."""
    with mirrored(host, root, starts) as mirror:
        if mirror.refused:
            raise NoPlace(next(iter(mirror.refused.values())))
        options = as_there(read(mirror.top), mirror.top)
        found = places(options, group, read, mirror.content, mirror.names)
        return tuple(replace(p, path=mirror.real(p.path)) for p in found), options


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
