"""The wizard in a terminal, and what stays there after it."""

import sys
from collections.abc import Callable

from screens.app import WizardApp
from screens.opening import Opening
from screens.terminal import prepare_terminal
from screens.textual_compat import crash_line
from wizard.commands import exit_codes


def run_wizard(
    opening: Opening,
    *,
    mouse: bool = True,
    app_of: Callable[[Opening], WizardApp] = WizardApp,
) -> int:
    """Show the wizard until the operator leaves: an exit code, INTERRUPTED after a signal.

    The paths of saved reports and cases are printed on stdout once the screen is restored.
    """
    prepare_terminal()
    app = app_of(opening)
    app.run(mouse=mouse)
    for path in app.saved:
        print(path)
    if app.crash_report or app.return_code:
        print(crash_line(app), file=sys.stderr)
        return exit_codes.INTERNAL
    return exit_codes.INTERRUPTED if app.was_ended else exit_codes.DONE
