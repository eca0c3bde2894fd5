"""Host certificates: what is in one, and whether its authority really signed it.

Format: PROTOCOL.certkeys of OpenSSH, the `*-cert-v01@openssh.com` kinds.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import paramiko
from paramiko.ssh_exception import SSHException

from wizard.hosts.ssh.patterns import fits
from wizard.safety.sanitize import sanitize

SUFFIX = "-cert-v01@openssh.com"

HOST = 2
"""SSH_CERT_TYPE_HOST; 1 is a user's."""

_KEY_FIELDS = {
    "ssh-ed25519": 1,
    "ecdsa-sha2-nistp256": 2,
    "ecdsa-sha2-nistp384": 2,
    "ecdsa-sha2-nistp521": 2,
    "ssh-rsa": 2,
}
"""How many fields, each with its length before it, hold the certified public key."""

_MOST = 256
"""Principals that are looked at; ssh-keygen(1) makes no more, and sshd reads no more."""


class BadCertificate(Exception):
    """The bytes are no certificate that can be read."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A host certificate.

    `key` is the certified public key and `authority` that of its signer, both as SSH wire blobs;
    `after` and `before` are epoch seconds, `body` is what `signature` covers.
    """

    key: bytes
    serial: int
    kind: int
    key_id: str
    principals: tuple[str, ...]
    after: int
    before: int
    critical_options: tuple[str, ...]
    authority: bytes
    body: bytes
    signature: bytes

    @property
    def is_signed(self) -> bool:
        """Whether the authority's key made the signature. Raises BadCertificate where that
        cannot be told."""
        kind = _Reader(self.authority).text()
        _require_whole(self.signature)
        try:
            signer = paramiko.PKey.from_type_string(kind, self.authority)
        except (paramiko.pkey.UnknownKeyType, SSHException, ValueError):
            raise BadCertificate(
                f"its authority's key is of the kind {sanitize(kind, 60)}, which cannot be "
                "verified here"
            ) from None
        try:
            return signer.verify_ssh_sig(self.body, paramiko.Message(self.signature))
        except (SSHException, ValueError, IndexError):
            return False


def parse_certificate(blob: bytes) -> Certificate:
    """Raises BadCertificate."""
    reader = _Reader(blob)
    kind = reader.text()
    plain = kind.removesuffix(SUFFIX)
    if plain == kind or plain not in _KEY_FIELDS:
        raise BadCertificate(f"it is of the unknown kind {sanitize(kind, 60)}")
    reader.string()
    key = _string(plain.encode()) + b"".join(
        _string(reader.string()) for _ in range(_KEY_FIELDS[plain])
    )
    serial, cert_type, key_id = reader.number(8), reader.number(4), reader.text()
    principals = tuple(p.decode("utf-8", "replace") for p in _strings(reader.string()))
    after, before = reader.number(8), reader.number(8)
    options = tuple(o.decode("utf-8", "replace") for o in _strings(reader.string())[::2])
    reader.string()
    reader.string()
    authority, body = reader.string(), reader.so_far()
    signature = reader.string()
    if not reader.at_end:
        raise BadCertificate("more follows after its signature")
    return Certificate(
        key, serial, cert_type, key_id, principals, after, before, options, authority, body,
        signature,
    )  # fmt: skip


def fault(certificate: Certificate, host: str, now: float) -> str:
    """What is wrong with it for `host` at `now`;

    "" for nothing. `now` is in epoch seconds; the answer is a clause that begins with `its
    certificate`. The checks of sshkey_cert_check_host in OpenSSH.

    That the authority is trusted is not checked here. A certificate without principals is valid
    for every host (ssh-keygen(1), "-n").
    """
    try:
        if not certificate.is_signed:
            return "its certificate does not bear the signature of its authority"
    except BadCertificate as error:
        return f"its certificate cannot be used: {error}"
    if certificate.kind != HOST:
        return "its certificate is one for a user, not for a host"
    if now < certificate.after:
        return f"its certificate is not valid before {_day(certificate.after)}"
    if now >= certificate.before:
        return f"its certificate expired at {_day(certificate.before)}"
    if certificate.principals and not any(fits(p, host) for p in certificate.principals):
        named = sanitize(", ".join(certificate.principals[:8]), 120)
        return f"its certificate is for {named}, not for {host}"
    if certificate.critical_options:
        options = sanitize(", ".join(certificate.critical_options), 80)
        return f"its certificate demands what is not known here ({options})"
    return ""


def _day(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, ValueError, OSError):
        return "the end of time"


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _strings(data: bytes) -> list[bytes]:
    reader, found = _Reader(data), list[bytes]()
    while not reader.at_end:
        found.append(reader.string())
        if len(found) > _MOST:
            raise BadCertificate("it holds too many names")
    return found


def _require_whole(signature: bytes) -> None:
    """Its name and its bytes and nothing else: the library's own reading forgives more."""
    reader = _Reader(signature)
    reader.string()
    reader.string()
    if not reader.at_end:
        raise BadCertificate("more follows after its signature")


class _Reader:
    """RFC 4251's data types, strictly: what is cut short is an error."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at == len(self._data)

    def so_far(self) -> bytes:
        return self._data[: self._at]

    def number(self, size: int) -> int:
        return int.from_bytes(self._taken(size), "big")

    def string(self) -> bytes:
        return self._taken(self.number(4))

    def text(self) -> str:
        return self.string().decode("utf-8", "replace")

    def _taken(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise BadCertificate("it is cut short")
        taken, self._at = self._data[self._at : end], end
        return taken
