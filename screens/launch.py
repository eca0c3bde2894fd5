"""Opens the screens on what the command line found. The only way in from `wizard.cli`."""

from collections.abc import Sequence
from dataclasses import replace

from screens.opening import Answers, Candidate, Live, Saved, Unknown
from screens.run import run_wizard
from wizard.arguments import TargetArguments
from wizard.begin import Beginning, find_servers, window_of, with_app_host
from wizard.case import Case


def show_live(beginning: Beginning, mouse: bool) -> int:
    return run_wizard(_live(beginning), mouse=mouse)


def show_saved(case: Case, path: str, mouse: bool) -> int:
    return run_wizard(Saved(case, path), mouse=mouse)


def show_form(arguments: TargetArguments, mouse: bool) -> int:
    """Ask which server: none was named, and this machine has none or several."""
    return run_wizard(Unknown(_candidates, lambda a: _connect(arguments, a)), mouse=mouse)


def _live(beginning: Beginning) -> Live:
    return Live(beginning.target, beginning.sources, beginning.begin)


def _candidates() -> Sequence[Candidate]:
    return tuple(
        Candidate(
            server.socket or f"127.0.0.1:{server.port}",
            host="" if server.socket else "127.0.0.1",
            port=server.port or 3306,
            socket=server.socket or "",
            note=server.description,
        )
        for server in find_servers()
    )


def _connect(arguments: TargetArguments, answers: Answers) -> Live:
    """Raises ServerError where the answers lead to no server, ValueError for unusable ones."""
    from pathlib import Path

    from wizard.resolve import UsageError, resolve_target
    from wizard.server.pymysql_session import PyMySqlConnector

    asked = replace(
        arguments,
        host=answers.host or None,
        port=None if answers.socket else answers.port,
        socket=answers.socket or None,
        user=answers.user or arguments.user,
        password=answers.password or arguments.password,
        ask_password=False,
        defaults_file=Path(answers.option_file).expanduser() if answers.option_file else None,
    )
    try:
        target = resolve_target(asked)
        window = window_of(asked)
    except UsageError as error:
        raise ValueError(str(error)) from None
    PyMySqlConnector(target).connect().close()
    beginning = Beginning(target, arguments.sources, window)
    return _live(with_app_host(beginning, asked, None, lambda _remark: None))
