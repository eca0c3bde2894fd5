"""What tells one server from another, and is the same however it is reached.

It stays the same over a restart.
"""

from wizard.safety.sanitize import sanitize
from wizard.server.session import QueryDenied, QueryFailed, ServerSession


def server_name(session: ServerSession) -> str:
    """Its own number; where it has none (MariaDB before 10.6), host, port and data directory.

    Raises ServerError.
    """
    unique = "@@server_uid" if session.info.is_mariadb else "@@server_uuid"
    try:
        own = session.value(f"SELECT {unique}")
    except (QueryDenied, QueryFailed):
        own = session.value("SELECT CONCAT(@@hostname, ':', @@port, ':', @@datadir)")
    return sanitize(str(own))
