"""Whether a log is a piece of one that somebody pasted without its times."""

import re

from wizard.logs.engine.open_log import Log

MOST = 1 << 20
"""Bytes: nobody pastes more by hand."""

_MONTHS = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DATED = re.compile(
    rb"(?m)^[^\n]{0,40}?(?:(?<!\d)(?:19|20)\d\d[-/.]\d\d[-/.]\d\d|(?<!\d)\d\d[-/.]\d\d[-/.](?:19|20)?\d\d"
    rb"|(?<![A-Za-z])" + _MONTHS + rb"[a-z]{0,6}\.? {1,2}\d|(?<!\d)\d{1,2}[ /-]" + _MONTHS + rb")"
    rb"|^\W{0,4}[ +]{0,9}\d{1,9}\.\d{3,9}[\]) ]"
)
"""What begins like a line with a date in any form, or with the seconds since a machine's start."""


def is_pasted(log: Log) -> bool:
    """Whether its lines tell no date in any form, so that no window can be found among them.

    Dates in a form that is not understood are not overlooked. Raises HostError.
    """
    if log.size > MOST or log.first_time() is not None:
        return False
    return all(_DATED.search(block.data) is None for block in log.blocks(0, log.size))
