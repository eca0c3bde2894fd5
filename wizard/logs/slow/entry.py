"""One statement of a slow log."""

from dataclasses import dataclass
from datetime import datetime

OWN = b"/* goneaway-wizard */"


@dataclass(frozen=True, slots=True)
class SlowEntry:
    """Times in seconds; `began` is when it started. Counts are None where the server does not
    tell them; `errno` is the error that it ended with, `killed` why it was stopped (0: it was
    not). `text` is the statement as the log has it; a digest keeps its fingerprint alone."""

    began: datetime | None
    seconds: float
    user: str
    host: str
    connection_id: int | None
    database: str
    text: str
    lock_seconds: float = 0.0
    rows_sent: int | None = None
    rows_examined: int | None = None
    rows_affected: int | None = None
    bytes_sent: int | None = None
    bytes_received: int | None = None
    errno: int | None = None
    killed: int | None = None

    @property
    def account(self) -> str:
        return f"{self.user}@{self.host}"
