"""Takes a sample of the server in one statement; more on MySQL, where an error was counted."""

import math
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from wizard.recorder.by_account import Account, ByAccount
from wizard.recorder.programs import Programs
from wizard.recorder.sample import AccountError, Sample, SessionSeen
from wizard.recorder.statement import (
    LONGEST_LIST,
    MOST_SESSIONS,
    Also,
    Answer,
    look_statement,
    read_answer,
    verbosity,
)
from wizard.safety.sanitize import sanitize
from wizard.server.identity import name_expression
from wizard.server.session import QueryDenied, QueryFailed, ServerSession

_KILL = re.compile(r"\s*KILL\s+(?:HARD\s+|SOFT\s+)?(?:CONNECTION\s+)?(\d+)\s*;?\s*$", re.IGNORECASE)
"""A statement that ends a session; KILL QUERY ends only what the session runs."""

_NO_PROCESS = 1227
"""ER_SPECIFIC_ACCESS_DENIED_ERROR, of INNODB_TRX for an account without PROCESS."""

ROUNDED = 2
"""Seconds by which whole ones may err."""


class Sampler:
    """Takes samples over one session, which it does not own. `blind` is what it cannot see of
    the sessions, and which privilege would let it."""

    def __init__(self, session: ServerSession) -> None:
        self._session = session
        self._summaries = ByAccount(session) if session.info.has_error_summary else None
        self._also = {Also.TRANSACTIONS}
        if self._summaries is not None:
            self._also.add(Also.ERRORS)
        self.blind = ""
        self._named_by = ""
        self._own = session.info.connection_id
        self._verbosity, self._least = verbosity(session.info)
        self._programs = Programs(session)
        self._known: dict[int, SessionSeen] = {}
        self._took_at: float | None = None
        with suppress(QueryDenied, QueryFailed):
            session.execute(f"SET SESSION group_concat_max_len = {LONGEST_LIST}")

    @property
    def own(self) -> int:
        """The number of our own session, which is no one's loss. Behind a proxy that shares
        connections it is another at each look."""
        return self._own

    def take(self) -> Sample:
        """A sample of this moment, without our own session. Raises ConnectionLost, ServerError."""
        self._named_by = self._named_by or name_expression(self._session)
        began = time.monotonic()
        answer = self._look(self._since(began))
        at = datetime.now().astimezone()
        self._own = answer.connection or self._own
        own = {self._own}
        known, before = {**self._known, **answer.changed}, self._known
        self._known = self._programs.named(
            {number: known[number] for number in answer.ids - own if number in known}
        )
        self._took_at = began
        left = [s for number, s in before.items() if number not in answer.ids]
        errors, kills = self._by_account(answer, left)
        return Sample(
            at,
            answer.server,
            self._known,
            answer.counters,
            errors,
            kills,
            time.monotonic() - began,
            cut=len(answer.changed) >= MOST_SESSIONS,
            kills_counted=answer.kills,
            started=answer.started,
            names_ends=answer.counters.get(self._verbosity, 0) >= self._least,
            connection=self._own,
        )

    def _look(self, within: int | None) -> Answer:
        """What this account may not read is left out from then on."""
        while True:
            sql = look_statement(self._session.info, self._named_by, within, self._also)
            try:
                return read_answer(self._session.rows(sql), datetime.now().astimezone())
            except (QueryDenied, QueryFailed) as error:
                self._leave_out(error)

    def _leave_out(self, error: QueryDenied | QueryFailed) -> None:
        """Raises the error where nothing can be left out for it."""
        denied = Also.TRANSACTIONS if error.number == _NO_PROCESS else Also.ERRORS
        if denied not in self._also:
            raise error
        self._also.discard(denied)
        if denied is Also.ERRORS:
            self._summaries = None
        elif isinstance(error, QueryDenied):
            self.blind = f"this account lacks PROCESS; {error.advice}"

    def _since(self, now: float) -> int | None:
        """Seconds within which a session has changed that is to be looked at; None for all."""
        if self._took_at is None:
            return None
        return math.ceil(now - self._took_at) + ROUNDED

    def _by_account(
        self, answer: Answer, left: list[SessionSeen]
    ) -> tuple[Mapping[AccountError, int], Mapping[str, int]]:
        """Errors and KILLs by account; nothing from then on where that may not be read."""
        if self._summaries is None:
            return {}, {}
        accounts: list[Account] = [(session.user, session.host) for session in left]
        try:
            self._summaries.update(answer, accounts)
        except (QueryDenied, QueryFailed):
            self._summaries = None
            self._also.discard(Also.ERRORS)
            return {}, {}
        return self._summaries.errors, self._summaries.kills

    def killers(self) -> Mapping[int, str]:
        """Who killed which connection, of the KILL statements that are still remembered.

        MySQL keeps each thread's last ten statements (events_statements_history); elsewhere
        nothing is known.
        """
        if self._summaries is None:
            return {}
        try:
            rows = self._session.rows(_KILL_STATEMENTS)
        except (QueryDenied, QueryFailed):
            return {}
        found: dict[int, str] = {}
        for row in rows:
            ended = _KILL.match(str(row["text"]))
            if ended is not None:
                found[int(ended[1])] = sanitize(str(row["account"]))
        return found


_KILL_STATEMENTS = (
    "SELECT CONCAT(t.PROCESSLIST_USER, '@', t.PROCESSLIST_HOST) AS account, h.SQL_TEXT AS text"
    " FROM performance_schema.events_statements_history h"
    " JOIN performance_schema.threads t ON t.THREAD_ID = h.THREAD_ID"
    " WHERE h.EVENT_NAME = 'statement/sql/kill' AND h.SQL_TEXT IS NOT NULL"
    " AND h.MYSQL_ERRNO = 0 ORDER BY h.TIMER_START LIMIT 1000"
)
