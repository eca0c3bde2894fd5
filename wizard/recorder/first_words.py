"""What can be said at once of why a server went.

By its log's last lines, its process, the kernel. The steps that `check` runs look at more, and take
seconds; what they find is told afterwards. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from wizard.diagnosis.model import Verdict
from wizard.logs.error.lifecycle import lifecycle
from wizard.logs.error.marks import Mark
from wizard.logs.error.run import Run, RunEnding
from wizard.safety.redact import mask_lines

_LONGEST = 160

_NOBODY = "unknown"
"""So MariaDB names whoever sent a signal."""


class Process(Enum):
    """The server's process, as its machine lists it."""

    UNKNOWN = auto()
    LIVES = auto()
    GONE = auto()


class OutOfMemory(Enum):
    """What the kernel says since the server was last seen.

    Nothing, that it killed somebody, or that it killed this very process.
    """

    UNTOLD = auto()
    SOMEBODY = auto()
    THIS_ONE = auto()


@dataclass(frozen=True, slots=True)
class Remains:
    """What a server leaves. `marks` are its log's since it was last known to be well, None where
    the log cannot be read."""

    marks: Sequence[Mark] | None
    process: Process = Process.UNKNOWN
    memory: OutOfMemory = OutOfMemory.UNTOLD


@dataclass(frozen=True, slots=True)
class FirstWords:
    """`settled` says that no further look can change them."""

    cause: str
    verdict: Verdict
    text: str
    settled: bool = False


def first_words(remains: Remains) -> FirstWords | None:
    """None where nothing of it tells anything yet."""
    run = _ended(remains.marks or ())
    if run is not None and run.ending is RunEnding.SHUTDOWN:
        who = f" by {run.who}" if run.who not in ("", _NOBODY) else ""
        text = f"its log says that it was shut down in order{who}"
        return FirstWords("server-restarted", Verdict.CONFIRMED, text, settled=True)
    if remains.memory is OutOfMemory.THIS_ONE:
        text = "the kernel killed it for want of memory"
        return FirstWords("server-oom-killed", Verdict.CONFIRMED, text, settled=True)
    if run is not None and run.ending in (RunEnding.CRASH, RunEnding.FAILED):
        line = mask_lines(run.excerpt[0])[:_LONGEST] if run.excerpt else ""
        text = f"its log says: {line}" if line else "its log tells of it"
        return FirstWords("server-crash", Verdict.CONFIRMED, text)
    if run is None and remains.process is not Process.GONE:
        return None
    if remains.memory is OutOfMemory.SOMEBODY:
        text = "its log has no word of it, and the kernel killed a process for want of memory"
        return FirstWords("server-oom-killed", Verdict.LIKELY, text)
    if remains.marks is None:
        return None
    text = (
        "its log breaks off without a word, and it was started again"
        if run is not None
        else "its process is gone, and its log has no word of it"
    )
    return FirstWords("server-killed", Verdict.LIKELY, text)


def _ended(marks: Sequence[Mark]) -> Run | None:
    """The run that was on when the server was last well, where the log tells of its end."""
    runs = (run for run in lifecycle(marks, lines_before=True).runs if run.counts)
    return next((run for run in runs if run.ending is not RunEnding.NONE), None)
