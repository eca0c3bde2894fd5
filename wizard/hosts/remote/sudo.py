"""sudo(8) on the other side, with the operator's password where it asks for one.

Each refused try is written to a log there and may be mailed to its administrator, so nothing
is tried twice. The password is kept in memory, and goes to sudo through stdin alone.
"""

import re
import threading

from wizard.hosts.remote import scripts
from wizard.hosts.ssh.link import SshLink
from wizard.hosts.ssh.prompt import Question
from wizard.safety.sanitize import sanitize
from wizard.target.model import Secret

CHECK_TIME = 30.0
"""Seconds for sudo to judge a password: PAM makes a wrong one wait."""

ATTEMPTS = 2
"""How often the password may be typed."""

WANTS_PASSWORD = "a password is required"
_WRONG = ("Sorry, try again", "incorrect password", "no password was provided")

_NO_NAME = re.compile(r"sudo: unable to resolve host .*?(?=sudo: |$)", re.S)
"""A remark of sudo where a machine does not know its own name; it goes on all the same."""


class Sudo:
    """`refused` is why it is not used any more, or "". May be used from several threads."""

    def __init__(self, link: SshLink) -> None:
        self.refused = ""
        self._link = link
        self._lock = threading.Lock()
        self._password: Secret | None = None

    @property
    def may_ask(self) -> bool:
        """Whether a script asks it without a password."""
        return not self.refused and self._password is None

    def words(self) -> tuple[str, bytes]:
        """What goes before a script that may use sudo, and what that reads from stdin. Both at
        once: another thread may learn the password meanwhile."""
        if self.refused:
            return scripts.SUDO_REFUSED, b""
        if (password := self._password) is not None:
            return scripts.SUDO_WITH_PASSWORD, password.reveal().encode() + b"\n"
        return scripts.SUDO_WITHOUT_PASSWORD, b""

    def heard(self, said: str) -> bool:
        """Note what a script said of sudo; whether it is worth running again.

        The second time it has the password. Raises HostError where the connection breaks meanwhile.
        """
        said = _NO_NAME.sub("", said).strip()
        with self._lock:
            if self.refused or "sudo: " not in said:
                return False
            if WANTS_PASSWORD in said and self._password is not None:
                # Another thread has asked meanwhile.
                return True
            self.refused = said
            if WANTS_PASSWORD not in said or not self._link.can_ask:
                return False
            return self._asked()

    def _asked(self) -> bool:
        who = self._link.who
        why = "some files there need sudo"
        for _ in range(ATTEMPTS):
            text = f"{who}: {why}. Password for sudo (empty: go on without): "
            question = Question(text, secret=True, key=f"sudo {who}")
            why = "sudo did not accept that password, once more"
            answer = self._link.ask(question)
            if not answer:
                return False
            said = self._check(answer)
            if not said:
                self.refused, self._password = "", Secret(answer)
                return True
            self.refused = said
            if not any(words in said for words in _WRONG):
                return False
        self.refused = "sudo did not accept the password"
        return False

    def _check(self, password: str) -> str:
        """What sudo says against the password, or ""."""
        line = scripts.command_line(scripts.SUDO_WITH_PASSWORD + scripts.SUDO_CHECK)
        stdin = password.encode() + b"\n"
        done = self._link.run(line, "sudo", CHECK_TIME, 4096, stdin)
        said = sanitize(done.stderr.decode("utf-8", "replace").strip(), 200)
        return "" if done.exit_code == 0 else said or f"sudo: exit code {done.exit_code}"
