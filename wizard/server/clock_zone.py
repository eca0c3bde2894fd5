"""The server's own clock, and its time zone, in which MariaDB writes the times of its logs."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo

from wizard.server.session import QueryDenied, QueryFailed, ServerSession


def clock_of(session: ServerSession) -> datetime:
    """What the server's clock says; ours may stand elsewhere. Raises ServerError."""
    now = session.value("SELECT UTC_TIMESTAMP(6)")
    return now.replace(tzinfo=UTC) if isinstance(now, datetime) else datetime.now(UTC)


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
