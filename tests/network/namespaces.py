"""Network namespaces with names that tell whose they are (ip-netns(8), setns(2)).

A name is `goneaway-PID-START-RANDOM-ROLE`: the process that made it and when that process
started, so that the leftovers of a killed run are told from the namespaces of one that goes on.
"""

import contextlib
import ctypes
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.network.names import NameServer

_PLACE = Path("/run/netns")
_NAME = re.compile(r"goneaway-(\d+)-(\d+)-[0-9a-f]+(?:-[a-z]+)?")
_CLONE_NEWNET = 0x40000000
_SECONDS = 120.0
_LIBC = ctypes.CDLL(None, use_errno=True)
_SYSTEM_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin:/usr/local/sbin"

_ENTER = """\
set -e
root=$1
shift
for tree in "" "$root"; do
    for name in resolv.conf nsswitch.conf hosts; do
        [ ! -e "$tree/etc/$name" ] || mount --bind "{here}/$name" "$tree/etc/$name"
    done
done
exec "$@"
"""


@dataclass(frozen=True, slots=True)
class Namespace:
    """One machine of the test network. `names` is its name server, on its own 127.0.0.1."""

    name: str
    directory: Path
    names: NameServer

    @contextmanager
    def entered(self) -> Iterator[None]:
        """This thread is on that machine: sockets it opens stay there, and the threads and
        programs that it starts begin there. Names are still resolved by this machine's files."""
        with Path("/proc/thread-self/ns/net").open() as here, (_PLACE / self.name).open() as there:
            _set_network(there.fileno())
            try:
                yield
            finally:
                _set_network(here.fileno())

    def launcher(self, root: Path = Path("/")) -> tuple[str, ...]:
        """Words before a command that runs there, with that machine's name server, also for a
        program that goes on into the tree `root`. The command has the launcher's pid."""
        inside = ("unshare", "--mount", "--propagation", "private", "sh")
        script = str(self.directory / "enter.sh")
        return ("nsenter", f"--net={_PLACE / self.name}", *inside, script, str(root))

    def run(self, *command: str, text: str = "") -> str:
        """Run to its end, there; its output. Raises CalledProcessError."""
        return run(*self.launcher(), *command, text=text)

    def set_kernel(self, **values: int) -> None:
        """`set_kernel(ipv4__ip_forward=1)`: two underscores stand for the slash below
        /proc/sys/net."""
        with self.entered():
            for name, value in values.items():
                Path("/proc/sys/net", *name.split("__")).write_text(str(value), encoding="ascii")


@contextmanager
def namespaces(roles: Sequence[str]) -> Iterator[dict[str, Namespace]]:
    """One namespace a role, its loopback device up, with a directory each. Leaving ends every
    process in them and removes them. Raises CalledProcessError, OSError."""
    sweep()
    prefix = f"goneaway-{os.getpid()}-{_started(os.getpid())}-{secrets.token_hex(2)}"
    directory = Path(tempfile.gettempdir(), prefix)
    directory.mkdir(mode=0o755)
    try:
        yield {role: _make(f"{prefix}-{role}", directory / role) for role in roles}
    finally:
        for role in roles:
            _remove(f"{prefix}-{role}")
        shutil.rmtree(directory, ignore_errors=True)


def run(*command: str, text: str = "") -> str:
    """Its output. Raises CalledProcessError, which names the command, and TimeoutExpired."""
    return subprocess.run(
        command,
        input=text,
        env={**os.environ, "PATH": _SYSTEM_PATH},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=True,
    ).stdout


def missing(*programs: str) -> list[str]:
    """Those that this machine has not."""
    return [program for program in programs if shutil.which(program, path=_SYSTEM_PATH) is None]


def sweep() -> None:
    """Remove the namespaces, with their processes, and the directories of runs that are dead."""
    for place in (_PLACE, Path(tempfile.gettempdir())):
        for left in sorted(place.glob("goneaway-*")) if place.is_dir() else ():
            found = _NAME.fullmatch(left.name)
            if found is None or _started(int(found[1])) == int(found[2]):
                continue
            if place is _PLACE:
                _remove(left.name)
            else:
                shutil.rmtree(left, ignore_errors=True)


def _make(name: str, directory: Path) -> Namespace:
    directory.mkdir()
    run("ip", "netns", "add", name)
    run("ip", "-n", name, "link", "set", "lo", "up")
    (directory / "resolv.conf").write_text("nameserver 127.0.0.1\n", encoding="ascii")
    (directory / "nsswitch.conf").write_text("hosts: files dns\n", encoding="ascii")
    (directory / "hosts").write_text("127.0.0.1 localhost\n", encoding="ascii")
    (directory / "enter.sh").write_text(_ENTER.format(here=directory), encoding="utf-8")
    return Namespace(name, directory, NameServer())


def _remove(name: str) -> None:
    with contextlib.suppress(subprocess.CalledProcessError):
        for pid in run("ip", "netns", "pids", name).split():
            if int(pid) != os.getpid():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
    with contextlib.suppress(subprocess.CalledProcessError):
        run("ip", "netns", "delete", name)


def _started(pid: int) -> int:
    """When it started, in clock ticks since boot (proc_pid_stat(5), field 22); 0: there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    return int(text.rpartition(")")[2].split()[19])


def _set_network(descriptor: int) -> None:
    if _LIBC.setns(descriptor, _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
