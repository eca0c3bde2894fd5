"""A program or a file system of a host that hangs is waited for once, named, and left out."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.servers.harness.requirement import unavailable
from tests.servers.sshd import dead_mount
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import SshDaemon
from tests.servers.sshd.fixtures import StartSshd, client_home, start_sshd
from tests.servers.sshd.pythons import commands
from wizard.hosts.protocol import Command, File, HostError, Prefetch, Unfinished
from wizard.hosts.remote import along, asking, host, roll_call, silence
from wizard.hosts.remote.host import SshHost
from wizard.hosts.sifting import Stretch
from wizard.hosts.ssh import command as ssh_command
from wizard.hosts.ssh.command import Output
from wizard.logs.error.picking import wanted

__all__ = ["client_home", "start_sshd"]

AGAIN = 6.0
"""Seconds in which a question that is not asked again is answered, on a busy machine."""


@pytest.fixture
def start(
    client_home: ClientHome, start_sshd: StartSshd, tmp_path: Path
) -> Iterator[tuple[SshDaemon, SshHost, Path]]:
    """A host, and the directory of its commands."""
    path = commands(tmp_path / "bin", sys.executable)
    daemon = start_sshd(options={"SetEnv": f"PATH={path}"}, authorized=(client_home.key(),))
    client_home.knows(daemon)
    seen = client_home.host(daemon)
    yield daemon, seen, Path(path)
    seen.close()


def stand_in(place: Path, name: str, script: str) -> None:
    """A program of this name that does this."""
    real = (place / name).resolve()
    (place / name).unlink()
    (place / name).write_text(f"#!/bin/sh\n{script}\n".replace("REAL", str(real)))
    (place / name).chmod(0o755)


@contextmanager
def not_asked_again(name: str) -> Iterator[None]:
    began = time.monotonic()
    with pytest.raises(Unfinished, match=f"{name} did not answer on .*; not asked again"):
        yield
    assert time.monotonic() - began < AGAIN


def test_a_program_that_hangs_costs_one_wait_and_what_needs_it(
    start: tuple[SshDaemon, SshHost, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon, seen, place = start
    monkeypatch.setattr(host, "SECTION_TIME", 8.0)
    stand_in(place, "cat", "exec sleep 900")
    with pytest.raises(Unfinished, match=r"cat did not answer on .*; not asked again"):
        seen.server_processes()
    with not_asked_again("cat"):
        seen.server_processes()
    with not_asked_again("cat"):
        seen.metrics()
    with not_asked_again("cat"):
        seen.run(("cat", "/proc/uptime"))
    (tmp_path / "log").write_text("a line\n")
    assert seen.read(tmp_path / "log") == b"a line\n"
    assert seen.list_dir(tmp_path / "bin")
    assert seen.run(("uname",)).stdout == "Linux\n"
    seen.close()
    end = time.monotonic() + 30
    while left := b"sleep\0900" in b"".join(map(_command_line, daemon.sessions())):
        assert time.monotonic() < end, left
        time.sleep(0.05)


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_what_can_do_without_the_program_that_hangs_goes_on(
    start: tuple[SshDaemon, SshHost, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, seen, place = start
    monkeypatch.setattr(host, "SECTION_TIME", 8.0)
    stand_in(place, "getconf", "exec sleep 900")
    seen.server_processes()
    began = time.monotonic()
    seen.server_processes()
    assert time.monotonic() - began < AGAIN


def test_a_command_that_comes_along_and_hangs_is_run_once(
    start: tuple[SshDaemon, SshHost, Path], tmp_path: Path
) -> None:
    _, seen, place = start
    stand_in(place, "journalctl", f"echo $$ >>{tmp_path}/asked; exec sleep 900")
    asked = tuple(Command(("journalctl", "-n", str(n))) for n in range(4))
    seen.bring(Prefetch(commands=(*asked, Command(("uname",)))))
    assert seen.run(("uname",)).stdout == "Linux\n"
    for command in asked:
        with pytest.raises(Unfinished, match="journalctl gave no answer within"):
            seen.run(command.words)
    with not_asked_again("journalctl"):
        seen.run(("journalctl", "-n", "9"))
    assert len((tmp_path / "asked").read_text().split()) == 1


def test_where_everything_hangs_the_host_is_soon_left_alone(
    start: tuple[SshDaemon, SshHost, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, seen, place = start
    monkeypatch.setattr(host, "SECTION_TIME", 8.0)
    for name in roll_call.CALLS:
        if (place / name).exists() and name != "sleep":
            stand_in(place, name, "exec sleep 900")
    with pytest.raises(Unfinished):
        seen.server_processes()
    began = time.monotonic()
    for ask in (seen.server_processes, seen.metrics, lambda: seen.run(("date",)),
                lambda: seen.stat("/etc/passwd"), lambda: seen.list_dir("/etc"),
                lambda: seen.read("/etc/passwd")):  # fmt: skip
        with pytest.raises(HostError, match=r"did not answer on .*; not asked again"):
            ask()
    assert time.monotonic() - began < AGAIN


def test_a_slow_host_is_read_in_full(
    start: tuple[SshDaemon, SshHost, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, seen, place = start
    limit = 8.0
    monkeypatch.setattr(host, "SECTION_TIME", limit)
    monkeypatch.setattr(along, "_SECONDS", limit)
    stand_in(place, "cat", 'sleep 1; exec REAL "$@"')
    began = time.monotonic()
    seen.server_processes()
    assert seen.metrics(("/",)).disk_usage
    assert time.monotonic() - began > limit


def test_what_a_slow_host_brings_to_no_end_is_asked_once(
    start: tuple[SshDaemon, SshHost, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, seen, place = start
    for where in (asking, ssh_command):
        monkeypatch.setattr(where, "MOST_SECTIONS", 3.0)
    stand_in(place, "getconf", 'sleep 2; exec REAL "$@"')
    with pytest.raises(Unfinished, match="the process list gave no answer"):
        seen.server_processes()
    with not_asked_again("the process list"):
        seen.server_processes()
    assert seen.metrics(("/",)).disk_usage


def test_a_dead_mount_costs_one_wait_and_nothing_beside_it(
    start: tuple[SshDaemon, SshHost, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon, seen, _ = start
    monkeypatch.setattr(along, "_SECONDS", 8.0)
    (place := tmp_path / "dead").mkdir()
    with _dead(daemon, place):
        looked = seen.metrics(("/", f"{place}/data"), Prefetch(commands=(Command(("uname",)),)))
        assert [usage.path for usage in looked.disk_usage] == ["/"]
        with not_asked_again(str(place)):
            seen.stat(place / "log" / "error.log")
        with not_asked_again(str(place)):
            seen.list_dir(place)
        assert seen.stat(tmp_path).is_dir


@contextmanager
def _dead(daemon: SshDaemon, place: Path) -> Iterator[None]:
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        unavailable("/dev/fuse")
    mount = subprocess.Popen(
        ["nsenter", "-t", str(daemon.pid), "-m", sys.executable, dead_mount.__file__, str(place)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert mount.stdin is not None
    assert mount.stdout is not None
    try:
        assert mount.stdout.readline() == b"dead\n"
        yield
    finally:
        mount.stdin.close()
        mount.wait()


def test_a_clock_that_tells_nothing_is_named(start: tuple[SshDaemon, SshHost, Path]) -> None:
    _, seen, place = start
    stand_in(place, "date", "exit 1")
    with pytest.raises(HostError, match="date there says nothing"):
        seen.metrics()


def test_a_log_whose_program_was_slow_before_is_asked_for_all_the_same(
    start: tuple[SshDaemon, SshHost, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, seen, place = start
    monkeypatch.setattr(host, "SLOW_START", 8.0)
    stand_in(place, "date", "exec sleep 900")
    with pytest.raises(Unfinished):
        seen.run(("date",), timeout=1.0)
    began = time.monotonic()
    with pytest.raises(Unfinished, match="date gave no answer within 8 s"):
        seen.sift_output(("date",), False, wanted())
    assert time.monotonic() - began < host.SIFT_TIME / 3
    line = "2026-01-02 03:04:05 7 [Warning] Aborted connection 7 to db: 'x'"
    (place / "date").write_text(f'#!/bin/sh\nprintf "%s\\n" "{line}" "{line}"\n')
    assert seen.sift_output(("date",), False, wanted()).lines == 2
    (place / "date").write_text("#!/bin/sh\nexit 0\n")
    assert seen.sift_output(("date",), False, wanted()).bytes_read == 0


@pytest.mark.parametrize("name", ["ls", "head"])
def test_what_a_silent_program_would_have_told_is_not_taken_as_nothing(
    start: tuple[SshDaemon, SshHost, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    _, seen, place = start
    monkeypatch.setattr(along, "_SECONDS", 8.0)
    (folder := tmp_path / "conf.d").mkdir()
    (folder / "a.cnf").write_text("[mysqld]\n")
    stand_in(place, name, "exec sleep 900")
    asked = Prefetch((File(str(folder / "a.cnf")),), (), (str(folder),), (str(folder),))
    for _ in range(2):
        seen.bring(asked)
        with not_asked_again(name):
            seen.list_dir(folder)
    if name == "head":
        with not_asked_again(name):
            seen.read(folder / "a.cnf")
    else:
        assert seen.read(folder / "a.cnf") == b"[mysqld]\n"


def test_a_stop_while_it_is_found_out_what_hangs_tells_of_nothing(
    start: tuple[SshDaemon, SshHost, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, seen, place = start
    monkeypatch.setattr(host, "SECTION_TIME", 8.0)
    stand_in(place, "getconf", "exec sleep 900")
    stand_in(place, "date", 'sleep 2; exec REAL "$@"')
    look = roll_call.silent_there

    def stopped(*words: Any) -> Any:
        seen.link.stopped = lambda: True
        return look(*words)

    monkeypatch.setattr(asking, "silent_there", stopped)
    with pytest.raises(HostError, match="was stopped"):
        seen.server_processes()
    seen.link.stopped = lambda: False
    assert seen.run(("date", "+%Y")).stdout.strip().isdecimal()


def test_one_log_that_is_too_long_costs_no_other_question(
    start: tuple[SshDaemon, SshHost, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, seen, place = start
    monkeypatch.setattr(host, "SIFT_TIME", 3.0)
    monkeypatch.setattr(silence, "ENOUGH", 2.5)
    monkeypatch.setattr(silence, "MOST_OF_ONE", 1.0)
    (log := tmp_path / "log").write_text("a line\n")
    stand_in(place, "dd", 'case $1 in if=*) sleep 900 ;; esac; exec REAL "$@"')
    for _ in range(2):
        with pytest.raises(Unfinished, match="gave no answer within 3 s"):
            seen.sift(Stretch(str(log), 0, 0, 7), wanted())
        assert seen.run(("uname",)).stdout == "Linux\n"
    with pytest.raises(Unfinished):
        seen.sift(Stretch(str(log), 0, 0, 7), wanted())
    with pytest.raises(Unfinished, match=r"waited for in vain, .* in all"):
        seen.run(("uname",))


def test_what_another_question_has_found_out_meanwhile_is_done_without(
    start: tuple[SshDaemon, SshHost, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, seen, place = start
    monkeypatch.setattr(host, "SECTION_TIME", 8.0)
    stand_in(place, "getconf", "exec sleep 900")
    ask = seen.link.run

    def run(*words: Any, **more: Any) -> Output:
        try:
            return ask(*words, **more)
        except Unfinished:
            monkeypatch.setattr(seen.link, "run", ask)
            seen.server_processes()
            raise

    monkeypatch.setattr(seen.link, "run", run)
    seen.server_processes()


def test_what_was_mended_is_asked_anew(start: tuple[SshDaemon, SshHost, Path]) -> None:
    _, seen, place = start
    stand_in(place, "date", "exec sleep 900")
    with pytest.raises(Unfinished):
        seen.run(("date",), timeout=1.0)
    stand_in(place, "date", "echo mended")
    with not_asked_again("date"):
        seen.run(("date",))
    seen.ask_anew()
    assert seen.run(("date",)).stdout == "mended\n"
