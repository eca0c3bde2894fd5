"""Another machine, seen over SSH as if the wizard ran there. Nothing is installed on it."""

import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import PurePath

from wizard.hosts.local.host import MAX_ENTRIES, MAX_READ
from wizard.hosts.protocol import (
    NOTHING_ALONG,
    ByteEdit,
    CommandResult,
    FileStat,
    HostError,
    HostMetrics,
    NotFound,
    NotPermitted,
    Prefetch,
    ServerProcess,
)
from wizard.hosts.remote import log_scripts, prefetch_script, scripts
from wizard.hosts.remote.along import Along
from wizard.hosts.remote.asking import (
    DENIED,
    FILE_TIME,
    SECTION_TIME,
    SLOW_START,
    Asking,
    Script,
    said,
    said_of_sudo,
)
from wizard.hosts.remote.editing import edit_there
from wizard.hosts.remote.log_answers import (
    MAX_ANSWER,
    parse_blocks,
    parse_cells,
    parse_sifted,
    unpacked,
)
from wizard.hosts.remote.metrics import parse_metrics
from wizard.hosts.remote.prefetched import Ahead, described, file_stat, parse_ahead
from wizard.hosts.remote.processes import parse_processes
from wizard.hosts.remote.python_there import PythonThere
from wizard.hosts.sifting import Cells, Sifted, Stretch, Wanted
from wizard.hosts.ssh.command import Output
from wizard.hosts.ssh.errors import NoShell
from wizard.hosts.ssh.link import SshLink
from wizard.safety.sanitize import decode, sanitize

SIFT_TIME = 90.0
"""Seconds that picking lines out of a log may take."""

UNPACK_TIME = 600.0
"""Seconds that unpacking a file may take: it can be stopped."""

ATTRIBUTES_HOLD = 3.0
"""Seconds for which what a listing said of a directory's files is taken as it is (nfs(5) does
so for as long)."""

_SMALL_BLOCK, _LARGE_BLOCK = 4096, 64 << 10

_MAX_LISTING = 8 << 20
"""Bytes; MAX_ENTRIES names of 255 bytes and what is said of them are less."""


