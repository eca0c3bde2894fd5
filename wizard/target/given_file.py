"""Files that the operator named: a plain one, or a pipe as the shell's `<(command)` is."""

import errno
import os
import select
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wizard.safety.errors import UsageError
from wizard.safety.plain_file import is_plain
from wizard.safety.sanitize import sanitize
from wizard.safety.system_words import in_words

PATIENCE = 30.0
"""Seconds for which a pipe is waited for: what writes to it may ask somebody for a key."""

_MOST_PEM = 1 << 20
_PEM = {"ssl_ca": b"CERTIFICATE-----", "ssl_cert": b"CERTIFICATE-----",
        "ssl_key": b"PRIVATE KEY-----", "server_public_key_path": b"PUBLIC KEY-----"}  # fmt: skip
_LOCKED = (b"BEGIN ENCRYPTED PRIVATE KEY-----", b"Proc-Type: 4,ENCRYPTED")


_SOON = 1.0
"""Seconds within which a shell's `<(command)` usually has written; longer waits are told."""

Say = Callable[[str], None]


def unheard(_text: str) -> None:
    """Where there is nobody to tell."""


def read_given(path: Path, most: int, say: Say = unheard) -> bytes:
    """The first `most` bytes of a file or pipe. A pipe that nobody writes to is a TimeoutError.
    `say` is told of a longer wait.

    Raises OSError and, for what is no path, ValueError.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    wait = _Wait(path, time.monotonic() + PATIENCE, say)
    raw = b""
    try:
        piped = stat.S_ISFIFO(os.fstat(descriptor).st_mode)
        while len(raw) < most:
            try:
                more = os.read(descriptor, most - len(raw))
            except BlockingIOError:
                if stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise OSError(errno.EINVAL, "it has no end", str(path)) from None
                wait(descriptor)
                continue
            # A pipe that nobody has written to yet reads like one that all have left; what else
            # reads so is at its end (/dev/null is always ready).
            if not more and (raw or not piped or not wait(descriptor)):
                break
            raw += more
    finally:
        os.close(descriptor)
    return raw


@dataclass(slots=True)
class _Wait:
    """A wait for what is written to a pipe, which is told once if it is a long one."""

    path: Path
    give_up: float
    say: Say
    is_told: bool = False

    def __call__(self, descriptor: int) -> bool:
        """Until there is something to read, or nobody is left to write it: then False."""
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        left = self.give_up - time.monotonic()
        told = poll.poll(max(0.0, left if self.is_told else min(_SOON, left)) * 1000)
        if not told and not self.is_told:
            self.is_told = True
            self.say(
                f"{sanitize(str(self.path))} is a pipe to which nobody has written yet: waiting up "
                f"to {PATIENCE:.0f} s for it"
            )
            return self(descriptor)
        if not told:
            raise TimeoutError(0, f"nothing came out of it for {PATIENCE:.0f} s")
        return bool(told[0][1] & select.POLLIN)


def require_pem(**files: Path | None) -> None:
    """Raises UsageError where a file cannot be what the option of that name takes.

    TLS would only tell that the handshake failed, which looks like the server's fault; and OpenSSL
    asks for a passphrase on the terminal.
    """
    for name, path in files.items():
        if path is not None:
            _require_pem(name, path)


def _require_pem(name: str, path: Path) -> None:
    told = f"{name.replace('_', '-')}: {sanitize(str(path))}"
    if not path.is_file() or not is_plain(path.stat()):
        raise UsageError(f"{told} is no regular file; name the file in PEM form")
    try:
        raw = read_given(path, _MOST_PEM)
    except OSError as error:
        raise UsageError(f"{told} is not read: {error.strerror}") from None
    if b"-----BEGIN " not in raw or _PEM[name] not in raw:
        wanted = _PEM[name].decode().removesuffix("-----").lower()
        raise UsageError(f"{told} holds no {wanted} in PEM form; name a file that does")
    if name == "ssl_key" and any(mark in raw for mark in _LOCKED):
        raise UsageError(
            f"{told} is locked by a passphrase; write one without "
            "(openssl pkey -in KEY -out NEW) and name that"
        )


def require_usable(ca: Path | None, cert: Path | None, key: Path | None) -> None:
    """Raises UsageError where TLS cannot use the files, or the key is not the certificate's."""
    if ca is None and cert is None:
        return
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if ca is not None:
            context.load_verify_locations(ca)
    except (OSError, ValueError) as error:
        told = f"ssl-ca: {sanitize(str(ca))} holds no certificate that can be used"
        raise UsageError(f"{told}: {in_words(str(error))}") from None
    try:
        if cert is not None:
            context.load_cert_chain(cert, key)
    except (OSError, ValueError) as error:
        told = f"ssl-cert and ssl-key: {sanitize(str(cert))} and {sanitize(str(key))} do not go"
        raise UsageError(f"{told} together: {in_words(str(error))}") from None
