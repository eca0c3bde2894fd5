"""From the command line to an investigation that is ready to run.

Finding the target is quick and reads only files; the drivers are imported when the
investigation is built, so that a screen can paint first.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wizard import __version__
from wizard.case.case import Case, TargetFacts, Window
from wizard.case.window import parse_window
from wizard.safety.errors import UsageError
from wizard.safety.plain_file import is_plain
from wizard.safety.sanitize import sanitize
from wizard.target.flags import TargetArguments
from wizard.target.model import Sources, SshPlace, Target
from wizard.target.resolve import resolve_target, says_where

if TYPE_CHECKING:
    from wizard.hosts.protocol import Host
    from wizard.hosts.ssh.prompt import Prompt
    from wizard.investigation.begin_ssh import Reached
    from wizard.investigation.local_servers import LocalServer
    from wizard.investigation.run import Event, Investigation

ELSEWHERE = "the server is on another machine: run goneaway-wizard there to see its health and logs"


@dataclass(frozen=True, slots=True)
class Beginning:
    """An investigation to be. `begin` imports the drivers; it opens no connection.

    `reached` is the target's SSH host and `app_reached` the application's, already connected.
    """

    target: Target
    sources: Sources
    window: Window
    reached: Reached | None = None
    app_reached: Reached | None = None

    def begin(self, listen: Callable[[Event], None] = lambda _event: None) -> Investigation:
        from wizard.investigation.run import Investigation, SshChanged
        from wizard.server.pymysql_session import PyMySqlConnector

        host, reason = self.host()
        reached = self.reached
        app_host = self.app_reached.host if self.app_reached is not None else None
        investigation = Investigation(
            self.target,
            self.sources,
            new_case(self.target, self.window, app_host.label if app_host is not None else None),
            reached.connector(self.target) if reached else PyMySqlConnector(self.target),
            host,
            reason,
            listen,
            app_host,
        )
        for there in (self.reached, self.app_reached):
            if there is not None:
                there.host.link.stopped = investigation.context.stop.is_set
        if reached is not None:
            reached.host.link.heard = lambda up, text: listen(SshChanged(up, text))
            investigation.context.breakage = reached.host.link.breakage
        return investigation

    @property
    def lost(self) -> bool:
        """Whether the connection to the target's SSH host was made and is gone."""
        return self.reached is not None and self.reached.host.link.lost

    def reconnect(self) -> None:
        """Make that connection again. Raises HostError."""
        if self.reached is not None:
            self.reached.host.link.connect_again()

    def ask_anew(self) -> None:
        """Ask the machines again what they did not answer so far."""
        for there in (self.reached, self.app_reached):
            if there is not None:
                there.host.ask_anew()

    def ask_with(self, prompt: Prompt) -> None:
        """Ask here from now on, whatever the connections want to know."""
        for there in (self.reached, self.app_reached):
            if there is not None:
                there.host.link.ask_with(prompt)

    def host(self) -> tuple[Host | None, str]:
        """The server's machine, or None and why it is not seen."""
        from wizard.hosts.local.host import LocalHost

        if self.reached is not None:
            return self.reached.host_of(self.target)
        if self.target.is_loopback or _is_own_address(self.target.host):
            return LocalHost(), ""
        return None, ELSEWHERE


def new_case(target: Target, window: Window, app_host: str | None = None) -> Case:
    facts = TargetFacts(
        target.label,
        host=target.host or ("localhost" if target.socket else None),
        port=None if target.socket else target.port,
        socket=target.socket,
        user=target.user,
        app_host=app_host,
    )
    now = datetime.now().astimezone()
    return Case(now, window, facts, tool_version=__version__)


def window_of(arguments: TargetArguments) -> Window:
    """Raises UsageError for a time that cannot be read."""
    try:
        return parse_window(arguments.since, arguments.until, datetime.now().astimezone())
    except ValueError as error:
        raise UsageError(str(error)) from None


