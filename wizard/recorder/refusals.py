"""Logins that failed between two samples: at max_connections, or for another reason. Pure.

Both servers look at the password before they look for a free slot, so a login may be denied while
all slots are taken, and Aborted_connects counts both. MySQL counts those at the limit apart, and
leaves some of them out of Aborted_connects; MariaDB counts those that were denied, and with them
statements that met a missing privilege.
"""

from collections.abc import Iterator
from datetime import datetime

from wizard.diagnosis.model import Verdict
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.sample import Sample, grown


def refused_logins(before: Sample, after: Sample) -> Iterator[RecorderEvent]:
    """One event for each way in which logins failed."""
    limit = after.counter("max_connections")
    failed = grown(before, after, "Aborted_connects")
    full = grown(before, after, "Connection_errors_max_connections")
    unasked = grown(before, after, "Aborted_connects_preauth")
    asked = max(failed - unasked, 0)
    denied = grown(before, after, "Access_denied_errors")
    is_counted = not after.has("Access_denied_errors")
    most = max(before.counter("Threads_connected"), after.counter("Threads_connected"))
    if is_counted or full or not 0 < limit <= most:
        denied = min(denied, asked)
    elif denied <= asked:
        full = asked - denied
    else:
        # Statements are among the denied, and may hide who found no free slot.
        denied = 0
    rest = failed - full - denied
    if full:
        text = f"{full} {_logins(full)} refused: all {limit} connections are taken"
        verdict = Verdict.CONFIRMED if is_counted else Verdict.LIKELY
        yield _event(after.at, text, full, "too-many-connections", verdict)
    if denied:
        text = f"{denied} {_logins(denied)} denied access"
        yield _event(after.at, text, denied, "access-denied", Verdict.LIKELY)
    if rest > 0:
        plural = "login" if rest == 1 else "logins"
        yield _event(after.at, f"{rest} {plural} failed", rest, None, None)


def _logins(count: int) -> str:
    return "login was" if count == 1 else "logins were"


def _event(
    at: datetime, text: str, count: int, cause: str | None, verdict: Verdict | None
) -> RecorderEvent:
    return RecorderEvent(at, EventKind.LOGIN_FAILED, text, None, cause, verdict, count)
