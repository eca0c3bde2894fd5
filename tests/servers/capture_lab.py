"""Captures as an operator begins them, and what the server says of its logs."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.servers.harness.server import ServerUnderTest

RESTORED_SECONDS = 10.0
"""How long after the wizard's death the log may still be on, on a machine that is not busy: the
soak holds captures to it; the tests wait _PATIENCE, far less than their captures last."""

_PATIENCE = 180.0
_POLL = 0.2
"""Each look costs the server a login."""


def by_socket(server: ServerUnderTest) -> tuple[str, ...]:
    return "-S", str(server.socket), "-u", "root"


def by_port(server: ServerUnderTest, port: int, directory: Path) -> tuple[str, ...]:
    """As `admin` through whatever listens on `port` of loopback, without TLS."""
    secret = directory / "admin-password"
    secret.write_text(server.passwords["admin"])
    secret.chmod(0o600)
    return (
        "-h", "127.0.0.1", "-P", str(port), "-u", "admin", "--password-file", str(secret),
        "--ssl-mode", "DISABLED", "--get-server-public-key",
    )  # fmt: skip


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "wizard.cli", "capture", *words]


_STARTED: list["subprocess.Popen[str]"] = []


def start_by(way: Sequence[str], *words: str) -> "subprocess.Popen[str]":
    started = subprocess.Popen(
        command(*words, *way), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    _STARTED.append(started)
    return started


def end_all() -> None:
    """Every wizard that a test began and left, with its guard."""
    while _STARTED:
        wizard = _STARTED.pop()
        if wizard.poll() is None:
            guards = guards_of(wizard.pid)
            for pid in (wizard.pid, *guards):
                kill(pid, signal.SIGKILL)
            wizard.communicate(timeout=_PATIENCE)


def start(server: ServerUnderTest, *words: str) -> "subprocess.Popen[str]":
    return start_by(by_socket(server), *words)


def run_by(way: Sequence[str], *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(*words, *way), capture_output=True, text=True, timeout=_PATIENCE, check=False
    )


def run(server: ServerUnderTest, *words: str) -> "subprocess.CompletedProcess[str]":
    return run_by(by_socket(server), *words)


def answer(server: ServerUnderTest, *more: str) -> dict[str, Any]:
    done = run(server, *more, "--format", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def answer_with(
    server: ServerUnderTest, work: Callable[[ServerUnderTest], None], *words: str
) -> dict[str, Any]:
    """A capture, of the general log unless `words` name another, that is ended by a signal once
    that work was done, however long it took."""
    before = logging_state(server)
    wizard = start(server, *(words or ("general",)), "--for", "10m", "--format", "json")
    try:
        wait_until(lambda: logging_state(server) != before or wizard.poll() is not None)
        work(server)
        wait_until(lambda: not left_files(server))
        wizard.send_signal(signal.SIGTERM)
        out, err = wizard.communicate(timeout=2 * _PATIENCE)
    finally:
        wizard.kill()
    assert wizard.returncode == 130, err
    found: dict[str, Any] = json.loads(out)
    return found


def logging_state(server: ServerUnderTest) -> Mapping[str, object]:
    return server.sql(
        "SELECT @@GLOBAL.general_log AS general_log, @@GLOBAL.general_log_file AS general_file,"
        " @@GLOBAL.slow_query_log AS slow_log, @@GLOBAL.slow_query_log_file AS slow_file,"
        " @@GLOBAL.log_output AS output, @@GLOBAL.long_query_time AS seconds"
    )[0]


def left_files(server: ServerUnderTest) -> list[Path]:
    return list(server.data.glob("goneaway-wizard-*"))


def server_holds_a_removed_log(server: ServerUnderTest) -> bool:
    """Whether it writes on to a capture's file, or anybody else holds one open."""
    links = []
    for place in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            links.append(str(place.readlink()))
    return any(str(server.data) in link and "goneaway-wizard-" in link for link in links)


def is_on(server: ServerUnderTest) -> bool:
    return bool(logging_state(server)["general_log"])


def is_held(server: ServerUnderTest) -> bool:
    """Whether a session in the server still holds the switch."""
    return holder_of(server) is not None


def holder_of(server: ServerUnderTest) -> int | None:
    (row,) = server.sql("SELECT IS_USED_LOCK('goneaway-wizard.capture') AS id")
    return None if row["id"] is None else int(row["id"])


def begun(server: ServerUnderTest, wizard: "subprocess.Popen[str]") -> "subprocess.Popen[str]":
    """The same wizard, once its log is on."""
    _wait_until_on(server, wizard)
    assert wizard.poll() is None, wizard.communicate()
    return wizard


def begun_for_short(
    server: ServerUnderTest, begin: Callable[[str], "subprocess.Popen[str]"]
) -> "subprocess.Popen[str]":
    """The wizard of a capture that ends soon, met while its log is on. On a busy machine it may be
    over before: then a longer one is begun."""
    for span in ("3s", "12s", "48s"):
        wizard = begin(span)
        _wait_until_on(server, wizard)
        if wizard.poll() is None:
            return wizard
        wizard.communicate(timeout=_PATIENCE)
    raise AssertionError("no capture was met while its log was on")


def _wait_until_on(server: ServerUnderTest, wizard: "subprocess.Popen[str]") -> None:
    wait_until(lambda: is_on(server) or wizard.poll() is not None)


def kill_at_work(
    server: ServerUnderTest,
    begin: Callable[[str], "subprocess.Popen[str]"],
    meanwhile: Callable[[], object] = lambda: None,
) -> None:
    """Kill the wizard and the guard of a short capture while its log is on; `meanwhile` is done
    while both are stopped. On a busy machine it may be over before: then a longer one is begun."""
    for span in ("3s", "12s", "48s"):
        wizard = begin(span)
        _wait_until_on(server, wizard)
        pids = (*guards_of(wizard.pid), wizard.pid)
        _signal(pids, signal.SIGSTOP)
        met = len(pids) > 1 and is_held(server) and is_on(server)
        if met:
            meanwhile()
        _signal(pids, signal.SIGKILL if met else signal.SIGCONT)
        wizard.communicate(timeout=2 * _PATIENCE)
        if met:
            return
    raise AssertionError("no capture was met while its log was on")


def _signal(pids: Sequence[int], number: int) -> None:
    for pid in pids:
        kill(pid, number)


def assert_as_it_was(server: ServerUnderTest, before: object) -> None:
    """In the end, with no file left, and nobody left who could set anything."""
    wait_until(lambda: logging_state(server) == before and not is_held(server))
    wait_until(lambda: not left_files(server))


def end(wizard: "subprocess.Popen[str]") -> None:
    kill(wizard.pid, signal.SIGKILL)
    wizard.communicate(timeout=_PATIENCE)


def wait_until(condition: Callable[[], bool], seconds: float = _PATIENCE) -> float:
    """How long it took; asserts that it came to be."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it did not come to be in time"
        time.sleep(_POLL)
    return time.monotonic() - began


def guard_of(wizard: int) -> int:
    """The guard that the process `wizard` started."""
    found = 0

    def look() -> bool:
        nonlocal found
        found = next(iter(guards_of(wizard)), 0)
        return bool(found)

    wait_until(look)
    return found


def guards_of(parent: int) -> list[int]:
    """Its guards at this moment."""
    children = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            ppid = int(re.sub(r".*\) ", "", stat, flags=re.DOTALL).split()[1])
            if ppid == parent and b"guard_process" in command:
                children.append(int(entry.name))
    return children


def kill(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
