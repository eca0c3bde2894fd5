"""Who a server says it is, what its clock shows, and what this account may do there."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from wizard.safety.sanitize import sanitize
from wizard.server.privileges import Privileges, read_privileges
from wizard.server.session import QueryDenied, QueryFailed, ServerInfo, ServerSession
from wizard.units import DAY

_VARIABLES = (
    "hostname",
    "datadir",
    "port",
    "socket",
    "pid_file",
    "log_error",
    "performance_schema",
    "system_time_zone",
)


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """What was read from the server. `now` is its own clock, aware, and `ours` this machine's at
    that moment, so many `seconds` after its uptime was read; `offset` is what its local time is
    ahead of UTC, in seconds, or None where it does not tell."""

    info: ServerInfo
    variables: Mapping[str, str]
    now: datetime | None
    ours: datetime
    seconds: float
    offset: int | None
    privileges: Privileges | None
    reads_schema: bool

    @property
    def has_schema(self) -> bool:
        """Whether performance_schema is on."""
        return _is_on(self.variables)

    def may(self, *names: str) -> bool | None:
        """Whether the account holds one of `names`; None where SHOW GRANTS did not tell."""
        return None if self.privileges is None else self.privileges.has(*names)

    @property
    def ahead(self) -> float | None:
        """Its clock less ours, in seconds; None where it does not tell."""
        return None if self.now is None else (self.now - self.ours).total_seconds()

    @property
    def started(self) -> datetime | None:
        """When the server started, to the second, by its own clock; None where it cannot tell."""
        if self.info.uptime_seconds is None:
            return None
        age = timedelta(seconds=self.info.uptime_seconds + self.seconds)
        return ((self.now or self.ours) - age).replace(microsecond=0)


def identify(session: ServerSession) -> ServerIdentity:
    """Read a server's identity. Raises ConnectionLost; what is refused is left out."""
    names = ", ".join(f"'{name}'" for name in _VARIABLES)
    variables = {
        str(row["Variable_name"]): sanitize(str(row["Value"]))
        for row in session.rows(f"SHOW GLOBAL VARIABLES WHERE Variable_name IN ({names})")
    }
    ours, asked = datetime.now(UTC), time.monotonic()
    now, offset = _clock(session)
    half = (time.monotonic() - asked) / 2
    return ServerIdentity(
        info=session.info,
        variables=variables,
        now=now,
        ours=ours + timedelta(seconds=half),
        seconds=asked + half - session.info.uptime_read,
        offset=offset,
        privileges=read_privileges(session),
        reads_schema=_is_on(variables) and _answers(session, "performance_schema.host_cache"),
    )


def _is_on(variables: Mapping[str, str]) -> bool:
    return variables.get("performance_schema", "OFF").upper() in ("ON", "1")


def _clock(session: ServerSession) -> tuple[datetime | None, int | None]:
    """The server's clock, and what its local time is ahead of UTC.

    The session runs in UTC; SYSTEM is the zone in which MariaDB writes its logs.
    """
    try:
        rows = session.rows(
            "SELECT UTC_TIMESTAMP(6) AS now, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(),"
            " CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', 'SYSTEM')) AS ahead"
        )
    except (QueryDenied, QueryFailed):
        return None, None
    row = rows[0] if rows else {}
    now: Any = row.get("now")
    ahead = row.get("ahead")
    return (
        # A clock that stands elsewhere is told; one that is none leaves no room for the uptime.
        now.replace(tzinfo=UTC) if isinstance(now, datetime) and 1970 <= now.year < 9000 else None,
        int(ahead) if isinstance(ahead, int) and abs(ahead) < DAY else None,
    )


def _answers(session: ServerSession, table: str) -> bool:
    """Whether this account may read `table`, whatever SHOW GRANTS would say of it."""
    try:
        session.rows(f"SELECT 1 FROM {table} LIMIT 1")
    except (QueryDenied, QueryFailed):
        return False
    return True
