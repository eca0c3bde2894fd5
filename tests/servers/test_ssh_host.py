"""SshHost against LocalHost: through a real sshd on this very machine both see the same."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import psutil
import pytest

from tests.servers.conftest import StartServer
from tests.servers.harness.server import ServerUnderTest
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import OPERATOR, SshDaemon, busybox_tree
from wizard.case.evidence import Scalar, StepResult, StepStatus
from wizard.case.window import parse_window
from wizard.health.cgroup import memory_group
from wizard.health.kernel_log import KernelLog
from wizard.health.live import look, moment
from wizard.health.process_limits import ProcessLimits
from wizard.health.snapshot import take
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Command, File, Host, HostError, NotFound, NotPermitted, Prefetch
from wizard.hosts.remote.host import SshHost
from wizard.investigation.begin import Beginning
from wizard.investigation.begin_ssh import Reached
from wizard.steps.order import STEPS
from wizard.target.model import Secret, Sources, Target

LOCAL: Host = LocalHost()

_TOLD = ("user", "system", "idle", "iowait", "steal")
"""The kinds of processor time that a host tells."""


@pytest.fixture(scope="module", params=["debian", "busybox"])
def host(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SshHost]:
    """root's view; in the BusyBox tree nothing but its applets exists."""
    client = ClientHome(tmp_path_factory.mktemp("client"))
    tree = busybox_tree(tmp_path_factory.mktemp("tree")) if request.param == "busybox" else None
    daemon = SshDaemon(tmp_path_factory.mktemp("sshd"), authorized=(client.key(),), chroot=tree)
    with ExitStack() as stack:
        stack.callback(daemon.stop)
        daemon.start()
        client.knows(daemon)
        seen = client.host(daemon)
        stack.callback(seen.close)
        yield seen


@pytest.fixture
def shared() -> Iterator[Path]:
    """A directory that both sides see: /dev/shm is the machine's own in the BusyBox tree."""
    path = Path("/dev/shm") / f"goneaway-ssh-{os.getpid()}"
    path.mkdir()
    try:
        yield path
    finally:
        subprocess.run(["rm", "-rf", "--", str(path)], check=True)


def test_run_gives_both_streams_and_the_exit_code(host: SshHost) -> None:
    result = host.run(("sh", "-c", "echo a; echo b >&2; exit 3"))
    assert (result.exit_code, result.stdout, result.stderr) == (3, "a\n", "b\n")
    assert not result.truncated


def test_no_shell_sees_the_arguments(host: SshHost) -> None:
    nasty = "$HOME;`id`|* 'a' \"b\"\nnext \\ !x"
    assert host.run(("printf", "%s", nasty)).stdout == nasty


def test_the_environment_is_fixed(host: SshHost) -> None:
    lines = host.run(("env",)).stdout.splitlines()
    assert "LC_ALL=C.UTF-8" in lines
    assert "TZ=UTC" in lines
    assert not [line for line in lines if line.startswith("SSH_")]


def test_a_full_stderr_does_not_block_stdout(host: SshHost) -> None:
    result = host.run(("sh", "-c", "head -c 6000000 /dev/zero >&2; echo done"), timeout=120.0)
    assert result.stdout == "done\n"
    assert len(result.stderr) == 64 << 10


def test_a_command_that_ends_before_it_took_its_input_says_why(host: SshHost) -> None:
    """More input than the line holds; the answer is the command's and not the closed line's."""
    done = host.link.run("echo no >&2; exit 7", "sh", 60, 1 << 20, stdin=bytes(16 << 20))
    assert (done.exit_code, done.stderr) == (7, b"no\n")


def test_output_without_end_is_cut_and_the_command_ended(host: SshHost, shared: Path) -> None:
    note = shared / "pid"
    script = f"echo $$ >{note}; exec yes"
    result = host.run(("sh", "-c", script), timeout=120.0, limit=1000)
    assert result.truncated
    assert len(result.stdout) == 1000
    _wait_until_gone(int(note.read_text()))


