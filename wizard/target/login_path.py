"""Login paths: the scrambled `~/.mylogin.cnf` that mysql_config_editor writes.

Layout (mysql_config_editor.cc): four unused bytes, a key of 20 bytes, then chunks of a
little-endian length and that many bytes of AES-128-ECB. The key is in the file: this hides
the password from a glance, not from a reader.
"""

import os
import stat
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

from wizard.safety.errors import UsageError
from wizard.safety.plain_file import read_plain
from wizard.target.option_files import CLIENT_GROUPS, OptionSet, parse_options, with_suffix

MAX_FILE = 1 << 20

_HEADER = 4
_KEY = 20
_BLOCK = 16


class LoginPathError(UsageError):
    """The login file cannot be used; the message is one line for the operator."""


def login_file(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Where the login file is: MYSQL_TEST_LOGIN_FILE, else `~/.mylogin.cnf`."""
    if named := environ.get("MYSQL_TEST_LOGIN_FILE"):
        return Path(named)
    home = environ.get("HOME")
    return Path(home) / ".mylogin.cnf" if home else None


def read_login_path(path: Path, name: str | None = None, suffix: str = "") -> OptionSet:
    """The options of login path `name` and of the client groups in the file at `path`.

    The mysql client reads `[client]` and `[mysql]` from it even where no login path is asked
    for. A file that is missing holds nothing. Raises LoginPathError.
    """
    groups = with_suffix((*CLIENT_GROUPS, *((name,) if name else ())), suffix)
    try:
        if path.stat().st_mode & (stat.S_IXUSR | stat.S_IRWXG | stat.S_IRWXO):
            raise LoginPathError(f"{path} must be readable by its owner only: chmod 600 {path}")
        raw = read_plain(path, MAX_FILE)
    except FileNotFoundError:
        return OptionSet({})
    except OSError as error:
        raise LoginPathError(f"{path} is not read: {error.strerror}") from None
    return parse_options(unscramble(raw, path), groups, path)


def unscramble(raw: bytes, path: Path) -> str:
    """The option file inside a login file. Raises LoginPathError for anything else."""
    broken = LoginPathError(f"{path} is damaged: write it anew with mysql_config_editor")
    if len(raw) < _HEADER + _KEY:
        raise broken
    decrypt = _decryptor(_folded(raw[_HEADER : _HEADER + _KEY]))
    text = bytearray()
    at = _HEADER + _KEY
    while at < len(raw):
        if at + 4 > len(raw):
            raise broken
        (length,) = struct.unpack_from("<i", raw, at)
        chunk = raw[at + 4 : at + 4 + length] if length > 0 else b""
        if not chunk or len(chunk) != length or length % _BLOCK:
            raise broken
        plain = decrypt(chunk)
        padding = plain[-1]
        if not 1 <= padding <= _BLOCK:
            raise broken
        text += plain[:-padding]
        at += 4 + length
    return text.decode("utf-8", "surrogateescape")


def _folded(key: bytes) -> bytes:
    """20 bytes folded onto the 16 of an AES-128 key (my_aes_create_key)."""
    folded = bytearray(_BLOCK)
    for at, byte in enumerate(key):
        folded[at % _BLOCK] ^= byte
    return bytes(folded)


def _decryptor(key: bytes) -> Callable[[bytes], bytes]:
    # cryptography costs a third of a cold start and few hosts have a login file.
    try:
        from cryptography.hazmat.primitives.ciphers import Cipher
        from cryptography.hazmat.primitives.ciphers.algorithms import AES
        from cryptography.hazmat.primitives.ciphers.modes import ECB
    except ImportError:
        raise LoginPathError("reading a login path needs the Python package cryptography") from None

    def decrypt(chunk: bytes) -> bytes:
        decryptor = Cipher(AES(key), ECB()).decryptor()
        return decryptor.update(chunk) + decryptor.finalize()

    return decrypt
