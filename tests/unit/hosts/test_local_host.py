"""LocalHost against this very machine: bounds, refusals, metrics."""

import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from wizard.hosts.local.host import LocalHost
from wizard.hosts.local.listeners import listeners_of, system_listeners
from wizard.hosts.protocol import Host, HostError, NotFound, NotPermitted

HOST: Host = LocalHost()
PYTHON = sys.executable


def gone(pid: int) -> bool:
    """Ended; nobody may have waited for it yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_run_gives_both_streams_and_the_exit_code() -> None:
    script = "import sys; print('a'); print('b', file=sys.stderr); exit(3)"
    result = HOST.run((PYTHON, "-c", script))
    assert (result.exit_code, result.stdout, result.stderr) == (3, "a\n", "b\n")
    assert not result.truncated


def test_no_shell_sees_the_arguments() -> None:
    assert HOST.run(("echo", "$HOME;`id`|*")).stdout == "$HOME;`id`|*\n"


def test_the_environment_is_fixed_and_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYSQL_PWD", "secret")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    text = HOST.run(("env",)).stdout
    assert "LC_ALL=C.UTF-8" in text
    assert "TZ=UTC" in text
    assert "MYSQL_PWD" not in text


def test_a_full_stderr_does_not_block_stdout() -> None:
    script = "import sys; sys.stderr.write('e' * 3_000_000); print('done')"
    result = HOST.run((PYTHON, "-c", script))
    assert result.stdout == "done\n"
    assert len(result.stderr) == 64 << 10


def test_output_without_end_is_cut_and_the_command_ended() -> None:
    began = time.monotonic()
    result = HOST.run(("yes",), timeout=120.0, limit=1000)
    assert result.truncated
    assert len(result.stdout) == 1000
    assert time.monotonic() - began < 60.0


def test_time_runs_out_for_the_command_and_its_children(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"sleep 600 & echo $! >{note}; wait"
    for seconds in (1, 10, 60):
        with pytest.raises(HostError, match=rf"no answer within {seconds} s"):
            HOST.run(("sh", "-c", script), timeout=float(seconds))
        if told := note.exists() and note.read_text():  # else the machine stood still meanwhile
            break
    child = int(told)
    limit = time.monotonic() + 60.0
    while not gone(child) and time.monotonic() < limit:
        time.sleep(0.05)
    assert gone(child)


def test_bytes_that_are_no_text_do_not_matter() -> None:
    assert "\ufffd" in HOST.run(("printf", r"\377\376")).stdout


def test_no_such_command_and_no_such_file() -> None:
    with pytest.raises(NotFound):
        HOST.run(("no-such-command-at-all",))
    for call in (HOST.stat, HOST.list_dir, HOST.read):
        with pytest.raises(NotFound):
            call("/no/such/path")


def test_read_takes_a_part(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"0123456789")
    assert HOST.read(path, 3, 4) == b"3456"
    assert HOST.read(path, 8, 100) == b"89"
    assert HOST.read(path, 50, 4) == b""
    assert HOST.stat(path).size == 10
    assert HOST.stat(tmp_path).is_dir
    assert HOST.list_dir(tmp_path) == ("f",)


def test_proc_files_are_read_though_they_have_no_size() -> None:
    assert HOST.stat("/proc/self/status").size == 0
    assert b"VmRSS" in HOST.read("/proc/self/status")


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/kmsg", "/tmp"])
def test_what_could_block_or_never_end_is_not_read(path: str) -> None:
    with pytest.raises(HostError):
        HOST.read(path, 0, 10)


def test_a_fifo_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(HostError, match="not a regular file"):
        HOST.read(fifo)


@pytest.mark.parametrize("path", ["/tmp/a\0b", "x" * 5000])
def test_impossible_paths_are_host_errors(path: str) -> None:
    for call in (HOST.stat, HOST.list_dir, HOST.read):
        with pytest.raises(HostError):
            call(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_an_ordinary_account_is_refused_by_name(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    secret.chmod(0o600)
    child = os.fork()
    if child == 0:  # the exit code is the answer
        os.setresuid(65534, 65534, 65534)
        try:
            HOST.read(secret)
        except NotPermitted:
            os._exit(7)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_metrics_are_psutils(tmp_path: Path) -> None:
    began, before = time.monotonic(), time.time()
    metrics = HOST.metrics([tmp_path, "/no/such/path"])
    took, after = time.monotonic() - began, time.time()
    assert metrics.virtual_memory.total == psutil.virtual_memory().total
    assert 0 < metrics.virtual_memory.available <= metrics.virtual_memory.total
    assert metrics.boot_time == psutil.boot_time()
    assert metrics.cpu_count == psutil.cpu_count()
    cpu = metrics.cpu_times_percent
    assert 0.0 <= cpu.idle <= 100.0
    assert 0.2 < metrics.interval <= took
    (usage,) = metrics.disk_usage
    found = os.statvfs(tmp_path)
    assert usage.path == str(tmp_path)
    assert usage.total == found.f_blocks * found.f_frsize
    assert usage.inodes_total == found.f_files
    assert before <= metrics.at <= after


def test_a_process_by_another_name_is_no_server() -> None:
    process = subprocess.Popen(["sleep", "600"])
    try:
        assert process.pid not in {p.pid for p in HOST.server_processes()}
    finally:
        process.kill()
        process.wait()


def test_a_dead_server_that_nobody_waited_for_is_not_running(tmp_path: Path) -> None:
    """After an OOM kill in a container without an init the zombie stays."""
    server = tmp_path / "mariadbd"
    server.write_bytes(Path("/bin/sleep").read_bytes())
    server.chmod(0o755)
    process = subprocess.Popen([str(server), "600"])
    try:
        limit = time.monotonic() + 60.0
        while process.pid not in {p.pid for p in HOST.server_processes()}:
            assert time.monotonic() < limit
        process.kill()
        while not gone(process.pid):
            assert time.monotonic() < limit
        assert process.pid not in {p.pid for p in HOST.server_processes()}
    finally:
        process.kill()
        process.wait()


def test_a_process_s_listeners_are_told_from_its_connections_and_from_others(
    tmp_path: Path,
) -> None:
    """A line break in another socket's path makes a line of its own in /proc/net/unix."""
    odd = tmp_path / "a\nb c d zz 0001 01 7 "
    with ExitStack() as stack:
        tcp, unix, broken, other = (
            stack.enter_context(socket.socket(family))
            for family in (socket.AF_INET, socket.AF_UNIX, socket.AF_UNIX, socket.AF_INET)
        )
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        port = tcp.getsockname()[1]
        unix.bind(str(tmp_path / "s"))
        broken.bind(str(odd))
        other.connect(("127.0.0.1", port))
        seen = listeners_of(os.getpid())
        assert port in seen.ports
        assert other.getsockname()[1] not in seen.ports
        assert str(tmp_path / "s") in seen.sockets
        assert port in system_listeners().ports
        assert not listeners_of(1).ports & {port}
    assert port not in listeners_of(os.getpid()).ports
