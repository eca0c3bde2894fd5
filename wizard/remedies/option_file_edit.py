"""Where a line has to stand in the server's option files to win, and the edit for it.

The server takes the last value it reads (Reference Manual, "Using Option Files"): it follows
`!includedir` in place, file names in byte order, and whatever its command line says beats
every file. An edit only ever adds a block of lines, so that taking it back leaves the work of
others alone and nothing of the file has to be kept elsewhere.
"""

import difflib
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wizard.safety.plain_file import read_plain
from wizard.safety.redact import mask_secrets
from wizard.safety.sanitize import sanitize
from wizard.target.option_files import MAX_FILE, OptionSet, under
from wizard.target.option_lines import canonical

DROP_IN = "goneaway-wizard.cnf"
_PROBE = "goneaway_wizard_probe"

ReadOptions = Callable[[Path], OptionSet]
"""Reads the server's option files as they lie under a root directory."""

Content = Callable[[Path], bytes | None]
"""The bytes of an option file, None where there is none. Raises NoPlace."""

Names = Callable[[Path], Sequence[str]]
"""The names in a directory; empty where it cannot be looked at."""


class NoPlace(Exception):
    """No option file can take the line; the message is one line and says what to do."""


@dataclass(frozen=True, slots=True)
class OptionFilePlace:
    """A file to which a block can be added, as it is now.

    `before` is None where the file does not exist yet. `beaten` are the options that something
    sets again after this place: there, a line for them would change nothing.
    """

    path: Path
    group: str
    before: bytes | None
    beaten: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FileEdit:
    """`block` added to the end of `path`. `diff` is for display, with secrets masked."""

    path: Path
    block: bytes
    existed: bool
    before_sha256: str
    after_sha256: str
    diff: str


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def edit(place: OptionFilePlace, values: Sequence[tuple[str, str]], reason: str) -> FileEdit:
    """The edit that sets `values` at `place`. `reason` becomes a comment. Pure."""
    lines = [f"[{place.group}]", *(f"{name} = {value}" for name, value in values)]
    return added_block(str(place.path), place.before, reason, lines)


def added_block(path: str, content: bytes | None, reason: str, told: Sequence[str]) -> FileEdit:
    """The edit that adds lines to the end of a file; `content` is None where it is not there
    yet. Pure."""
    before = content or b""
    lines = [f"# {sanitize(reason)} (goneaway-wizard)", *told]
    gap = b"" if not before else b"\n" if before.endswith(b"\n") else b"\n\n"
    block = gap + "".join(f"{line}\n" for line in lines).encode()
    after = before + block
    return FileEdit(
        Path(path),
        block,
        content is not None,
        digest(before),
        digest(after),
        _diff(path, content, after),
    )


def _diff(path: str, before: bytes | None, after: bytes) -> str:
    old = "/dev/null" if before is None else path
    lines = difflib.unified_diff(_lines(before or b""), _lines(after), old, path, lineterm="")
    return "\n".join(mask_secrets(sanitize(line)).text for line in lines)


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8", "replace").splitlines()


def without(content: bytes, block: bytes) -> bytes | None:
    """`content` with the last appearance of `block` taken out; None where it is not in it."""
    at = content.rfind(block)
    return None if at < 0 else content[:at] + content[at + len(block) :]


def content_here(path: Path) -> bytes | None:
    """An option file of this machine."""
    try:
        content = read_plain(path, MAX_FILE + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NoPlace(f"{sanitize(str(path))} cannot be read: {error.strerror}") from None
    if len(content) > MAX_FILE:
        raise NoPlace(f"{sanitize(str(path))} is larger than {MAX_FILE} bytes")
    return content


def names_here(directory: Path) -> list[str]:
    """The names in a directory of this machine."""
    try:
        return [p.name for p in directory.iterdir()]
    except OSError:
        return []


def places(
    options: OptionSet,
    group: str,
    read: ReadOptions,
    content: Content = content_here,
    names: Names = names_here,
) -> tuple[OptionFilePlace, ...]:
    """Where a block could go, best first.

    A file of our own in an included directory (the last one read first), else the end of the main
    file that is read last. Raises NoPlace.

    `read` is asked to read copies of the files that hold no values, to learn what comes after.
    """
    candidates = [d / _last_name(names(d)) for d in reversed(options.directories)]
    candidates += [f for f in reversed(options.files) if f.parent not in options.directories][:1]
    if not candidates:
        raise NoPlace("the server reads no option file; create one (e.g. /etc/my.cnf) first")
    return tuple(
        OptionFilePlace(path, group, content(path), _beaten(path, group, options, read, content))
        for path in candidates
    )


def _last_name(names: Sequence[str]) -> str:
    """A name that sorts after every other `*.cnf`, in byte order as the server does."""
    others = [os.fsencode(name) for name in names if name.endswith(".cnf")]
    prefix = "zz-"
    while any(o > os.fsencode(prefix + DROP_IN) for o in others):
        prefix = f"z{prefix}"
        if len(prefix) > 20:
            break
    return prefix + DROP_IN


def _beaten(
    path: Path, group: str, options: OptionSet, read: ReadOptions, content: Content
) -> frozenset[str]:
    """What is set after a block at the end of `path`.

    The files are read again from a copy in which that block holds a probe.
    """
    with tempfile.TemporaryDirectory(prefix="goneaway-wizard-") as name:
        root = Path(name)
        for file in {*options.files, path}:
            copy = under(root, Path(os.path.abspath(file)))  # noqa: PTH100 - keep symlinks
            copy.parent.mkdir(parents=True, exist_ok=True)
            # Open to everyone, as some umasks leave it, it would be ignored as the server does.
            with os.fdopen(os.open(copy, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as stream:
                stream.write(_names_only(content(file) or b""))
                if file == path:
                    stream.write(f"\n[{group}]\n{_PROBE} = 1\n".encode())
        order = list(read(root).options)
    if _PROBE not in order:
        raise NoPlace(f"{sanitize(str(path))} would not be read by the server")
    return frozenset(order[order.index(_PROBE) + 1 :])


def _names_only(content: bytes) -> bytes:
    """Groups, includes and option names, without any value: passwords stay where they are."""
    kept = []
    for line in content.decode("utf-8", "surrogateescape").split("\n"):
        text = line.strip()
        if text.startswith(("[", "!")):
            kept.append(text)
        elif text and text[0] not in "#;":
            kept.append(canonical(text.partition("=")[0].strip()))
    return "\n".join(kept).encode("utf-8", "surrogateescape")


def writable(place: OptionFilePlace) -> str:
    """Why this account cannot make the edit, or an empty string. Everyone-writable files are
    refused, because the server ignores them."""
    directory = place.path.resolve().parent
    if not os.access(directory, os.W_OK | os.X_OK):
        return f"{directory} is not writable for this account; run as root"
    try:
        mode = place.path.stat().st_mode
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{place.path}: {error.strerror}"
    if not stat.S_ISREG(mode):
        return f"{place.path} is not a regular file"
    if mode & stat.S_IWOTH:
        return f"{place.path} is writable for everyone, so the server ignores it; chmod o-w first"
    return ""
