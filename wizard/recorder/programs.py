"""Which program each session belongs to, as its client told at login.

Source: performance_schema.session_connect_attrs, which is empty on MariaDB unless
performance_schema is ON. A session's rows go with it, so each is asked for once, while it lives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from wizard.recorder.sample import SessionSeen
from wizard.safety.sanitize import sanitize
from wizard.server.answers import number_of
from wizard.server.session import QueryDenied, QueryFailed, ServerSession

MOST = 100
"""Sessions that are asked about in one look."""

_TOLD_BY = ("program_name", "_client_name")
"""What the application calls itself, else the name of its driver."""


class Programs:
    """Keeps what is known of the sessions that are there."""

    def __init__(self, session: ServerSession) -> None:
        self._session = session
        self._names: dict[int, str] = {}
        self._usable = True

    def named(self, sessions: Mapping[int, SessionSeen]) -> dict[int, SessionSeen]:
        """The sessions with their programs. Raises ConnectionLost."""
        names = {number: self._names[number] for number in sessions if number in self._names}
        unknown = [number for number in sessions if number not in names][:MOST]
        if unknown and self._usable:
            names.update(dict.fromkeys(unknown, ""))
            names.update(self._ask(unknown))
        self._names = names
        return {number: _with(seen, names.get(number, "")) for number, seen in sessions.items()}

    def _is_kept(self) -> bool:
        return bool(number_of(self._session.value("SELECT @@performance_schema")))

    def _ask(self, numbers: Sequence[int]) -> Mapping[int, str]:
        """Nothing from then on where it may not be read, or is not kept."""
        listed = " UNION ALL ".join(f"SELECT {number} AS id" for number in numbers)
        sql = " UNION ALL ".join(
            "SELECT STRAIGHT_JOIN a.PROCESSLIST_ID AS id, a.ATTR_NAME AS attribute,"
            f" a.ATTR_VALUE AS name FROM ({listed}) k JOIN performance_schema.session_connect_attrs"
            f" a ON a.PROCESSLIST_ID = k.id AND a.ATTR_NAME = '{attribute}'"
            for attribute in _TOLD_BY
        )
        try:
            if not self._names and not self._is_kept():
                self._usable = False
                return {}
            rows = self._session.rows(sql)
        except (QueryDenied, QueryFailed):
            self._usable = False
            return {}
        found: dict[int, str] = {}
        for attribute in reversed(_TOLD_BY):
            for row in rows:
                if row["attribute"] == attribute and row["name"]:
                    found[number_of(row["id"])] = sanitize(str(row["name"]), 64)
        return found


def _with(seen: SessionSeen, program: str) -> SessionSeen:
    return seen if seen.program == program else replace(seen, program=program)
