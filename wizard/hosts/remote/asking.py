"""Scripts run on the other side, with sudo where needed, and what their exit codes say."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from wizard.hosts.protocol import HostError, NotFound, NotPermitted, Unfinished
from wizard.hosts.remote import scripts
from wizard.hosts.remote.roll_call import silent_there
from wizard.hosts.remote.sections import sections
from wizard.hosts.remote.silence import EVERYTHING, STUB_CODE, Silence, program_of
from wizard.hosts.remote.sudo import WANTS_PASSWORD, Sudo
from wizard.hosts.ssh.command import MOST_SECTIONS, Output
from wizard.hosts.ssh.link import SshLink
from wizard.safety.sanitize import sanitize

FILE_TIME = 20.0
"""Seconds that looking at or reading a file may take."""

SECTION_TIME = 12.0
"""Seconds for each section of an answer: a machine may be slow."""

SLOW_START = 30.0
"""Seconds to the first sign of a log whose program was too slow for another question: a journal
of many gigabytes is slow to open."""

BEGUN = b"\x01"

DENIED = 4
"""The exit code of a script that the account may not, with or without sudo."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script that changes nothing; `what` names it in messages. It is of no use without the
    programs and paths of `needs` and `paths`. Sections of its answer begin with `mark`. Where
    `begins` is given, so long is waited for the first BEGUN on its stderr."""

    text: str
    what: str
    limit: int
    seconds: float = FILE_TIME
    needs: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    mark: str = ""
    begins: float | None = None


class Asking:
    """Runs scripts through one connection. What sudo refused or asked for is known of the next, and
    what did not answer."""

    def __init__(self, link: SshLink) -> None:
        self._link = link
        self.sudo = Sudo(link)
        self.silence = Silence(lambda: link.label)

    def deed(
        self, script: str, what: str, limit: int, *arguments: str, seconds: float = FILE_TIME
    ) -> Output:
        """One run, as sudo is known. Raises HostError."""
        preamble, stdin = self.sudo.words()
        line = scripts.command_line(preamble + script, *arguments)
        return self._link.run(line, what, seconds, limit, stdin)

    def command(self, words: Sequence[str], seconds: float, limit: int) -> Output:
        """One run of a program, if it has answered so far. Raises HostError."""
        program = program_of(words)
        self.silence.require((program, *scripts.RUN_NEEDS))
        line = scripts.command_line(scripts.RUN, *words)
        try:
            return self._link.run(line, program, seconds, limit)
        except Unfinished:
            self.silence.note_commands((words,))
            self.silence.waited(seconds)
            raise

    def script(self, script: Script, words: Callable[[], Sequence[str]]) -> Output:
        """The answer; `words` are its arguments. Where it comes to no end, it is found out what it
        waited for, and it runs once more if it can do without. Raises HostError."""
        self.silence.require(((script.what,) if script.mark else ()) + script.needs, script.paths)
        known, begun = self.silence.names, time.monotonic()
        try:
            return self._without_silent(script, words())
        except Unfinished:
            took = time.monotonic() - begun
            if not self._find_out((*script.paths, *words()), known):
                if script.mark and took >= MOST_SECTIONS:
                    # All of it answers, too slowly: that would take as long each time.
                    self.silence.note(script.what)
                raise
        self.silence.require(script.needs, script.paths)
        return self._without_silent(script, words())

    def _without_silent(self, script: Script, words: Sequence[str]) -> Output:
        preamble, stdin = self.sudo.words()
        if self.silence.of(("sudo",)):
            preamble, stdin = scripts.SUDO_REFUSED, b""
        whole = self.silence.stubs() + self.silence.as_root(preamble) + script.text
        line = scripts.command_line(whole, *words)
        begun = time.monotonic()
        try:
            return self._link.run(
                line, script.what, script.seconds, script.limit, stdin,
                listen=_Begun(script).hear, begins=script.begins, mark=script.mark.encode(),
            )  # fmt: skip
        except Unfinished:
            self.silence.waited(time.monotonic() - begun)
            raise

    def _find_out(self, words: Sequence[str], known: frozenset[str]) -> bool:
        """Whether something else than was known does not answer there. Another thread may have
        found it out meanwhile."""
        paths = tuple(dict.fromkeys(w for w in words if w.startswith("/") and "\n" not in w))
        begun = time.monotonic()
        with_sudo = self.sudo.may_ask and "sudo" not in known
        is_alive, missing = silent_there(self._link, paths, with_sudo)
        new = frozenset(missing if is_alive else [EVERYTHING]) - known
        if new:
            self.silence.waited(time.monotonic() - begun)
        self.silence.note(*new)
        return bool(self.silence.names - known)

    def again_with_sudo(
        self, ask: Callable[[], Output], of_sudo: Callable[[Output], str]
    ) -> Output:
        """The answer, of a second run where sudo has learned what it needs from the first."""
        done = ask()
        return ask() if self.sudo.heard(of_sudo(done)) else done

    def on_file(
        self,
        script: str,
        path: PurePath | str,
        limit: int,
        *more: str,
        seconds: float = FILE_TIME,
        needs: Sequence[str] = ("stat",),
    ) -> Output:
        """A script about one file. Raises NotFound, NotPermitted, HostError."""
        name = str(path)
        if "\0" in name:
            raise HostError(f"{name!r} is no valid path")

        def ask() -> Output:
            asked = Script(script, sanitize(name), limit, seconds, tuple(needs), (name,))
            return self.script(asked, lambda: (name, *more))

        done = self.again_with_sudo(ask, said_when_denied)
        if done.exit_code == STUB_CODE and (silent := self.silence.programs):
            raise self.silence.told(_named(silent, done))
        if done.exit_code != 0 and not done.truncated:
            raise self._refusal(path, done)
        return done

    def not_permitted(self, path: PurePath | str, deed: str, done: Output) -> NotPermitted:
        """That the account may not, why, and what would let it."""
        is_silent = bool(self.silence.of(("sudo",)))
        why = str(self.silence.told("sudo")) if is_silent else self.sudo.refused or said(done)
        return NotPermitted(f"{path} may not be {deed} by this account ({why}); {self._way}")

    def _refusal(self, path: PurePath | str, done: Output) -> HostError:
        told = said(done)
        match done.exit_code:
            case 3 if "No such" in told or "Not a directory" in told:
                return NotFound(f"{path} does not exist")
            case 4:
                return self.not_permitted(path, "read", done)
            case 5:
                return HostError(f"{path} is not a regular file")
            case 7:
                return HostError(f"{path}: {told}")
            case 6:
                return NotFound(f"{path} is no directory")
        if "ermission denied" in told:
            return NotPermitted(f"{path} may not be read by this account ({told}); use root")
        return HostError(f"{path}: {told or f'exit code {done.exit_code}'}")

    @property
    def _way(self) -> str:
        """What would let the account read it."""
        if WANTS_PASSWORD in self.sudo.refused and not self._link.can_ask:
            return "use root, or run in a terminal, where the password for sudo is asked for"
        return "use root"


class _Begun:
    """Hears once that an answer begins: whoever says so again and again is given no more time."""

    def __init__(self, script: Script) -> None:
        self._waits = script.begins is not None

    def hear(self, data: bytes) -> bool:
        begins = self._waits and BEGUN in data
        self._waits = self._waits and not begins
        return begins


def _named(silent: Sequence[str], done: Output) -> str:
    """Which of the silent programs the script fell over."""
    told = said(done)
    return next((name for name in silent if f"{name} did not answer" in told), silent[0])


def said(done: Output) -> str:
    """What a script said to its standard error, in short."""
    return sanitize(done.stderr.decode("utf-8", "replace").strip(), 200)


def said_when_denied(done: Output) -> str:
    return said(done) if done.exit_code == DENIED else ""


def said_of_sudo(mark: str) -> Callable[[Output], str]:
    """What sudo said in a section of its own of a script's output, or ""."""

    def heard(done: Output) -> str:
        told = (body for words, body in sections(done.stdout, mark) if words[0] == "sudo")
        return sanitize(next(told, b"").decode("utf-8", "replace").strip(), 200)

    return heard