def test_time_runs_out_for_the_command_and_its_children(host: SshHost, shared: Path) -> None:
    note = shared / "pid"
    script = f"sleep 600 & echo $! >{note}; wait"
    for seconds in (2, 20, 60):
        with pytest.raises(HostError, match=rf"no answer within {seconds} s"):
            host.run(("sh", "-c", script), timeout=float(seconds))
        if told := note.exists() and note.read_text():  # else it had not begun there yet
            break
    _wait_until_gone(int(told))


def test_a_stopped_command_ends_at_once(host: SshHost) -> None:
    began = time.monotonic()
    host.link.stopped = lambda: time.monotonic() - began > 0.5
    try:
        with pytest.raises(HostError, match="stopped"):
            host.run(("sleep", "600"), timeout=500)
    finally:
        host.link.stopped = lambda: False
    assert time.monotonic() - began < 120.0


def _wait_until_gone(pid: int) -> None:
    limit = time.monotonic() + 60.0
    while not _is_gone(pid):
        assert time.monotonic() < limit, f"{pid} still runs"
        time.sleep(0.05)


def _is_gone(pid: int) -> bool:
    """Ended; nobody may have waited for it yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_no_such_command_and_no_such_file(host: SshHost) -> None:
    with pytest.raises(NotFound):
        host.run(("no-such-command-at-all",))
    for call in (host.stat, host.list_dir, host.read):
        with pytest.raises(NotFound):
            call("/no/such/path")
        with pytest.raises(NotFound):
            call("/proc/version/below")


@pytest.mark.parametrize(
    ("offset", "length"),
    [(0, 10), (3, 4), (199_990, 100), (500_000, 4), (4090, 10), (65_530, 70_000), (70_000, 1)],
)
def test_read_takes_the_very_bytes(host: SshHost, shared: Path, offset: int, length: int) -> None:
    content = os.urandom(200_000)
    path = shared / "-a 'file'\n$(id)"
    path.write_bytes(content)
    assert host.read(path, offset, length) == content[offset : offset + length]
    assert host.stat(path).size == len(content)
    assert host.stat(path).mtime == int(path.stat().st_mtime)


def test_names_of_a_directory(host: SshHost, shared: Path) -> None:
    for name in ("b", ".a", "-c", "d e"):
        (shared / name).write_text(name)
    (shared / "dir").mkdir()
    (shared / "broken").symlink_to("/no/such")
    assert host.list_dir(shared) == LOCAL.list_dir(shared)
    assert host.stat(shared).is_dir
    assert host.stat(shared / "dir").is_dir
    assert host.stat(shared / "-c").size == 2
    with pytest.raises(NotFound):
        host.stat(shared / "broken")


def test_a_listing_answers_for_its_files(host: SshHost, shared: Path) -> None:
    for number in range(30):
        (shared / f"f{number}").write_text("x" * number)
    host.list_dir(shared)
    before = host.link.commands
    sizes = [host.stat(shared / f"f{number}").size for number in range(30)]
    assert sizes == list(range(30))
    assert host.link.commands == before


def test_proc_files_are_read_though_they_have_no_size(host: SshHost) -> None:
    assert host.read("/proc/version") == LOCAL.read("/proc/version")
    assert len(host.read("/proc/self/smaps")) > 8192


def test_what_could_block_or_never_end_is_not_read(host: SshHost, shared: Path) -> None:
    os.mkfifo(shared / "fifo")
    for path in ("/dev/zero", shared, shared / "fifo"):
        with pytest.raises(HostError):
            host.read(path, 0, 10)
    for path in ("/tmp/a\0b", "x" * 5000):
        for call in (host.stat, host.list_dir, host.read):
            with pytest.raises(HostError):
                call(path)


def test_metrics_are_those_of_psutil(host: SshHost, shared: Path) -> None:
    """Totals are the very same; what moves between two looks is near."""
    paths: list[Path | str] = [shared, "/no/such/path", "/proc"]
    before = psutil.cpu_times()
    load_before = psutil.getloadavg()
    began = time.monotonic()
    theirs, ours = host.metrics(paths), LOCAL.metrics(paths)
    took = time.monotonic() - began
    after = psutil.cpu_times()
    assert theirs.virtual_memory.total == ours.virtual_memory.total
    assert theirs.virtual_memory.available == pytest.approx(ours.virtual_memory.available, rel=0.2)
    assert theirs.virtual_memory.percent == pytest.approx(ours.virtual_memory.percent, abs=15)
    assert theirs.swap_memory.total == ours.swap_memory.total
    assert theirs.boot_time == ours.boot_time
    assert theirs.cpu_count == ours.cpu_count
    for told, *moments in zip(theirs.getloadavg, load_before, ours.getloadavg, strict=True):
        assert min(moments) - 3.0 < told < max(moments) + 3.0
    assert theirs.at == pytest.approx(ours.at, abs=30.0)
    assert 0.3 < theirs.interval < took
    cpu = theirs.cpu_times_percent
    parts = (cpu.user, cpu.system, cpu.idle, cpu.iowait, cpu.steal)
    assert all(0.0 <= part <= 100.0 for part in parts)
    # The rest is of what is niced, and of interrupts.
    spent = sum(after) - sum(before)
    told = sum(getattr(after, kind) - getattr(before, kind) for kind in _TOLD)
    assert 50.0 * told / spent < sum(parts) <= 100.5
    assert [u.path for u in theirs.disk_usage] == [u.path for u in ours.disk_usage]
    for seen, here in zip(theirs.disk_usage, ours.disk_usage, strict=True):
        assert (seen.total, seen.inodes_total, seen.device) == (
            here.total, here.inodes_total, here.device
        )  # fmt: skip
        assert seen.free == pytest.approx(here.free, rel=0.05)
        assert seen.percent == pytest.approx(here.percent, abs=2.0)
    assert (theirs.disk_io_counters is None) == (ours.disk_io_counters is None)
    if theirs.disk_io_counters is not None and ours.disk_io_counters is not None:
        assert theirs.disk_io_counters.read_bytes == pytest.approx(
            ours.disk_io_counters.read_bytes, rel=0.05, abs=1 << 20
        )
        assert theirs.disk_io_counters.write_count == pytest.approx(
            ours.disk_io_counters.write_count, rel=0.05, abs=1000
        )
    assert theirs.net_io_counters is not None
    assert ours.net_io_counters is not None
    assert theirs.net_io_counters.bytes_recv <= ours.net_io_counters.bytes_recv
    assert theirs.net_io_counters.bytes_recv == pytest.approx(
        ours.net_io_counters.bytes_recv, rel=0.2, abs=1 << 24
    )


def test_the_server_s_process_is_the_same(host: SshHost, start_server: StartServer) -> None:
    server = start_server("mariadb")
    (theirs,) = [p for p in host.server_processes() if server.port in p.listening]
    (ours,) = [p for p in LOCAL.server_processes() if p.pid == theirs.pid]
    assert theirs.name == ours.name == "mariadbd"
    assert theirs.cmdline == ours.cmdline
    assert theirs.create_time == ours.create_time
    assert theirs.max_fds == ours.max_fds
    assert theirs.listening == ours.listening
    assert theirs.sockets == ours.sockets
    assert theirs.num_fds == pytest.approx(ours.num_fds, abs=3)
    assert theirs.num_threads == pytest.approx(ours.num_threads, abs=3)
    assert theirs.rss == pytest.approx(ours.rss, rel=0.2)


def test_what_is_asked_next_comes_along_and_is_true(
    host: SshHost, start_server: StartServer
) -> None:
    server = start_server("mariadb")
    (process,) = [p for p in host.server_processes() if server.port in p.listening]
    before = host.link.commands
    for name in ("status", "cgroup"):
        path = f"/proc/{process.pid}/{name}"
        theirs, ours = host.read(path), LOCAL.read(path)
        assert theirs.splitlines()[0] == ours.splitlines()[0]
        assert len(theirs) == pytest.approx(len(ours), abs=40)
    assert host.read("/proc/sys/kernel/hostname", 1, 3) == LOCAL.read(
        "/proc/sys/kernel/hostname", 1, 3
    )
    theirs_group, ours_group = (memory_group(seen, process.pid) for seen in (host, LOCAL))
    assert (theirs_group is None) == (ours_group is None)
    if theirs_group is not None and ours_group is not None:
        assert theirs_group.path == ours_group.path
        assert theirs_group.limit == ours_group.limit
        assert theirs_group.oom_kills == ours_group.oom_kills
    assert host.link.commands == before


def test_a_health_snapshot_costs_three_round_trips_at_most(
    host: SshHost, start_server: StartServer
) -> None:
    """Each is a wait for the other side; file by file there would be more than fifty."""
    server = start_server("mariadb")
    commands, step = _health_of(host, server)
    assert commands <= 3
    assert step.facts["server_pid"] == server.pid


def test_a_killed_server_s_snapshot_costs_no_more(host: SshHost, start_server: StartServer) -> None:
    server = start_server("mariadb")
    server.kill9()
    server.wait_until_gone()
    commands, step = _health_of(host, server)
    assert commands <= 3
    assert step.facts["server_pid"] is None


def test_an_ordinary_account_s_snapshot_costs_no_more(
    operators_host: tuple[SshHost, SshDaemon], start_server: StartServer
) -> None:
    host, _ = operators_host
    commands, step = _health_of(host, start_server("mariadb"))
    assert commands <= 3
    if Path("/proc/sys/kernel/dmesg_restrict").read_text().strip() == "1":
        assert "kernel.oom-kill" not in step.looked_for
        assert any("kernel log could not be read" in note for note in step.notes)


def test_with_sudo_a_snapshot_sees_what_root_sees(
    operators_host: tuple[SshHost, SshDaemon], start_server: StartServer
) -> None:
    host, _ = operators_host
    _stand_in_for_sudo(Path("/dev/shm") / f"goneaway-sudo-{os.getpid()}")
    server = start_server("mariadb")
    commands, step = _health_of(host, server)
    assert commands <= 3
    assert step.facts["server_pid"] == server.pid
    assert "host.files-near-limit" in step.looked_for
    if LOCAL.run(("dmesg",), limit=8 << 20).exit_code == 0:
        assert step.facts["kernel_log_readable"] is True


def _health_of(host: SshHost, server: ServerUnderTest) -> tuple[int, StepResult]:
    """The commands that the health step ran there, and its result."""
    target = Target(
        host="127.0.0.1", port=server.port, user="admin",
        password=Secret(server.passwords["admin"]), ssh=host.link.place,
    )  # fmt: skip
    window = parse_window(None, None, datetime.now().astimezone())
    investigation = Beginning(target, Sources(), window, Reached(host)).begin()
    steps = {step.id: step for step in STEPS}
    investigation.run([steps["connection"]])
    before = host.link.commands
    investigation.run([steps["health"]])
    step = investigation.case.step("health")
    investigation.close()
    assert step is not None
    assert step.status is StepStatus.DONE
    return host.link.commands - before, step


def test_a_snapshot_tells_the_same_from_there_and_from_here(
    host: SshHost, start_server: StartServer
) -> None:
    server = start_server("mariadb")
    target = Target(host="127.0.0.1", port=server.port)
    window = parse_window(None, None, datetime.now().astimezone())
    known: dict[str, Scalar] = {"port": server.port}
    earlier, theirs, ours = (
        take(seen, target, known, window, lambda _text: None, lambda: None)
        for seen in (LOCAL, host, LOCAL)
    )
    assert theirs.own is not None
    assert ours.own is not None
    assert theirs.own.pid == ours.own.pid == server.pid
    assert theirs.limits == replace_tasks(ours.limits, theirs.limits)
    assert theirs.network.settings.keys() == ours.network.settings.keys()
    for name in ("tcp_retries2", "tcp_keepalive_time", "somaxconn"):
        assert theirs.network.settings[name] == ours.network.settings[name]
    assert theirs.network.listen_drops is not None
    assert theirs.pressure.keys() == ours.pressure.keys()
    assert theirs.memory_that_counts == ours.memory_that_counts
    assert theirs.log.readable == ours.log.readable
    assert_same_kills(theirs.log, earlier.log, ours.log)
    assert theirs.containers.looked == ours.containers.looked
    assert theirs.clock.ahead is not None
    assert abs(theirs.clock.ahead) < 1.5


def assert_same_kills(theirs: KernelLog, earlier: KernelLog, ours: KernelLog) -> None:
    """BusyBox's dmesg leaves out the oldest lines, which do not fit into its buffer; and between
    two looks somebody may be killed, and the kernel drop its oldest lines for that."""
    assert earlier.from_boot or not theirs.from_boot
    there, before, after = ([k.pid for k in log.kills] for log in (theirs, earlier, ours))
    here = [*before, *(pid for pid in after if pid not in before)]
    if there:
        begin = here.index(there[0])
        assert here[begin : begin + len(there)] == there
    assert theirs.reaches_back_to is not None or not ours.readable


def replace_tasks(limits: ProcessLimits | None, other: ProcessLimits | None) -> ProcessLimits:
    """`limits` with the count of tasks of `other`, which may have moved between two looks."""
    assert limits is not None
    assert other is not None
    assert (limits.tasks is None) == (other.tasks is None)
    if limits.tasks is not None and other.tasks is not None:
        assert limits.tasks.path == other.tasks.path
        assert limits.tasks.most == other.tasks.most
    return replace(limits, tasks=other.tasks)


@pytest.mark.parametrize("words", [("sh", "-c", "echo a; echo b >&2; exit 3"), ("no-such",)])
def test_a_command_s_answer_comes_along_as_it_is(host: SshHost, words: tuple[str, ...]) -> None:
    again = Command(("echo", "it's", "$HOME"), instead=True)
    host.bring(Prefetch(commands=(Command(words), again, Command(("echo", "x"), instead=True))))
    before = host.link.commands
    assert _outcome(host, words) == _outcome(LOCAL, words)
    assert host.run(again.words).stdout == "it's $HOME\n"
    assert host.link.commands == before
    assert host.run(("echo", "x")).stdout == "x\n"
    assert host.link.commands == before + 1


def _outcome(host: Host, words: tuple[str, ...]) -> object:
    try:
        return host.run(words)
    except HostError as error:
        return type(error), str(error)


def test_the_end_of_a_large_file_and_a_directory_come_along(host: SshHost, shared: Path) -> None:
    content = os.urandom(400_000)
    (shared / "log").write_bytes(content)
    (shared / "small").write_text("abc")
    asked = Prefetch((File(f"{shared}/log", 65536), File(f"{shared}/none")), (), (str(shared),))
    host.bring(asked)
    before = host.link.commands
    size = host.stat(shared / "log").size
    assert host.read(shared / "log", size - 65536, 65536) == content[-65536:]
    assert host.list_dir(shared) == LOCAL.list_dir(shared)
    assert host.stat(shared / "small").size == 3
    with pytest.raises(NotFound):
        host.read(shared / "none")
    assert host.link.commands == before


def test_a_look_at_this_moment_is_one_command(host: SshHost, start_server: StartServer) -> None:
    server = start_server("mariadb")
    look(host, None, server.pid)
    before = host.link.commands
    theirs, ours = look(host, None, server.pid), look(LOCAL, None, server.pid)
    assert host.link.commands == before + 1
    assert theirs.cpu_count == ours.cpu_count
    assert theirs.memory.total == ours.memory.total
    assert theirs.counted.keys() == ours.counted.keys()
    assert theirs.pressure.keys() == ours.pressure.keys()
    assert (theirs.disks is None) == (ours.disks is None)
    assert theirs.threads == pytest.approx(ours.threads, abs=3)
    assert theirs.files == pytest.approx(ours.files, abs=3)
    assert theirs.rss == pytest.approx(ours.rss, rel=0.2)
    again = look(host, None, server.pid)
    assert moment(theirs, again) is not None


def test_an_ordinary_account_s_look_asks_no_sudo(
    operators_host: tuple[SshHost, SshDaemon], start_server: StartServer
) -> None:
    """Every two seconds it would be a line in a log there."""
    host, _ = operators_host
    tools = Path("/dev/shm") / f"goneaway-sudo-{os.getpid()}"
    asked = tools / "asked"
    (tools / "sudo").write_text(f"#!/bin/sh\necho asked >>{asked}\nexit 1\n")
    (tools / "sudo").chmod(0o755)
    before = host.link.commands
    seen = look(host, None, start_server("mariadb").pid)
    assert host.link.commands == before + 1
    assert seen.files is None
    assert seen.threads is not None
    assert not asked.exists()


def test_a_dead_server_that_nobody_waited_for_is_not_running(host: SshHost, tmp_path: Path) -> None:
    server = tmp_path / "mariadbd"
    server.write_bytes(Path("/bin/sleep").read_bytes())
    server.chmod(0o755)
    process = subprocess.Popen([str(server), "600"])
    try:
        assert process.pid in {p.pid for p in host.server_processes()}
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert process.pid not in {p.pid for p in host.server_processes()}
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def operators_host(tmp_path: Path) -> Iterator[tuple[SshHost, SshDaemon]]:
    """An ordinary account, with a PATH that begins in a directory of the test's own."""
    client = ClientHome(tmp_path / "client")
    tools = Path("/dev/shm") / f"goneaway-sudo-{os.getpid()}"
    tools.mkdir()
    options = {"SetEnv": f"PATH={tools}:/usr/bin:/bin"}
    daemon = SshDaemon(tmp_path / "sshd", options, authorized=(client.key(),))
    for place in (tmp_path, *tmp_path.parents):
        if place == Path(tempfile.gettempdir()):
            break
        place.chmod(0o755)
    try:
        daemon.start()
        client.knows(daemon)
        host = client.host(daemon, OPERATOR)
        yield host, daemon
        host.close()
    finally:
        daemon.stop()
        subprocess.run(["rm", "-rf", "--", str(tools)], check=True)


