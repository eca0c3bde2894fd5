"""The client's side: a home with keys and known hosts of the test's own, and prompts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.sshd.daemon import SshDaemon, new_key, public_line
from wizard.hosts.remote.host import SshHost
from wizard.hosts.ssh.config import SshFiles
from wizard.hosts.ssh.link import SshLink
from wizard.hosts.ssh.prompt import Question
from wizard.target.model import SshPlace


@dataclass
class ScriptedPrompt:
    """Answers from a list, in order, and keeps what was asked; then nobody answers."""

    answers: Sequence[str] = ()
    asked: list[Question] = field(default_factory=list)

    def __call__(self, question: Question) -> str | None:
        self.asked.append(question)
        left = self.answers[len(self.asked) - 1 :]
        return left[0] if left else None


@dataclass
class ClientHome:
    """A home directory with `key`, an ed25519 key pair, unless there shall be none."""

    home: Path

    def __post_init__(self) -> None:
        (self.home / ".ssh").mkdir(parents=True, mode=0o700)

    @property
    def files(self) -> SshFiles:
        return SshFiles(self.home, self.home / "no-system-config", ())

    @property
    def known_hosts(self) -> Path:
        return self.home / ".ssh" / "known_hosts"

    def key(self, name: str = "id_ed25519", passphrase: str = "") -> str:
        """A new key pair; its public line."""
        return public_line(new_key(self.home / ".ssh" / name, passphrase))

    def configure(self, text: str) -> None:
        (self.home / ".ssh" / "config").write_text(text, encoding="utf-8")

    def knows(self, *daemons: SshDaemon) -> None:
        lines = "".join(f"{daemon.known_host}\n" for daemon in daemons)
        self.known_hosts.write_text(lines, encoding="ascii")

    def link(
        self, daemon: SshDaemon, user: str = "root", prompt: ScriptedPrompt | None = None
    ) -> SshLink:
        return SshLink(SshPlace(daemon.address, user, daemon.port), self.files, prompt)

    def host(self, daemon: SshDaemon, user: str = "root") -> SshHost:
        return SshHost(self.link(daemon, user))
