"""Why no connection could be had: programs say so once, and later only that it failed again.

HikariCP tells the cause with the first timeout, and the next ones in the same row are bare;
p1_mysql and aiomysql tell bare failures too. They take the reason of the failed connects
shortly before.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from wizard.case.evidence import Phase
from wizard.logs.application.client_drivers import language_of
from wizard.logs.application.client_error import Recognised

_LASTS = timedelta(minutes=2)
"""A pool tries to open connections all the time; an older reason has passed."""

_TIMEOUT = "client.pool-timeout"
_REFUSED = "client.refused"
_CANNOT_CONNECT = 2003


class PoolReasons:
    """The last failed connect of a log, for the pool timeouts that follow it."""

    def __init__(self) -> None:
        self._reason: Recognised | None = None
        self._at: datetime | None = None

    def completed(self, error: Recognised, at: datetime | None) -> Recognised:
        """`error` with the reason that is known, where it is a pool's timeout without one."""
        if not is_bare(error):
            if error.phase is Phase.CONNECT:
                self._reason, self._at = error, at
            return error
        reason = self._reason
        if reason is None or at is None or self._at is None or not self._same(error, reason):
            return error
        if not timedelta(0) <= at - self._at <= _LASTS:
            return error
        self._at = at
        return replace(error, signal=reason.signal, number=reason.number, errno=reason.errno)

    def _same(self, error: Recognised, reason: Recognised) -> bool:
        if error.driver is None or reason.driver is None:
            return True
        return language_of(error.driver) == language_of(reason.driver)


def is_bare(error: Recognised) -> bool:
    """Whether it tells that no connection could be had, and nothing of why."""
    if error.signal == _REFUSED:
        return error.errno is None and error.number == _CANNOT_CONNECT
    return error.signal == _TIMEOUT or error.signature.startswith("client-connect-lost-retold")
