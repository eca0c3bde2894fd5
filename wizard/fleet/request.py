"""What is asked of one host: from its variables in Ansible's inventory. Pure.

Every flag of `check` that names a target, a log or the window is a variable `goneaway_FLAG`
(`goneaway_app_log`, a list, repeats it); how to reach the machine is Ansible's own business, and
comes from its connection variables.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wizard.safety.errors import UsageError

PREFIX = "goneaway_"

FLAGS = (
    "host", "port", "user", "socket", "protocol", "password_file", "defaults_file",
    "defaults_extra_file", "defaults_group_suffix", "login_path", "ssl_mode", "ssl_ca", "ssl_cert",
    "ssl_key", "server_public_key_path", "error_log", "general_log", "slow_log", "app_log",
    "app_ssh", "since", "until", "idle_limit", "statement_limit", "packet_limit",
)  # fmt: skip

OWN = ("password", "probe", "python", "time_limit", "file", "fleet")
"""Variables that are no flags; `fleet` is what the command hands to its playbook."""


@dataclass(frozen=True, slots=True)
class Way:
    """How Ansible would reach the machine; without `host` it is this one.

    `options` are lines of ssh_config(5) that win over the account's own.
    """

    host: str = ""
    port: int | None = None
    user: str = ""
    options: tuple[str, ...] = ()
    password: str = field(default="", repr=False)
    sudo_password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class HostRequest:
    """One host to check. `words` are flags of `check` and hold no secret."""

    host: str
    words: tuple[str, ...]
    case: str
    way: Way = Way()
    password: str = field(default="", repr=False)
    groups: tuple[str, ...] = ()


def words_of(variables: Mapping[str, Any], probes: Sequence[str] = ()) -> tuple[str, ...]:
    """The flags that the host's variables ask for. Raises UsageError for an unknown variable."""
    words: list[str] = []
    for name, value in sorted(variables.items()):
        if not name.startswith(PREFIX) or value in (None, ""):
            continue
        flag = name.removeprefix(PREFIX)
        if flag in OWN:
            continue
        if flag not in FLAGS:
            raise UsageError(f"{name} is no variable of goneaway-wizard; there is no such flag")
        words += [f"--{flag.replace('_', '-')}={item}" for item in listed(value)]
    words += [f"--probe={probe}" for probe in (*probes, *listed(variables.get(f"{PREFIX}probe")))]
    return tuple(words)


def listed(value: object) -> list[str]:
    """A variable that may be one value or several."""
    if value in (None, ""):
        return []
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return [str(value)]


def ssh_options(arguments: str, key_file: str = "") -> tuple[str, ...]:
    """Lines of ssh_config(5) for words of ssh(1): -o, -i, -J, -l and -p.

    Others have no meaning here. Raises UsageError for words that no shell understands."""
    lines = [f"IdentityFile {key_file}"] if key_file else []
    try:
        words = iter(shlex.split(arguments))
    except ValueError as error:
        raise UsageError(f"the SSH arguments of the inventory: {error}") from None
    for word in words:
        letter = word[1:2] if word.startswith("-") else ""
        if letter not in _KEYWORDS:
            continue
        value = word[2:] or next(words, "")
        keyword = _KEYWORDS[letter]
        lines.append(f"{keyword} {value}" if keyword else value.replace("=", " ", 1))
    return tuple(line for line in lines if "\n" not in line)


_KEYWORDS = {"o": "", "i": "IdentityFile", "J": "ProxyJump", "l": "User", "p": "Port"}
