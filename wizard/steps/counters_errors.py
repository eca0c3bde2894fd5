"""From error summaries, statement digests and totals to evidence. Queries, then pure functions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from wizard.case.case import Window
from wizard.case.evidence import Evidence, Occurrence
from wizard.case.own_traces import Trace, errors_of
from wizard.safety.sanitize import sanitize
from wizard.server.session import Row, ServerSession
from wizard.server.status import StatusCounters

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
    1226: ("count.user-limit", "logins above the account's limit (1226)"),
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
TOTAL_SIGNALS = (
    "count.killed",
    "count.refused-connections",
    "count.preauth",
    "count.slots-full",
    "count.load-data",
    "count.no-thread",
)
CLOCK_SLACK = timedelta(seconds=5)
"""By which the server's clock may be ahead of the one that set the window's end."""

WHOLE_SECOND = timedelta(seconds=1)
"""FIRST_SEEN and LAST_SEEN have no fractions: what they name may be up to a second later."""

_SOURCE = "performance_schema.events_errors_summary_by_account_by_error"
_NUMBERS = (*_BY_NUMBER, 1158, 1159, 1160)


@dataclass(frozen=True, slots=True)
class ErrorCount:
    """One account's count of one error. `account` is None before the login is complete."""

    number: int
    account: str | None
    count: int
    first: datetime | None
    last: datetime | None

    def inside(self, window: Window) -> int:
        """How many surely fell into the window: all, at least the last one, or none."""
        if not _within(self.last, window):
            return 0
        return self.count if _within(self.first, window) else 1


def _within(at: datetime | None, window: Window) -> bool:
    if at is None:
        return False
    return window.since - WHOLE_SECOND <= at <= window.until + CLOCK_SLACK


@dataclass(frozen=True, slots=True)
class KillCount:
    """KILL [CONNECTION] statements that succeeded, from the statement digests."""

    count: int
    first: datetime | None
    last: datetime | None


def error_rows(server: ServerSession) -> tuple[ErrorCount, ...]:
    """Raises QueryDenied without SELECT on performance_schema."""
    numbers = ", ".join(str(n) for n in _NUMBERS)
    rows = server.rows(
        "SELECT error_number AS number, user AS user_name, host AS host_name, "
        "sum_error_raised AS raised, first_seen AS first_at, last_seen AS last_at "
        "FROM performance_schema.events_errors_summary_by_account_by_error "
        f"WHERE sum_error_raised > 0 AND error_number IN ({numbers})"
    )
    return tuple(_error_count(row) for row in rows)


def others(
    errors: Iterable[ErrorCount], traces: Iterable[Trace], started: datetime
) -> tuple[ErrorCount, ...]:
    """`errors` without those that our own experiments caused since the server's start.

    Where the last one was ours, the others' last time is not known; their first one is.
    """
    own = [trace for trace in traces if trace.began >= started]
    found = (_others(row, own) for row in errors)
    return tuple(row for row in found if row.count > 0)


def _others(row: ErrorCount, own: Sequence[Trace]) -> ErrorCount:
    ours = errors_of(own, (row.account or "").partition("@")[0], row.number)
    if not ours:
        return row
    last_is_ours = row.last is not None and any(
        t.began - WHOLE_SECOND <= row.last <= t.ended + CLOCK_SLACK for t in own
    )
    return replace(row, count=row.count - ours, last=row.first if last_is_ours else row.last)


def kill_rows(server: ServerSession) -> tuple[KillCount, ...]:
    """KILL QUERY is left out: the connection survives it. Digests as the server writes them."""
    rows = server.rows(
        "SELECT count_star - sum_errors AS done, first_seen AS first_at, last_seen AS last_at "
        "FROM performance_schema.events_statements_summary_by_digest "
        "WHERE digest_text IN ('KILL ?', 'KILL CONNECTION ?') AND count_star > sum_errors"
    )
    return tuple(
        KillCount(int(row["done"]), _aware(row["first_at"]), _aware(row["last_at"])) for row in rows
    )


def _error_count(row: Row) -> ErrorCount:
    user, host = row["user_name"], row["host_name"]
    account = sanitize(f"{user}@{host}", 120) if user is not None else None
    return ErrorCount(
        int(row["number"]),
        account,
        int(row["raised"]),
        _aware(row["first_at"]),
        _aware(row["last_at"]),
    )


