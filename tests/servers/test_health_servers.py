"""Health on real servers: whose process it is, a kill by the kernel itself, and what an ordinary
account is told. The kernel log is the machine's own, so every assertion is about one pid."""

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.servers.harness.faults import server_oom_killed
from tests.servers.harness.memory_group import limited_memory
from tests.servers.harness.requirement import unavailable
from tests.servers.harness.server import ServerUnderTest
from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import Evidence, StepResult, StepStatus
from wizard.health import network_counters
from wizard.hosts.local.host import LocalHost
from wizard.hosts.server_process import process_for
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.steps import connection, health
from wizard.steps.step import Context
from wizard.target.model import Secret, Sources, Target

pytestmark = pytest.mark.servers

GIB = 1 << 30
NOBODY = 65534


def target_of(server: ServerUnderTest, port: int | None = None) -> Target:
    return Target(
        host="127.0.0.1",
        port=port or server.port,
        user="admin",
        password=Secret(server.passwords["admin"]),
    )


def look(target: Target) -> tuple[StepResult, Context]:
    """The connection step, then health, as an investigation runs them."""
    now = datetime.now(UTC)
    window = Window(now - timedelta(hours=1), now + timedelta(minutes=1))
    case = Case(now, window, TargetFacts(target.label))
    context = Context(target, Sources(), case, PyMySqlConnector(target), LocalHost())
    met = connection.STEP.run(context)
    context.case = context.case.with_step(met)
    try:
        return health.STEP.run(context), context
    finally:
        if context.server is not None:
            context.server.close()


def of(result: StepResult, signal: str) -> list[Evidence]:
    return [e for e in result.evidence if e.signal == signal]


def kernel_log_is_open() -> None:
    if LocalHost().run(("dmesg",), limit=8 << 20).exit_code != 0:
        unavailable("this account may not read the kernel log here")


def test_a_healthy_server_is_found_and_not_accused(shared_server: ServerUnderTest) -> None:
    result, _context = look(target_of(shared_server))
    assert result.status is StepStatus.DONE
    assert result.facts["server_pid"] == shared_server.pid
    assert result.facts["server_root"] == str(shared_server.binary.root or "/")
    rss = psutil.Process(shared_server.pid).memory_info().rss
    assert isinstance(result.facts["server_rss"], int)
    assert rss / 2 < result.facts["server_rss"] < rss * 2
    assert result.facts["host_memory_total"] == psutil.virtual_memory().total
    quiet = {"host.process-missing", "host.disk-full", "host.inodes-full",
             "host.files-near-limit", "host.rebooted"}  # fmt: skip
    assert not quiet & {e.signal for e in result.evidence}
    assert quiet <= set(result.looked_for)
    titles = [table.title for table in result.tables]
    assert "Server process" in titles
    assert "Memory budget of the server" in titles
    assert result.seconds < 60.0


def test_two_servers_are_told_apart(mariadb: ServerUnderTest, mysql: ServerUnderTest) -> None:
    for server in (mariadb, mysql):
        result, context = look(target_of(server))
        assert result.facts["server_pid"] == server.pid
        by_socket = Target(socket=str(server.socket))
        found = process_for(by_socket, {}, LocalHost().server_processes(), LocalHost())
        assert found is not None
        assert found.pid == server.pid
        assert context.case.step("connection") is not None


def test_through_a_forward_the_server_behind_it_is_found(mariadb: ServerUnderTest) -> None:
    with forward_to(mariadb.port) as port:
        result, _context = look(target_of(mariadb, port))
    assert result.facts["server_pid"] == mariadb.pid


def test_the_memory_limit_of_its_group_is_a_fact(server: ServerUnderTest) -> None:
    with limited_memory(server.pid, GIB):
        result, _context = look(target_of(server))
        assert result.facts["memory_limit"] == GIB
        server.kill9()
        server.wait_until_gone()


def test_open_files_at_the_limit(mariadb: ServerUnderTest) -> None:
    process = psutil.Process(mariadb.pid)
    _soft, hard = process.rlimit(psutil.RLIMIT_NOFILE)
    process.rlimit(psutil.RLIMIT_NOFILE, (process.num_fds() + 2, hard))
    result, _context = look(target_of(mariadb))
    (near,) = of(result, "host.files-near-limit")
    assert near.value is not None
    assert near.value >= process.num_fds() - 5


def test_threads_at_the_limit_of_the_control_group(mariadb: ServerUnderTest) -> None:
    """The server keeps the threads of sessions that ended, and needs no other for ours."""
    with ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(mariadb.connect())
    with limited_tasks(mariadb.pid, room=1) as group:
        result, _context = look(target_of(mariadb))
        (near,) = of(result, "host.threads-near-limit")
        assert near.source == str(group)


@contextmanager
def limited_tasks(pid: int, room: int) -> Iterator[Path]:
    """Move process `pid` into a group of its own that may have `room` tasks more."""
    mount = Path("/sys/fs/cgroup/pids")
    group = (mount if mount.is_dir() else Path("/sys/fs/cgroup")) / f"goneaway-tasks-{pid}"
    try:
        group.mkdir()
        (group / "cgroup.procs").write_text(str(pid))
        held = _settled(group / "pids.current")
        (group / "pids.max").write_text(str(held + room))
    except OSError as error:
        unavailable(f"no control group for tasks can be made here: {error.strerror}")
    try:
        yield group
    finally:
        for held_pid in (group / "cgroup.procs").read_text().split():
            with suppress(OSError):
                (group.parent / "cgroup.procs").write_text(held_pid)
        give_up = time.monotonic() + 60.0
        while group.exists() and time.monotonic() < give_up:
            with suppress(OSError):
                group.rmdir()
            time.sleep(0.05)


