"""A server whose process is stopped or frozen takes connections and answers nobody."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pymysql
import pytest

from tests.servers.check_run import CheckRun
from tests.servers.harness.requirement import unavailable
from tests.servers.harness.server import ServerUnderTest

pytestmark = pytest.mark.servers

_FREEZERS = (Path("/sys/fs/cgroup/freezer"), Path("/sys/fs/cgroup"))


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """In a control group of its own, of cgroup v1 or v2."""
    root = next((f for f in _FREEZERS if f.is_dir()), Path("/nowhere"))
    group, first = root / f"goneaway-{pid}", root.name == "freezer"
    switch, on, off = (
        ("freezer.state", "FROZEN", "THAWED") if first else ("cgroup.freeze", "1", "0")
    )
    try:
        group.mkdir()
        (group / "cgroup.procs").write_text(str(pid))
        (group / switch).write_text(on)
    except OSError as error:
        unavailable(f"no process can be frozen here: {error.strerror}")
    try:
        yield
    finally:
        (group / switch).write_text(off)
        (root / "cgroup.procs").write_text(str(pid))
        with suppress(OSError):
            group.rmdir()


class Worker:
    """Asks once, and from `with` on again and again with a read timeout; logs how it went."""

    def __init__(self, server: ServerUnderTest, log: Path) -> None:
        self.log, self._server, self._over = log, server, threading.Event()
        self._ask(60)
        self.failed = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> "Worker":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._over.wait(0.2):
            if not self._ask(1):
                self.failed.release()

    def _ask(self, seconds: int) -> bool:
        with self.log.open("a", buffering=1) as log:
            try:
                limited = self._server.client(read_timeout=seconds, connect_timeout=seconds)
                with limited as client, client.cursor() as cursor:
                    cursor.execute("SELECT 1")
            except pymysql.MySQLError as error:
                told = f"pymysql.err.OperationalError: {error}"
                log.write(f"{datetime.now(UTC).isoformat()} ERROR order failed: {told}\n")
                return False
            log.write(f"{datetime.now(UTC).isoformat()} INFO order done\n")
            return True


@pytest.mark.parametrize("held", [stopped, frozen])
def test_it_is_named_and_the_failures_since_are_its_own(
    server: ServerUnderTest, tmp_path: Path, held: Callable[[int], AbstractContextManager[None]]
) -> None:
    # A busy machine may keep it waiting for a second too: with so little time it asks while held.
    working = Worker(server, log := tmp_path / "app.log")
    with held(server.pid), working as worker:
        for _ in range(3):
            assert worker.failed.acquire(timeout=180)
        run = CheckRun(
            ["-h", server.host, "-P", str(server.port), "-u", "app", "--app-log", str(log)]
        )
    assert run.accused == ["server-unreachable"], run.told()
    (found,) = (d for d in run.answer["diagnosis"] if d["cause"] == "server-unreachable")
    signals = {reason["signal"] for reason in found["for"]}
    assert {"host.process-stopped", "derived.stood-still"} <= signals, run.told()
    (told,) = (r for r in found["for"] if r["signal"] == "host.process-stopped")
    assert (f"kill -CONT {server.pid}" in told["text"]) is (held is stopped), told
    assert run.answer["failures"]["total"] >= 3
    assert found["explains"] == run.answer["failures"]["total"], run.told()
    assert psutil.Process(server.pid).status() != psutil.STATUS_STOPPED
