"""Changes one file of this machine whole or not at all, where it is still as it was seen."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from wizard.hosts.protocol import ByteEdit
from wizard.remedies.alone import NotAlone, alone_in_folder
from wizard.safety.errors import WizardError
from wizard.safety.plain_file import open_plain
from wizard.safety.sanitize import sanitize

NEW_FILE_MODE = 0o644
"""The server drops its privileges before it reads option files; they hold no secret of ours."""


class FileChangeError(WizardError):
    """The file was left as it was; the message is one line that says why."""


def content_here(path: str) -> bytes | None:
    """None where there is no such file. Raises FileChangeError."""
    try:
        with open_plain(path) as stream:
            return stream.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FileChangeError(f"{sanitize(path)} is not read: {error.strerror}") from None


def edit_here(edit: ByteEdit) -> None:
    """Make the change. Raises FileChangeError if the file is not as it was seen, or another
    wizard is writing."""
    path = Path(edit.path)
    is_own_folder = path.parent.name.endswith(".service.d")
    if is_own_folder and edit.before is None:
        _make(path.parent)
    with _alone(path):
        found = content_here(edit.path)
        if (None if found is None else sha256(found).hexdigest()) != edit.before:
            raise FileChangeError(f"{edit.path} was changed since the preview; look at it again")
        _clear_after_a_crash(path)
        if edit.after is None:
            _remove(path)
            if is_own_folder:
                with suppress(OSError):
                    path.parent.rmdir()
            return
        before = found or b""
        kept = before + edit.added if edit.added else before[: edit.start] + before[edit.end :]
        _write(path, kept)


def clear_here(path: str) -> None:
    """Remove what a wizard that was killed on its way has left beside the file."""
    with suppress(FileChangeError), _alone(Path(path)):
        _clear_after_a_crash(Path(path))


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


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o755, exist_ok=True)
    except OSError as error:
        raise FileChangeError(f"{folder} is not made: {error.strerror}") from None


def _clear_after_a_crash(path: Path) -> None:
    """Remove what a wizard that was killed has left: while we hold the lock, nobody writes it."""
    with suppress(OSError, RuntimeError):
        real = path.resolve()
        for left in real.parent.glob(f".{_escaped(real.name[:200])}.[0-9a-f]*"):
            if len(left.suffix) == 9:
                left.unlink()


def _escaped(name: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)


def _remove(path: Path) -> None:
    try:
        path.unlink()
        sync_directory(path.parent)
    except OSError as error:
        raise FileChangeError(f"{path} is not removed: {error.strerror}") from None


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
                _keep_attributes(path, file.fileno())
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


def sync_directory(directory: Path) -> None:
    """Make a new or renamed name in `directory` survive a power loss."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keep_attributes(path: Path, descriptor: int) -> None:
    """SELinux context and access lists (xattr(7)); where the file system has none, nothing."""
    with suppress(OSError):
        for name in os.listxattr(path):
            with suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(path, name))
