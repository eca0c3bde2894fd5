"""Whether the machine that answers is the one that is known by this name."""

from wizard.ssh.config import SshSettings
from wizard.ssh.errors import SshError, SshFailure
from wizard.ssh.known_hosts import (
    Entry,
    KeyState,
    fingerprint,
    judge,
    lookup_name,
    read_entries,
    remember,
)
from wizard.ssh.prompt import Question, Remembered


def entries_for(settings: SshSettings) -> tuple[Entry, ...]:
    return read_entries((*settings.known_hosts, *settings.system_known_hosts))


def key_lookup_name(settings: SshSettings) -> str:
    """HostKeyAlias is looked up as it is, without a port (ssh_config(5))."""
    if settings.key_alias:
        return settings.key_alias.lower()
    return lookup_name(settings.host, settings.port)


def verify(
    settings: SshSettings,
    entries: tuple[Entry, ...],
    key_type: str,
    key: bytes,
    prompt: Remembered,
) -> None:
    """Return if `key` is trusted, by a file or by the operator's yes. Raises SshError."""
    name = key_lookup_name(settings)
    verdict = judge(entries, name, key)
    shown = f"{_plain(key_type)} {fingerprint(key)}"
    match verdict.state:
        case KeyState.TRUSTED:
            return
        case KeyState.CHANGED:
            raise SshError(
                SshFailure.HOST_KEY_CHANGED,
                f"the host key of {name} has changed: it shows {shown}, and {verdict.where} "
                "knows another",
                "either the host was set up anew or another machine answers in its place; ask "
                f"its administrator, then remove the old key with: ssh-keygen -R '{name}'",
            )
        case KeyState.REVOKED:
            raise SshError(
                SshFailure.HOST_KEY_REVOKED,
                f"the host key of {name} ({shown}) is marked @revoked in {verdict.where}",
                "whoever answers may hold a stolen key; ask the host's administrator",
            )
        case KeyState.CERTIFIED_ONLY:
            raise SshError(
                SshFailure.HOST_CERTIFICATE,
                f"{verdict.where} trusts {name} by a certificate authority, and host "
                "certificates cannot be verified here",
                f"connect once with ssh -o HostKeyAlgorithms={key_type} to add its plain key, "
                f"after comparing the fingerprint {fingerprint(key)}",
            )
        case KeyState.UNKNOWN:
            _ask(settings, name, key_type, key, prompt)


def _ask(settings: SshSettings, name: str, key_type: str, key: bytes, prompt: Remembered) -> None:
    shown = f"{_plain(key_type)} {fingerprint(key)}"
    if settings.never_ask or not prompt.can_ask or not settings.known_hosts:
        raise SshError(
            SshFailure.HOST_KEY_UNKNOWN,
            f"the host key of {name} is not known: it shows {shown}",
            "compare that with `ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub` run on the host's "
            "console, then connect once with ssh to accept it",
        )
    answer = prompt(
        Question(
            f"The host key of {name} is not known. It shows {shown}. Trust it and add it to "
            f"{settings.known_hosts[0]}? (yes/no) ",
            secret=False,
            key=f"host key {name}",
        )
    )
    if (answer or "").strip().lower() != "yes":
        raise SshError(
            SshFailure.HOST_KEY_UNKNOWN,
            f"the host key of {name} was not accepted: it shows {shown}",
            "answer yes (in full) once the fingerprint is compared",
        )
    remember(settings.known_hosts[0], name, key_type, key, settings.hash_known_hosts)


def _plain(key_type: str) -> str:
    """The name that ssh-keygen shows: ED25519, RSA, ECDSA."""
    return key_type.removeprefix("ssh-").split("-")[0].upper()
