"""What the server's settings would cut off our answers is undone for a session of ours."""

from wizard.server.session import QueryDenied, QueryFailed, ServerSession

_IN_UTC = "SET time_zone = '+00:00'"
_IN_FULL = "sql_select_limit = 18446744073709551615, sql_big_selects = 1"
"""Without them a server's sql_select_limit cuts each answer, also those of SHOW, and its
max_join_size refuses most."""


def ask_for_whole_answers(session: ServerSession) -> None:
    """In UTC, too. MySQL has taken the right to set variables of a session away before."""
    try:
        session.rows(f"{_IN_UTC}, {_IN_FULL}")
    except (QueryDenied, QueryFailed):
        session.rows(_IN_UTC)
