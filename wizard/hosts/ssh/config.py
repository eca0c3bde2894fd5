"""What `~/.ssh/config` and `/etc/ssh/ssh_config` say about a host: ssh_config(5)."""

import getpass
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import paramiko.config
from paramiko import SSHConfig
from paramiko.ssh_exception import SSHException

from wizard.hosts.ssh.errors import SshError, SshFailure
from wizard.safety.plain_file import read_plain
from wizard.target.model import SshPlace
from wizard.target.ssh_place import ssh_place

CONNECT_TIMEOUT = 10.0
"""Seconds, where ConnectTimeout is not set."""

KEEPALIVE = 4.5
"""Seconds between keepalives at most: a loss is noticed after two of them, within 10 s."""

_MAX_CONFIG = 1 << 20
_MAX_INCLUDES = 16
_MAX_FILES = 256
_DEFAULT_KEYS = ("id_ed25519", "id_ecdsa", "id_rsa")


_MATCH_TIME = 10.0
"""Seconds that a command of `Match exec` may take."""


@dataclass(frozen=True, slots=True)
class _Ran:
    ok: bool


class _MatchExec:
    """Runs the command of a `Match exec`.

    The library's own way would read the terminal, and is there only where another package is
    installed.
    """

    @staticmethod
    def run(command: str, **_options: object) -> _Ran:
        try:
            done = subprocess.run(
                ["/bin/sh", "-c", command],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_MATCH_TIME,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return _Ran(False)
        return _Ran(done.returncode == 0)


paramiko.config.invoke = _MatchExec  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class SshFiles:
    """Where the account keeps its SSH files, and those of the whole machine.

    `options` are lines of ssh_config(5) that win over those of the files.
    """

    home: Path
    system_config: Path = Path("/etc/ssh/ssh_config")
    system_known_hosts: tuple[Path, ...] = (
        Path("/etc/ssh/ssh_known_hosts"),
        Path("/etc/ssh/ssh_known_hosts2"),
    )
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SshSettings:
    """How to reach one host, with every default filled in; times in seconds.

    `known_hosts` are the account's files, the first of which takes new keys. `key_name` is the
    name that the host's key is looked up by (HostKeyAlias, else the host name). `agent` is the
    socket of the agent to ask, None where none is to be.
    """

    place: SshPlace
    host: str
    port: int
    user: str
    identity_files: tuple[Path, ...]
    identities_only: bool
    agent: Path | None
    jumps: tuple[SshPlace, ...]
    proxy_command: str | None
    connect_timeout: float
    keepalive: float
    known_hosts: tuple[Path, ...]
    system_known_hosts: tuple[Path, ...]
    hash_known_hosts: bool
    never_ask: bool
    key_alias: str | None

    @property
    def key_name(self) -> str:
        return self.key_alias or self.host


def settings_for(place: SshPlace, files: SshFiles) -> SshSettings:
    """The settings for `place`; what it names itself wins. Raises SshError."""
    found = _lookup(place, files)
    jump = _text(found, "proxyjump")
    command = _text(found, "proxycommand")
    alias = _text(found, "hostkeyalias")
    return SshSettings(
        place=place,
        host=_text(found, "hostname") or place.host,
        port=place.port or _number(found, "port", 22),
        user=place.user or _text(found, "user") or _own_name(place),
        identity_files=_identity_files(found, files.home),
        identities_only=_is_yes(found, "identitiesonly"),
        agent=_agent(_text(found, "identityagent"), files.home),
        jumps=_jumps(jump),
        proxy_command=None if command.lower() in ("", "none") else _named(command, place),
        connect_timeout=float(_number(found, "connecttimeout", 0)) or CONNECT_TIMEOUT,
        keepalive=min(float(_number(found, "serveraliveinterval", 0)) or KEEPALIVE, KEEPALIVE),
        known_hosts=_known_hosts(found, files.home),
        system_known_hosts=files.system_known_hosts,
        hash_known_hosts=_is_yes(found, "hashknownhosts"),
        never_ask=_is_yes(found, "stricthostkeychecking"),
        key_alias=alias or None,
    )


def _own_name(place: SshPlace) -> str:
    """This account's; a number that has no name is met in containers. Raises SshError."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise SshError(
            SshFailure.SETTINGS,
            "this account has no name to log in with",
            f"say as whom: USER@{place.host}",
        ) from None


def _lookup(place: SshPlace, files: SshFiles) -> dict[str, str | list[str]]:
    host, own = place.host, files.home / ".ssh" / "config"
    # The first value wins, and the last Host block of the account's file must not go on.
    texts = (
        "\n".join((*_given(place), *files.options)),
        _included(own, files.home),
        _included(files.system_config, files.home),
    )
    text = "\nHost *\n".join(texts)
    try:
        return dict(SSHConfig.from_text(text).lookup(host))
    except (SSHException, ImportError, ValueError, KeyError, OSError) as error:
        # Its own words tell a line; those of Python about a value tell an operator nothing.
        why = f" ({error})" if isinstance(error, SSHException | ImportError | OSError) else ""
        raise SshError(
            SshFailure.SETTINGS,
            f"the settings for {host} in {own} or {files.system_config} are not understood{why}",
            "give the host a Host block of its own",
        ) from None


def _given(place: SshPlace) -> tuple[str, ...]:
    """What the place itself says, as options: the tokens of others (`%p`, `%r`) stand for it."""
    user = (f'User "{place.user}"',) if place.user else ()
    return (*user, f"Port {place.port}") if place.port else user


def _named(command: str, place: SshPlace) -> str:
    """`%n` is the name as it was given (ssh_config(5)); the library does not know it."""
    return re.sub("%[%n]", lambda found: place.host if found[0] == "%n" else "%%", command)


def _agent(named: str, home: Path) -> Path | None:
    """IdentityAgent: `none`, a path, a variable that holds one, or nothing said."""
    if named.lower() == "none":
        return None
    variable = named.removeprefix("$") if named.startswith("$") else "SSH_AUTH_SOCK"
    if named not in ("", "SSH_AUTH_SOCK") and not named.startswith("$"):
        return _at_home(named, home)
    path = os.environ.get(variable.strip("{}"), "")
    return Path(path) if path else None


def _included(
    path: Path, home: Path, read: list[Path] | None = None, above: tuple[Path, ...] = ()
) -> str:
    """The file's text with its Include lines replaced by what they name.

    The block that an Include stands in goes on after it (ssh_config(5)). A file that includes
    itself, by whatever way, brings nothing more; `read` are the files so far, each as often as it
    was read, for many that include each other would never end.
    """
    read = [] if read is None else read
    if path in above or len(above) > _MAX_INCLUDES or len(read) >= _MAX_FILES:
        return ""
    try:
        if not path.is_file():
            return ""
        read.append(path)
        text = read_plain(path, _MAX_CONFIG).decode("utf-8", "replace")
    except OSError:
        return ""
    lines: list[str] = []
    block = "Host *"
    for line in text.splitlines():
        words = line.replace("=", " ", 1).split()
        keyword = words[0].lower() if words else ""
        if keyword in ("host", "match"):
            block = line
        if keyword != "include":
            lines.append(line)
        else:
            for pattern in words[1:]:
                for file in _matching(pattern.strip('"'), path, home):
                    lines += [_included(file, home, read, (*above, path)), block]
    return "\n".join(lines)


def _matching(pattern: str, including: Path, home: Path) -> list[Path]:
    base = including.parent
    if pattern.startswith("~/"):
        base, pattern = home, pattern[2:]
    elif pattern.startswith("/"):
        base, pattern = Path("/"), pattern.lstrip("/")
    try:
        return sorted(base.glob(pattern))
    except (ValueError, OSError):
        return []


def _text(found: dict[str, str | list[str]], name: str) -> str:
    value = found.get(name) or ""
    return (value[0] if isinstance(value, list) else value).strip()


def _number(found: dict[str, str | list[str]], name: str, default: int) -> int:
    text = _text(found, name)
    return int(text) if text.isascii() and text.isdecimal() else default


def _is_yes(found: dict[str, str | list[str]], name: str) -> bool:
    return _text(found, name).lower() in ("yes", "true")


def _identity_files(found: dict[str, str | list[str]], home: Path) -> tuple[Path, ...]:
    named = found.get("identityfile") or []
    if named:
        return tuple(_at_home(name, home) for name in named if name.lower() != "none")
    return tuple(home / ".ssh" / name for name in _DEFAULT_KEYS)


def _known_hosts(found: dict[str, str | list[str]], home: Path) -> tuple[Path, ...]:
    named = _text(found, "userknownhostsfile").split()
    if not named:
        return (home / ".ssh" / "known_hosts", home / ".ssh" / "known_hosts2")
    return tuple(_at_home(name, home) for name in named if name.lower() != "none")


def _at_home(name: str, home: Path) -> Path:
    plain = name.strip('"').replace("%d", str(home))
    own = str(Path("~").expanduser())
    # The configuration's reader has already put the real home in for a tilde.
    if plain.startswith(own + "/") and own != str(home):
        plain = str(home) + plain.removeprefix(own)
    return home / plain[2:] if plain.startswith("~/") else Path(plain)


def _jumps(text: str) -> tuple[SshPlace, ...]:
    if text.lower() in ("", "none"):
        return ()
    try:
        return tuple(ssh_place(part.strip().removeprefix("ssh://")) for part in text.split(","))
    except ValueError as error:
        raise SshError(SshFailure.SETTINGS, f"ProxyJump: {error}") from None
