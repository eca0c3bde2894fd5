"""The terminal before a screen is drawn on it: its keys, and the signs that it lacks."""

import os
from functools import cache

from screens.plain_signs import table_for, use_plain_signs
from screens.textual_compat import keep_reads_together, translate_what_is_drawn


@cache
def prepare_terminal() -> None:
    """For the wizard and for the fleet's table alike, once in a run of the program."""
    keep_reads_together()
    use_plain_signs()
    if (table := table_for(os.environ)) is not None:
        translate_what_is_drawn(table)