def test_an_ordinary_account_is_refused_by_name(
    operators_host: tuple[SshHost, SshDaemon], tmp_path: Path
) -> None:
    host, _ = operators_host
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    (hidden / "log").write_text("secret")
    secret = tmp_path / "secret"
    secret.write_text("secret")
    secret.chmod(0o600)
    for path in (secret, hidden / "log"):
        with pytest.raises(NotPermitted):
            host.read(path)
    for mode in (0o700, 0o711, 0o744):
        hidden.chmod(mode)
        with pytest.raises(NotPermitted):
            host.list_dir(hidden)
    hidden.chmod(0o700)
    with pytest.raises(NotPermitted):
        host.stat(hidden / "log")
    assert host.stat(secret).size == 6
    with pytest.raises(NotFound):
        host.read(tmp_path / "nothing")


def test_what_sudo_allows_is_read_with_it(
    operators_host: tuple[SshHost, SshDaemon], tmp_path: Path
) -> None:
    host, _ = operators_host
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    (hidden / "log").write_text("x" * 100_000 + "end")
    tools = Path("/dev/shm") / f"goneaway-sudo-{os.getpid()}"
    _stand_in_for_sudo(tools)
    assert host.read(hidden / "log", 0, 4) == b"xxxx"
    assert host.read(hidden / "log", 99_999, 100) == b"xend"
    assert host.stat(hidden / "log").size == 100_003
    assert host.list_dir(hidden) == ("log",)
    with pytest.raises(NotFound):
        host.read(hidden / "nothing")


