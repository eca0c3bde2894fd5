"""One failed attempt to open a session: how far it came, and what was said."""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """How far the attempt came."""

    RESOLVE = "resolve"
    OPEN = "open"
    GREETING = "greeting"
    TLS = "tls"
    LOGIN = "login"


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """One failed attempt. `errno` is the system's, `number` the MySQL error number; `text` is
    what the system, the TLS library or the server said; `heard` what came instead of a
    greeting; `encrypted` whether TLS was in force; `seconds` how long was waited."""

    stage: Stage
    text: str = ""
    errno: int | None = None
    number: int | None = None
    heard: bytes = b""
    timed_out: bool = False
    encrypted: bool = False
    seconds: float = 0.0
