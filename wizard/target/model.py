"""The target: which server, and how to reach it. Plain data; nothing here does I/O."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from wizard.target.defaults import DEFAULT_PORT


class SslMode(StrEnum):
    """The mysql client's --ssl-mode values.

    Reference Manual, "Command Options for Encrypted Connections".
    """

    DISABLED = "DISABLED"
    PREFERRED = "PREFERRED"
    REQUIRED = "REQUIRED"
    VERIFY_CA = "VERIFY_CA"
    VERIFY_IDENTITY = "VERIFY_IDENTITY"


@dataclass(frozen=True, slots=True)
class Tls:
    """Paths are None where not given. `public_key` is the server's, for passwords on a
    connection without TLS; `ask_public_key` takes the one that the other side sends."""

    mode: SslMode = SslMode.PREFERRED
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    public_key: Path | None = None
    ask_public_key: bool = False


@dataclass(frozen=True, slots=True)
class Secret:
    """A password. Its repr and str are masked; `reveal` is called only by the connector."""

    value: str = field(repr=False)

    def reveal(self) -> str:
        return self.value

    def __str__(self) -> str:
        return "********"


@dataclass(frozen=True, slots=True)
class SshPlace:
    """A machine to reach over SSH, as the operator named it; None leaves it to ssh_config(5)."""

    host: str
    user: str | None = None
    port: int | None = None

    @property
    def label(self) -> str:
        host = f"[{self.host}]" if ":" in self.host and self.port else self.host
        user = f"{self.user}@" if self.user else ""
        return f"{user}{host}:{self.port}" if self.port else f"{user}{host}"


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect, with every option file, URL and flag already folded in.

    `socket` wins over `host` exactly as in the mysql client (a host of None or `localhost`
    without a port asked for means the socket). `origin` says in words where host, user and
    password came from, for the operator. With `ssh`, host, port and socket are as seen from that
    machine.
    """

    host: str | None = None
    port: int = DEFAULT_PORT
    socket: str | None = None
    user: str = "root"
    password: Secret | None = None
    database: str | None = None
    tls: Tls = Tls()
    origin: str = ""
    server_option_files: tuple[Path, ...] = ()
    ssh: SshPlace | None = None

    @property
    def label(self) -> str:
        """How screens name it; with `ssh` also the machine that the address is seen from."""
        there = f" on {self.ssh.label}" if self.ssh else ""
        if self.socket:
            return f"{self.socket}{there}"
        host = self.host or "localhost"
        bare = f"[{host}]" if ":" in host else host
        return f"{bare}:{self.port}{there}"

    @property
    def path(self) -> str:
        """The way that the driver's bytes take: a part of the diagnosis."""
        if self.ssh is None:
            return "direct"
        return "ssh socket forward" if self.socket else "ssh tcp forward"

    @property
    def is_loopback(self) -> bool:
        """Whether the server is reached without leaving this machine, or the one of `ssh`."""
        host = (self.host or "localhost").lower()
        return (
            self.socket is not None
            or host in ("localhost", "::1", "ip6-localhost")
            or host.startswith("127.")
        )


@dataclass(frozen=True, slots=True)
class Sources:
    """What the operator named beside the server: logs, hosts and the window."""

    error_log: Path | None = None
    app_logs: tuple[Path, ...] = ()
    slow_log: Path | None = None
    general_log: Path | None = None
    pasted: str = ""

    @property
    def logs(self) -> tuple[Path, ...]:
        """All that were named, of whichever kind."""
        servers = (self.error_log, self.general_log, self.slow_log)
        return (*self.app_logs, *(log for log in servers if log is not None))

    @property
    def any_given(self) -> bool:
        """Whether there is an error or a log to read."""
        return bool(self.pasted.strip() or self.logs)
