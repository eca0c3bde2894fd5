"""A database server of our own: private files, a free port on 127.0.0.1, gone when we are."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pymysql
from pymysql.connections import Connection
from pymysql.constants import CLIENT

from wizard.demo import guard
from wizard.demo.binaries import Flavor, NoServerInstalled, ServerBinary
from wizard.demo.data_directory import initialise
from wizard.demo.last_words import last_words
from wizard.demo.reserved_port import LOOPBACK, reserve

_START_SECONDS = 90.0
_STOP_SECONDS = 60.0
_CONNECT_SECONDS = 60
_LONGEST_SOCKET_PATH = 100  # sun_path holds 108 bytes (unix(7))

# Small and quick; everything that the wizard diagnoses is left at the server's own default.
_SMALL: Mapping[Flavor, Mapping[str, object]] = {
    Flavor.MARIADB: {"innodb_buffer_pool_size": "16M", "innodb_log_file_size": "8M"},
    Flavor.MYSQL: {
        "innodb_buffer_pool_size": "16M",
        "innodb_redo_log_capacity": "32M",
        "mysqlx": "OFF",
    },
}


class PrivateServer:
    """A server that lives in a fresh directory of its own and listens on `host` only.

    A context manager: entering initialises and starts it, leaving ends it and removes the
    directory. A guard process does the same when this process dies without leaving.
    `settings` go to the server's option file. `data_template` is an initialised data directory
    to copy, which is quicker than to make one. `launcher` is put before the server's command and
    must become it (exec), as nsenter(1) does to start it in another network. All paths are
    this machine's, also where the server runs in a tree of its own. Signals go to the process
    that was started here, by its handle; a server is never looked up by name. Not thread-safe.

    Raises NoServer where the server cannot be initialised or started, with the last lines of
    its error log.
    """

    def __init__(
        self,
        binary: ServerBinary,
        settings: Mapping[str, object] | None = None,
        data_template: Path | None = None,
        host: str = LOOPBACK,
        launcher: Sequence[str] = (),
    ) -> None:
        self.binary = binary
        self.host = host
        self.directory = _private_directory(binary.root)
        self.data = self.directory / "data"
        self.temporary = self.directory / "tmp"
        self.option_file = self.directory / "my.cnf"
        self.error_log = self.directory / "error.log"
        self.socket = self.directory / "server.sock"
        self._reserved = reserve()
        self.port: int = self._reserved.getsockname()[1]
        self.passwords = {name: secrets.token_urlsafe(12) for name in ("app", "admin")}
        self._settings = dict(settings or {})
        self._template = data_template
        self._launcher = tuple(launcher)
        self._process: subprocess.Popen[bytes] | None = None
        self._guard = _start_guard(self.directory)

    def __enter__(self) -> Self:
        try:
            self.initialise()
            self.start()
            self._create_accounts()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _value: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def flavor(self) -> Flavor:
        return self.binary.flavor

    @property
    def pid(self) -> int:
        """Of the running server; raises NoServer where it is not running."""
        if self._process is None or self._process.poll() is not None:
            raise NoServerInstalled("the private server is not running")
        return self._process.pid

    def connect(self, user: str = "app", **options: Any) -> "Connection[Any]":
        """A connection over TCP as `app` or `admin`."""
        options.setdefault("connect_timeout", _CONNECT_SECONDS)
        return pymysql.connect(
            host=self.host,
            port=self.port,
            user=user,
            password=options.pop("password", self.passwords.get(user, "")),
            **options,
        )

    def sql(self, statement: str, *args: object) -> list[dict[str, Any]]:
        """Run one statement as `root` over the socket; COM_QUIT is said afterwards."""
        with self._as_root() as connection, connection.cursor() as cursor:
            cursor.execute(statement, args or None)
            return list(cursor.fetchall())

    def start(self) -> None:
        """Start the server and wait until it answers."""
        if self._process is not None and self._process.poll() is None:
            return
        self._write_options()
        command = self.binary.command(self.binary.path, f"--defaults-file={self._inside('my.cnf')}")
        self._process = subprocess.Popen(
            [*self._launcher, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.directory,
            start_new_session=True,
        )
        self._tell_guard(f"watch {self._process.pid}")
        self._wait_until_it_answers(self._process)

    def stop(self) -> None:
        """Stop it in an orderly way, as systemd does (SIGTERM), and wait until it is gone."""
        self.signal(signal.SIGTERM)
        self.wait_until_gone()

    def restart(self) -> None:
        self.stop()
        self.start()

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send it a signal that it does not survive, and wait until it is gone."""
        self.signal(number)
        self.wait_until_gone()

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait_until_gone(self, seconds: float = _STOP_SECONDS) -> None:
        """Raises NoServer where it is still there after `seconds`."""
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise NoServerInstalled(
                f"the private server did not end within {seconds:.0f} s"
            ) from None
        self._tell_guard("forget")

    def close(self) -> None:
        """End the server and remove its files; may be called twice."""
        if self._guard.stdin is not None:
            with contextlib.suppress(OSError):
                self._guard.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._guard.wait(_STOP_SECONDS)
        if self._guard.stdout is not None:
            self._guard.stdout.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait(_STOP_SECONDS)
        self._reserved.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _inside(self, name: str) -> Path:
        return self.binary.inside(self.directory / name)

    def _options(self) -> dict[str, object]:
        return {
            "datadir": self._inside("data"),
            "socket": self._inside("server.sock"),
            "log_error": self._inside("error.log"),
            # MariaDB deletes what looks like temporary tables in its tmpdir when it starts, also
            # those of another server.
            "tmpdir": self._inside("tmp"),
            "port": self.port,
            "bind_address": self.host,
            "skip_name_resolve": "ON",
            "secure_file_priv": self._inside("data"),
            **({"user": "root"} if os.geteuid() == 0 else {}),
            **_SMALL[self.flavor],
            **self._settings,
        }

    def _write_options(self) -> None:
        lines = (f"{name} = {value}" for name, value in self._options().items())
        self.option_file.write_text("\n".join(["[mysqld]", *lines, ""]), encoding="utf-8")

    def initialise(self) -> None:
        """Make the data directory; entering the context does it, too."""
        self._write_options()
        self.temporary.mkdir(exist_ok=True)
        if self._template is None:
            initialise(self.binary, self.option_file)
        else:
            shutil.copytree(self._template, self.data)

    def _wait_until_it_answers(self, process: "subprocess.Popen[bytes]") -> None:
        give_up = time.monotonic() + _START_SECONDS
        while time.monotonic() < give_up:
            if process.poll() is not None:
                self._tell_guard("forget")
                raise NoServerInstalled(
                    f"the private server ended at once: {last_words(self.error_log)}"
                )
            try:
                self._as_root().close()
            except pymysql.err.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise NoServerInstalled(f"the private server does not answer: {last_words(self.error_log)}")

    def _as_root(self) -> "Connection[Any]":
        """A session that idles by interactive_timeout. A short wait_timeout would cut it where
        the machine stands still between two words of ours."""
        return pymysql.connect(
            unix_socket=str(self.socket),
            user="root",
            password="",
            connect_timeout=_CONNECT_SECONDS,
            autocommit=True,
            cursorclass=pymysql.cursors.DictCursor,
            client_flag=CLIENT.INTERACTIVE,
        )

    def _create_accounts(self) -> None:
        """`app` and `admin` over TCP; root keeps the socket alone, which only we can reach."""
        self.sql("CREATE DATABASE IF NOT EXISTS shop")
        for user in self.sql(
            "SELECT user AS name, host AS host FROM mysql.user WHERE user IN ('root', '')"
        ):
            if user["host"] != "localhost":
                self.sql("DROP USER %s@%s", user["name"], user["host"])
        for name, password in self.passwords.items():
            self.sql("CREATE USER IF NOT EXISTS %s@'%%'", name)
            self.sql("ALTER USER %s@'%%' IDENTIFIED BY %s", name, password)
        self.sql("GRANT ALL ON shop.* TO app@'%'")
        self.sql("GRANT ALL ON *.* TO admin@'%' WITH GRANT OPTION")

    def _tell_guard(self, line: str) -> None:
        """Hand over and wait for the answer: from then on the guard knows the process."""
        if self._guard.stdin is None or self._guard.stdout is None:
            return
        self._guard.stdin.write(line + "\n")
        self._guard.stdin.flush()
        self._guard.stdout.readline()


def _private_directory(root: Path) -> Path:
    parent = Path(tempfile.gettempdir()) if root == Path("/") else root / "tmp"
    if len(str(parent)) > _LONGEST_SOCKET_PATH - len("/goneaway-xxxxxxxx/server.sock"):
        parent = Path("/tmp")
    return Path(tempfile.mkdtemp(prefix="goneaway-", dir=parent))


def _start_guard(directory: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-I", "-S", guard.__file__, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
