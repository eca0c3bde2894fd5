"""What a captured log is read from, whether it was switched on for it or was on already."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from wizard.capture.logging_state import CaptureKind
from wizard.server.pymysql_session import PyMySqlSession
from wizard.server.session import Row


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a capture is; `size` is None where it cannot be told."""

    seconds: float
    size: int | None


class CapturedLog(Protocol):
    """A stretch of a log. `progress` waits until a bound is reached; `end` says in words how the
    log was put back; then `chunks` or `rows` hold what was written meanwhile."""

    ended_by: str

    @property
    def kind(self) -> CaptureKind: ...

    @property
    def seconds(self) -> int: ...

    @property
    def max_bytes(self) -> int: ...

    @property
    def long(self) -> float | None:
        """From how many seconds on a statement is logged, where the capture set that."""
        ...

    @property
    def reads_file(self) -> bool: ...

    @property
    def began_at(self) -> datetime | None:
        """By the server's clock, as the times in the log are."""
        ...

    @property
    def in_server(self) -> bool: ...

    def begin(self) -> None: ...

    def progress(self) -> Iterator[Progress]: ...

    def end(self) -> str: ...

    def chunks(self) -> Iterator[bytes]: ...

    def rows(self) -> list[Row]: ...

    def session(self) -> PyMySqlSession: ...

    def close(self) -> None: ...