class SshHost:
    """Answers a Host's calls through one SSH connection, made at the first of them. A file that
    the account may not read is read with sudo where that is allowed."""

    def __init__(self, link: SshLink) -> None:
        self.link = link
        self._listed: dict[str, tuple[float, FileStat]] = {}
        self._asking = Asking(link)
        self._along = Along(self._asking)
        self._python = PythonThere(link)

    @property
    def label(self) -> str:
        return sanitize(self.link.label)

    def run(
        self, command: Sequence[str], timeout: float = 10.0, limit: int = 1 << 20
    ) -> CommandResult:
        if any("\0" in word for word in command):
            raise HostError(f"{command[0]!r} could not be started: an argument holds a zero byte")
        known = self._along.known.run(command)
        if known is not None:
            return known
        done = self._asking.command(command, timeout, limit)
        result = _result(done)
        if done.exit_code == 127 and prefetch_script.NO_COMMAND in result.stderr:
            raise NotFound(f"no such command: {command[0]}")
        if done.exit_code == 126 and "ermission denied" in result.stderr:
            raise NotPermitted(f"{command[0]} may not be run by this account")
        return result

    def require_shell(self) -> None:
        """Raise NoShell where the account's shell runs nothing or prints text of its own.

        Such text would stand in each file that is read.
        """
        mark = _mark()
        line = scripts.command_line(scripts.ECHO, mark)
        done = self.link.run(line, "the account's shell", FILE_TIME, 4096)
        if done.stdout != f"{mark}\n".encode():
            said = done.stdout.replace(mark.encode(), b"").strip() or done.stderr.strip()
            raise NoShell(self.link.who, decode(said, 120))

    def stat(self, path: PurePath | str) -> FileStat:
        held = self._listed.get(str(path))
        if held is not None and time.monotonic() - held[0] < ATTRIBUTES_HOLD:
            return held[1]
        known = self._along.known.stat(str(path))
        if known is not None:
            return known
        done = self._asking.on_file(scripts.STAT, path, 4096)
        try:
            return file_stat(done.stdout.decode("ascii", "replace").split())
        except (ValueError, IndexError):
            raise HostError(f"{path} could not be looked at") from None

    def list_dir(self, path: PurePath | str) -> tuple[str, ...]:
        """Names in the directory, sorted; raises HostError above MAX_ENTRIES."""
        known = self._along.known.list_dir(str(path))
        if known is not None:
            return known
        most = (str(MAX_ENTRIES + 1),) * 2
        needs = scripts.LIST_NEEDS
        done = self._asking.on_file(scripts.LIST, path, _MAX_LISTING, *most, needs=needs)
        names, _, attributes = done.stdout.decode("utf-8", "surrogateescape").partition("\n\n")
        found = names.strip("\n").split("\n") if names.strip("\n") else []
        if len(found) > MAX_ENTRIES:
            raise HostError(f"{path} holds more than {MAX_ENTRIES} names")
        now = time.monotonic()
        prefix = str(path).rstrip("/") + "/"
        self._listed = {p: (now, seen) for p, seen in described(attributes, prefix).items()}
        return tuple(sorted(found))

    def read(self, path: PurePath | str, offset: int = 0, length: int = 1 << 20) -> bytes:
        """Up to `length` bytes from `offset`, of regular files only."""
        length = min(length, MAX_READ)
        if length <= 0:
            return b""
        known = self._along.known.read(str(path), offset, length)
        if known is not None:
            return known
        block = _SMALL_BLOCK if length <= _LARGE_BLOCK else _LARGE_BLOCK
        first = offset // block
        count = (offset + length + block - 1) // block - first
        if first == 0:
            block, count = 1, offset + length
        done = self._asking.on_file(
            scripts.READ, path, block * count, str(block), str(first), str(count)
        )
        skipped = offset - first * block
        return done.stdout[skipped : skipped + length]

    def read_blocks(
        self, path: PurePath | str, offsets: Sequence[int], length: int
    ) -> tuple[bytes, ...]:
        """Up to `length` bytes from each of `offsets`, in one round trip."""
        mark = _mark()
        sectors = [str(offset // log_scripts.SECTOR) for offset in offsets]
        limit = (length + 100) * len(sectors) + 4096
        done = self._asking.on_file(
            log_scripts.BLOCKS, path, limit, mark, str(length // log_scripts.SECTOR), *sectors,
            needs=log_scripts.BLOCKS_NEED,
        )  # fmt: skip
        return parse_blocks(done.stdout, mark, len(sectors))

    def cells(
        self,
        path: PurePath | str,
        unpack: str,
        checkpoint: Callable[[], None] = lambda: None,  # noqa: ARG002 - `link.stopped` ends it
    ) -> Cells:
        """Unpacked there; a line with a time in each CELL crosses."""
        done = self._asking.on_file(
            log_scripts.CELLS, path, MAX_ANSWER, unpack,
            seconds=UNPACK_TIME, needs=log_scripts.NEEDS,
        )  # fmt: skip
        return parse_cells(done)

    def read_unpacked(
        self,
        path: PurePath | str,
        unpack: str,
        offset: int,
        length: int,
        checkpoint: Callable[[], None] = lambda: None,  # noqa: ARG002 - `link.stopped` ends it
    ) -> bytes:
        length = min(length, MAX_ANSWER)
        more = (unpack, str(offset), str(length))
        done = self._asking.on_file(
            log_scripts.READ_UNPACKED, path, length + 4096, *more,
            seconds=UNPACK_TIME, needs=log_scripts.NEEDS,
        )  # fmt: skip
        return unpacked(done.stdout)

    def sift(self, stretch: Stretch, wanted: Wanted) -> Sifted:
        """The lines of interest, picked out there: only they cross."""
        words = log_scripts.sift_arguments(stretch, wanted, _mark())
        done = self._asking.on_file(
            log_scripts.SIFT,
            stretch.path,
            MAX_ANSWER,
            *words[1:],
            seconds=UNPACK_TIME if stretch.unpack else SIFT_TIME,
            needs=log_scripts.NEEDS,
        )
        return parse_sifted(done.stdout, stretch)

    def sift_output(self, command: Sequence[str], earlier: bool, wanted: Wanted) -> Sifted:
        length = log_scripts.MAX_OUTPUT
        stretch = Stretch(command[0], 0, length if earlier else 0, length)
        words = log_scripts.sift_arguments(stretch, wanted, _mark())
        # A journal that was too slow for another question may answer this one.
        begins = SLOW_START if self._asking.silence.of(command[:1]) else SIFT_TIME
        what = (command[0], MAX_ANSWER, SIFT_TIME, log_scripts.SIFT_NEEDS)
        script = Script(log_scripts.SIFT_OUTPUT, *what, begins=begins)
        done = self._asking.script(script, lambda: (*words, *command))
        if done.exit_code != 0:
            raise HostError(said(done) or f"{command[0]} gave no answer")
        return parse_sifted(done.stdout, stretch)

    def run_python(
        self, path: PurePath | str, code: str, given: bytes, say: Callable[[str], None]
    ) -> bytes | None:
        return self._python.run(str(path), code, given, say)

    def server_processes(self) -> tuple[ServerProcess, ...]:
        mark = _mark()
        what = ("the process list", 8 << 20, SECTION_TIME, scripts.PROCESSES_NEED)
        script = Script(scripts.PROCESSES, *what, mark=mark)
        done = self._asking.again_with_sudo(
            lambda: self._asking.script(script, lambda: (mark,)), said_of_sudo(mark)
        )
        if done.exit_code == DENIED:
            raise NotPermitted(
                "/proc hides other accounts' processes (hidepid); connect as root to see the server"
            )
        self._along.known = parse_ahead(done.stdout, mark, NOTHING_ALONG)
        return parse_processes(done.stdout, mark)

    def metrics(
        self, paths: Sequence[PurePath | str] = (), along: Prefetch = NOTHING_ALONG
    ) -> HostMetrics:
        mark = _mark()
        names = [str(path) for path in paths if "\0" not in str(path)]

        def words() -> tuple[str, ...]:
            # Of a place that does not answer nothing is told.
            silent = self._asking.silence.of
            return (str(len(names)), *("" if silent(paths=(n,)) else n for n in names))

        needs = scripts.METRICS_NEED
        done = self._along.ask(scripts.METRICS, "the metrics", mark, words, along, needs)
        return parse_metrics(done.stdout, mark, names)

    def bring(self, along: Prefetch) -> None:
        self._along.ask(scripts.BRING, "what is asked next", _mark(), tuple, along)

    def run_as_root(self, command: Sequence[str], timeout: float) -> CommandResult:
        """A short command, with sudo where the account is another. Raises HostError."""

        def run() -> Output:
            return self._asking.deed(
                scripts.RUN_AS_ROOT, command[0], 1 << 16, *command, seconds=timeout
            )

        done = self._asking.again_with_sudo(run, lambda it: said(it) if it.exit_code else "")
        self._along.known = Ahead()
        return _result(done)

    def edit_file(self, edit: ByteEdit) -> None:
        """Make the change whole or not at all, with sudo where it is needed. Raises FileChanged,
        HostError."""
        try:
            edit_there(self._asking, edit)
        finally:
            self._along.known, self._listed = Ahead(), {}

    def ask_anew(self) -> None:
        """What did not answer so far is asked again: it may be mended."""
        self._asking.silence.forget()
        self._python.forget()
        self._along.known = Ahead()

    def close(self) -> None:
        self.link.close()


def _result(done: Output) -> CommandResult:
    stdout, stderr = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    return CommandResult(done.exit_code, stdout, stderr, done.truncated)


def _mark() -> str:
    """Begins each section of a script's output; nobody there can foresee it."""
    return f"=={secrets.token_hex(8)}"
