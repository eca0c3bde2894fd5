"""The known_hosts files: what they say of a host's key, and how a new key is added.

Format: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". paramiko's own reader skips the markers, so a
revoked key would pass as an unknown one.
"""

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from wizard.hosts.ssh.errors import SshError, SshFailure
from wizard.hosts.ssh.patterns import fits
from wizard.safety.plain_file import read_plain
from wizard.safety.state_directory import make_private

_MAX_FILE = 8 << 20


class KeyState(Enum):
    TRUSTED = auto()
    UNKNOWN = auto()
    CHANGED = auto()
    REVOKED = auto()


@dataclass(frozen=True, slots=True)
class KeyVerdict:
    """What is known of a key; `where` is the file and line that says so, or ""."""

    state: KeyState
    where: str = ""


@dataclass(frozen=True, slots=True)
class KnownHost:
    """One line; `marker` is "", "@revoked" or "@cert-authority"."""

    where: str
    marker: str
    patterns: str
    key: bytes

    @property
    def key_type(self) -> str:
        length = int.from_bytes(self.key[:4], "big")
        return self.key[4 : 4 + length].decode("ascii", "replace")


def read_entries(paths: Sequence[Path]) -> tuple[KnownHost, ...]:
    """All entries of the files that exist. Raises SshError for one that may not be read: it may
    revoke a key."""
    return tuple(entry for path in paths for entry in _entries(path))


def _entries(path: Path) -> Iterator[KnownHost]:
    try:
        text = read_plain(path, _MAX_FILE).decode("utf-8", "replace")
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise SshError(
            SshFailure.SETTINGS,
            f"{path} cannot be read ({error.strerror})",
            "it says which host keys are trusted: correct its owner and mode",
        ) from None
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        marker = words.pop(0) if words[0].startswith("@") else ""
        if len(words) < 3:
            continue
        with contextlib.suppress(binascii.Error, ValueError):
            key = base64.b64decode(words[2], validate=True)
            yield KnownHost(f"{path}, line {number}", marker, words[0], key)


def lookup_name(host: str, port: int) -> str:
    """How known_hosts writes a host: a port other than 22 with brackets."""
    return host.lower() if port == 22 else f"[{host.lower()}]:{port}"


def judge(entries: Sequence[KnownHost], name: str, key: bytes) -> KeyVerdict:
    """What the entries say of `key` (an SSH wire blob) for `name` (see lookup_name).

    A host that is known by another key only has changed, whatever the type of the new one.
    """
    matching = [e for e in entries if _matches(e.patterns, name)]
    if where := revoked(entries, name, key):
        return KeyVerdict(KeyState.REVOKED, where)
    plain = [e for e in matching if not e.marker]
    for entry in plain:
        if entry.key == key:
            return KeyVerdict(KeyState.TRUSTED, entry.where)
    if plain:
        return KeyVerdict(KeyState.CHANGED, plain[0].where)
    return KeyVerdict(KeyState.UNKNOWN)


def revoked(entries: Sequence[KnownHost], name: str, *keys: bytes) -> str:
    """The file and line that revokes one of `keys` for `name`, or ""."""
    return next(
        (
            entry.where
            for entry in entries
            if entry.marker == "@revoked" and entry.key in keys and _matches(entry.patterns, name)
        ),
        "",
    )


def authorities(entries: Sequence[KnownHost], *names: str) -> tuple[KnownHost, ...]:
    """The lines that trust an authority's certificates for one of `names`."""
    return tuple(
        entry
        for entry in entries
        if entry.marker == "@cert-authority" and any(_matches(entry.patterns, n) for n in names)
    )


def known_types(entries: Sequence[KnownHost], name: str) -> tuple[str, ...]:
    """The key types that `name` is known by, so that the server is asked for one of them."""
    return tuple(
        dict.fromkeys(e.key_type for e in entries if not e.marker and _matches(e.patterns, name))
    )


def _matches(patterns: str, name: str) -> bool:
    if patterns.startswith("|1|"):
        return _hash_matches(patterns, name)
    matched = False
    for pattern in patterns.lower().split(","):
        if pattern.startswith("!"):
            if fits(pattern[1:], name):
                return False
        elif fits(pattern, name):
            matched = True
    return matched


def _hash_matches(hashed: str, name: str) -> bool:
    _, _, salt, digest = (*hashed.split("|"), "", "", "", "")[:4]
    try:
        ours = hmac.new(base64.b64decode(salt), name.encode(), hashlib.sha1).digest()
        return hmac.compare_digest(ours, base64.b64decode(digest))
    except (binascii.Error, ValueError):
        return False


def fingerprint(key: bytes) -> str:
    """As OpenSSH shows it: SHA256 in base64 without padding."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def remember(path: Path, name: str, key_type: str, key: bytes, hashed: bool) -> None:
    """Append the key to `path`, made with mode 0600 where it is not there. Raises SshError."""
    line = f"{_hashed(name) if hashed else name} {key_type} {base64.b64encode(key).decode()}\n"
    try:
        make_private(path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+b") as stream:
            size = os.fstat(stream.fileno()).st_size
            if size and os.pread(stream.fileno(), 1, size - 1) != b"\n":
                line = "\n" + line
            os.write(stream.fileno(), line.encode())
    except OSError as error:
        raise SshError(
            SshFailure.SETTINGS,
            f"the host key cannot be added to {path} ({error.strerror})",
            "correct its owner and mode",
        ) from None


def _hashed(name: str) -> str:
    salt = os.urandom(20)
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"