def _settled(count: Path, seconds: float = 1.0) -> int:
    """Once it is the same for so long: what a server needs for its start alone ends behind it."""
    give_up = time.monotonic() + 120.0
    last, since = count.read_text(), time.monotonic()
    while time.monotonic() - since < seconds:
        assert time.monotonic() < give_up, "its threads come and go"
        time.sleep(0.05)
        if (now := count.read_text()) != last:
            last, since = now, time.monotonic()
    return int(last)


def test_connects_to_a_full_listen_queue_are_counted_by_the_kernel() -> None:
    """Nobody accepts: the queue holds two, and the kernel drops the rest."""
    host, pid = LocalHost(), os.getpid()
    before = network_counters.counters_of(host, pid)
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=1))
        for _ in range(20):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        limit = time.monotonic() + 60.0
        seen = network_counters.Network({}, before, network_counters.counters_of(host, pid))
        while not seen.listen_drops and time.monotonic() < limit:
            time.sleep(0.1)
            seen = network_counters.Network({}, before, network_counters.counters_of(host, pid))
    (one,) = network_counters.evidence(seen)
    assert one.signal == "host.listen-drops"
    assert one.count >= 1


def test_the_kernels_kill_is_found_with_the_dead_servers_pid(server: ServerUnderTest) -> None:
    kernel_log_is_open()
    dead, began = server.pid, datetime.now(UTC)
    server_oom_killed(server)
    result, _context = look(target_of(server))
    kills = [e for e in of(result, "kernel.oom-kill") if e.value == dead]
    assert len(kills) == 1, [e.text for e in result.evidence]
    (kill,) = kills
    assert f"Killed process {dead}" in kill.excerpt
    assert f"pid {dead}" in kill.text
    assert kill.first is not None
    assert began - timedelta(seconds=10) < kill.first < datetime.now(UTC) + timedelta(seconds=10)
    assert "kernel.oom-kill" in result.looked_for
    assert str(dead) in str(result.facts["oom_pids"]).split(",")
    assert result.facts["server_pid"] == server.pid != dead


def test_a_sigkill_leaves_no_process_and_no_oom_record(server: ServerUnderTest) -> None:
    target, dead = target_of(server), server.pid
    server.kill9()
    server.wait_until_gone()
    limit = time.monotonic() + 60.0
    result, context = look(target)
    while not of(result, "host.process-missing") and time.monotonic() < limit:
        result, context = look(target)  # a server that is starting elsewhere might be this one
    assert context.case.target.reachable is False
    assert of(result, "host.process-missing")
    assert not [e for e in of(result, "kernel.oom-kill") if e.value == dead]
    assert result.facts["server_pid"] is None


def test_an_ordinary_account_is_told_what_it_cannot_see(mariadb: ServerUnderTest) -> None:
    if os.geteuid() != 0:
        unavailable("only root can become another account")
    if Path("/proc/sys/kernel/dmesg_restrict").read_text().strip() != "1":
        unavailable("the kernel log is open to everybody here")
    told = as_nobody(target_of(mariadb))
    assert "kernel.oom-kill" not in told["looked_for"]
    assert told["readable"] is False
    assert any("kernel log could not be read" in n and "root" in n for n in told["notes"])
    # Its ports and socket are hidden; the start time tells, unless another began beside it.
    assert told["pid"] in (mariadb.pid, None)
    assert "host.process-missing" not in told["signals"]


def as_nobody(target: Target) -> dict[str, Any]:
    """`look` in a child that gave up root; what it saw comes back through a pipe."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(out)
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            result, _context = look(target)
            seen = {
                "looked_for": result.looked_for,
                "notes": result.notes,
                "signals": [e.signal for e in result.evidence],
                "readable": result.facts["kernel_log_readable"],
                "pid": result.facts["server_pid"],
            }
            os.write(into, json.dumps(seen).encode())
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - a fork of pytest must not return
            print(repr(error), file=sys.stderr)
            os._exit(1)
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        answer = pipe.read()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    told: dict[str, Any] = json.loads(answer)
    return told


@contextmanager
def forward_to(port: int) -> Iterator[int]:
    """A plain TCP forwarder on a free port, as `ssh -L` is."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(120.0)

        def pump(source: socket.socket, sink: socket.socket) -> None:
            try:
                while data := source.recv(65536):
                    sink.sendall(data)
                sink.shutdown(socket.SHUT_WR)
            except OSError:
                return

        def accept() -> None:
            try:
                client, _address = listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", port), timeout=120.0)
            with client, server:
                back = threading.Thread(target=pump, args=(server, client))
                back.start()
                pump(client, server)
                back.join(120.0)

        # The connector greets first and connects again, so several are served.
        threads = [threading.Thread(target=accept, daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        yield listener.getsockname()[1]
