"""Rows of MySQL's error summary and statement digests, without what the wizard caused."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from wizard.case.case import Window
from wizard.case.own_traces import Trace, errors_of, kills_of, of_life
from wizard.safety.errors import WizardError
from wizard.safety.sanitize import sanitize
from wizard.server.answers import number_of
from wizard.server.session import Row, ServerSession

CLOCK_SLACK = timedelta(seconds=5)
"""By which the server's clock may be ahead of the one that set the window's end."""

WHOLE_SECOND = timedelta(seconds=1)
"""FIRST_SEEN and LAST_SEEN have no fractions: what they name may be up to a second later."""


BY_ACCOUNT = "events_errors_summary_by_account_by_error"
BY_USER = "events_errors_summary_by_user_by_error"


@dataclass(frozen=True, slots=True)
class ErrorCount:
    """One account's count of one error. `account` is None before the login is complete, and a
    user alone where it is BY_USER."""

    number: int
    account: str | None
    count: int
    first: datetime | None
    last: datetime | None
    table: str = BY_ACCOUNT

    @property
    def user(self) -> str:
        return (self.account or "").partition("@")[0]

    def inside(self, window: Window) -> int:
        """How many surely fell into the window: all, at least the last one, or none."""
        if not within(self.last, window):
            return 0
        return self.count if within(self.first, window) else 1


def within(at: datetime | None, window: Window) -> bool:
    if at is None:
        return False
    return window.since - WHOLE_SECOND <= at <= window.until + CLOCK_SLACK


@dataclass(frozen=True, slots=True)
class KillCount:
    """KILL [CONNECTION] statements that succeeded, from the statement digests."""

    count: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class _Kept:
    """A table that keeps a count of each error for each of those that `of` lists."""

    of: str
    table: str
    columns: tuple[str, ...]

    def asked(self, keys: str, at_once: int, start: int) -> str:
        """Straight by the table's key: for any other way the server adds up all of it."""
        names = ", ".join(self.columns)
        same = " AND ".join(f"s.{name} <=> a.{name}" for name in self.columns)
        host = "s.HOST" if "HOST" in self.columns else "NULL"
        return (
            f"SELECT STRAIGHT_JOIN s.ERROR_NUMBER AS number, s.USER AS user_name, {host} AS"
            " host_name, s.SUM_ERROR_RAISED AS raised, s.FIRST_SEEN AS first_at,"
            f" s.LAST_SEEN AS last_at FROM (SELECT {names} FROM performance_schema.{self.of}"
            f" LIMIT {at_once} OFFSET {start}) a JOIN ({keys}) k JOIN"
            f" performance_schema.{self.table} s ON {same} AND s.ERROR_NUMBER = k.number"
            " WHERE s.SUM_ERROR_RAISED > 0"
        )


_BY_ACCOUNT = _Kept("accounts", BY_ACCOUNT, ("USER", "HOST"))
_BY_USER = _Kept("users", BY_USER, ("USER",))

_LOOKS = 400_000
"""Accounts gone through by one question: some 20 ms of the server's."""

_MOST_LOOKS = 25 * _LOOKS
"""And by all of them."""


class TooManyAccounts(WizardError):
    """They cannot be asked for one by one in the time that the wizard may take."""


