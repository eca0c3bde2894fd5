"""Losses among 200 sessions that come and go by Quit: `python -m tests.servers.soak_recorder`.

Each round stages a KILL of an idle and of a busy victim, an idle timeout, an oversize statement, a
client that vanishes, while others quit all the time; then logins at max_connections, a server that
is killed (SIGKILL, by the kernel for want of memory) or restarted.
Prints how often each was told with the right session and cause within TOLD_SECONDS, and how many
clean ends there were for how many false events. Then kills recorders at random moments, and looks
whether what they had printed is in their files. Not part of the tests: an hour.
"""

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymysql

from tests.servers.harness.faults import grow
from tests.servers.harness.memory_group import limited_memory
from tests.servers.harness.server import ServerUnderTest
from tests.servers.harness.templates import PRODUCTS, data_templates, start_with
from tests.servers.watched import Recorder, recorder
from wizard.recorder import watch
from wizard.recorder.event import EventKind

COMING_AND_GOING = 200
TOLD_SECONDS = 3.0
_WORKERS = 8
_SETTINGS: dict[str, dict[str, object]] = {
    "mariadb": {"log_warnings": 2},
    "mysql": {"log_error_verbosity": 3},
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--outages", type=int, default=20)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--product", nargs="+", default=list(PRODUCTS))
    args = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    failed = 0
    with ExitStack() as stack:
        template = stack.enter_context(data_templates())
        for product in args.product:
            settings = {**_SETTINGS[product], "max_connections": 600}
            server = start_with(stack, template, product, settings)
            score = losses(server, args.rounds)
            print(f"{product}: {score.told()}", flush=True)
            away = outages(server, args.outages)
            print(f"{product}: {away.told()}", flush=True)
            lost = kills(server, args.kills)
            print(f"{product}: {args.kills} recorders killed, {lost} events lost", flush=True)
            failed += score.wrong + away.wrong + lost
            server.close()
    return 1 if failed else 0


@dataclass(slots=True)
class Score:
    """What was told rightly by cause, and what was not."""

    right: Counter[str] = field(default_factory=Counter)
    staged: Counter[str] = field(default_factory=Counter)
    wrong: int = 0
    clean: int = 0
    false: list[str] = field(default_factory=list)

    def told(self) -> str:
        each = ", ".join(f"{c} {self.right[c]} of {n}" for c, n in self.staged.items())
        shown = f": {self.false[:3]}" if self.false else ""
        return f"{each}; {len(self.false)} false events among {self.clean} clean ends{shown}"


class Crowd:
    """Sessions that open, rest a moment and quit, COMING_AND_GOING of them at a time.

    A server that is away is waited for.
    """

    def __init__(self, server: ServerUnderTest) -> None:
        self.clean = 0
        self._server = server
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._work) for _ in range(_WORKERS)]

    @contextmanager
    def at_work(self) -> Iterator[None]:
        self._stop.clear()
        self._threads = [threading.Thread(target=self._work) for _ in range(_WORKERS)]
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()

    def _work(self) -> None:
        chance = random.Random()
        opened: list[Any] = []
        while not self._stop.is_set():
            if len(opened) < COMING_AND_GOING // _WORKERS:
                try:
                    opened.append(self._server.client())
                except pymysql.MySQLError:
                    time.sleep(0.2)
                continue
            time.sleep(chance.uniform(0.0, 0.1))
            self._quit(opened.pop(chance.randrange(len(opened))))
        for connection in opened:
            self._quit(connection)

    def _quit(self, connection: Any) -> None:
        with suppress(pymysql.MySQLError):
            connection.close()
        with self._lock:
            self.clean += 1


def losses(server: ServerUnderTest, rounds: int) -> Score:
    score, crowd = Score(), Crowd(server)
    known = set[int]()
    with recorder(server, watch.INTERVAL) as told:
        with crowd.at_work():
            for _ in range(rounds):
                for stage in (_killed_idle, _killed_busy, _timeout, _oversize, _vanished):
                    _one(server, told, score, known, stage)
            time.sleep(TOLD_SECONDS)
        score.clean = crowd.clean
        score.false = [
            e.text
            for e in told.events
            if e.kind is EventKind.SESSION_ENDED and e.session and e.session.id not in known
        ]
        score.wrong += len(score.false)
    return score


Stage = Callable[[ServerUnderTest, Any, Recorder], tuple[str, float]]


def _one(
    server: ServerUnderTest, told: Recorder, score: Score, known: set[int], stage: Stage
) -> None:
    victim: Any = server.client()
    number = int(victim.thread_id())
    known.add(number)
    told.looks(3)
    cause, began = stage(server, victim, told)
    score.staged[stage.__name__.strip("_")] += 1
    event = None
    while event is None and time.monotonic() - began < TOLD_SECONDS:
        event = next((e for e in told.events if e.session and e.session.id == number), None)
        time.sleep(0.02)
    if event is not None and event.cause == cause:
        score.right[stage.__name__.strip("_")] += 1
    else:
        score.wrong += 1
        print(f"  {stage.__name__} of {number}: {event.text if event else 'not told'}", flush=True)
    with suppress(Exception):
        victim._force_close()


