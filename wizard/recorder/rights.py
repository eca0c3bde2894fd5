"""Whether the recorder's own account was granted or denied something while it watches.

A session keeps the global privileges that it began with (Reference Manual, "When Privilege
Changes Take Effect"), so that what SHOW GRANTS tells anew holds for a new session only.
"""

from wizard.server.session import QueryDenied, QueryFailed, ServerSession

LOOKS = 10
"""From one question to the next."""


class Rights:
    """What the account of one session may do, and whether that is still so."""

    def __init__(self, session: ServerSession) -> None:
        self._session = session
        self._known = self._ask()
        self._looks = 0

    def changed(self) -> bool:
        """Asked once a look. Raises ConnectionLost."""
        self._looks += 1
        return self._looks % LOOKS == 0 and self._ask() != self._known

    def _ask(self) -> tuple[str, ...]:
        """Nothing for a session without an account of its own (skip-grant-tables)."""
        try:
            rows = self._session.rows("SHOW GRANTS")
        except (QueryDenied, QueryFailed):
            return ()
        return tuple(sorted(str(value) for row in rows for value in row.values()))