def error_rows(server: ServerSession, wanted: Sequence[int]) -> tuple[ErrorCount, ...]:
    """Raises QueryDenied without SELECT on performance_schema, and TooManyAccounts.

    By the table's key: for each of its rows the server adds up all of an account's sessions, and
    there is one for each of 5,500 errors. With 2,000 sessions 6 ms instead of 400 (MySQL 9.7). Each
    look by that key goes through all accounts, so only errors that anybody met are asked for, and
    of so many accounts at once: with 840 of them one question for all took 430 ms. Where users come
    from many hosts there are too many accounts for that; then it is asked by user.
    """
    raised = _raised(server, wanted)
    if not raised:
        return ()
    accounts, users = _number(server, _BY_ACCOUNT), _number(server, _BY_USER)
    looks = len(raised) * accounts
    if looks * accounts <= _MOST_LOOKS:
        kept, many = _BY_ACCOUNT, accounts
    elif looks * users <= _MOST_LOOKS:
        kept, many = _BY_USER, users
    else:
        raise TooManyAccounts(
            f"{accounts} accounts of {users} users are too many to ask for each one's errors"
        )
    keys = " UNION ALL ".join(f"SELECT {number} AS number" for number in raised)
    at_once = max(1, _LOOKS // looks)
    found: dict[tuple[object, ...], Row] = {}
    for start in range(0, many, at_once):
        rows = server.rows(kept.asked(keys, at_once, start))
        # An account that comes in between moves others on by one.
        found |= {(r["user_name"], r["host_name"], r["number"]): r for r in rows}
    return tuple(_error_count(row, kept.table) for row in found.values())


def _number(server: ServerSession, kept: _Kept) -> int:
    return max(1, number_of(server.value(f"SELECT COUNT(*) FROM performance_schema.{kept.of}")))


def _raised(server: ServerSession, wanted: Sequence[int]) -> tuple[int, ...]:
    """Those of the errors that were raised at all since the server's start."""
    rows = server.rows(
        "SELECT ERROR_NUMBER AS number FROM"
        " performance_schema.events_errors_summary_global_by_error"
        f" WHERE ERROR_NUMBER IN ({', '.join(map(str, wanted))}) AND SUM_ERROR_RAISED > 0"
    )
    return tuple(number_of(row["number"]) for row in rows)


@dataclass(frozen=True, slots=True)
class OfOthers:
    """The counts that are not our own experiments'. Of the numbers `overdrawn` these would have
    raised more than was counted, so what is left of them proves nothing absent: the summary has no
    lock, and may lose one of two that come in the same moment. Nor does it of those `undated`,
    whose last one was ours: when the others' was is not known."""

    rows: tuple[ErrorCount, ...]
    overdrawn: frozenset[int]
    undated: frozenset[int] = frozenset()


def others(errors: Iterable[ErrorCount], traces: Iterable[Trace], started: datetime) -> OfOthers:
    """`errors` without those that our own experiments caused since the server's start.

    A user has a row for each host that it came from; ours came from any of them, likelier from one
    that had its last error while we tried. Where that was ours, the others' last time is not
    known; their first one is.
    """
    own = of_life(traces, started)
    of_users: dict[tuple[str, int], list[ErrorCount]] = {}
    for row in errors:
        of_users.setdefault((row.user, row.number), []).append(row)
    kept, overdrawn, undated = list[ErrorCount](), set[int](), set[int]()
    for (user, number), of_user in of_users.items():
        left = errors_of(own, user, number)
        for row in sorted(of_user, key=lambda row: not _is_ours(row.last, own)):
            taken = min(left, row.count)
            left -= taken
            if row.count > taken:
                hidden = taken and _is_ours(row.last, own)
                undated |= {number} if hidden else set()
                last = row.first if hidden else row.last
                kept.append(replace(row, count=row.count - taken, last=last))
        if left:
            overdrawn.add(number)
    return OfOthers(tuple(kept), frozenset(overdrawn), frozenset(undated))


def _is_ours(at: datetime | None, own: Sequence[Trace]) -> bool:
    return at is not None and any(
        trace.began - WHOLE_SECOND <= at <= trace.ended + CLOCK_SLACK for trace in own
    )


def kill_rows(server: ServerSession) -> tuple[KillCount, ...]:
    """KILL QUERY is left out: the connection survives it.

    By the table's key, schema by schema, until all the KILLs that the server counts are found: of
    10,000 digests it would make each text anew, in 60 to 135 ms instead of 1 (MySQL 9.7).
    """
    used = server.value(
        "SELECT COUNT_STAR FROM performance_schema.events_statements_summary_global_by_event_name"
        " WHERE EVENT_NAME = 'statement/sql/kill'"
    )
    if used == 0:
        return ()
    found: list[Row] = []
    for rows in _kills_by_schema(server):
        found += rows
        if sum(number_of(row["uses"]) for row in found) >= int(used):
            break
    else:
        found = server.rows(f"{_KILLS} WHERE digest_text IN ('KILL ?', 'KILL CONNECTION ?')")
    return tuple(
        KillCount(number_of(row["done"]), _aware(row["first_at"]), _aware(row["last_at"]))
        for row in found
        if number_of(row["done"]) > 0 and not number_of(row["of_query"])
    )


_KILLS = (
    "SELECT count_star AS uses, count_star - sum_errors AS done,"
    " first_seen AS first_at, last_seen AS last_at, digest_text LIKE 'KILL QUERY%%' AS of_query"
    " FROM performance_schema.events_statements_summary_by_digest"
)
_AT_ONCE = 3
"""Schemas asked for in one statement: each costs the server 5 ms where it holds 10,000 digests."""

_MOST_SCHEMAS = 50


def _kills_by_schema(server: ServerSession) -> Iterator[list[Row]]:
    """The KILLs of sessions with no schema, then of those with one, a few schemas at a time."""
    words = ("KILL 1", "KILL CONNECTION 1", "KILL QUERY 1")
    (digests,) = server.rows(
        "SELECT " + ", ".join(f"STATEMENT_DIGEST('{w}') AS d{n}" for n, w in enumerate(words))
    )
    these = "digest IN (%s, %s, %s)"
    yield server.rows(f"{_KILLS} WHERE schema_name IS NULL AND {these}", tuple(digests.values()))
    told = server.rows(
        f"SELECT schema_name AS name FROM information_schema.schemata LIMIT {_MOST_SCHEMAS}"
    )
    names = [str(row["name"]) for row in told]
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        places = ", ".join(["%s"] * len(some))
        yield server.rows(
            f"{_KILLS} WHERE schema_name IN ({places}) AND {these}", (*some, *digests.values())
        )


def _error_count(row: Row, table: str) -> ErrorCount:
    user, host = row["user_name"], row["host_name"]
    name = str(user) if table == BY_USER else f"{user}@{host}"
    account = sanitize(name, 120) if user is not None else None
    return ErrorCount(
        number_of(row["number"]),
        account,
        number_of(row["raised"]),
        _aware(row["first_at"]),
        _aware(row["last_at"]),
        table,
    )


def _aware(value: object) -> datetime | None:
    """The session's time zone is UTC, so the server's timestamps are."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else None


def kills_of_others(
    kills: Iterable[KillCount], traces: Iterable[Trace], started: datetime
) -> tuple[KillCount, ...]:
    """`kills` without those that the wizard was told to do since the server's start."""
    own = [trace for trace in of_life(traces, started) if trace.kills]
    return tuple(_without(kills, own, started))


def _without(
    kills: Iterable[KillCount], own: Sequence[Trace], started: datetime
) -> Iterator[KillCount]:
    """The wizard says KILL CONNECTION; where the last one was its own, the others' is not known."""
    left = kills_of(own, started)
    for row in sorted(kills, key=lambda k: k.last or started, reverse=True):
        taken = min(left, row.count)
        left -= taken
        if row.count > taken:
            is_ours = row.last is not None and any(t.began <= row.last <= t.ended for t in own)
            last = row.first if taken and is_ours else row.last
            yield replace(row, count=row.count - taken, last=last)