def begin_with(
    arguments: TargetArguments,
    prompt: Callable[[str], str] | None,
    remark: Callable[[str], None],
    choose: Callable[[Sequence[LocalServer]], LocalServer],
    ask: Prompt | None = None,
) -> Beginning:
    """The investigation that the command line asks for. `prompt` asks for the database's
    password, `ask` whatever SSH wants to know; None where nobody can answer.

    Where nothing names a server, this machine is searched: one server is taken, and `choose` picks
    among several. With --ssh and --app-ssh the machines are connected first. Raises UsageError,
    HostError.
    """
    if arguments.ssh is not None:
        beginning = _begin_there(arguments, arguments.ssh, prompt, remark, ask)
    else:
        beginning = _begin_here(arguments, prompt, remark, choose)
    if arguments.app_ssh is None:
        return beginning
    if arguments.app_ssh == arguments.ssh:
        return replace(beginning, app_reached=beginning.reached)
    from wizard.investigation.begin_ssh import reach

    app_reached = reach(arguments.app_ssh, ask, remark)
    return replace(beginning, app_reached=app_reached)


def _begin_here(
    arguments: TargetArguments,
    prompt: Callable[[str], str] | None,
    remark: Callable[[str], None],
    choose: Callable[[Sequence[LocalServer]], LocalServer],
) -> Beginning:
    _require_readable(arguments.sources)
    target = resolve_target(arguments, prompt, remark=remark)
    window = window_of(arguments)
    if not says_where(arguments):
        found = find_servers()
        known = tuple(s for s in found if s.socket and s.socket == target.socket)
        if known and target.origin.startswith("socket from"):
            found = known
        if found:
            from wizard.investigation.local_servers import at_local_server

            server = found[0] if len(found) == 1 else choose(found)
            target = at_local_server(target, server)
            remark(f"looking at {server.description}")
    elif arguments.defaults_file is not None:
        target = replace(target, server_option_files=(arguments.defaults_file,))
    return Beginning(target, arguments.sources, window)


def _begin_there(
    arguments: TargetArguments,
    place: SshPlace,
    prompt: Callable[[str], str] | None,
    remark: Callable[[str], None],
    ask: Prompt | None,
) -> Beginning:
    from wizard.investigation.begin_ssh import reach, require_logs, target_there

    _require_readable(Sources(app_logs=arguments.sources.app_logs))
    window = window_of(arguments)
    reached = reach(place, ask, remark, arguments.ssh_options)
    require_logs(arguments.sources, reached, remark)
    target = target_there(arguments, reached, prompt, remark)
    return Beginning(target, arguments.sources, window, reached)


def _require_readable(sources: Sources) -> None:
    """A log that is named and cannot be read is a mistake to be told before anything runs."""
    named = (
        ("--error-log", sources.error_log),
        ("--general-log", sources.general_log),
        ("--slow-log", sources.slow_log),
    )
    for flag, path in (*named, *(("--app-log", log) for log in sources.app_logs)):
        if path is not None and (why := _why_no_log(path)):
            raise UsageError(f"{flag}: {sanitize(str(path))} {why}")


def _why_no_log(path: Path) -> str:
    """Why the path can be no log for this account, or nothing."""
    if not os.access(path, os.R_OK):
        return "does not exist" if _is_missing(path) else "may not be read by this account"
    if path.is_dir():
        return "is a directory; name the log file in it"
    return "" if is_plain(path.stat()) else "is no regular file; a log is one"


def _is_missing(path: Path) -> bool:
    """False where the folder may not be entered: then nobody can tell."""
    try:
        return not path.exists()
    except PermissionError:
        return False
    except (OSError, ValueError):
        return True


def find_servers() -> tuple[LocalServer, ...]:
    """The servers on this machine. Opens no connection."""
    from wizard.hosts.local.host import LocalHost
    from wizard.investigation.local_servers import local_servers
    from wizard.target.option_files import client_options, search_path

    return local_servers(LocalHost().server_processes(), client_options(search_path()))


def _is_own_address(host: str | None) -> bool:
    import socket

    import psutil

    if host is None:
        return True
    own = {a.address for group in psutil.net_if_addrs().values() for a in group}
    try:
        resolved = {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return False
    return bool(resolved & own)
