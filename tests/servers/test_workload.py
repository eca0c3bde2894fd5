"""The workload probe on real servers: who waits, what rises, and a server that is well."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.servers.check_run import CheckRun, check
from tests.servers.harness import faults
from tests.servers.harness.server import ServerUnderTest

pytestmark = pytest.mark.servers


def watch(server: ServerUnderTest, user: str = "admin") -> CheckRun:
    return check(server, "--probe", "workload", user=user)


def reasons(run: CheckRun, cause: str) -> set[str]:
    return {r["signal"] for d in run.answer["diagnosis"] if d["cause"] == cause for r in d["for"]}


def test_a_healthy_server_accuses_nobody(server: ServerUnderTest) -> None:
    faults.healthy_traffic(server)
    run = watch(server)
    assert run.accused == [], run.told()
    assert run.step("workload")["status"] == "done"


@contextmanager
def _held_up(server: ServerUnderTest) -> Iterator[None]:
    """One session holds a table's metadata lock, and two wait for it."""
    with server.client("admin", database="shop") as setup, setup.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS held (id INT PRIMARY KEY, note TEXT)")
        cursor.execute("INSERT INTO held VALUES (1, 'secret word')")
        setup.commit()
    holder = server.client("admin", database="shop")
    holder.begin()
    holder.query("SELECT * FROM held")
    waiting = [server.client("admin", database="shop") for _ in range(2)]
    statements = (
        "ALTER TABLE held ADD COLUMN more INT",
        "UPDATE held SET note = 'secret word' WHERE id = 1",
    )
    threads = [
        threading.Thread(target=c.query, args=(sql,))
        for c, sql in zip(waiting, statements, strict=True)
    ]
    try:
        for count, thread in enumerate(threads, 1):
            thread.start()
            _wait_for_waiting(server, count)
        yield
    finally:
        holder.rollback()
        for thread in threads:
            if thread.ident is not None:
                thread.join(120)
        for connection in (holder, *waiting):
            connection.close()


def _wait_for_waiting(server: ServerUnderTest, count: int) -> None:
    sql = (
        "SELECT ID FROM information_schema.PROCESSLIST"
        " WHERE STATE = 'Waiting for table metadata lock'"
    )
    give_up = time.monotonic() + 60.0
    while len(server.sql(sql)) < count:
        assert time.monotonic() < give_up, f"{count} sessions do not wait"
        time.sleep(0.05)


def test_who_waits_for_a_lock_is_seen(server: ServerUnderTest) -> None:
    with _held_up(server):
        run = watch(server)
    assert run.first == ("lock-wait", "confirmed"), run.told()
    (told,) = (r for r in run.answer["diagnosis"][0]["for"] if r["signal"] == "probe.lock-wait")
    assert told["count"] == 2
    assert "metadata lock" in told["text"]
    assert "ALTER TABLE held" in told["excerpt"]
    assert "secret word" not in str(run.answer)


def test_kills_are_noticed_while_they_happen(server: ServerUnderTest) -> None:
    stop = threading.Event()
    killed = []

    def kill_now_and_then() -> None:
        with server.client("admin") as admin:
            while not stop.wait(1.0):
                victim = server.client("app")
                admin.kill(victim.thread_id())  # type: ignore[no-untyped-call]
                killed.append(victim)

    killer = threading.Thread(target=kill_now_and_then)
    killer.start()
    try:
        run = watch(server)
    finally:
        stop.set()
        killer.join(120)
    assert len(killed) >= 2
    assert "probe.kills" in reasons(run, "connection-killed"), run.told()


def test_an_account_without_process_is_told_what_it_misses(server: ServerUnderTest) -> None:
    run = watch(server, user="app")
    assert run.step("workload")["status"] == "done", run.told()
    assert run.accused == [], run.told()
