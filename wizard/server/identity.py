"""What tells one server from another, and is the same however it is reached.

It stays the same over a restart.
"""

from wizard.safety.sanitize import sanitize
from wizard.server.session import QueryDenied, QueryFailed, ServerSession


def server_name(session: ServerSession) -> str:
    """What this server calls itself. Raises ServerError."""
    return sanitize(str(session.value(f"SELECT {name_expression(session)}")))


def name_expression(session: ServerSession) -> str:
    """The SQL that this server answers with its own number.

    Where it has none (MariaDB before 10.6) that is host, port and data directory. Raises
    ServerError.
    """
    unique = "@@server_uid" if session.info.is_mariadb else "@@server_uuid"
    try:
        session.value(f"SELECT {unique}")
    except (QueryDenied, QueryFailed):
        return "CONCAT(@@hostname, ':', @@port, ':', @@datadir)"
    return unique
