"""The wizard in a terminal, and what stays there after it."""

import os
import sys
from collections.abc import Callable

from screens.app import WizardApp
from screens.opening import Opening
from screens.plain_signs import table_for, use_plain_signs
from screens.textual_compat import crash_line, keep_reads_together, translate_what_is_drawn
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
    keep_reads_together()
    use_plain_signs()
    if (table := table_for(os.environ)) is not None:
        translate_what_is_drawn(table)
    app = app_of(opening)
    app.run(mouse=mouse)
    for path in app.saved:
        print(path)
    if app.crash_report or app.return_code:
        print(crash_line(app), file=sys.stderr)
        return exit_codes.INTERNAL
    return exit_codes.INTERRUPTED if app.was_ended else exit_codes.DONE
