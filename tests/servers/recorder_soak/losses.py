"""What one session among many is lost to, stage by stage."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql

from tests.servers.harness.server import ServerUnderTest
from tests.servers.recorder_soak.crowd import Crowd
from tests.servers.recorder_soak.score import Score
from tests.servers.recorder_soak.told import SEEN, TOLD_SECONDS, Told, Ways, told


@dataclass(frozen=True, slots=True)
class Lost:
    """What was staged: the session, when it was lost (monotonic), and what is to be said of it."""

    number: int
    at: float
    cause: str
    words: str = ""
    beside: int = 0
    """A session whose client was made to vanish at that time."""


def losses(server: ServerUnderTest, ways: Ways, rounds: int, names: tuple[str, ...]) -> Score:
    score, crowd = Score(), Crowd(server)
    known = set[int]()
    log = server.directory / "forking.log"
    log.touch()
    way = ways.by_socket(server)
    with told(server, ways.home, "--app-log", str(log), way=way) as seen, crowd.at_work():
        time.sleep(SEEN)
        for _ in range(rounds):
            for name in names:
                before = len(seen.events)
                lost = STAGES[name](server)
                known |= {lost.number, lost.beside}
                _judge(score, name, seen, before, lost)
        time.sleep(TOLD_SECONDS)
        score.clean = crowd.clean
        score.false = [e["text"] for e in seen.ended() if e["session"]["id"] not in known]
    return score


def _judge(score: Score, name: str, seen: Told, before: int, lost: Lost) -> None:
    found = seen.first(
        lambda e: (
            e["cause"] == lost.cause
            and lost.words in e["text"]
            and (e["session"] or {}).get("id") == lost.number
        ),
        before,
        2 * TOLD_SECONDS,
    )
    later = seen.events.index(found) if found is not None else before
    others = any(
        number == lost.number and cause != lost.cause for number, cause in _named(seen, later)
    ) or any(
        number == lost.beside and cause != "client-not-closing"
        for number, cause in _named(seen, before)
    )
    delay = None if found is None or others else found[0] - lost.at
    said = [f"{e['event']} {e['cause']}: {e['text']}" for _, e in seen.events[before:]]
    score.add(name, delay, said[-8:])


def _named(seen: Told, known: int) -> list[tuple[int, str]]:
    return [(e["session"]["id"], e["cause"]) for _, e in seen.events[known:] if e["session"]]


def _victim(server: ServerUnderTest) -> tuple[Any, int]:
    victim: Any = server.client()
    number = int(victim.thread_id())
    time.sleep(SEEN)
    return victim, number


def _killed_idle(server: ServerUnderTest) -> Lost:
    victim, number = _victim(server)
    lost = _kill(server, number)
    threading.Timer(2 * TOLD_SECONDS, victim._force_close).start()
    return lost


def _killed_busy(server: ServerUnderTest) -> Lost:
    victim, number = _victim(server)
    threading.Thread(target=_fails, args=(victim, "SELECT SLEEP(60)"), daemon=True).start()
    time.sleep(SEEN)
    return _kill(server, number)


def _kill(server: ServerUnderTest, number: int) -> Lost:
    """By an account of its own. MariaDB keeps no statements of others: there is no name."""
    with server.client("admin") as killer, killer.cursor() as cursor:
        cursor.execute("KILL %s", (number,))
        at = time.monotonic()
        if server.flavor.value == "mysql":
            time.sleep(1.5)  # A session's statements are remembered while it is there.
    by = "killed by admin@" if server.flavor.value == "mysql" else "killed"
    return Lost(number, at, "connection-killed", by)


def _timeout(server: ServerUnderTest) -> Lost:
    victim: Any = server.client()
    number = int(victim.thread_id())
    victim.query("SET SESSION wait_timeout = 2")
    time.sleep(2)
    at = time.monotonic()
    threading.Timer(2 * TOLD_SECONDS, victim._force_close).start()
    return Lost(number, at, "idle-timeout")


def _oversize(server: ServerUnderTest) -> Lost:
    victim, number = _victim(server)
    limit = int(server.sql("SELECT @@max_allowed_packet AS size")[0]["size"])
    _fails(victim, f"SELECT LENGTH('{'x' * (limit + 1024)}')")
    return Lost(number, time.monotonic(), "packet-too-large")


def _vanished(server: ServerUnderTest) -> Lost:
    process, number = _resting(server)
    process.kill()
    at = time.monotonic()
    process.wait()
    return Lost(number, at, "client-not-closing")


def _resting(server: ServerUnderTest) -> tuple["subprocess.Popen[str]", int]:
    """A client in a process of its own that has been seen."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.servers.recorder_soak.client", server.host,
         str(server.port)],
        stdout=subprocess.PIPE, text=True, env=_with_password(server),
    )  # fmt: skip
    assert process.stdout is not None
    number = int(process.stdout.readline())
    time.sleep(SEEN)
    return process, number


def _forked(server: ServerUnderTest) -> Lost:
    """Parent and child use one connection; its end is what the server makes of their muddle."""
    log = server.directory / "forking.log"
    program = _forking(server, log)
    number = int(program.communicate(timeout=60)[0].split()[0])
    return Lost(number, _written(log), "shared-connection")


def _forked_beside(server: ServerUnderTest) -> Lost:
    """Another client vanishes while two programs use one connection."""
    log = server.directory / "forking.log"
    resting, beside = _resting(server)
    program = _forking(server, log)
    assert program.stdout is not None
    number = int(program.stdout.readline())
    resting.kill()
    resting.wait()
    program.communicate(timeout=60)
    return Lost(number, _written(log), "shared-connection", beside=beside)


def _forking(server: ServerUnderTest, log: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.lab.forking_client", str(server.port), str(log),
         "interleave"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=_with_password(server),
    )  # fmt: skip


def _written(log: Path) -> float:
    """When the file was written last, by the monotonic clock."""
    return time.monotonic() - (time.time() - log.stat().st_mtime)


def _fails(victim: Any, sql: str) -> None:
    with suppress(pymysql.MySQLError):
        victim.query(sql)


def _with_password(server: ServerUnderTest) -> dict[str, str]:
    return {**os.environ, "GONEAWAY_LAB_PASSWORD": server.passwords["app"]}


STAGES: Mapping[str, Callable[[ServerUnderTest], Lost]] = {
    "killed-idle": _killed_idle,
    "killed-busy": _killed_busy,
    "timeout": _timeout,
    "oversize": _oversize,
    "vanished": _vanished,
    "forked": _forked,
    "forked-beside": _forked_beside,
}
