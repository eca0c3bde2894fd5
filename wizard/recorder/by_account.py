"""What MySQL counted by account: errors that tell how a session ended, and KILL statements.

The tables are sums over all threads, made as they are read: with 2,000 sessions a look at all of
one takes a third of a second. A row that is asked for by its whole key takes 0.1 ms
("Performance Schema Summary Tables", their indexes), so rows are asked for only where a number's
total has grown, and in statements of a bounded number of keys.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from wizard.recorder.sample import AccountError
from wizard.recorder.statement import ERRORS, KILL_EVENT, Answer
from wizard.safety.sanitize import sanitize
from wizard.server.answers import number_of
from wizard.server.session import Row, ServerSession

KEYS = 60
"""Rows that one statement asks for by their key."""

MOST_ACCOUNTS = 600
"""Accounts that are asked about in one look; those with a session that left come first."""

Account = tuple[str, str]


class ByAccount:
    """Keeps what was counted since it first looked, and asks for what can have grown."""

    def __init__(self, session: ServerSession) -> None:
        self._session = session
        self._first: dict[AccountError | str, int] = {}
        self._errors: dict[AccountError, int] = {}
        self._kills: dict[str, int] = {}
        self._totals: Mapping[int, int] = {}
        self._kill_total: int | None = None
        self._knows_all = False

    @property
    def errors(self) -> Mapping[AccountError, int]:
        return dict(self._errors)

    @property
    def kills(self) -> Mapping[str, int]:
        return dict(self._kills)

    def update(self, answer: Answer, suspects: Iterable[Account]) -> None:
        """Take over what has grown. `suspects` are the accounts of sessions that left.

        Raises QueryDenied, QueryFailed, ConnectionLost.
        """
        numbers = [n for n, total in answer.errors.items() if total != self._totals.get(n, 0)]
        killed = answer.kills != (self._kill_total or 0)
        accounts: Sequence[Account] = ()
        if numbers or killed:
            accounts = self._accounts(suspects)
            for batch in _batches(accounts, max(KEYS // max(len(numbers), 1), 1)):
                self._ask_errors(batch, numbers)
            for batch in _batches(accounts, KEYS) if killed else ():
                self._ask_kills(batch)
        if self._kill_total is None:
            self._knows_all = len(accounts) < MOST_ACCOUNTS
        self._totals, self._kill_total = answer.errors, answer.kills

    def _grown(self, key: AccountError | str, total: int) -> int:
        """Since the first look. An account that was not there then began with nothing."""
        return total - self._first.setdefault(key, 0 if self._knows_all else total)

    def _accounts(self, suspects: Iterable[Account]) -> Sequence[Account]:
        rows = self._session.rows(
            "SELECT USER AS user, HOST AS host FROM performance_schema.accounts"
            f" WHERE USER IS NOT NULL LIMIT {MOST_ACCOUNTS}"
        )
        known = ((str(row["user"]), str(row["host"])) for row in rows)
        return list(dict.fromkeys((*suspects, *known)))[:MOST_ACCOUNTS]

    def _ask_errors(self, accounts: Sequence[Account], numbers: Sequence[int]) -> None:
        if not numbers:
            return
        keys = " UNION ALL ".join(f"SELECT {n} AS number" for n in numbers if n in ERRORS)
        rows = self._by_key(
            accounts,
            "s.ERROR_NUMBER AS number, s.SUM_ERROR_RAISED AS raised",
            f"JOIN ({keys}) k"
            " JOIN performance_schema.events_errors_summary_by_account_by_error s"
            " ON s.ERROR_NUMBER = k.number",
            "s.SUM_ERROR_RAISED > 0",
        )
        for row in rows:
            key = AccountError(_name(row), number_of(row["number"]))
            self._errors[key] = self._grown(key, number_of(row["raised"]))

    def _ask_kills(self, accounts: Sequence[Account]) -> None:
        rows = self._by_key(
            accounts,
            "s.COUNT_STAR AS raised",
            "JOIN performance_schema.events_statements_summary_by_account_by_event_name s"
            f" ON s.EVENT_NAME = '{KILL_EVENT}'",
            "s.COUNT_STAR > 0",
        )
        for row in rows:
            self._kills[_name(row)] = self._grown(_name(row), number_of(row["raised"]))

    def _by_key(
        self, accounts: Sequence[Account], columns: str, joined: str, where: str
    ) -> list[Row]:
        """Rows of a summary. The accounts come first, so that each row is found by its key."""
        listed = ", ".join("(%s, %s)" for _ in accounts)
        sql = (
            f"SELECT STRAIGHT_JOIN a.USER AS user, a.HOST AS host, {columns}"
            f" FROM performance_schema.accounts a {joined} AND s.USER = a.USER AND s.HOST = a.HOST"
            f" WHERE (a.USER, a.HOST) IN ({listed}) AND {where}"
        )
        return self._session.rows(sql, [word for account in accounts for word in account])


def _name(row: Row) -> str:
    return sanitize(f"{row['user']}@{row['host']}")


def _batches(accounts: Sequence[Account], count: int) -> Iterator[Sequence[Account]]:
    for start in range(0, len(accounts), count):
        yield accounts[start : start + count]