def test_a_sudo_that_said_no_is_not_asked_again(
    operators_host: tuple[SshHost, SshDaemon], tmp_path: Path
) -> None:
    """Each refusal is written to a log there, and may be mailed to its administrator."""
    host, _ = operators_host
    secret = tmp_path / "secret"
    secret.write_text("secret")
    secret.chmod(0o600)
    tools = Path("/dev/shm") / f"goneaway-sudo-{os.getpid()}"
    asked = tools / "asked"
    asked.touch()
    asked.chmod(0o666)
    script = f"#!/bin/sh\necho asked >>{asked}\necho 'sudo: a password is required' >&2\nexit 1\n"
    (tools / "sudo").write_text(script)
    (tools / "sudo").chmod(0o755)
    for _ in range(3):
        with pytest.raises(NotPermitted, match="password"):
            host.read(secret)
    assert asked.read_text() == "asked\n"


def _stand_in_for_sudo(tools: Path) -> None:
    """`sudo -n COMMAND` by a set-user-id copy of env(1): no sudo need be set up here."""
    (tools / "as-root").write_bytes(Path("/usr/bin/env").read_bytes())
    (tools / "as-root").chmod(0o4755)
    (tools / "sudo").write_text(
        f'#!/bin/sh\n[ "$1" = -n ] || exit 1\nshift\n{tools}/as-root "$@"\n'
    )
    (tools / "sudo").chmod(0o755)
