"""A log that somebody else has switched on: read for a while, and not touched."""

import posixpath
import time
from collections.abc import Iterator
from datetime import datetime

from wizard.capture.growing import Growing, growing
from wizard.capture.logging_state import CaptureKind, LoggingState
from wizard.capture.plan import TIME_OVER, CannotCapture, Reach
from wizard.capture.source import Progress
from wizard.capture.table_part import Received, grown, received, rows_since
from wizard.hosts.protocol import Host, HostError
from wizard.server.clock_zone import clock_of
from wizard.server.pymysql_session import PyMySqlSession
from wizard.server.session import Row

_POLL = 0.5


class AlreadyOn:
    """What the log gets within `seconds`; see CapturedLog."""

    in_server = True
    long: float | None = None

    def __init__(
        self,
        kind: CaptureKind,
        state: LoggingState,
        reach: Reach,
        session: PyMySqlSession,
        seconds: int,
        max_bytes: int,
        host: Host | None,
    ) -> None:
        self.kind, self.seconds, self.max_bytes = kind, seconds, max_bytes
        self.ended_by = ""
        self.began_at: datetime | None = None
        self._session = session
        self._host = host
        self._path = _log_path(kind, state, reach, host)
        self._before: Received | None = None
        self._file: Growing | None = None
        if not self._path and (state.rows_in_table is None or not state.writes_to("TABLE")):
            raise CannotCapture(
                f"{kind.switch} is on already, and where it is written cannot be read from here: "
                f"{state.values.get(kind.file_variable)} ({reach.why_no_file})"
            )

    @property
    def reads_file(self) -> bool:
        return bool(self._path)

    def begin(self) -> None:
        self.began_at = clock_of(self._session)
        if self._path:
            self._file = growing(self._path, self._host, self.max_bytes)
        else:
            self._before = received(self._session)

    def progress(self) -> Iterator[Progress]:
        began = time.monotonic()
        while not self.ended_by:
            seconds, size = time.monotonic() - began, self._size()
            yield Progress(seconds, size)
            if seconds >= self.seconds:
                self.ended_by = TIME_OVER
            elif size >= self.max_bytes:
                self.ended_by = "the log reached its size"
            else:
                time.sleep(_POLL)

    def end(self) -> str:
        """What became of its file meanwhile is said too: it may have cost some lines."""
        if self._file is not None:
            self._file.size()
        happened = self._file.happened if self._file is not None else ()
        return "; ".join(("it was on before and stays on", *happened))

    def chunks(self) -> Iterator[bytes]:
        if self._file is not None:
            yield from self._file.chunks()

    def rows(self) -> list[Row]:
        began = self.began_at or clock_of(self._session)
        return rows_since(self._session, self.kind, began, self.max_bytes)

    def session(self) -> PyMySqlSession:
        return self._session

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _size(self) -> int:
        if self._file is not None:
            return self._file.size()
        return grown(self.kind, self._before, received(self._session)) or 0


def _log_path(kind: CaptureKind, state: LoggingState, reach: Reach, host: Host | None) -> str:
    """The file as we see it; "" where it is none or cannot be read."""
    named = state.values.get(kind.file_variable, "")
    if not state.writes_to("FILE") or not named or reach.root is None or host is None:
        return ""
    path = reach.root + posixpath.join(state.values.get("datadir", "/"), named)
    try:
        host.read(path, 0, 1)
    except HostError:
        return ""
    return path
