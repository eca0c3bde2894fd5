"""Another machine, seen over SSH as if the wizard ran there. Nothing is installed on it."""

import secrets
import time
from collections.abc import Sequence
from pathlib import PurePath

from wizard.hosts import ssh_script
from wizard.hosts.base import (
    CommandResult,
    FileStat,
    HostError,
    HostMetrics,
    NotFound,
    NotPermitted,
    ServerProcess,
)
from wizard.hosts.local import MAX_ENTRIES, MAX_READ
from wizard.hosts.ssh_ahead import Ahead, parse_ahead
from wizard.hosts.ssh_metrics import parse_metrics
from wizard.hosts.ssh_processes import parse_processes
from wizard.hosts.ssh_sections import sections
from wizard.hosts.ssh_sudo import WANTS_PASSWORD, Sudo
from wizard.sanitize import sanitize
from wizard.ssh.channel import Output
from wizard.ssh.link import SshLink

FILE_TIME = 20.0
"""Seconds that looking at or reading a file may take."""

ATTRIBUTES_HOLD = 3.0
"""Seconds for which what a listing said of a directory's files is taken as it is (nfs(5) does
so for as long)."""

ASKED_NEXT = (
    "/run/systemd/system",
    "/var/log/kern.log",
    "/var/log/kern.log.1",
    "/var/log/messages",
    "/var/log/messages.1",
    "/var/log/syslog",
    "/var/log/syslog.1",
    "/var/log/dpkg.log",
    "/var/log/dnf.rpm.log",
)
"""Files that are looked for on every machine once its servers are known."""

_DENIED = 4
_SMALL_BLOCK, _LARGE_BLOCK = 4096, 64 << 10


