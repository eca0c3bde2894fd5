"""The fleet's table and its hosts' cases, one after the other, until the operator leaves."""

import sys
from collections.abc import Callable
from pathlib import Path

from screens.fleet.app import FleetApp, FleetView, case_of
from screens.terminal import prepare_terminal
from screens.textual_compat import crash_line
from wizard.case.case import Case
from wizard.case.case_file import CaseFileError, load
from wizard.commands import exit_codes
from wizard.fleet.table import Fleet


def run_fleet(
    fleet: Fleet, directory: Path, show_case: Callable[[Case, str], int], mouse: bool
) -> int:
    """An exit code. `show_case` shows one case until the operator leaves it.

    A signal, or the end of the terminal, while a case is shown ends the table too.
    """
    prepare_terminal()
    view = FleetView()
    while (app := _left(FleetApp(fleet, view), mouse)).chosen:
        view.remark = ""
        path = case_of(fleet, directory, app.chosen)
        try:
            case = load(path)
        except CaseFileError as error:
            view.remark = str(error)
            continue
        if (code := show_case(case, str(path))) != exit_codes.DONE:
            return code
    if app.crash_report or app.return_code:
        print(crash_line(app), file=sys.stderr)
        return exit_codes.INTERNAL
    return exit_codes.INTERRUPTED if app.was_ended else exit_codes.DONE


def _left(app: FleetApp, mouse: bool) -> FleetApp:
    app.run(mouse=mouse)
    return app
