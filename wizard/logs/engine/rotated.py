"""The files that a log was rotated into, newest first.

logrotate(8): `.1`, `.2.gz`, and with `dateext` `-YYYYMMDD` before the suffix; a rotated file keeps
the time at which it was last written to, also when it is compressed.
"""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.case.case import Window
from wizard.hosts.protocol import Host, HostError
from wizard.hosts.sifting import UNPACK

MAX_FILES = 12
"""Rotated files that are looked into at most, the newest ones."""

_MAGIC = {
    b"\x1f\x8b\x08": UNPACK[".gz"],
    b"\xfd7zXZ\x00": UNPACK[".xz"],
    b"BZh": UNPACK[".bz2"],
    b"\x28\xb5\x2f\xfd": UNPACK[".zst"],
}
"""How a compressed file begins."""

_OLDER = re.compile(
    r"[.-](?P<mark>\d{1,3}|\d{8}(?:[.-]?\d{2,10})?|old)(?P<packed>\.(?:gz|xz|bz2|zst))?"
)


@dataclass(frozen=True, slots=True)
class RotatedFile:
    """`unpack` is the program that its bytes have to pass through; empty for a plain file."""

    path: str
    mtime: float
    unpack: str


def rotated_files(host: Host, path: str, window: Window) -> tuple[RotatedFile, ...]:
    """Those that were written to after the window began, newest first. Raises HostError where
    their directory cannot be listed."""
    found: list[RotatedFile] = []
    for name in _candidates(host, path):
        stat = _stat(host, name)
        if stat is None or not stat[0]:
            continue
        if stat[1] < window.since.timestamp():
            break
        found.append(RotatedFile(name, stat[1], unpack_of(name)))
    return tuple(sorted(found, key=lambda file: -file.mtime))


def _candidates(host: Host, path: str) -> tuple[str, ...]:
    """Newest first by their names: beside the log, and beside the file that it is a link to."""
    places = dict.fromkeys((path, _target(host, path)))
    names: dict[str, int] = {}
    for place in map(PurePosixPath, places):
        stem, suffix = place.stem, place.suffix
        for name in host.list_dir(place.parent):
            rest = name.removeprefix(place.name)
            if rest == name and suffix and name.startswith(stem):
                # `extension .log` puts the date before the suffix.
                rest = name.removeprefix(stem).replace(suffix, "", 1)
            if rest != name and (older := _OLDER.fullmatch(rest)):
                names[str(place.parent / name)] = _age(older["mark"])
    return tuple(sorted(names, key=lambda name: names[name]))


def _age(mark: str) -> int:
    """Rises with a file's age: of a number as it is, of a date the other way round."""
    digits = re.sub(r"\D", "", mark)
    return -int(digits.ljust(18, "0")) if len(digits) >= 8 else int(digits or 0)


def _target(host: Host, path: str) -> str:
    try:
        answer = host.run(("readlink", "-f", "--", path), timeout=5.0)
    except HostError:
        return path
    target = answer.stdout.removesuffix("\n")
    return target if answer.exit_code == 0 and target.startswith("/") else path


def _stat(host: Host, path: str) -> tuple[int, float] | None:
    try:
        found = host.stat(path)
    except HostError:
        return None
    return None if found.is_dir else (found.size, found.mtime)


def unpack_of(name: str) -> str:
    """The program that a file of this name has to pass through; empty for a plain one."""
    return UNPACK.get(PurePosixPath(name).suffix, "")


def unpack_by_magic(head: bytes) -> str:
    """The same of a file with these first bytes, whatever its name."""
    return next((unpack for magic, unpack in _MAGIC.items() if head.startswith(magic)), "")
