"""A running program: one connection of one driver that does the jobs it is told."""

import os
import subprocess
from enum import StrEnum
from pathlib import Path
from typing import IO

from tests.lab.bench import Bench
from tests.lab.drivers.programs import PROGRAMS

_LEAVE_SECONDS = 20.0


class Way(StrEnum):
    """How the program reaches the server."""

    TCP = "tcp"
    TLS = "tls"
    SOCKET = "socket"


class DriverWorker:
    """A context manager. The log at `path` gets what driver and program say.

    `failed` counts the jobs that failed.
    """

    def __init__(
        self, place: Bench, program: str, way: Way = Way.TCP, port: int | None = None,
        log: Path | None = None, user: str = "app",
    ) -> None:  # fmt: skip
        self.path = log or place.server.directory / f"{program}.log"
        self.failed = 0
        place.logs.add(self.path)
        self._process = subprocess.Popen(
            PROGRAMS[program].start(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.path.open("ab"),
            env={**os.environ, **_target(place, way, port, user), "LAB_LOG": str(self.path)},
            text=True,
            bufsize=1,
        )

    def __enter__(self) -> "DriverWorker":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._pipe(self._process.stdin).close()
        try:
            self._process.wait(_LEAVE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def run(self, what: str, sql: str) -> bool:
        """Do one job; whether it went well."""
        self.start(what, sql)
        return self.finish()

    def reopen(self) -> None:
        """Close the connection in order; the next job opens another."""
        assert self.run("reopen", "")

    def start(self, what: str, sql: str) -> None:
        pipe = self._pipe(self._process.stdin)
        pipe.write(f"{what}\t{sql}\n")
        pipe.flush()

    def finish(self) -> bool:
        """Wait for the job that was started; whether it went well."""
        answer = self._pipe(self._process.stdout).readline().strip()
        assert answer in ("done", "failed"), self.path.read_text(errors="replace")[-500:]
        self.failed += answer == "failed"
        return answer == "done"

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


def _target(place: Bench, way: Way, port: int | None, user: str) -> dict[str, str]:
    server = place.server
    target = {
        "LAB_HOST": server.host,
        "LAB_PORT": str(port or server.port),
        "LAB_USER": user,
        "LAB_PASSWORD": server.passwords[user],
    }
    if way is Way.SOCKET:
        return {**target, "LAB_SOCKET": str(server.socket)}
    if way is Way.TLS:
        authority = place.authority or server.data / "ca.pem"
        return {**target, "LAB_TLS": "1", "LAB_CA": str(authority)}
    return target
