"""The case file: one investigation as JSON, to be reopened elsewhere without the server."""

import gzip
import json
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

from wizard.case.case import SCHEMA_VERSION, Case
from wizard.case.json_codec import CodecError, decode, encode, map_text
from wizard.safety.errors import WizardError
from wizard.safety.plain_file import is_plain, open_plain
from wizard.safety.private_file import CannotWriteError, place_for, write_private
from wizard.safety.redact import mask_secrets
from wizard.safety.sanitize import sanitize, sanitize_block

FORMAT = "goneaway-wizard case"
MAX_BYTES = 64 * 1024 * 1024
"""Largest case file that is read, counted after unpacking."""

_ANY_SHAPE = 96 * 1024 * 1024
_MOST_TIMES = 4
"""Reading a file may take this much memory, or this many times its size. A case as it is saved
takes three times, one without line breaks five; a flood of tiny values would take 20 times."""

_VALUE, _OBJECT, _NULL = 72, 232, 64
"""What one takes once it is read, in bytes (sys.getsizeof, and its place in a list); nothing, for
null, but that place."""

_GOING_ON = bytes(range(0x80, 0xC0))
"""Bytes of UTF-8 that begin no character."""

_PART = 1 << 20

_MAX_TEXT = 16_000
_MAX_LINES = 2000


class CaseFileError(WizardError):
    """The file was not read or written; the message is one line and says what to do."""


def save(case: Case, path: Path, overwrite: bool = False) -> Path:
    """Write `case` to `path` (mode 0600; gzip where it ends in `.gz`); the absolute path.

    Passwords in log lines and statements are masked; other literals are kept, for the
    diagnosis reads them. Raises CaseFileError; an existing file is an error unless
    `overwrite`.
    """
    safe = map_text(case, lambda _name, text: mask_secrets(text).text)
    data = {"format": FORMAT, "schema_version": SCHEMA_VERSION, "case": encode(safe)}
    raw = json.dumps(data, ensure_ascii=True, indent=1).encode("ascii")
    try:
        return write_private(path, gzip.compress(raw) if path.suffix == ".gz" else raw, overwrite)
    except CannotWriteError as error:
        raise CaseFileError(str(error)) from None


def load(path: Path) -> Case:
    """The case in `path`. Its text passes `sanitize` again, for it may come from anywhere.

    Raises CaseFileError for a file that is missing, broken, foreign, newer or too large.
    """
    name = sanitize(str(path), 200)
    try:
        case = decode(Case, _parse(_read(path, name), name))
    except CodecError as error:
        raise CaseFileError(f"{name} is a damaged case file: {sanitize(str(error), 200)}") from None
    if case.window.since > case.window.until:
        raise CaseFileError(f"{name} is a damaged case file: its window ends before it begins")
    cleaned: Case = map_text(case, lambda _name, text: clean_text(text))
    return replace(cleaned, window=replace(cleaned.window, open=False))


def default_path(case: Case) -> Path:
    """Where `case` goes if the operator named no file. Raises CaseFileError.

    A number follows where it was saved before, as after a change.
    """
    host = re.sub(r"[^A-Za-z0-9._-]+", "-", case.target.host or case.target.label).strip("-._")
    name = f"goneaway-{case.created:%Y%m%d-%H%M%S}-{host[:60] or 'server'}"
    try:
        places = (place_for(f"{name}{again}.case.json") for again in _numbers())
        return next(place for place in places if not os.path.lexists(place))
    except CannotWriteError as error:
        raise CaseFileError(str(error)) from None


def _numbers() -> Iterator[str]:
    return ("" if number == 1 else f"-{number}" for number in count(1))


def _read(path: Path, name: str) -> bytes:
    try:
        if path.exists() and not is_plain(path.stat()):
            raise CaseFileError(f"{name} is no case file: it is not a regular file")
        with open_plain(path) as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            if packed:
                with gzip.open(file) as unpacked:
                    raw = unpacked.read(MAX_BYTES + 1)
            else:
                raw = file.read(MAX_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise CaseFileError(f"{name} is a damaged case file: it cannot be unpacked") from None
    except OSError as error:
        raise CaseFileError(f"{name} cannot be read: {error.strerror or error}") from None
    if len(raw) > MAX_BYTES:
        raise CaseFileError(f"{name} is no case file: it is larger than {MAX_BYTES >> 20} MiB")
    return raw


def _parse(raw: bytes, name: str) -> object:
    """What stands under `case`. Each form of the file is dropped once the next one is made."""
    if FORMAT.encode() not in raw and _is_json(raw):
        raise CaseFileError(f"{name} is no case file of goneaway-wizard")
    try:
        _check_weight(raw, name)
        text = raw.decode("utf-8")
        del raw
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise CaseFileError(f"{name} is no case file, or it is cut: it is not JSON") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise CaseFileError(f"{name} is no case file of goneaway-wizard")
    version = data.get("schema_version")
    if type(version) is not int or version < 1:
        raise CaseFileError(f"{name} is a damaged case file: it has no schema version")
    if version > SCHEMA_VERSION:
        raise CaseFileError(
            f"{name} was written by a newer goneaway-wizard (schema {version}, this one reads "
            f"{SCHEMA_VERSION}); open it with that version"
        )
    return data.get("case")


def _is_json(raw: bytes) -> bool:
    """Whether it looks like JSON that is whole: its ends say that."""
    return (raw[:64].strip()[:1], raw[-64:].strip()[-1:]) in ((b"{", b"}"), (b"[", b"]"))


def _check_weight(raw: bytes, name: str) -> None:
    """Refuses what would take far more memory than its size, before it takes it."""
    values, objects = raw.count(b",") + raw.count(b"["), raw.count(b"{")
    weight = _VALUE * values + _OBJECT * objects - _NULL * raw.count(b"null")
    if _decoded_size(raw) + weight > max(_MOST_TIMES * len(raw), _ANY_SHAPE):
        raise CaseFileError(
            f"{name} is no case file as the wizard writes it: {values + objects:,} values in "
            f"{len(raw) >> 20} MiB would take too much memory"
        )


def _decoded_size(raw: bytes) -> int:
    """What UTF-8 takes as a text: each character as much as the widest (PEP 393)."""
    if raw.isascii():
        return len(raw)
    parts = (raw[begin : begin + _PART] for begin in range(0, len(raw), _PART))
    characters = sum(len(part.translate(None, _GOING_ON)) for part in parts)
    # A lead byte tells how far up its character lies: U+0100 begins with C4, U+10000 with F0.
    wide = 4 if _has(raw, range(0xF0, 0xF8)) else 2 if _has(raw, range(0xC4, 0xF0)) else 1
    return wide * characters


def _has(raw: bytes, some: Iterable[int]) -> bool:
    return any(byte in raw for byte in some)


def clean_text(text: str) -> str:
    """`text` through `sanitize`, its lines kept, and without lone surrogates."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    if "\n" in whole:
        return sanitize_block(whole, _MAX_LINES, _MAX_TEXT)
    return sanitize(whole, _MAX_TEXT)
