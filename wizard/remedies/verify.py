"""Proves a change: reads it back, looks at a new session, and repeats what used to fail."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from wizard.remedies.journal import ChangeState, Journal, JournalEntry
from wizard.remedies.plan import VariableChange
from wizard.remedies.running_values import living_session, running_value
from wizard.server.session import ConnectionLost, Connector, ServerError, ServerSession
from wizard.server.values import same
from wizard.units import size

Progress = Callable[[str], None]

LARGEST_TRIAL = 64 << 20
"""Bytes of the largest literal that is sent."""

LONGEST_TRIAL = 30
"""Seconds: old idle limits up to this are waited out."""

_MARGIN = 2.0
"""Seconds beyond the old limit. Servers look for idle sessions about once a second."""

_AT_LOGIN = frozenset(
    {"wait_timeout", "max_allowed_packet", "net_read_timeout", "net_write_timeout"}
)


@dataclass(frozen=True, slots=True)
class Verification:
    """`ok` means that nothing spoke against the change; `repeated` that the case which used to
    fail was run again and passed."""

    lines: tuple[str, ...]
    ok: bool
    repeated: bool = False


class _Failed(Exception):
    """The change is not in force; the message is one line."""


def verify(
    entry: JournalEntry,
    session: ServerSession,
    connector: Connector,
    journal: Journal,
    progress: Progress = lambda _text: None,
) -> Verification:
    """Prove `entry`. `progress` is called about once a second and may raise to stop it."""
    lines: list[str] = []
    repeated = False
    try:
        for change in entry.changes:
            with living_session(session, connector) as living:
                lines.append(_read_back(change, living))
            lines.append(_new_session(change, connector))
            line, tried = _repeat(change, connector, progress)
            lines.append(line)
            repeated = repeated or tried
    except _Failed as failed:
        lines.append(str(failed))
        return Verification(tuple(lines), False)
    except ServerError as error:
        lines.append(f"could not be verified: {error}")
        return Verification(tuple(lines), False)
    if entry.set_persist or entry.file:
        lines.append("that it survives a restart was not tried: a restart cuts every session")
    journal.move(entry, ChangeState.VERIFIED, "; ".join(lines))
    return Verification(tuple(lines), True, repeated)


def _read_back(change: VariableChange, session: ServerSession) -> str:
    now = running_value(session, change.name, change.unit)
    if not same(now, change.new):
        raise _Failed(f"@@global.{change.name} is {now}, not {change.new}")
    return f"@@global.{change.name} is {now}"


def _new_session(change: VariableChange, connector: Connector) -> str:
    if change.name not in _AT_LOGIN and change.name != "interactive_timeout":
        fresh = connector.connect()
        fresh.close()
        return "a new session opens"
    fresh = connector.connect()
    try:
        own = str(fresh.value(f"SELECT @@session.{change.name}"))
    finally:
        fresh.close()
    if not same(own, change.new):
        raise _Failed(
            f"a new session has {change.name} = {own}, not {change.new}: something sets it at"
            " login (init_connect, the client)"
        )
    return f"a new session has {change.name} = {own}"


def _repeat(change: VariableChange, connector: Connector, progress: Progress) -> tuple[str, bool]:
    """One line, and whether the failing case was run."""
    match change.name:
        case "max_allowed_packet":
            return _send(change, connector, progress)
        case "wait_timeout":
            return _idle(change, connector, progress)
        case "interactive_timeout":
            return "not repeated: the wizard's sessions are not interactive ones", False
        case "max_connections":
            return "not repeated: it would take up the slots of others", False
        case "net_read_timeout" | "net_write_timeout" | "connect_timeout":
            return "not repeated: it needs the slow client; run its work again", False
        case _:
            return "nothing to repeat", False


def _send(change: VariableChange, connector: Connector, progress: Progress) -> tuple[str, bool]:
    """Send a literal: REPEAT() would be made in the server and never travel."""
    old, new = int(change.old), int(change.new)
    if new <= old:
        return "not repeated: the limit was not raised", False
    # A quarter above the old limit, where the new one leaves room, for the statement around it.
    length = min(old + max(old // 4, 1024), new - 512)
    if length <= old:
        return "not repeated: the new limit is too close to the old one", False
    if length > LARGEST_TRIAL:
        return f"not repeated: above {size(LARGEST_TRIAL)} no trial is sent", False
    progress(f"sending a statement of {size(length)}")
    fresh = connector.connect()
    try:
        got = fresh.value("SELECT LENGTH('" + "a" * length + "')")
    except ServerError as error:
        raise _Failed(f"a statement of {size(length)} still fails: {error}") from None
    finally:
        fresh.close()
    if int(got or 0) != length:
        raise _Failed(f"a statement of {length} bytes arrived as {got}")
    return f"a statement of {length} bytes, above the old limit, passes in a new session", True


def _idle(change: VariableChange, connector: Connector, progress: Progress) -> tuple[str, bool]:
    old, new = int(change.old), int(change.new)
    if new <= old + _MARGIN:
        return "not repeated: the limit was not raised enough to tell the difference", False
    if old > LONGEST_TRIAL:
        return (
            f"not repeated: it would take {old} s of waiting; probe it with"
            f" check --probe idle --idle-limit {old + 5}s"
        ), False
    fresh = connector.connect()
    try:
        fresh.value("SELECT 1")
        _wait(old + _MARGIN, progress)
        fresh.value("SELECT 1")
    except ConnectionLost as lost:
        raise _Failed(f"a new session still died within {old + _MARGIN:g} s: {lost}") from None
    finally:
        fresh.close()
    return f"a new session idled {old + _MARGIN:g} s, longer than the old limit, and answers", True


def _wait(seconds: float, progress: Progress) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        progress(f"a new session idles: {left:.0f} s to go")
        time.sleep(min(1.0, left))
