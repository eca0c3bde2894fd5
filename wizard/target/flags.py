"""The flags that name a target, as in the mysql client, and what they say."""

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from wizard.safety.sanitize import sanitize
from wizard.target.model import Secret, Sources, SshPlace, SslMode
from wizard.target.ssh_place import ssh_place
from wizard.target.url import UrlError, UrlTarget, parse_url, raw_password
from wizard.units import LAST_PORT, whole_number

_PROMPT = "--password-prompt"
_DASHES = re.compile(r"(--[a-z][a-z-]*|-[A-Za-z])=?--")

_MESSAGE = 320
"""Characters of what is wrong with the command line."""


@dataclass(frozen=True, slots=True)
class TargetArguments:
    """What the command line says about the target; None where it is silent.

    `ask_password` is a bare `-p`. `ssh_options` are lines of ssh_config(5)
    that win over the files. `warnings` are lines for the operator (a password in argv).
    """

    host: str | None = None
    port: int | None = None
    user: str | None = None
    password: Secret | None = None
    ask_password: bool = False
    password_file: Path | None = None
    socket: str | None = None
    protocol: str | None = None
    defaults_file: Path | None = None
    defaults_extra_file: Path | None = None
    defaults_group_suffix: str = ""
    login_path: str | None = None
    ssl_mode: SslMode | None = None
    ssl_ca: Path | None = None
    ssl_cert: Path | None = None
    ssl_key: Path | None = None
    server_public_key_path: Path | None = None
    get_server_public_key: bool = False
    url: UrlTarget | None = None
    ssh: SshPlace | None = None
    app_ssh: SshPlace | None = None
    ssh_options: tuple[str, ...] = ()
    sources: Sources = field(default_factory=Sources)
    since: str | None = None
    until: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def names_server(self) -> bool:
        """Whether the operator said which server; otherwise the caller may look for one."""
        return any(
            given is not None
            for given in (
                self.host, self.port, self.socket, self.protocol,
                self.defaults_file, self.login_path, self.url, self.ssh,
            )
        ) or bool(self.defaults_group_suffix)  # fmt: skip

    @property
    def names_address(self) -> bool:
        """Whether the command line itself holds a part of the server's address."""
        given = (self.host, self.port, self.socket, self.protocol, self.url)
        return any(part is not None for part in given)


_OURS = re.compile(r"(?:argument [^:]{1,80}: )?(?:unrecognized arguments: )?")


class TargetParser(argparse.ArgumentParser):
    """An ArgumentParser in which `-p` takes a password only where it is attached.

    argparse would swallow the word after a bare `-p`; the mysql client never does. `-h` is
    the host, so `--help` is the only way to ask for help.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("add_help", False)
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(*args, **kwargs)
        self.add_argument("--help", action="help", help="show this help and exit")

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        words = list(sys.argv[1:] if args is None else args)
        # argparse drops a "--" that is a value, and gives the flag an empty list.
        flags = words[: words.index("--")] if "--" in words else words
        for found in filter(None, map(_DASHES.fullmatch, flags)):
            self.error(f"argument {found[1]}: '--' is no value; give one, or leave the flag out")
        return super().parse_known_args(attached_passwords(words), namespace)

    def error(self, message: str) -> NoReturn:
        """One line, which the usage's twenty would hide. Control characters in it are shown."""
        told = sanitize(_shortened(_without_secrets(message)), _MESSAGE)
        self.exit(2, f"{self.prog}: {told}; {self.prog} --help tells what there is\n")


def _without_secrets(message: str) -> str:
    """What was typed may hold a password: in a URL, or in a flag that is spelled wrong."""
    from wizard.safety.redact import mask_secrets

    ours = _OURS.match(message)
    begin = ours.end() if ours else 0
    return message[:begin] + mask_secrets(message[begin:]).text


def _shortened(message: str) -> str:
    """The flag at its begin and what there is at its end, without the midst of a long value."""
    half = _MESSAGE // 2 - 1
    return message if len(message) <= _MESSAGE else f"{message[:half]}…{message[-half:]}"


def attached_passwords(words: Sequence[str]) -> list[str]:
    """`words` with `-p` and `--password` in a form that argparse reads as the client does."""
    end = list(words).index("--") if "--" in words else len(words)
    return [_attached(word) for word in words[:end]] + list(words[end:])


def _attached(word: str) -> str:
    if word in ("-p", "--password"):
        return _PROMPT
    if word.startswith("-p"):
        return f"--password={word[2:]}"
    return word


