"""Logins that failed between two samples: at max_connections, or for another reason. Pure."""

from collections.abc import Sequence
from datetime import datetime

from wizard.diagnosis.model import Verdict
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.sample import Sample, grown


def refused_logins(before: Sample, after: Sample) -> Sequence[RecorderEvent]:
    """One event for all logins that failed, or none."""
    limit = after.counter("max_connections")
    full = grown(before, after, "Connection_errors_max_connections")
    failed = grown(before, after, "Aborted_connects")
    most = max(before.counter("Threads_connected"), after.counter("Threads_connected"))
    at_limit = 0 < limit <= most
    if full > 0 or (failed > 0 and at_limit):
        count = max(full, failed)
        text = f"{count} {_logins(count)} refused: all {limit} connections are taken"
        return (_event(after.at, text, count, "too-many-connections", Verdict.CONFIRMED),)
    if failed > 0 and grown(before, after, "Access_denied_errors") > 0:
        text = f"{failed} {_logins(failed)} denied access"
        return (_event(after.at, text, failed, "access-denied", Verdict.LIKELY),)
    if failed > 0:
        plural = "login" if failed == 1 else "logins"
        return (_event(after.at, f"{failed} {plural} failed", failed, None, None),)
    return ()


def _logins(count: int) -> str:
    return "login was" if count == 1 else "logins were"


def _event(
    at: datetime, text: str, count: int, cause: str | None, verdict: Verdict | None
) -> RecorderEvent:
    return RecorderEvent(at, EventKind.LOGIN_FAILED, text, None, cause, verdict, count)
