"""Whether a file is a log of its kind at all, where no statement of the window is in it."""

import re

from wizard.logs.engine.window_part import WindowPart
from wizard.logs.not_text import HEAD

_BANNER = re.compile(
    rb"(?:[^\n]{1,400}, Version: [^\n]{1,400} started with:\r?\n"
    rb"Tcp port: [^\n]{0,400}\n(?:Time\s+Id\s+Command\s+Argument\r?\n)?)+"
)
"""What a server writes at the head of a general and of a slow log."""


def is_of_its_kind(part: WindowPart) -> bool:
    """Whether the log tells times, inside the window or not, or nothing but its server's start."""
    log = part.log
    if log.first_time() is not None:
        return True
    first = next(iter(log.blocks(0, min(log.size, HEAD))), None)
    return first is not None and _BANNER.fullmatch(first.data) is not None