def _aware(value: object) -> datetime | None:
    """The session's time zone is UTC, so the server's timestamps are."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else None


def evidence_from_errors(
    errors: Iterable[ErrorCount],
    kills: Iterable[KillCount],
    status: StatusCounters,
    window: Window,
) -> tuple[Evidence, ...]:
    """MySQL 8.0 and later."""
    counted = tuple(e for e in errors if e.inside(window))
    found = list(_known_numbers(counted, window))
    found += _ends(counted, tuple(k for k in kills if _within(k.last, window)), window)
    found += _stalled(counted, window)
    found += _before_login(counted, window)
    found += (*_slots(status), *_load_data(status), *_no_thread(status, weak=True))
    return tuple(found)


def _known_numbers(counted: tuple[ErrorCount, ...], window: Window) -> Iterator[Evidence]:
    for number, (signal, text) in _BY_NUMBER.items():
        rows = [e for e in counted if e.number == number]
        if rows:
            yield _evidence(signal, text, rows, window)


def _evidence(
    signal: str, text: str, rows: list[ErrorCount], window: Window, less: int = 0
) -> Evidence:
    accounts = ", ".join(sorted({e.account for e in rows if e.account}))
    count = sum(e.inside(window) for e in rows) - less
    total = sum(e.count for e in rows)
    at_least = f"; at least {count} of {total} since the start" if count + less < total else ""
    return Evidence(
        signal,
        f"{text}{': ' if accounts else ''}{accounts}{at_least}",
        _SOURCE,
        count=count,
        first=min((e.first for e in rows if e.first and _within(e.first, window)), default=None),
        last=max((e.last for e in rows if e.last), default=None),
        occurrences=tuple(
            Occurrence(at=at, account=e.account) for e in rows for at in _moments(e, window)
        ),
    )


def _moments(row: ErrorCount, window: Window) -> list[datetime]:
    """The single times that are known: the last one, and the first where it is another."""
    known = [at for at in (row.first, row.last) if at is not None and _within(at, window)]
    return known[-1:] if row.count == 1 else known


def _ends(
    counted: tuple[ErrorCount, ...], kills: tuple[KillCount, ...], window: Window
) -> Iterator[Evidence]:
    """Killed sessions and vanished clients, told apart.

    They leave the same numbers; the digests tell how many were killed. A session killed while busy
    raises 1160 without 1158. offline_mode ends an account's sessions in the same way.
    """
    offline = {row.account for row in counted if row.number == 3032}
    broken: dict[str, list[ErrorCount]] = {}
    for row in counted:
        known = row.account is not None and row.account not in offline
        if known and row.number in (1158, 1160):
            broken.setdefault(str(row.account), []).append(row)
    largest = [max(rows, key=lambda e: e.inside(window)) for rows in broken.values()]
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


def _slots(status: StatusCounters) -> Iterator[Evidence]:
    if status["Threads_connected"] >= status.max_connections:
        yield Evidence(
            "count.slots-full",
            f"{status['Threads_connected']} of {status.max_connections} connections in use now",
            "SHOW GLOBAL STATUS (Threads_connected), @@max_connections",
        )


def _load_data(status: StatusCounters) -> Iterator[Evidence]:
    """Matters where it is absent: without LOAD DATA there is little to read in pieces."""
    if status["Com_load"]:
        yield Evidence(
            "count.load-data",
            "LOAD DATA statements",
            "SHOW GLOBAL STATUS (Com_load)",
            count=status["Com_load"],
            weak=True,
        )


def _no_thread(status: StatusCounters, weak: bool) -> Iterator[Evidence]:
    if status["Connection_errors_internal"]:
        yield Evidence(
            "count.no-thread",
            "connections refused for want of a thread or memory",
            "SHOW GLOBAL STATUS (Connection_errors_internal)",
            count=status["Connection_errors_internal"],
            weak=weak,
        )


def evidence_from_totals(status: StatusCounters, inside: bool) -> tuple[Evidence, ...]:
    """MariaDB, and MySQL without performance_schema. `inside`: started inside the window.

    MariaDB never counts a 1040 as such; what is left of Aborted_connects after logins refused
    and connections without a login is that; it is weak unless all slots have been in use once.
    """
    found = []
    weak = not inside
    source = "SHOW GLOBAL STATUS"
    if status["Com_kill"]:
        found.append(
            Evidence(
                "count.killed",
                "sessions or statements were killed; KILL QUERY counts too",
                f"{source} (Com_kill)",
                count=status["Com_kill"],
                weak=True,
            )
        )
    if refused := _refused(status):
        found.append(
            Evidence(
                "count.refused-connections",
                f"connections refused while {status['Max_used_connections']} slots were in use",
                f"{source} (Aborted_connects, Max_used_connections)",
                count=refused,
                weak=weak or status["Max_used_connections"] < status.max_connections,
            )
        )
    if status["Aborted_connects_preauth"]:
        found.append(
            Evidence(
                "count.preauth",
                "connections that ended before any login",
                f"{source} (Aborted_connects_preauth)",
                count=status["Aborted_connects_preauth"],
                weak=weak,
            )
        )
    return (*found, *_slots(status), *_load_data(status), *_no_thread(status, weak))


def _refused(status: StatusCounters) -> int:
    if status["Connection_errors_max_connections"]:
        return status["Connection_errors_max_connections"]
    if "Access_denied_errors" not in status.values:
        return 0
    told = status["Aborted_connects_preauth"] + status["Access_denied_errors"]
    told += status["Connection_errors_internal"]
    return max(0, status["Aborted_connects"] - told)
