"""Whether the machine that answers is the one that is known by this name."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from wizard.hosts.ssh.config import SshSettings
from wizard.hosts.ssh.errors import SshError, SshFailure
from wizard.hosts.ssh.host_certificate import (
    SUFFIX,
    BadCertificate,
    Certificate,
    fault,
    parse_certificate,
)
from wizard.hosts.ssh.known_hosts import (
    KeyState,
    KeyVerdict,
    KnownHost,
    authorities,
    fingerprint,
    judge,
    known_types,
    lookup_name,
    read_entries,
    remember,
    revoked,
)
from wizard.hosts.ssh.prompt import Question, Remembered


@dataclass(frozen=True, slots=True)
class ShownKey:
    """The public key that the other side holds, and the certificate that it showed.

    Both are SSH wire blobs.
    """

    key_type: str
    key: bytes
    certificate: bytes | None = None

    @property
    def words(self) -> str:
        """As ssh-keygen shows it: ED25519, RSA or ECDSA, and the fingerprint."""
        kind = self.key_type.removeprefix("ssh-").split("-")[0].upper()
        return f"{kind} {fingerprint(self.key)}"


def entries_for(settings: SshSettings) -> tuple[KnownHost, ...]:
    return read_entries((*settings.known_hosts, *settings.system_known_hosts))


def lookup_names(settings: SshSettings) -> tuple[str, ...]:
    """The names that the key is looked up by, the first of which is written.

    HostKeyAlias is looked up as it is, without a port (ssh_config(5)). A host at another port
    than 22 that is not known by it may be known without a port, as OpenSSH has it.
    """
    if settings.key_alias:
        return (settings.key_alias.lower(),)
    return tuple(dict.fromkeys(lookup_name(settings.host, p) for p in (settings.port, 22)))


def preferred_algorithms(
    settings: SshSettings, entries: Sequence[KnownHost], offered: Sequence[str]
) -> tuple[str, ...]:
    """The kinds of host key to ask for, in order, as OpenSSH orders them.

    Certificates where an authority is trusted for the host, then the kinds by which it is known,
    then the others.
    """
    names = lookup_names(settings)
    known = {a for name in names for t in known_types(entries, name) for a in _algorithms(t)}
    first = [t for t in offered if t in known]
    plain = (*first, *(t for t in offered if t not in known))
    if not authorities(entries, *names):
        return plain
    return (*(f"{t}{SUFFIX}" for t in offered), *plain)


def _algorithms(key_type: str) -> tuple[str, ...]:
    return ("rsa-sha2-512", "rsa-sha2-256") if key_type == "ssh-rsa" else (key_type,)


def verify(
    settings: SshSettings, entries: tuple[KnownHost, ...], shown: ShownKey, prompt: Remembered
) -> None:
    """Return if the key is trusted: by its certificate, by a file, or by the operator's yes.

    A certificate that is not good enough leaves the key that it certifies, which may be known
    itself. Raises SshError.
    """
    names = lookup_names(settings)
    certified = _certified(settings, entries, names, shown)
    if certified == "":
        return
    verdict = _judged(entries, names, shown.key)
    because = f"; {certified}" if certified else ""
    name = names[0]
    match verdict.state:
        case KeyState.TRUSTED:
            return
        case KeyState.CHANGED:
            raise SshError(
                SshFailure.HOST_KEY_CHANGED,
                f"the host key of {name} has changed: it shows {shown.words}, and "
                f"{verdict.where} knows another{because}",
                "either the host was set up anew or another machine answers in its place; ask "
                f"its administrator, then remove the old key with: ssh-keygen -R '{name}'",
            )
        case KeyState.REVOKED:
            raise _is_revoked(f"the host key of {name} ({shown.words})", verdict.where)
        case KeyState.UNKNOWN:
            _ask(settings, name, shown, certified or "", prompt)


def _judged(entries: Sequence[KnownHost], names: Sequence[str], key: bytes) -> KeyVerdict:
    """What is known by the first name, or where that is nothing, by the others."""
    for name in names:
        if where := revoked(entries, name, key):
            return KeyVerdict(KeyState.REVOKED, where)
    first = judge(entries, names[0], key)
    if first.state is KeyState.UNKNOWN:
        for name in names[1:]:
            without_port = judge(entries, name, key)
            if without_port.state is KeyState.TRUSTED:
                return without_port
    return first


def _certified(
    settings: SshSettings, entries: Sequence[KnownHost], names: Sequence[str], shown: ShownKey
) -> str | None:
    """ "" where a certificate makes the key trusted, else what is wrong.

    None where no authority speaks for the host. Raises SshError for a certificate that is revoked.
    """
    trusted = authorities(entries, *names)
    if not trusted:
        return None
    if shown.certificate is None:
        return f"{trusted[0].where} trusts it by certificates, and it shows none"
    try:
        certificate = parse_certificate(shown.certificate)
    except BadCertificate as error:
        return f"its certificate cannot be read: {error}"
    if certificate.key != shown.key:
        return "its certificate is for another key"
    _require_not_revoked(entries, names, certificate)
    if certificate.authority not in {entry.key for entry in trusted}:
        return (
            f"its certificate is signed by the authority {fingerprint(certificate.authority)}, "
            f"which is not the one that {trusted[0].where} trusts for it"
        )
    return fault(certificate, settings.key_name.lower(), time.time())


def _require_not_revoked(
    entries: Sequence[KnownHost], names: Sequence[str], certificate: Certificate
) -> None:
    for name in names:
        if where := revoked(entries, name, certificate.authority):
            authority = fingerprint(certificate.authority)
            raise _is_revoked(f"the authority of {name}'s certificate ({authority})", where)
        if where := revoked(entries, name, certificate.key):
            key = fingerprint(certificate.key)
            raise _is_revoked(f"the certified host key of {name} ({key})", where)


def _is_revoked(what: str, where: str) -> SshError:
    return SshError(
        SshFailure.HOST_KEY_REVOKED,
        f"{what} is marked @revoked in {where}",
        "whoever answers may hold a stolen key; ask the host's administrator",
    )


MOST_AGAIN = 2
"""How often an answer that is neither yes nor no is asked for again."""


def _ask(
    settings: SshSettings, name: str, shown: ShownKey, certificate: str, prompt: Remembered
) -> None:
    kind = SshFailure.HOST_CERTIFICATE if certificate else SshFailure.HOST_KEY_UNKNOWN
    because = f", and {certificate}" if certificate else ""
    if settings.never_ask or not prompt.can_ask or not settings.known_hosts:
        raise SshError(
            kind,
            f"the host key of {name} is not known{because}: it shows {shown.words}",
            "compare that with `ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub` run on the host's "
            "console, then connect once with ssh to accept it",
        )
    asked = f"The host key of {name} is not known{because}. It shows {shown.words}."
    if not _agreed(
        f"{asked} Trust it and add it to {settings.known_hosts[0]}?", name, shown, prompt
    ):
        raise SshError(
            kind,
            f"the host key of {name} was not accepted{because}: it shows {shown.words}",
            "answer yes (in full) once the fingerprint is compared",
        )
    remember(settings.known_hosts[0], name, shown.key_type, shown.key, settings.hash_known_hosts)


def _agreed(text: str, name: str, shown: ShownKey, prompt: Remembered) -> bool:
    """As ssh(1) asks: `yes`, `no` or the fingerprint; what is none of them is asked again.

    Else what is typed next lands in another field.
    """
    shown_hash = fingerprint(shown.key)
    for again in (
        "",
        *[" Please answer yes or no, in full, or with the fingerprint."] * MOST_AGAIN,
    ):
        asked = Question(f"{text}{again} (yes/no) ", secret=False, key=f"host key {name}")
        answer = (prompt(asked) or "no").strip()
        if answer.lower() == "yes" or answer == shown_hash:
            return True
        if answer.lower() == "no":
            return False
    return False
