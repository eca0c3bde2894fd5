"""Files that the operator named: a plain one, or a pipe as the shell's `<(command)` is."""

import errno
import os
import select
import stat
import time
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


def read_given(path: Path, most: int) -> bytes:
    """The first `most` bytes of a file or pipe. A pipe that nobody writes to is a TimeoutError.

    Raises OSError and, for what is no path, ValueError.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    give_up = time.monotonic() + PATIENCE
    raw = b""
    try:
        piped = stat.S_ISFIFO(os.fstat(descriptor).st_mode)
        while len(raw) < most:
            try:
                more = os.read(descriptor, most - len(raw))
            except BlockingIOError:
                if stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise OSError(errno.EINVAL, "it has no end", str(path)) from None
                _wait(descriptor, give_up)
                continue
            # A pipe that nobody has written to yet reads like one that all have left; what else
            # reads so is at its end (/dev/null is always ready).
            if not more and (raw or not piped or not _wait(descriptor, give_up)):
                break
            raw += more
    finally:
        os.close(descriptor)
    return raw


def _wait(descriptor: int, give_up: float) -> bool:
    """Wait until there is something to read, or nobody is left to write it: then False."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    told = poll.poll(max(0.0, give_up - time.monotonic()) * 1000)
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
