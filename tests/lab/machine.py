"""Faults of the machine: a full disk, and limits on files and threads."""

import contextlib
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.bench import Bench, NotHere
from tests.lab.clients import application, wait_until, worker
from tests.lab.scenario import fault
from wizard.diagnosis.model import Verdict

_PIDS = Path("/sys/fs/cgroup/pids")


@fault(
    "disk-full",
    beside=("client-read-timeout", "client-not-closing"),
    least_alone=Verdict.POSSIBLE,
)
def disk_full_binary_log(place: Bench) -> None:
    """The file system of the binary log is full; commits hang or fail."""
    small = place.server.directory / "small"
    place.held.enter_context(_small_file_system(small, 8))
    place.server.configure(log_bin=place.server.binary.inside(small / "binlog"), server_id=1)
    place.server.restart()
    application(place).close()
    place.age()
    (small / "ballast").write_bytes(b"x" * _left(small))
    for _ in range(3):
        with worker(place, read_timeout=3, autocommit=True) as job:
            job.run("import", "INSERT INTO documents (body) VALUES (%s)", "x" * 100_000)


@fault(
    "disk-full",
    beside=("client-read-timeout", "client-not-closing", "server-crash", "server-unreachable"),
)
def disk_full_data(place: Bench) -> None:
    """The file system of the data directory is full; tables cannot grow."""
    server = place.server
    small = server.directory / "small"
    server.stop()
    place.held.enter_context(_small_file_system(small, 400))
    shutil.copytree(server.data, small / "data")
    server.configure(datadir=server.binary.inside(small / "data"))
    server.start()
    application(place).close()
    place.age()
    (small / "ballast").write_bytes(b"x" * (_left(small) - (4 << 20)))
    for _ in range(12):
        with worker(place, read_timeout=3, autocommit=True) as job:
            job.run("import", "INSERT INTO documents (body) VALUES (%s)", "x" * 1_000_000)
    (small / "ballast").unlink()
    time.sleep(1.0)
    place.with_error_log()


@contextmanager
def _small_file_system(place: Path, mebibytes: int) -> Iterator[None]:
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=0777", "none", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise NotHere(f"no file system can be mounted here: {made.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def _left(place: Path) -> int:
    return shutil.disk_usage(place).free


@fault(
    "file-limit",
    beside=("server-crash", "server-unreachable"),
)
def file_limit(place: Bench) -> None:
    """The server may open no further file; new connections get none."""
    with application(place, 3) as shop:
        shop.orders()
        pid = place.server.pid
        used = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, before[1]))
        try:
            for _ in range(3):
                with worker(place, "shop.pool", connect_timeout=3, read_timeout=3) as job:
                    job.run("request", "SELECT 1")
            place.with_error_log()
        finally:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        time.sleep(1.0)


@fault("thread-limit", least_alone=Verdict.POSSIBLE)
def thread_limit(place: Bench) -> None:
    """A control group allows the server no further thread for a connection."""
    with _limited_threads(place.server.pid, 2):
        held = []
        for _ in range(4):
            with contextlib.ExitStack() as stack:
                job = stack.enter_context(worker(place, "shop.pool", connect_timeout=3))
                if job.run("request", "SELECT 1"):
                    held.append(stack.pop_all())
        for stack in held:
            stack.close()


@contextmanager
def _limited_threads(pid: int, more: int) -> Iterator[None]:
    group = _PIDS / f"goneaway-{pid}"
    if not _PIDS.is_dir():
        raise NotHere("no pids control group can be made here")
    try:
        group.mkdir()
        (group / "cgroup.procs").write_text(str(pid))
        current = int((group / "pids.current").read_text())
        (group / "pids.max").write_text(str(current + more))
    except OSError as error:
        raise NotHere(f"no pids control group can be made here: {error.strerror}") from None
    try:
        yield
    finally:
        (group / "pids.max").write_text("max")
        (_PIDS / "cgroup.procs").write_text(str(pid))
        wait_until(lambda: not (group / "cgroup.procs").read_text().strip())
        group.rmdir()
