"""A program of ours on a host that has Python: handed over on stdin, written nowhere.

Only where the account itself may read the file: no program of ours runs with sudo.
"""

from collections.abc import Callable

from wizard.hosts.protocol import Unfinished
from wizard.hosts.remote import scripts
from wizard.hosts.remote.log_answers import MAX_ANSWER
from wizard.hosts.ssh.command import Output
from wizard.hosts.ssh.link import SshLink
from wizard.safety.sanitize import decode, sanitize
from wizard.units import duration

SECONDS = 600.0
"""Without any progress: a reading tells how far it is, goes on as long as it does, and can be
stopped. What tells nothing of itself is a packed file's way to the window."""

BEGINS = 20.0
"""Until it says that it runs: what stands in Python's place there may hang."""

NONE_HERE = 8

_NOT_BEGUN = (3, 4, 5, NONE_HERE)
"""Exit codes of a file that is none or may not be read, and of a host without Python."""

SAYS = b"\x01"
"""Begins a line of progress on stderr."""

_HELLO = r"import sys; sys.stderr.write('\x01\n'); sys.stderr.flush()" + "\n"

# $2: what takes our program from stdin. RHEL 8 has its Python 3.6 in a place of its own.
_PYTHON = (
    scripts.SUDO_REFUSED
    + scripts.READABLE
    + f"""case $mode in 8???) ;; *) exit 5 ;; esac
for python in python3 /usr/libexec/platform-python; do
command -v "$python" >/dev/null 2>&1 && exec "$python" -I -S -c "$2"
done
exit {NONE_HERE}"""
)


class PythonThere:
    """Remembers where there is none, so that it is asked once."""

    def __init__(self, link: SshLink) -> None:
        self._link = link
        self._has_none = False

    def forget(self) -> None:
        """It is looked for again."""
        self._has_none = False

    def run(self, path: str, code: str, given: bytes, say: Callable[[str], None]) -> bytes | None:
        """What the program answers; None where it cannot run. Raises Unfinished where it came to
        no end, HostError where the operator stopped it or the connection is gone."""
        if self._has_none or "\0" in path:
            return None
        lines = _Lines(say)
        try:
            done = self._link.run(
                scripts.command_line(_PYTHON, path, _HELLO + code),
                sanitize(path),
                SECONDS,
                MAX_ANSWER,
                given,
                lines.hear,
                BEGINS,
            )
        except Unfinished:
            self._has_none = not lines.heard
            if lines.heard:
                raise
            raise Unfinished(f"Python there did not begin within {duration(BEGINS)}") from None
        self._has_none = done.exit_code == NONE_HERE
        if done.truncated:
            raise Unfinished(f"{sanitize(path)} gave more than {MAX_ANSWER >> 20} MiB of answer")
        if done.exit_code not in (0, *_NOT_BEGUN):
            raise Unfinished(f"{sanitize(path)}: {_last_words(done)}")
        return None if done.exit_code else done.stdout


def _last_words(done: Output) -> str:
    lines = [line for line in done.stderr.splitlines() if line and not line.startswith(SAYS)]
    ended = "a signal" if done.exit_code < 0 else f"exit code {done.exit_code}"
    return f"Python ended with {ended}" + (f" ({decode(lines[-1], 200)})" if lines else "")


class _Lines:
    """Passes on the lines of progress."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._rest = b""
        self.heard = False

    def hear(self, data: bytes) -> bool:
        """Whether there was one."""
        *lines, self._rest = (self._rest[-4096:] + data).split(b"\n")
        told = [line for line in lines if line.startswith(SAYS)]
        self.heard = self.heard or bool(told)
        for line in told:
            if len(line) > len(SAYS):
                self._say(decode(line[1:], 200))
        return bool(told)
