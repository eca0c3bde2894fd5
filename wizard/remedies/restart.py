"""Restarts the server by its unit, waits for it, and says what came of it.

Only on a confirmation of its own, which names the sessions that it cuts.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wizard.hosts.protocol import Host, HostError
from wizard.remedies.as_root import CommandFailed, as_root
from wizard.remedies.journal_entry import JournalEntry
from wizard.remedies.open_sessions import place_of_account
from wizard.remedies.plan import VariableChange
from wizard.remedies.running_values import running_value
from wizard.safety.sanitize import sanitize
from wizard.server.session import Connector, ServerError, ServerSession
from wizard.server.values import same
from wizard.units import duration

RESTART_TIME = 600.0
"""Seconds: a shutdown writes what is dirty, a start may have to recover."""

_WHOLE_SECONDS = 2.0
"""Seconds by which `Uptime` may be more than has passed: it is whole, as clocks may step."""

MAX_LOG = 4 << 20
_TOLD = 8

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Restarted:
    """`ok` where the server was started anew, and is back with the new values."""

    ok: bool
    lines: tuple[str, ...]


def would_cut(session: ServerSession) -> tuple[str, ...]:
    """The sessions that a restart would cut, by account, one line each. Raises ServerError."""
    rows = session.rows(
        "SELECT USER AS user, HOST AS host FROM information_schema.PROCESSLIST"
        " WHERE ID <> CONNECTION_ID() AND USER NOT IN ('system user', 'event_scheduler')"
        " LIMIT 5000"
    )
    found = Counter(place_of_account(sanitize(f"{r['user']}@{r['host']}")) for r in rows)
    if not found:
        return ("no session of others is open that this account sees",)
    return tuple(f"{count} of {account}" for account, count in found.most_common(10))


def restart(
    unit: str,
    entry: JournalEntry,
    host: Host,
    connector: Connector,
    error_log: str | None,
    progress: Progress,
) -> Restarted:
    """Stop and start it, and look at what it says. Changes nothing else."""
    began = time.monotonic()
    before = _size(host, error_log)
    progress(f"systemctl restart {unit}")
    lines: list[str] = []
    try:
        as_root(host, ["systemctl", "restart", unit], RESTART_TIME)
    except (CommandFailed, HostError) as failed:
        lines.append(sanitize(str(failed)))
    session = _back(connector, began + RESTART_TIME, progress)
    lines += _logged(host, error_log, before)
    if session is None:
        lines.append(
            f"the server does not answer: look at its log; goneaway-wizard undo {entry.id} takes"
            " the lines out of its files also while it is down"
        )
        return Restarted(False, tuple(lines))
    try:
        passed = time.monotonic() - began
        up = session.info.uptime_seconds
        if up is None or up > passed + _WHOLE_SECONDS:
            how_long = (
                "since before its clock was put back" if up is None else f"for {duration(up)}"
            )
            lines.append(f"the server was not restarted: it has been up {how_long}")
            return Restarted(False, tuple(lines))
        lines.append(f"the server answers again after {duration(round(passed))}")
        told = [_kept(session, change) for change in entry.changes]
    finally:
        session.close()
    lines += [line for _ok, line in told]
    return Restarted(all(ok for ok, _line in told), tuple(lines))


def _kept(session: ServerSession, change: VariableChange) -> tuple[bool, str]:
    now = running_value(session, change.name, change.unit)
    word = "as set" if same(now, change.new) else f"NOT {change.new}"
    return same(now, change.new), f"@@global.{change.name} is {now} after the restart, {word}"


def _back(connector: Connector, deadline: float, progress: Progress) -> ServerSession | None:
    while time.monotonic() < deadline:
        try:
            return connector.connect()
        except ServerError as error:
            progress(f"waiting for the server: {error}")
            time.sleep(0.5)
    return None


def _size(host: Host, path: str | None) -> int:
    if not path or not path.startswith("/"):
        return 0
    try:
        return host.stat(path).size
    except HostError:
        return 0


def _logged(host: Host, path: str | None, before: int) -> Iterator[str]:
    """What the error log says since: errors, and that it is ready."""
    if not path or not path.startswith("/"):
        yield "its error log is not a file that is known here"
        return
    try:
        after = host.stat(path).size
        start = before if after >= before else 0
        text = host.read(path, start, MAX_LOG).decode("utf-8", "replace")
    except HostError as error:
        yield f"its error log is not read: {error}"
        return
    wanted = [
        line
        for line in text.splitlines()
        if "[ERROR]" in line or "ready for connections" in line or "hutdown complete" in line
    ]
    for line in wanted[:_TOLD]:
        yield f"log: {sanitize(line, 300)}"
    if len(wanted) > _TOLD:
        yield f"log: and {len(wanted) - _TOLD} more such lines"
