"""Writes an option file whole or not at all, and takes a block out of it again."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from wizard.remedies.alone import NotAlone, alone_in_folder
from wizard.remedies.journal import FileRecord, sync_directory
from wizard.remedies.option_file_edit import DROP_IN, digest, without
from wizard.remedies.place import Machine, this_machine
from wizard.safety.errors import WizardError
from wizard.safety.sanitize import sanitize

NEW_FILE_MODE = 0o644
"""The server drops its privileges before it reads option files; they hold no secret of ours."""


class FileChangeError(WizardError):
    """The file was left as it was; the message is one line that says why."""


def add_block(record: FileRecord) -> None:
    """Add the block to the end of the file. Raises FileChangeError if it is not the file that
    was previewed, or another wizard is writing."""
    path = Path(record.path)
    with _alone(path):
        before = _content(path)
        if digest(before or b"") != record.before_sha256 or (before is not None) != record.existed:
            raise FileChangeError(f"{record.path} was changed since the preview; look at it again")
        _write(path, (before or b"") + record.block)


def elsewhere(record: FileRecord, here: Machine) -> str:
    """Why the file cannot be reached from this machine, or an empty string."""
    if not record.machine.is_another(here):
        return ""
    name = sanitize(record.machine.name) or "another machine"
    return (
        f"{record.path} was changed on {name}, and this is {sanitize(here.name)}: run"
        " goneaway-wizard undo there"
    )


def file_conflict(record: FileRecord, written: bool, here: Machine | None = None) -> str:
    """What stands in the way of taking the block out, or an empty string. `written`: the change
    is known to have reached the file, so that a file without it was changed by others."""
    here = here or this_machine()
    if reason := elsewhere(record, here):
        return reason
    if record.machine.is_in_doubt(here):
        return (
            f"{record.path} was changed on a machine named {sanitize(record.machine.name)}, and"
            f" this one is {sanitize(here.name)}"
        )
    content = _content(Path(record.path))
    if content is not None and record.block and without(content, record.block) is not None:
        return ""
    if content is None and written:
        return f"{record.path} is not there any more: somebody removed it, or it is elsewhere"
    if digest(content or b"") == record.before_sha256 and not written:
        return ""
    return f"{record.path}: the lines that were added are no longer there as they were"


def remove_block(record: FileRecord) -> str:
    """Take the block out again, leaving whatever others have written; one line about it.
    A file that came into being with the block and holds nothing else is removed. Raises
    FileChangeError."""
    path = Path(record.path)
    with _alone(path):
        return _removed(path, record)


def _removed(path: Path, record: FileRecord) -> str:
    content = _content(path)
    if content is None or digest(content) == record.before_sha256:
        return f"{record.path} is as it was before"
    rest = without(content, record.block)
    if rest is None:
        raise FileChangeError(
            f"{record.path}: the lines that were added are no longer there as they were;"
            " look at the file and mend it by hand"
        )
    # A later change may have found our own drop-in file, and be taken back after the first.
    if not rest and (not record.existed or path.name.endswith(DROP_IN)):
        try:
            path.unlink()
            sync_directory(path.parent)
        except OSError as error:
            raise FileChangeError(f"{record.path} is not removed: {error.strerror}") from None
        return f"{record.path} is removed"
    _write(path, rest)
    if digest(rest) == record.before_sha256:
        return f"{record.path} is as it was before, byte for byte"
    return f"{record.path}: our lines are taken out; what others changed since was left"


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other wizards from the file's folder, from the look at it to the rename."""
    try:
        folder = path.resolve().parent
        with alone_in_folder(folder):
            yield
    except NotAlone as other:
        raise FileChangeError(str(other)) from None
    except FileNotFoundError:
        raise FileChangeError(f"the folder of {sanitize(str(path))} does not exist") from None
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "a loop of symlinks"
        raise FileChangeError(f"{sanitize(str(path))} is not reached: {reason}") from None


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FileChangeError(f"{sanitize(str(path))} is not read: {error.strerror}") from None


def _write(path: Path, content: bytes) -> None:
    """Replace the file that `path` leads to (through symlinks), keeping its owner and mode."""
    try:
        real = path.resolve()
        _replace(real, content)
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "a loop of symlinks"
        raise FileChangeError(f"{sanitize(str(path))} is not written: {reason}") from None


def _replace(path: Path, content: bytes) -> None:
    known = path.stat() if path.exists() else None
    # A name that does not end in .cnf is never read by the server.
    temporary = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            if known is not None:
                os.fchown(file.fileno(), known.st_uid, known.st_gid)
                os.fchmod(file.fileno(), known.st_mode & 0o7777)
            else:
                os.fchmod(file.fileno(), NEW_FILE_MODE)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_directory(path.parent)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