class SshHost:
    """Answers a Host's calls through one SSH connection, made at the first of them.

    A file that the account may not read is read with sudo where that is allowed.
    """

    def __init__(self, link: SshLink) -> None:
        self.link = link
        self._listed: dict[str, tuple[float, FileStat]] = {}
        self._ahead = Ahead()
        self._sudo = Sudo(link)

    @property
    def label(self) -> str:
        return sanitize(self.link.label)

    def run(
        self, command: Sequence[str], timeout: float = 10.0, limit: int = 1 << 20
    ) -> CommandResult:
        if any("\0" in word for word in command):
            raise HostError(f"{command[0]!r} could not be started: an argument holds a zero byte")
        line = ssh_script.command_line(ssh_script.RUN, *command)
        done = self.link.run(line, command[0], timeout, limit)
        stderr = done.stderr.decode("utf-8", "replace")
        if done.exit_code == 127 and ssh_script.NO_COMMAND in stderr:
            raise NotFound(f"no such command: {command[0]}")
        if done.exit_code == 126 and "ermission denied" in stderr:
            raise NotPermitted(f"{command[0]} may not be run by this account")
        stdout = done.stdout.decode("utf-8", "replace")
        return CommandResult(done.exit_code, stdout, stderr, done.truncated)

    def stat(self, path: PurePath | str) -> FileStat:
        held = self._listed.get(str(path))
        if held is not None and time.monotonic() - held[0] < ATTRIBUTES_HOLD:
            return held[1]
        known = self._ahead.of(str(path))
        if isinstance(known, FileStat):
            return known
        done = self._on_file(ssh_script.STAT, path, 4096)
        try:
            return _file_stat(done.stdout.decode("ascii", "replace").split())
        except (ValueError, IndexError):
            raise HostError(f"{path} could not be looked at") from None

    def list_dir(self, path: PurePath | str) -> tuple[str, ...]:
        """Names in the directory, sorted; raises HostError above MAX_ENTRIES."""
        most = (str(MAX_ENTRIES + 1),) * 2
        done = self._on_file(ssh_script.LIST, path, MAX_READ, *most)
        names, _, described = done.stdout.decode("utf-8", "surrogateescape").partition("\n\n")
        found = names.strip("\n").split("\n") if names.strip("\n") else []
        if len(found) > MAX_ENTRIES:
            raise HostError(f"{path} holds more than {MAX_ENTRIES} names")
        self._listed = dict(_attributes(str(path), described))
        return tuple(sorted(found))

    def read(self, path: PurePath | str, offset: int = 0, length: int = 1 << 20) -> bytes:
        """Up to `length` bytes from `offset`, of regular files only."""
        length = min(length, MAX_READ)
        if length <= 0:
            return b""
        known = self._ahead.of(str(path))
        if isinstance(known, bytes):
            return known[offset : offset + length]
        block = _SMALL_BLOCK if offset + length < _LARGE_BLOCK else _LARGE_BLOCK
        first = offset // block
        count = (offset + length + block - 1) // block - first
        if first == 0:
            block, count = 1, offset + length
        done = self._on_file(
            ssh_script.READ, path, block * count, str(block), str(first), str(count)
        )
        skipped = offset - first * block
        return done.stdout[skipped : skipped + length]

    def server_processes(self) -> tuple[ServerProcess, ...]:
        mark = _mark()
        question = (ssh_script.PROCESSES, "the process list", 8 << 20, mark, *ASKED_NEXT)
        done = self._script(*question)
        if self._sudo.heard(_said_of_sudo(done.stdout, mark)):
            done = self._script(*question)
        if done.exit_code == _DENIED:
            raise NotPermitted(
                "/proc hides other accounts' processes (hidepid); connect as root to see the server"
            )
        self._ahead = parse_ahead(done.stdout, mark)
        return parse_processes(done.stdout, mark)

    def metrics(self, paths: Sequence[PurePath | str] = ()) -> HostMetrics:
        mark = _mark()
        names = [str(path) for path in paths if "\0" not in str(path)]
        done = self._script(ssh_script.METRICS, "the metrics", 8 << 20, mark, *names)
        return parse_metrics(done.stdout, mark, names)

    def close(self) -> None:
        self.link.close()

    @property
    def _way(self) -> str:
        """What would let the account read it."""
        if WANTS_PASSWORD in self._sudo.refused and not self.link.can_ask:
            return "use root, or run in a terminal, where the password for sudo is asked for"
        return "use root"

    def _script(self, script: str, what: str, limit: int, *arguments: str) -> Output:
        stdin = self._sudo.stdin
        line = ssh_script.command_line(self._sudo.preamble + script, *arguments)
        return self.link.run(line, what, FILE_TIME, limit, stdin)

    def _on_file(self, script: str, path: PurePath | str, limit: int, *more: str) -> Output:
        if "\0" in str(path):
            raise HostError(f"{str(path)!r} is no valid path")
        done = self._script(script, sanitize(str(path)), limit, str(path), *more)
        if done.exit_code == _DENIED and self._sudo.heard(_said(done)):
            done = self._script(script, sanitize(str(path)), limit, str(path), *more)
        said = _said(done)
        match done.exit_code:
            case 0:
                return done
            case _ if done.truncated:
                return done
            case 3 if "No such" in said or "Not a directory" in said:
                raise NotFound(f"{path} does not exist")
            case 4:
                why = self._sudo.refused or said
                raise NotPermitted(f"{path} may not be read by this account ({why}); {self._way}")
            case 5:
                raise HostError(f"{path} is not a regular file")
            case 6:
                raise NotFound(f"{path} is no directory")
        if "ermission denied" in said:
            raise NotPermitted(f"{path} may not be read by this account ({said}); use root")
        raise HostError(f"{path}: {said or f'exit code {done.exit_code}'}")


def _said(done: Output) -> str:
    return sanitize(done.stderr.decode("utf-8", "replace").strip(), 200)


def _said_of_sudo(output: bytes, mark: str) -> str:
    """What sudo said when the process list needed it, or ""."""
    told = (body for words, body in sections(output, mark) if words[0] == "sudo")
    return sanitize(next(told, b"").decode("utf-8", "replace").strip(), 200)


def _mark() -> str:
    """Begins each section of a script's output; nobody there can foresee it."""
    return f"=={secrets.token_hex(8)}"


def _file_stat(words: Sequence[str]) -> FileStat:
    return FileStat(int(words[1]), float(words[2]), words[0].startswith("4") and len(words[0]) == 4)


def _attributes(directory: str, described: str) -> list[tuple[str, tuple[float, FileStat]]]:
    now = time.monotonic()
    found: list[tuple[str, tuple[float, FileStat]]] = []
    for line in described.splitlines():
        words = line.split(" ", 3)
        if len(words) == 4 and words[1].isdigit() and words[2].isdigit():
            found.append((f"{directory.rstrip('/')}/{words[3]}", (now, _file_stat(words))))
    return found
