"""Who we are: keys of the agent and of files, keyboard-interactive, password.

The order is OpenSSH's: keys first, then what has to be typed.
"""

import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko
from paramiko.agent import AgentSSH
from paramiko.ssh_exception import AuthenticationException, BadAuthenticationType, SSHException

from wizard.hosts.ssh.config import SshSettings
from wizard.hosts.ssh.errors import SshError, SshFailure
from wizard.hosts.ssh.prompt import Question, Remembered
from wizard.safety.plain_file import read_plain
from wizard.safety.sanitize import sanitize

ATTEMPTS = 3
"""How often a password or passphrase may be typed."""

_MAX_FACTORS = 4
_MAX_KEY = 1 << 16

_AGENT_TIME = 120.0
"""Seconds for an agent to answer: it may ask somebody to confirm the use of a key."""

_TYPED = ("keyboard-interactive", "password")


@dataclass(slots=True)
class _Attempts:
    """What was tried, for the message that says why nobody was let in."""

    keys: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    typed: bool = False


def authenticate(transport: paramiko.Transport, settings: SshSettings, prompt: Remembered) -> str:
    """Log in, and say how. Raises SshError."""
    tried = _Attempts()
    try:
        allowed = _allowed(transport, settings.user)
        if transport.is_authenticated():
            return "without authentication"
        for _ in range(_MAX_FACTORS):
            how, allowed = _one_factor(transport, settings, prompt, tuple(allowed), tried)
            if transport.is_authenticated():
                return how
            if not how:
                break
    except (SSHException, EOFError, OSError) as error:
        raise _broken_off(settings, tried, error) from None
    raise _refusal(settings, tuple(allowed), prompt, tried)


def _allowed(transport: paramiko.Transport, user: str) -> Sequence[str]:
    try:
        transport.auth_none(user)
    except BadAuthenticationType as told:
        return tuple(told.allowed_types)
    return ()


def _one_factor(
    transport: paramiko.Transport,
    settings: SshSettings,
    prompt: Remembered,
    allowed: Sequence[str],
    tried: _Attempts,
) -> tuple[str, Sequence[str]]:
    """The method that was accepted ("" for none) and what the server still asks for."""
    if "publickey" in allowed:
        for name, key in _keys(settings, prompt, tried):
            tried.keys.append(name)
            try:
                left = transport.auth_publickey(settings.user, key)
            except AuthenticationException:
                continue
            return f"key {name}", left
    if prompt.can_answer:
        for method in _TYPED:
            if method in allowed:
                accepted = _typed(transport, settings, prompt, method, tried)
                if accepted is not None:
                    return method, accepted
    return "", allowed


@dataclass(slots=True)
class _Asker:
    """Asks one round of questions; `refused` where one before it was answered in vain,
    `declined` once the operator gave no answer."""

    who: str
    prompt: Remembered
    refused: bool = False
    given: list[tuple[Question, str]] = field(default_factory=list)
    declined: bool = False

    def ask(self, text: str, secret: bool) -> str:
        again = "that was not accepted, once more: " if self.refused else ""
        question = Question(f"{self.who}: {again}{text}", secret, f"{self.who} {text}")
        answer = None if self.declined else self.prompt(question)
        if answer is None:
            self.declined = True
            return ""
        self.given.append((question, answer))
        return answer

    def keep(self) -> None:
        """The answers were right."""
        for question, answer in self.given:
            self.prompt.accepted(question, answer)


def _typed(
    transport: paramiko.Transport,
    settings: SshSettings,
    prompt: Remembered,
    method: str,
    tried: _Attempts,
) -> Sequence[str] | None:
    """What is left to do after the method was accepted, or None. Raises SshError where the
    operator gives no answer."""
    asked = False
    for _ in range(ATTEMPTS):
        asker = _Asker(f"{settings.user}@{settings.host}", prompt, asked)
        try:
            left = _offer(transport, settings.user, method, asker)
        except BadAuthenticationType:
            return None
        except AuthenticationException:
            if asker.declined:
                raise SshError(
                    SshFailure.WRONG_PASSWORD, f"no password was given for {asker.who}"
                ) from None
            if not asker.given:
                return None
            tried.typed = asked = True
            continue
        asker.keep()
        return left
    return None


def _offer(transport: paramiko.Transport, user: str, method: str, asker: _Asker) -> Sequence[str]:
    if method == "password":
        password = asker.ask("Password: ", True)
        if asker.declined:
            raise AuthenticationException
        return transport.auth_password(user, password, fallback=False)

    # Runs in the transport's own thread, which must not see an exception of ours.
    def handler(_title: str, told: str, prompts: list[tuple[str, bool]]) -> list[str]:
        first = f"{sanitize(told, 200).strip()} ".lstrip()
        return [
            asker.ask(f"{'' if n else first}{sanitize(text, 200)}", not echo)
            for n, (text, echo) in enumerate(prompts)
        ]

    return transport.auth_interactive(user, handler)


def _keys(
    settings: SshSettings, prompt: Remembered, tried: _Attempts
) -> Iterator[tuple[str, paramiko.PKey]]:
    """The keys to try, in their order.

    Keys of the agent that a file names first, then its others, then those of files: a server counts
    every key, and ends the connection after six (MaxAuthTries).
    """
    agent = list(_agent_keys(settings))
    public = {_public_blob(path): path for path in settings.identity_files}
    named = [(key, public[key.asbytes()]) for key in agent if key.asbytes() in public]
    for key, path in named:
        yield from _offers(f"{path} (agent)", key, path)
    if not settings.identities_only:
        for key in agent:
            if key.asbytes() not in public:
                yield f"{sanitize(key.comment or key.get_name(), 80)} (agent)", key
    by_agent = {path for _, path in named}
    for path in settings.identity_files:
        if path not in by_agent and (loaded := _load(path, prompt, tried)) is not None:
            yield from _offers(str(path), loaded, path)


