"""The case that used to fail, run again with the old value and with the new one.

Sessions copy these limits at login, so a session that was opened before the change shows what
was, at the same time as a fresh one shows what is.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from wizard.remedies.plan import VariableChange
from wizard.server.session import ConnectionLost, ServerError, ServerSession
from wizard.units import duration, size

Progress = Callable[[str], None]

LARGEST_TRIAL = 64 << 20
"""Bytes of the largest literal that is sent."""

LONGEST_TRIAL = 30
"""Seconds: old idle limits up to this are waited out."""

_MARGIN = 2.0
"""Seconds beyond the old limit. Servers look for idle sessions about once a second."""


@dataclass(frozen=True, slots=True)
class NoTrial:
    """Why the case is not run again, and what would prove the change."""

    reason: str
    would_prove: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What one session came to: whether it passed, and in words."""

    passed: bool
    text: str


@dataclass(frozen=True, slots=True)
class Trial:
    """`what` is done on each of the sessions. `run` takes those that are there, the old one
    first, and gives what each came to; it calls `progress` about once a second."""

    what: str
    run: Callable[[tuple[ServerSession, ...], Progress], tuple[Seen, ...]]


def trial_of(change: VariableChange) -> Trial | NoTrial:
    """How to run the case of one variable again, or why it cannot be in reasonable time."""
    match change.name:
        case "max_allowed_packet":
            return _packet(int(change.old), int(change.new))
        case "wait_timeout":
            return _idle(int(change.old), int(change.new))
        case "interactive_timeout":
            return NoTrial(
                "the wizard's sessions are not interactive ones",
                "a command-line client that idles longer than the old value, and answers",
            )
        case "max_connections":
            return NoTrial(
                "it would take up the slots of others",
                f"Max_used_connections above {change.old} while nobody is refused with error 1040:"
                " fix --follow over the next peak",
            )
        case "net_read_timeout":
            return NoTrial(
                "it needs the client that stalls in the middle of an upload",
                f"the same upload again, stalling for more than {change.old} s as it did, and"
                " completing; or fix --follow over a time in which it used to fail",
            )
        case "net_write_timeout":
            return NoTrial(
                "it needs the client that stops reading in the middle of a result",
                f"the same export again, pausing for more than {change.old} s as it did, and"
                " completing; or fix --follow over a time in which it used to fail",
            )
        case "connect_timeout":
            return NoTrial(
                "it needs the client whose login is slow",
                f"a login from the slow place that takes more than {change.old} s and succeeds; or"
                " fix --follow over a time in which it used to fail",
            )
        case "idle_transaction_timeout":
            return NoTrial(
                "it needs the application's open transaction",
                f"a transaction that rests for more than {change.old} s and still commits",
            )
        case "log_error_verbosity" | "log_warnings":
            return NoTrial(
                "it mends nothing", "the next session that is cut: the error log tells why"
            )
        case _:
            return NoTrial("nothing to repeat", "the work that failed, run again")


def own_case(name: str) -> str:
    """What proves a value that nothing measured made: only the application's own case."""
    if name == "max_allowed_packet":
        return "the statement that failed, sent again: how large it is is not known"
    return "the application, after the pause that used to fail: how long it is is not known"


def _packet(old: int, new: int) -> Trial | NoTrial:
    """Send a literal: REPEAT() would be made in the server and never travel."""
    again = "the statement that failed, sent again by the application"
    if new <= old:
        return NoTrial("the limit was not raised", again)
    # A quarter above the old limit, where the new one leaves room, for the statement around it.
    length = min(old + max(old // 4, 1024), new - 512)
    if length <= old:
        return NoTrial("the new limit is too close to the old one", again)
    if length > LARGEST_TRIAL:
        return NoTrial(f"above {size(LARGEST_TRIAL)} no trial is sent", again)

    def run(sessions: tuple[ServerSession, ...], progress: Progress) -> tuple[Seen, ...]:
        seen = []
        for session in sessions:
            progress(f"sending a statement of {size(length)}")
            seen.append(_sent(session, length))
        return tuple(seen)

    return Trial(f"a statement of {length} bytes", run)


def _sent(session: ServerSession, length: int) -> Seen:
    try:
        got = session.value("SELECT LENGTH('" + "a" * length + "')")
    except ServerError as error:
        return Seen(False, f"fails: {error}")
    if int(got or 0) != length:
        return Seen(False, f"arrives as {got} bytes")
    return Seen(True, "passes")


def _idle(old: int, new: int) -> Trial | NoTrial:
    if new <= old + _MARGIN:
        return NoTrial(
            "the limit was not raised enough to tell the difference",
            "the application, after the pause that used to fail",
        )
    if old > LONGEST_TRIAL:
        return NoTrial(
            f"it would take {duration(old)} of waiting",
            f"an idle ladder of {duration(old + 5)} (check --probe idle --idle-limit {old + 5}s, or"
            " the Network screen), or fix --follow over a pause that used to fail",
        )

    def run(sessions: tuple[ServerSession, ...], progress: Progress) -> tuple[Seen, ...]:
        for session in sessions:
            _touch(session)
        _wait(old + _MARGIN, progress)
        return tuple(_rested(session) for session in sessions)

    return Trial(f"a session that idles {duration(old + _MARGIN)}", run)


def _touch(session: ServerSession) -> None:
    """Begin the pause. The old session may have died of its limit already: it is asked again."""
    try:
        session.value("SELECT 1")
    except ConnectionLost:
        return


def _rested(session: ServerSession) -> Seen:
    try:
        session.value("SELECT 1")
    except ConnectionLost as lost:
        return Seen(False, f"is closed: {lost}")
    return Seen(True, "answers")


def _wait(seconds: float, progress: Progress) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        progress(f"a new session idles: {duration(round(left))} to go")
        time.sleep(min(1.0, left))
