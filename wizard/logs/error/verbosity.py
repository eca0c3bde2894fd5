"""Whether the server's log can tell at all: what its verbosity lets through.

MySQL: Reference Manual, "log_error_verbosity" (default 2 since 8.0, 3 in 5.7). MariaDB:
"log_warnings" (default 2; below it no "Aborted connection" is written).
"""

from __future__ import annotations

from dataclasses import dataclass

from wizard.logs.error.life_evidence import LIFE_SIGNALS
from wizard.logs.error.reading import Reading
from wizard.server.answers import number_of
from wizard.server.session import ServerError, ServerSession

_ALWAYS = (
    *LIFE_SIGNALS,
    "log.disk-full",
    "log.corruption",
    "log.out-of-memory",
    "log.too-many-files",
    "log.thread-failed",
    "log.semaphore-wait",
    "log.redo-too-small",
    "log.thread-pool-exhausted",
)
_WARNINGS = ("log.dns-failed", "log.aborted-init-connect")
_SESSIONS = (
    "log.aborted-timeout",
    "log.aborted-packet",
    "log.aborted-read-error",
    "log.aborted-write-error",
    "log.access-denied",
    "log.preauth",
)
_MYSQL_SESSIONS = ("log.handshake-timeout",)

_ABORTED_CODE = "MY-010914"


@dataclass(frozen=True, slots=True)
class Verbosity:
    """`level` is log_error_verbosity or, for MariaDB, log_warnings; `assumed` says that it is
    only the default. `hides_aborted`: log_error_suppression_list names MY-010914."""

    mariadb: bool
    level: int
    series: tuple[int, int]
    assumed: bool = False
    hides_aborted: bool = False

    @property
    def tells_aborted(self) -> bool:
        """Whether ended sessions are logged with their reason."""
        return self.level >= (2 if self.mariadb else 3) and not self.hides_aborted

    @property
    def signals(self) -> tuple[str, ...]:
        """What this log would show if it happened."""
        told = [*_ALWAYS]
        if self.level >= (1 if self.mariadb else 2):
            told += _WARNINGS
        if not self.mariadb and self.series >= (8, 0):
            told.append("log.memory-limit")
        if self.tells_aborted:
            told += _SESSIONS
            if not self.mariadb:
                told += _MYSQL_SESSIONS
                told += ["log.idle-timeout"] if self.series >= (8, 0) else []
        if self.mariadb and self.level >= 4:
            told.append("log.aborted-killed")
        return tuple(told)

    @property
    def name(self) -> str:
        return "log_warnings" if self.mariadb else "log_error_verbosity"

    def note(self) -> str:
        """One line for the operator: what the log can tell, and how to make it speak."""
        setting = f"{self.name} = {self.level}"
        if self.assumed:
            setting += " (assumed: the default, the server could not be asked)"
        if self.hides_aborted:
            return (
                f"log_error_suppression_list hides {_ABORTED_CODE}: ended sessions are not "
                "logged; counters must tell."
            )
        if self.tells_aborted:
            return f"The log can tell why sessions ended: {setting}."
        if self.mariadb:
            return (
                f"The log tells no ended sessions at {setting}; counters must tell. To have it "
                "told from now on: SET GLOBAL log_warnings = 2"
            )
        return (
            f"MySQL logs no ended sessions at {setting}; counters must tell. To have it told "
            "from now on: SET GLOBAL log_error_verbosity = 3"
        )


def verbosity(server: ServerSession | None, flavor: str, reading: Reading) -> Verbosity:
    """The server's verbosity, asked of it where there is one.

    Else the flavour's default, or what the log itself proves.
    """
    if server is not None:
        try:
            if server.info.is_mariadb:
                level = number_of(server.value("SELECT @@GLOBAL.log_warnings"))
                return Verbosity(True, level, server.info.numbers[:2])
            level = number_of(server.value("SELECT @@GLOBAL.log_error_verbosity"))
            hidden = ""
            if server.info.numbers >= (8, 0, 13):
                hidden = str(server.value("SELECT @@GLOBAL.log_error_suppression_list") or "")
            hides = _ABORTED_CODE in hidden or "ER_ABORTING_USER_CONNECTION" in hidden
            return Verbosity(False, level, server.info.numbers[:2], hides_aborted=hides)
        except (ServerError, TypeError, ValueError):
            pass
    return _assumed(flavor, reading)


def _assumed(flavor: str, reading: Reading) -> Verbosity:
    met = {t.signature.id for t in reading.scan.tallies}
    marks = {m.kind.value for m in reading.scan.marks}
    mariadb = flavor == "mariadb" or (flavor == "unknown" and "run-start-mariadb" in met | marks)
    modern = _modern(reading)
    if mariadb or (flavor == "unknown" and not modern):
        return Verbosity(True, 2, (10, 6), assumed=True)
    proven = any(t.signature.signal in _SESSIONS + _MYSQL_SESSIONS for t in reading.scan.tallies)
    if modern:
        return Verbosity(False, 3 if proven else 2, (8, 0), assumed=not proven)
    return Verbosity(False, 3, (5, 7), assumed=True)


def _modern(reading: Reading) -> bool:
    """Whether the lines carry MySQL 8's codes."""
    texts = [m.text for m in reading.scan.marks[:20]]
    texts += [e for t in reading.scan.tallies for e in t.examples]
    return any("[MY-" in text for text in texts)
