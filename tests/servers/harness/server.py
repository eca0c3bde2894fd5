"""A private server with the handles that tests turn."""

import signal
import time
from typing import Any

from pymysql.connections import Connection

from wizard.demo.application import Application, ApplicationLog
from wizard.demo.binaries import Flavor
from wizard.demo.private_server import PrivateServer


class ServerUnderTest(PrivateServer):
    """See PrivateServer; every path is this machine's, also where the server is in a tree."""

    def configure(self, **settings: object) -> None:
        """Takes effect at the next start; None takes an option out."""
        for name, value in settings.items():
            if value is None:
                self._settings.pop(name, None)
            else:
                self._settings[name] = value

    def client(self, user: str = "app", **options: Any) -> "Connection[Any]":
        """A PyMySQL connection over TCP as `app` or `admin`, without TLS unless asked for."""
        options.setdefault("ssl_disabled", "ssl" not in options)
        return self.connect(user, **options)

    def application(self, pool_size: int = 4) -> Application:
        """An application with tables of its own, logging to `application.log`."""
        log = ApplicationLog(self.directory / "application.log")
        application = Application(lambda: self.client(database="shop"), log, pool_size)
        application.create_tables()
        return application

    def set_global(self, name: str, value: object) -> None:
        """New sessions see it; those that are open keep what they copied at login."""
        self.sql(f"SET GLOBAL {name} = %s", value)

    def status(self, name: str) -> int:
        """A counter of SHOW GLOBAL STATUS."""
        (row,) = self.sql("SHOW GLOBAL STATUS LIKE %s", name)
        return int(row["Value"])

    def counted(self, name: str, least: int, seconds: float = 60.0) -> int:
        """The counter once it is `least` or more: a server counts some things only after the
        client has gone. Its last value where that never comes."""
        give_up = time.monotonic() + seconds
        while (value := self.status(name)) < least and time.monotonic() < give_up:
            time.sleep(0.05)
        return value

    def wait_until_asleep(self, number: int, seconds: float = 60.0) -> None:
        """Until that session is in a SLEEP(), which a client has asked for and not heard of."""
        # The lists of sessions cannot be read as a whole where a statement is no UTF-8.
        sql = (
            "SELECT PROCESSLIST_STATE AS state FROM performance_schema.threads"
            " WHERE PROCESSLIST_ID = %s"
            if self.flavor is Flavor.MYSQL
            else "SELECT STATE AS state FROM information_schema.PROCESSLIST WHERE ID = %s"
        )
        give_up = time.monotonic() + seconds
        while self.sql(sql, number) != [{"state": "User sleep"}]:
            assert time.monotonic() < give_up, f"session {number} runs no SLEEP()"
            time.sleep(0.05)

    def wait_until_ended(self, *numbers: int, seconds: float = 60.0) -> None:
        """Until those sessions are listed no more. A client that leaves, or is told that it was
        cut, hears of it before the server has done with its session, and has counted its end."""
        listed = ", ".join(map(str, numbers))
        give_up = time.monotonic() + seconds
        while self.sql(f"SELECT ID FROM information_schema.PROCESSLIST WHERE ID IN ({listed})"):
            assert time.monotonic() < give_up, f"sessions {listed} do not end"
            time.sleep(0.02)

    def wait_until_alone(self, seconds: float = 180.0) -> None:
        """Until nobody else is connected, and all that they left is counted. Who has been accepted
        is one of Threads_connected before there is a session to be listed."""
        give_up = time.monotonic() + seconds
        while (there := self.status("Threads_connected")) > 1:
            assert time.monotonic() < give_up, f"{there - 1} others stay connected"
            time.sleep(0.05)

    def error_count(self, number: int) -> int:
        """How often MySQL raised error `number` since it started (not in MariaDB)."""
        (row,) = self.sql(
            "SELECT sum_error_raised AS raised"
            " FROM performance_schema.events_errors_summary_global_by_error"
            " WHERE error_number = %s",
            number,
        )
        return int(row["raised"])

    def terminate(self) -> None:
        self.stop()

    def kill9(self) -> None:
        self.kill(signal.SIGKILL)

    def segv(self) -> None:
        self.kill(signal.SIGSEGV)

    def logged(self, text: str, times: int, seconds: float = 60.0) -> int:
        """How often its log has `text`, once that is `times` or more: a server counts the end of a
        session before it logs it."""
        give_up = time.monotonic() + seconds
        while (found := self.log_text().count(text)) < times and time.monotonic() < give_up:
            time.sleep(0.05)
        return found

    def log_text(self) -> str:
        return self.error_log.read_text(encoding="utf-8", errors="replace")
