"""A program of ours on a host that has Python: handed over on stdin, written nowhere.

Only where the account itself may read the file: no program of ours runs with sudo.
"""

from collections.abc import Callable

from wizard.hosts.remote import scripts
from wizard.hosts.remote.log_answers import MAX_ANSWER
from wizard.hosts.ssh.link import SshLink
from wizard.safety.sanitize import decode, sanitize

SECONDS = 900.0
"""A reading tells how far it is, and can be stopped: what bounds it is patience."""

NONE_HERE = 8

SAYS = b"\x01"
"""Begins a line of progress on stderr."""

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

    def run(self, path: str, code: str, given: bytes, say: Callable[[str], None]) -> bytes | None:
        """What the program answers; None where it did not run to its end. Raises HostError where
        the operator stopped it or the connection is gone."""
        if self._has_none or "\0" in path:
            return None
        done = self._link.run(
            scripts.command_line(_PYTHON, path, code),
            sanitize(path),
            SECONDS,
            MAX_ANSWER,
            given,
            _Lines(say).hear,
        )
        self._has_none = done.exit_code == NONE_HERE
        return done.stdout if done.exit_code == 0 and not done.truncated else None


class _Lines:
    """Passes on the lines of progress."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._rest = b""

    def hear(self, data: bytes) -> None:
        *lines, self._rest = (self._rest[-4096:] + data).split(b"\n")
        for line in lines:
            if line.startswith(SAYS):
                self._say(decode(line[1:], 200))