def _offers(name: str, key: paramiko.PKey, path: Path) -> Iterator[tuple[str, paramiko.PKey]]:
    """The key with the certificate that lies beside its file, then alone, as OpenSSH does."""
    certificate = _public_half(Path(f"{path}-cert.pub"))
    if certificate is not None:
        key.public_blob = certificate
        yield f"{name} with its certificate", key
        key.public_blob = None
    yield name, key


def _agent_keys(settings: SshSettings) -> tuple[paramiko.AgentKey, ...]:
    if settings.agent is None:
        return ()
    try:
        return tuple(_Agent(settings.agent).get_keys())
    except (SSHException, OSError):
        return ()


class _Agent(AgentSSH):
    """The agent behind a socket; the library's own knows only the one that SSH_AUTH_SOCK names."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        held = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            held.settimeout(_AGENT_TIME)
            held.connect(str(path))
            self._connect(held)  # type: ignore[attr-defined]
        except BaseException:
            held.close()
            raise


def _public_blob(path: Path) -> bytes:
    """The public half beside the file, or nothing."""
    found = _public_half(Path(f"{path}.pub"))
    return found.key_blob if found is not None else b""


def _public_half(path: Path) -> paramiko.pkey.PublicBlob | None:
    try:
        words = read_plain(path, _MAX_KEY).decode("utf-8").split()
        return paramiko.pkey.PublicBlob.from_string(" ".join(words[:2]))
    except (OSError, ValueError, IndexError, UnicodeError):
        return None


def _load(path: Path, prompt: Remembered, tried: _Attempts) -> paramiko.PKey | None:
    """The key, or None with a note where it cannot be used."""
    try:
        if not path.is_file():
            return None
    except OSError as error:
        tried.notes.append(f"{path} cannot be looked at ({error.strerror})")
        return None
    passphrase: str | None = None
    key_name = f"passphrase {path}"
    question = Question(f"Passphrase of the key {path}: ", True, key_name)
    for attempt in range(ATTEMPTS + 1):
        try:
            # Bytes: paramiko hands a str on to a library that takes none.
            secret: Any = passphrase.encode() if passphrase is not None else None
            key = paramiko.PKey.from_path(path, secret)
        except (TypeError, paramiko.PasswordRequiredException):
            is_locked = True
        except (ValueError, SSHException):
            if passphrase is None:
                tried.notes.append(f"{path} is no private key that can be read")
                return None
            is_locked = True
        except (OSError, paramiko.pkey.UnknownKeyType) as error:
            tried.notes.append(f"{path} cannot be used ({getattr(error, 'strerror', None)})")
            return None
        else:
            if passphrase is not None:
                prompt.accepted(question, passphrase)
            return key
        if is_locked and attempt < ATTEMPTS:
            if attempt:
                text = f"That does not open it. Passphrase of the key {path}: "
                question = Question(text, True, key_name)
            passphrase = prompt(question)
            if not passphrase:
                tried.notes.append(f"{path} needs its passphrase; add it to the agent (ssh-add)")
                return None
    tried.notes.append(f"the passphrase of {path} is wrong")
    return None


def _broken_off(settings: SshSettings, tried: _Attempts, error: Exception) -> SshError:
    if len(tried.keys) > 2:
        return SshError(
            SshFailure.NO_KEY_ACCEPTED,
            f"{settings.host} ended the login of {settings.user} after {len(tried.keys)} keys",
            "set IdentityFile and IdentitiesOnly yes for it in ~/.ssh/config",
        )
    return SshError(
        SshFailure.LOST,
        f"{settings.host} broke off the login of {settings.user} "
        f"({sanitize(str(error)) or 'closed'})",
        "look at sshd's own log on the host",
    )


def _refusal(
    settings: SshSettings, allowed: Sequence[str], prompt: Remembered, tried: _Attempts
) -> SshError:
    who = f"{settings.user} on {settings.host}"
    if tried.typed:
        return SshError(
            SshFailure.WRONG_PASSWORD, f"the password of {who} was not accepted", "try again"
        )
    methods = ", ".join(sanitize(m, 40) for m in allowed) or "nothing"
    if not {"publickey", *_TYPED} & set(allowed):
        return SshError(
            SshFailure.METHOD_NOT_ALLOWED,
            f"{settings.host} lets {settings.user} in only by {methods}, which is not offered here",
            "allow publickey for the account in sshd_config (AuthenticationMethods)",
        )
    if "publickey" not in allowed:
        return SshError(
            SshFailure.METHOD_NOT_ALLOWED,
            f"{settings.host} takes no keys for {settings.user}, only {methods}",
            "run in a terminal, where the password can be asked for",
        )
    keys = f"{', '.join(tried.keys)} {'was' if len(tried.keys) == 1 else 'were'} refused"
    notes = "; ".join([keys if tried.keys else "there was no key to offer", *tried.notes])
    advice = "add the public key to the account's authorized_keys, or name another user or key"
    if not prompt.can_answer and set(_TYPED) & set(allowed):
        advice += "; in a terminal the password would be asked for"
    return SshError(SshFailure.NO_KEY_ACCEPTED, f"no key of ours opens {who}: {notes}", advice)