def _killed_idle(server: ServerUnderTest, victim: Any, _told: Recorder) -> tuple[str, float]:
    server.sql(f"KILL {victim.thread_id()}")
    return "connection-killed", time.monotonic()


def _killed_busy(server: ServerUnderTest, victim: Any, told: Recorder) -> tuple[str, float]:
    worker = threading.Thread(target=_fails, args=(victim, "SELECT SLEEP(60)"), daemon=True)
    worker.start()
    told.looks(2)
    server.sql(f"KILL {victim.thread_id()}")
    return "connection-killed", time.monotonic()


def _timeout(_server: ServerUnderTest, victim: Any, _told: Recorder) -> tuple[str, float]:
    victim.query("SET SESSION wait_timeout = 2")
    time.sleep(2)
    return "idle-timeout", time.monotonic()


def _oversize(server: ServerUnderTest, victim: Any, _told: Recorder) -> tuple[str, float]:
    limit = int(server.sql("SELECT @@max_allowed_packet AS size")[0]["size"])
    _fails(victim, f"SELECT LENGTH('{'x' * (limit + 1024)}')")
    return "packet-too-large", time.monotonic()


def _vanished(_server: ServerUnderTest, victim: Any, _told: Recorder) -> tuple[str, float]:
    victim._force_close()
    return "client-not-closing", time.monotonic()


def _fails(victim: Any, sql: str) -> None:
    with suppress(pymysql.MySQLError):
        victim.query(sql)


def outages(server: ServerUnderTest, rounds: int) -> Score:
    """The whole server is lost, or lets nobody in; no session of those was lost for itself."""
    score, crowd = Score(), Crowd(server)
    with recorder(server, watch.INTERVAL) as told, crowd.at_work():
        for _ in range(rounds):
            for end in (_refused, _sigkill, _restart, _for_want_of_memory):
                time.sleep(TOLD_SECONDS)
                told.looks(2)
                known = len(told.events)
                causes, began = end(server)
                name = end.__name__.strip("_")
                score.staged[name] += 1
                event = None
                while event is None and time.monotonic() - began < 4 * TOLD_SECONDS:
                    event = next((e for e in told.events[known:] if e.cause in causes), None)
                    time.sleep(0.02)
                took = time.monotonic() - began
                if event is not None and took <= TOLD_SECONDS:
                    score.right[name] += 1
                else:
                    score.wrong += 1
                    said = [e.text for e in told.events[known:]][-4:]
                    print(f"  {name} after {took:.1f} s: {said}", flush=True)
        ended = [e for e in told.events if e.kind is EventKind.SESSION_ENDED]
        score.false = [e.text for e in ended]
        score.clean = crowd.clean
        score.wrong += len(score.false)
    return score


def _refused(server: ServerUnderTest) -> tuple[frozenset[str], float]:
    with server.client("admin") as held, held.cursor() as cursor:
        cursor.execute("SET @most = @@GLOBAL.max_connections")
        began = time.monotonic()
        cursor.execute("SET GLOBAL max_connections = %s", (COMING_AND_GOING // 2,))
        time.sleep(1)
        cursor.execute("SET GLOBAL max_connections = @most")
    return frozenset({"too-many-connections"}), began


def _sigkill(server: ServerUnderTest) -> tuple[frozenset[str], float]:
    server.kill9()
    server.wait_until_gone()
    server.start()
    return frozenset({"server-killed", "server-crash"}), time.monotonic()


def _restart(server: ServerUnderTest) -> tuple[frozenset[str], float]:
    server.stop()
    server.start()
    return frozenset({"server-restarted"}), time.monotonic()


def _for_want_of_memory(server: ServerUnderTest) -> tuple[frozenset[str], float]:
    server.sql("CREATE DATABASE IF NOT EXISTS shop")
    with limited_memory(server.pid, 64 << 20):
        grow(server)
        server.wait_until_gone(120)
    server.start()
    return frozenset({"server-oom-killed"}), time.monotonic()


def kills(server: ServerUnderTest, rounds: int) -> int:
    """Events that a recorder had printed when it was killed, and that its files do not hold."""
    printed, chance = set[str](), random.Random()
    with tempfile.TemporaryDirectory() as state:
        for _ in range(rounds):
            process = subprocess.Popen(
                [sys.executable, "-m", "wizard.cli", "watch", "--format", "json", "-S",
                 str(server.socket), "-u", "root", "--dir", f"{state}/kept"],
                stdout=subprocess.PIPE, text=True, env={**os.environ, "XDG_STATE_HOME": state},
            )  # fmt: skip
            assert process.stdout is not None
            printed.add(process.stdout.readline())
            for _ in range(3):
                server.client()._force_close()  # type: ignore[attr-defined]
            time.sleep(chance.uniform(0.0, 2.0))
            process.send_signal(signal.SIGKILL)
            printed |= set(process.stdout)
            process.wait(60)
        kept = {json.loads(line)["at"] for line in _lines(Path(state) / "kept")}
    return sum(json.loads(line)["at"] not in kept for line in printed if line.endswith("\n"))


def _lines(directory: Path) -> list[str]:
    from wizard.recorder.recording import recorded_lines

    return list(recorded_lines(directory))


if __name__ == "__main__":
    sys.exit(main())
