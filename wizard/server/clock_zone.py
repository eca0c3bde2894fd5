"""The server's own clock, and its time zone, in which MariaDB writes the times of its logs."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo

from wizard.server.answers import number_of
from wizard.server.session import QueryDenied, QueryFailed, ServerSession
from wizard.units import DAY


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
    minutes = 0 if seconds is None else round(number_of(seconds) / 60)
    return timezone(timedelta(minutes=minutes)) if abs(minutes) * 60 < DAY else UTC
