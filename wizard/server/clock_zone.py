"""The server's own time zone, in which it writes times that have no offset (MariaDB's logs)."""

from datetime import UTC, timedelta, timezone, tzinfo

from wizard.server.session import QueryDenied, QueryFailed, ServerSession


def zone_of(session: ServerSession) -> tzinfo:
    """The offset that the system's clock has on the server now. The session's own zone is UTC, so
    it is asked for by CONVERT_TZ, which knows SYSTEM without the time zone tables."""
    try:
        seconds = session.value(
            "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(),"
            " CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', 'SYSTEM'))"
        )
    except (QueryDenied, QueryFailed):
        return UTC
    return UTC if seconds is None else timezone(timedelta(seconds=round(int(seconds) / 60) * 60))
