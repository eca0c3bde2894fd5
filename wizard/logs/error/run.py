"""One life of a server, from a start to its end. Plain data."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class RunEnding(StrEnum):
    """How a run ended; `NONE` while it goes on, as far as the log tells."""

    NONE = "running"
    SHUTDOWN = "shutdown"
    CRASH = "crash"
    UNCLEAN = "unclean"
    FAILED = "failed"


@dataclass(slots=True)
class Run:
    """One life of a server. `known` is False for one whose start is not in the log.

    `lived` is when a server whose end is only guessed (`ended`) was last known to live, `missed`
    when somebody first met it gone. `second` is one that found its place taken,
    `doomed` one whose InnoDB gave up; both since `stuck`.
    """

    started: datetime | None = None
    ready: datetime | None = None
    pid: int | None = None
    port: int | None = None
    known: bool = True
    initialize: bool = False
    temporary: bool = False
    second: bool = False
    doomed: bool = False
    stuck: datetime | None = None
    ending: RunEnding = RunEnding.NONE
    ended: datetime | None = None
    stop_asked: datetime | None = None
    who: str = ""
    estimated: bool = False
    lived: datetime | None = None
    missed: datetime | None = None
    unfinished: bool = False
    line: int | None = None
    excerpt: list[str] = field(default_factory=list)
    back: datetime | None = None
    next_start: datetime | None = None

    @property
    def counts(self) -> bool:
        """Whether the end of this run is the end of a server that clients used."""
        return not (self.initialize or self.temporary or self.second)
