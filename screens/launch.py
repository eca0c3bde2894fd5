"""Opens the screens on what the command line found. The only way in from `wizard.cli`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from screens.opening import Answers, Candidate, Live, Saved, Unknown
from screens.run import run_wizard
from wizard.case.case import Case
from wizard.investigation.begin import Beginning, find_servers, window_of
from wizard.target.at_home import at_home
from wizard.target.defaults import DEFAULT_PORT
from wizard.target.flags import TargetArguments
from wizard.target.model import Secret, Sources, SshPlace
from wizard.target.ssh_place import ssh_place

if TYPE_CHECKING:
    from wizard.hosts.ssh.prompt import Prompt
    from wizard.investigation.begin_ssh import Reached
    from wizard.investigation.local_servers import LocalServer


_LOOK_ANYWAY = "Enter again looks all the same: at the machine, its logs and the port."

_NOT_THERE = (2002, 2003)
"""Nothing listens, or nothing answers (the client library's CR_CONNECTION_ERROR and
CR_CONN_HOST_ERROR)."""


def show_live(beginning: Beginning, mouse: bool) -> int:
    return run_wizard(_live(beginning), mouse=mouse)


def show_saved(case: Case, path: str, mouse: bool) -> int:
    return run_wizard(Saved(case, path), mouse=mouse)


def show_form(arguments: TargetArguments, mouse: bool) -> int:
    """Ask which server: none was named, and this machine has none or several."""
    return run_wizard(
        Unknown(_candidates, _Form(arguments).connect, arguments.sources), mouse=mouse
    )


def _live(beginning: Beginning) -> Live:
    def with_password(password: Secret, sources: Sources) -> Live:
        target = replace(beginning.target, password=password)
        return _live(replace(beginning, target=target, sources=sources))

    return Live(
        beginning.target,
        beginning.sources,
        beginning.begin,
        beginning,
        with_password=with_password,
    )


def _candidates() -> Sequence[Candidate]:
    return tuple(
        Candidate(
            server.socket or (f"127.0.0.1:{server.port}" if server.port else "no address yet"),
            host="" if server.socket else "127.0.0.1",
            port=server.port,
            socket=server.socket or "",
            note=_told(server),
        )
        for server in find_servers()
    )


def _told(server: LocalServer) -> str:
    """What tells a server from its neighbours beside its address, which stands in front."""
    if server.pid is None:
        return server.description
    name = server.description.partition(" (pid")[0]
    port = f", port {server.port}" if server.socket and server.port else ""
    return f"{name}, pid {server.pid}{port}{'' if server.root == '/' else ', in a chroot'}"


class _Form:
    """What the command line said beside the answers. A machine that was reached over SSH is kept
    for the next try."""

    def __init__(self, arguments: TargetArguments) -> None:
        self._arguments = arguments
        self._machines: dict[SshPlace, Reached] = {}
        self._silent_server: tuple[str, int | None, str] | None = None

    def connect(self, answers: Answers, prompt: Prompt) -> Live:
        """The server that the answers lead to.

        Raises ServerError where they lead to no server, HostError where SSH leads to no machine,
        UsageError for unusable ones.
        """
        from wizard.investigation.named_log import beside
        from wizard.safety.errors import UsageError

        try:
            asked = _with(self._arguments, answers)
        except ValueError as error:
            raise UsageError(str(error)) from None
        given = replace(asked.sources, pasted=answers.pasted)
        asked = replace(asked, sources=beside(given, answers.app_log))
        beginning = self._beginning(asked, prompt)
        self._require_server(beginning, answers)
        return _live(beginning)

    def _require_server(self, beginning: Beginning, answers: Answers) -> None:
        """Refuse a server that is down, but for whom that is the question.

        A server that is down is what the wizard is for: on a machine that was reached over SSH at
        once, on this one when it is asked for a second time.
        """
        from wizard.safety.errors import UsageError
        from wizard.server.pymysql_session import PyMySqlConnector
        from wizard.server.session import CannotConnect

        target, reached = beginning.target, beginning.reached
        connector = reached.connector(target) if reached else PyMySqlConnector(target)
        try:
            connector.connect().close()
        except CannotConnect as error:
            where = (answers.host, answers.port, answers.socket)
            if error.number not in _NOT_THERE:
                raise
            if reached is None and self._silent_server != where:
                self._silent_server = where
                raise UsageError(f"{error}. {_LOOK_ANYWAY}") from None

    def _beginning(self, asked: TargetArguments, prompt: Prompt) -> Beginning:
        from wizard.target.resolve import resolve_target

        window = window_of(asked)
        reached = self._reached(asked.ssh, prompt)
        if reached is None:
            target = resolve_target(asked)
        else:
            from wizard.investigation.begin_ssh import target_there

            target = target_there(asked, reached, None, _silent)
        app_reached = self._reached(asked.app_ssh, prompt)
        return Beginning(target, asked.sources, window, reached, app_reached)

    def _reached(self, place: SshPlace | None, prompt: Prompt) -> Reached | None:
        if place is None:
            return None
        if place not in self._machines:
            from wizard.investigation.begin_ssh import reach

            self._machines[place] = reach(place, prompt, _silent)
        reached = self._machines[place]
        reached.host.link.ask_with(prompt)
        reached.host.link.connect_again()
        return reached


def _with(arguments: TargetArguments, answers: Answers) -> TargetArguments:
    """Raises ValueError."""
    ssh = ssh_place(answers.ssh) if answers.ssh else None
    # Over SSH an empty form means the server that runs there.
    port = answers.port or (None if answers.socket or ssh else DEFAULT_PORT)
    return replace(
        arguments,
        host=answers.host or None,
        port=None if answers.socket else port,
        socket=answers.socket or None,
        user=answers.user or arguments.user,
        password=answers.password or arguments.password,
        ask_password=False,
        defaults_file=at_home(answers.option_file) if answers.option_file else None,
        ssh=ssh,
    )


def _silent(_remark: str) -> None:
    """The form shows no remarks."""