def add_target_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the TARGET flags to a TargetParser."""
    add = parser.add_argument_group("target").add_argument
    add("url", nargs="?", metavar="URL", type=_parsed_url,
        help="mysql://user@host:port/database")  # fmt: skip
    add("-h", "--host", metavar="HOST", help="the server's host")
    add("-P", "--port", type=_port, metavar="PORT", help="the server's port")
    add("-u", "--user", metavar="USER", help="the account")
    add("-p", "--password", type=Secret, metavar="[PASSWORD]",
        help="ask for the password; one given here is for all to see")  # fmt: skip
    add(_PROMPT, action="store_true", help=argparse.SUPPRESS)
    add("--password-file", type=given_path, metavar="FILE", help="read the password from a file")
    add("-S", "--socket", metavar="PATH", help="the server's Unix socket")
    add("--protocol", type=str.upper, choices=("TCP", "SOCKET"),
        help="connect this way, whatever the host")  # fmt: skip
    add("--ssh", type=_ssh_place, metavar="[USER@]HOST[:PORT]",
        help="the database host: look at it, and reach the server, through SSH")  # fmt: skip
    add("--app-ssh", type=_ssh_place, metavar="[USER@]HOST[:PORT]",
        help="the application's host, for the network between the two")  # fmt: skip
    _add_option_files(add)
    _add_tls(add)
    _add_sources(parser.add_argument_group("logs and window").add_argument)


def _add_option_files(add: Callable[..., object]) -> None:
    add("--defaults-file", type=given_path, metavar="FILE", help="read this option file only")
    add("--defaults-extra-file", type=given_path, metavar="FILE", help="read this option file too")
    add("--defaults-group-suffix", default="", metavar="SUFFIX",
        help="also read the groups with this suffix")  # fmt: skip
    add("--login-path", metavar="NAME", help="read this path of ~/.mylogin.cnf")


def _add_tls(add: Callable[..., object]) -> None:
    add("--ssl-mode", type=_ssl_mode, metavar="MODE",
        help="DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY")  # fmt: skip
    add("--ssl-ca", type=given_path, metavar="FILE", help="certificates to trust")
    add("--ssl-cert", type=given_path, metavar="FILE", help="the client's certificate")
    add("--ssl-key", type=given_path, metavar="FILE", help="the client certificate's key")
    add("--server-public-key-path", type=given_path, metavar="FILE",
        help="the server's public key, for passwords without TLS")  # fmt: skip
    add("--get-server-public-key", action="store_true",
        help="take the public key that the server sends, unseen")  # fmt: skip


def _add_sources(add: Callable[..., object]) -> None:
    add("--error-log", type=given_path, metavar="PATH", help="the server's error log")
    add("--general-log", type=given_path, metavar="PATH", help="the server's general query log")
    add("--slow-log", type=given_path, metavar="PATH", help="the server's slow query log")
    add("--app-log", type=given_path, action="append", default=[], metavar="PATH",
        help="an application's log (repeatable)")  # fmt: skip
    add("--since", metavar="WHEN", help="look back to: 2h, 30m, 1d or a time (default 2h)")
    add("--until", metavar="WHEN", help="look up to (default: now)")


def target_arguments(namespace: argparse.Namespace) -> TargetArguments:
    """What the parsed flags say. Takes passwords out of this process's argument list."""
    typed: _TypedUrl | None = namespace.url
    password: Secret | None = namespace.password
    return TargetArguments(
        host=namespace.host,
        port=namespace.port,
        user=namespace.user,
        password=password,
        ask_password=namespace.password_prompt and password is None,
        password_file=namespace.password_file,
        socket=namespace.socket,
        protocol=namespace.protocol,
        defaults_file=namespace.defaults_file,
        defaults_extra_file=namespace.defaults_extra_file,
        defaults_group_suffix=namespace.defaults_group_suffix,
        login_path=namespace.login_path,
        ssl_mode=namespace.ssl_mode,
        ssl_ca=namespace.ssl_ca,
        ssl_cert=namespace.ssl_cert,
        ssl_key=namespace.ssl_key,
        server_public_key_path=namespace.server_public_key_path,
        get_server_public_key=namespace.get_server_public_key,
        url=typed.target if typed else None,
        ssh=namespace.ssh,
        app_ssh=namespace.app_ssh,
        sources=Sources(
            namespace.error_log,
            tuple(namespace.app_log),
            namespace.slow_log,
            namespace.general_log,
        ),
        since=namespace.since,
        until=namespace.until,
        warnings=_conceal_all(password, typed.raw_password if typed else None),
    )


def _conceal_all(*passwords: Secret | None) -> tuple[str, ...]:
    given = [secret.reveal() for secret in passwords if secret is not None and secret.reveal()]
    if not given:
        return ()
    # Brings ctypes, which most starts do without.
    from wizard.safety.hide_argument import conceal

    hidden = [conceal(secret) for secret in given]
    if all(hidden):
        return (
            "a password on the command line was visible to other accounts for a moment and "
            "stays in the shell's history; use -p, --password-file or ~/.my.cnf",
        )
    return (
        "a password on the command line is visible to other accounts in the process list; "
        "use -p, --password-file or ~/.my.cnf",
    )


@dataclass(frozen=True, slots=True)
class _TypedUrl:
    """A URL's meaning, and its password as it was typed (percent-encoded)."""

    target: UrlTarget
    raw_password: Secret | None


def _parsed_url(text: str) -> _TypedUrl:
    try:
        return _TypedUrl(parse_url(text), raw_password(text))
    except UrlError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _port(text: str) -> int:
    port = whole_number(text, LAST_PORT)
    if not port:
        # -P for -p is typed easily: what cannot be meant for a port is not said again.
        named = repr(text[:20]) if re.fullmatch(r"[-+\d.]*", text) else "that"
        hint = "" if named != "that" else "; a password is given with -p"
        raise argparse.ArgumentTypeError(f"{named} is no port: give 1 to {LAST_PORT}{hint}")
    return port


def _ssh_place(text: str) -> SshPlace:
    try:
        return ssh_place(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _ssl_mode(text: str) -> SslMode:
    try:
        return SslMode(text.upper())
    except ValueError:
        modes = ", ".join(SslMode)
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is none of {modes}") from None


def given_path(text: str) -> Path:
    """The path of a flag. A script's empty variable is none: Path("") would be the folder here."""
    if not text:
        raise argparse.ArgumentTypeError("it names no file; give its path, or leave the flag out")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        if "/" not in text:
            # A file's name that begins so: the shell leaves it as it is, too.
            return Path(text)
        raise argparse.ArgumentTypeError(
            f"{text[:60]!r} names a home that does not exist here"
        ) from None
