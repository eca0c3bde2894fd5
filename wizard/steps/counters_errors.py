"""From MySQL's error summary and statement digests to evidence. Pure."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from wizard.case.case import Window
from wizard.case.evidence import Evidence, Occurrence
from wizard.server.status import StatusCounters
from wizard.steps.counters_rows import ErrorCount, KillCount, within
from wizard.steps.counters_totals import load_data, no_thread, slots

_BY_NUMBER = {
    4031: ("count.idle-timeout", "sessions closed by the server for idling (4031)"),
    1153: ("count.packet-too-large", "packets above max_allowed_packet (1153)"),
    1161: ("count.slow-reader", "clients that did not read in time (1161)"),
    1040: ("count.refused-connections", "connections refused: too many connections (1040)"),
    1045: ("count.access-denied", "logins refused (1045)"),
    1044: ("count.access-denied", "logins refused for the database (1044)"),
    1698: ("count.access-denied", "logins refused (1698)"),
    1129: ("count.host-blocked", "connects from a blocked host (1129)"),
    1203: ("count.user-limit", "logins above the account's limit (1203)"),
    1226: ("count.user-limit", "logins or statements above the account's limit (1226)"),
    3032: ("count.offline-mode", "refused or dropped by offline_mode (3032)"),
    1184: ("count.init-connect", "sessions ended by init_connect (1184)"),
    4082: ("count.memory-limit", "sessions over their memory limit (4082)"),
    3024: ("count.statement-timeout", "statements that ran too long (3024)"),
}
ERROR_SIGNALS = (
    *dict.fromkeys(signal for signal, _ in _BY_NUMBER.values()),
    "count.killed",
    "count.read-timeout",
    "count.lost-client",
    "count.preauth",
    "count.handshake-timeout",
    "count.slots-full",
    "count.load-data",
    "count.no-thread",
)
NUMBERS = (*_BY_NUMBER, 1158, 1159, 1160)

MOST_NAMED = 5
"""Accounts that a piece of evidence names: a user may come from a thousand hosts."""


def evidence_from_errors(
    errors: Iterable[ErrorCount],
    kills: Iterable[KillCount],
    status: StatusCounters,
    window: Window,
) -> tuple[Evidence, ...]:
    """MySQL 8.0 and later."""
    counted = tuple(e for e in errors if e.inside(window))
    found = list(_known_numbers(counted, window))
    found += _ends(counted, tuple(k for k in kills if within(k.last, window)), window)
    found += _stalled(counted, window)
    found += _before_login(counted, window)
    found += (*slots(status), *load_data(status), *no_thread(status, weak=True))
    return tuple(found)


def proves_nothing(
    errors: Iterable[ErrorCount],
    kills: Iterable[KillCount],
    unsettled: Collection[int],
    window: Window,
) -> frozenset[str]:
    """The signals whose absence is none.

    Of the numbers `unsettled` more was taken off than was counted, or it is not known when the last
    of others was.

    Of a client that is gone the server raises 1158, 1160 or both. A KILL raises one of them too,
    and how many of each fell into the window is not always known.
    """
    found = {_BY_NUMBER[number][0] for number in unsettled if number in _BY_NUMBER}
    found |= {"count.read-timeout"} if 1159 in unsettled else set()
    counted = [e for e in errors if e.inside(window)]
    largest = _largest(counted, window)
    killed = sum(k.count for k in kills if within(k.last, window))
    ended = sum(e.inside(window) for e in largest)
    exact = ended == killed and all(e.inside(window) == e.count for e in largest)
    hidden = bool(largest) and ended <= killed and not exact
    if {1158, 1160} <= set(unsettled) or hidden:
        found.add("count.lost-client")
    return frozenset(found)


def _known_numbers(counted: tuple[ErrorCount, ...], window: Window) -> Iterator[Evidence]:
    for number, (signal, text) in _BY_NUMBER.items():
        rows = [e for e in counted if e.number == number]
        if rows:
            yield _evidence(signal, text, rows, window)


def _evidence(
    signal: str, text: str, rows: list[ErrorCount], window: Window, less: int = 0
) -> Evidence:
    accounts = _named(rows)
    count = sum(e.inside(window) for e in rows) - less
    total = sum(e.count for e in rows)
    at_least = f"; at least {count} of {total} since the start" if count + less < total else ""
    return Evidence(
        signal,
        f"{text}{': ' if accounts else ''}{accounts}{at_least}",
        f"performance_schema.{rows[0].table}",
        count=count,
        first=min((e.first for e in rows if e.first and within(e.first, window)), default=None),
        last=max((e.last for e in rows if e.last), default=None),
        occurrences=tuple(
            Occurrence(at=at, account=e.account) for e in rows for at in _moments(e, window)
        ),
    )


def _named(rows: Iterable[ErrorCount]) -> str:
    accounts = sorted({e.account for e in rows if e.account})
    more = len(accounts) - MOST_NAMED
    return ", ".join(accounts[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _moments(row: ErrorCount, window: Window) -> list[datetime]:
    """The single times that are known: the last one, and the first where it is another."""
    known = [at for at in (row.first, row.last) if at is not None and within(at, window)]
    return known[-1:] if row.count == 1 else known


def _ends(
    counted: tuple[ErrorCount, ...], kills: tuple[KillCount, ...], window: Window
) -> Iterator[Evidence]:
    """Killed sessions and vanished clients, told apart.

    They leave the same numbers; the digests tell how many were killed. A session killed while busy
    raises 1160 without 1158. offline_mode ends an account's sessions in the same way.
    """
    largest = _largest(counted, window)
    ended = sum(e.inside(window) for e in largest)
    killed = sum(k.count for k in kills)
    if killed:
        yield Evidence(
            "count.killed",
            "sessions ended by KILL",
            "performance_schema.events_statements_summary_by_digest (KILL ?)",
            count=killed,
            first=min((k.first for k in kills if k.first), default=None),
            last=max((k.last for k in kills if k.last), default=None),
            occurrences=tuple(
                Occurrence(at=k.last) for k in kills if k.last is not None and k.count == 1
            ),
        )
    if ended > killed:
        text = "clients that went away without a word (1158, 1160)"
        yield _evidence("count.lost-client", text, largest, window, less=killed)


def _largest(counted: Iterable[ErrorCount], window: Window) -> list[ErrorCount]:
    """Of each account that offline_mode did not end, the row that knows more of lost clients."""
    counted = tuple(counted)
    offline = {row.account for row in counted if row.number == 3032}
    broken: dict[str, list[ErrorCount]] = {}
    for row in counted:
        known = row.account is not None and row.account not in offline
        if known and row.number in (1158, 1160):
            broken.setdefault(str(row.account), []).append(row)
    return [max(rows, key=lambda e: e.inside(window)) for rows in broken.values()]


def _stalled(counted: tuple[ErrorCount, ...], window: Window) -> Iterator[Evidence]:
    """1159 after the login is net_read_timeout (idle sessions get 4031). The server raises it
    twice a session: when the time is up, and when it tells the client."""
    rows = [e for e in counted if e.account is not None and e.number == 1159]
    if rows:
        raised = sum(e.inside(window) for e in rows)
        text = "uploads that stalled (1159)"
        yield _evidence("count.read-timeout", text, rows, window, less=raised // 2)


def _before_login(counted: tuple[ErrorCount, ...], window: Window) -> Iterator[Evidence]:
    slow = [e for e in counted if e.account is None and e.number == 1159]
    gone = [e for e in counted if e.account is None and e.number == 1158]
    if slow:
        text = "logins that took longer than connect_timeout (1159)"
        yield _evidence("count.handshake-timeout", text, slow, window)
    if gone:
        text = "connections that ended before any login (1158)"
        yield _evidence("count.preauth", text, gone, window)
