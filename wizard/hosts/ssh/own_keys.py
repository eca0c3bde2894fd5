"""Keys to log in with: those of the agent, and of files."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paramiko
from paramiko.agent import AgentSSH
from paramiko.ssh_exception import SSHException

from wizard.hosts.ssh.config import SshSettings
from wizard.hosts.ssh.prompt import Question, Remembered
from wizard.safety.plain_file import read_plain
from wizard.safety.sanitize import sanitize

TYPED_ATTEMPTS = 3
"""How often a password or passphrase may be typed."""

AGENT_TIME = 120.0
"""Seconds for an agent to answer: it may ask somebody to confirm the use of a key."""

_MAX_KEY = 1 << 16


def own_keys(
    settings: SshSettings, prompt: Remembered, notes: list[str]
) -> Iterator[tuple[str, paramiko.PKey]]:
    """The keys to try, in their order; `notes` takes why one cannot be used.

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
        if path not in by_agent and (loaded := _load(path, prompt, notes)) is not None:
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
            held.settimeout(AGENT_TIME)
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


def _load(path: Path, prompt: Remembered, notes: list[str]) -> paramiko.PKey | None:
    """The key, or None with a note where it cannot be used."""
    try:
        if not path.is_file():
            return None
    except OSError as error:
        notes.append(f"{path} cannot be looked at ({error.strerror})")
        return None
    passphrase: str | None = None
    key_name = f"passphrase {path}"
    question = Question(f"Passphrase of the key {path}: ", True, key_name)
    for attempt in range(TYPED_ATTEMPTS + 1):
        try:
            # Bytes: paramiko hands a str on to a library that takes none.
            secret: Any = passphrase.encode() if passphrase is not None else None
            key = paramiko.PKey.from_path(path, secret)
        except (TypeError, paramiko.PasswordRequiredException):
            is_locked = True
        except (ValueError, SSHException):
            if passphrase is None:
                notes.append(f"{path} is no private key that can be read")
                return None
            is_locked = True
        except (OSError, paramiko.pkey.UnknownKeyType) as error:
            notes.append(f"{path} cannot be used ({getattr(error, 'strerror', None)})")
            return None
        else:
            if passphrase is not None:
                prompt.accepted(question, passphrase)
            return key
        if is_locked and attempt < TYPED_ATTEMPTS:
            if attempt:
                text = f"That does not open it. Passphrase of the key {path}: "
                question = Question(text, True, key_name)
            passphrase = prompt(question)
            if not passphrase:
                notes.append(f"{path} needs its passphrase; add it to the agent (ssh-add)")
                return None
    notes.append(f"the passphrase of {path} is wrong")
    return None
