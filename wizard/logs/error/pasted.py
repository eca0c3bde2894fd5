"""Whether a log is a piece of one that somebody pasted without its times."""

import re

from wizard.logs.engine.open_log import Log

MOST = 1 << 20
"""Bytes: nobody pastes more by hand."""

_MONTHS = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DATED = re.compile(
    rb"(?m)^[^\n]{0,40}?(?:(?<!\d)(?:19|20)\d\d[-/.]\d\d[-/.]\d\d|(?<!\d)\d\d[-/.]\d\d[-/.](?:19|20)?\d\d"
    rb"|(?<![A-Za-z])" + _MONTHS + rb"[a-z]{0,6}\.? {1,2}\d|(?<!\d)\d{1,2}[ /-]" + _MONTHS + rb")"
)
"""What begins like a line with a date in any form."""

_UPTIME = re.compile(rb"(?m)^[^\w+]{0,4}(?P<since>[ +]{0,9})(?P<seconds>\d{1,9}\.\d{3,9})[\]) ]")
"""What begins like a line of dmesg, with the seconds since the machine's start or the last line."""

SHORT = 32 << 10
"""Bytes: a kernel's whole log is longer, and begins with the boot."""

BOOT = 60.0
"""Seconds: in the first of them nothing happens to a server."""


def is_pasted(log: Log) -> bool:
    """Whether its lines tell no date in any form, so that no window can be found among them.

    Dates in a form that is not understood are not overlooked. Raises HostError.
    """
    if log.size > MOST or log.first_time() is not None:
        return False
    return not any(_tells_when(block.data, log.size) for block in log.blocks(0, log.size))


def _tells_when(data: bytes, size: int) -> bool:
    """Whether any of its lines is dated, or the whole is a kernel's log since the boot."""
    uptime = _UPTIME.search(data)
    if uptime is not None and (
        size > SHORT or (b"+" not in uptime["since"] and float(uptime["seconds"]) < BOOT)
    ):
        return True
    return _DATED.search(data) is not None
