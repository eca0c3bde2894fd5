"""Scripts run on the other side, with sudo where needed, and what their exit codes say."""

from collections.abc import Callable
from pathlib import PurePath

from wizard.hosts.protocol import HostError, NotFound, NotPermitted
from wizard.hosts.remote import scripts
from wizard.hosts.remote.sections import sections
from wizard.hosts.remote.sudo import WANTS_PASSWORD, Sudo
from wizard.hosts.ssh.command import Output
from wizard.hosts.ssh.link import SshLink
from wizard.safety.sanitize import sanitize

FILE_TIME = 20.0
"""Seconds that looking at or reading a file may take."""

DENIED = 4
"""The exit code of a script that the account may not, with or without sudo."""


class Asking:
    """Runs scripts through one connection. What sudo refused or asked for is known of the next."""

    def __init__(self, link: SshLink) -> None:
        self._link = link
        self.sudo = Sudo(link)

    def script(
        self, script: str, what: str, limit: int, *arguments: str, seconds: float = FILE_TIME
    ) -> Output:
        """One run, as sudo is known. Raises HostError."""
        preamble, stdin = self.sudo.words()
        line = scripts.command_line(preamble + script, *arguments)
        return self._link.run(line, what, seconds, limit, stdin)

    def again_with_sudo(
        self, ask: Callable[[], Output], of_sudo: Callable[[Output], str]
    ) -> Output:
        """The answer, of a second run where sudo has learned what it needs from the first."""
        done = ask()
        return ask() if self.sudo.heard(of_sudo(done)) else done

    def on_file(
        self, script: str, path: PurePath | str, limit: int, *more: str, seconds: float = FILE_TIME
    ) -> Output:
        """A script about one file. Raises NotFound, NotPermitted, HostError."""
        name = str(path)
        if "\0" in name:
            raise HostError(f"{name!r} is no valid path")

        def ask() -> Output:
            return self.script(script, sanitize(name), limit, name, *more, seconds=seconds)

        done = self.again_with_sudo(ask, said_when_denied)
        if done.exit_code != 0 and not done.truncated:
            raise self._refusal(path, done)
        return done

    def not_permitted(self, path: PurePath | str, deed: str, done: Output) -> NotPermitted:
        """That the account may not, why, and what would let it."""
        why = self.sudo.refused or said(done)
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
