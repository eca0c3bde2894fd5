"""Files that only their owner may read, written whole or not at all."""

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from wizard.safety.errors import WizardError
from wizard.safety.state_directory import make_private


class CannotWriteError(WizardError):
    """The file was not written; the message is one line and says what to do."""


def write_private(path: Path, data: bytes, overwrite: bool = False) -> Path:
    """Write `data` to `path` with mode 0600, by way of a temporary file beside it.

    An existing file is replaced only with `overwrite`, and then at once (rename(2)); anything
    that is not a regular file never is. Returns the absolute path. Raises CannotWriteError.
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow a link at `path`
    try:
        reserved = _reserve(path, overwrite)
    except OSError as error:
        raise CannotWriteError(_explain(path, error)) from None
    try:
        _replace(path, data)
    except OSError as error:
        if reserved:
            with suppress(OSError):
                path.unlink()
        raise CannotWriteError(_explain(path, error)) from None
    return path


def require_new(path: Path) -> None:
    """Whether `write_private` would find the name free, and its folder. Raises CannotWriteError."""
    path = Path(os.path.abspath(path))  # noqa: PTH100 - as write_private
    try:
        if os.path.lexists(path):
            raise FileExistsError
        if not path.parent.is_dir():
            raise FileNotFoundError
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except (OSError, ValueError) as error:
        raise CannotWriteError(_explain(path, error)) from None


def data_directory() -> Path:
    """This program's own directory for files that found no other place.

    XDG Base Directory Specification; created with mode 0700. Raises CannotWriteError.
    """
    base = os.environ.get("XDG_DATA_HOME", "")
    root = Path(base) if base.startswith("/") else Path.home() / ".local" / "share"
    place = root / "goneaway-wizard"
    try:
        make_private(place)
    except OSError as error:
        raise CannotWriteError(_explain(place, error)) from None
    return place


def place_for(name: str) -> Path:
    """Where a file called `name` goes if the operator named no place.

    The working directory, or the data directory where that cannot be written. Raises
    CannotWriteError.
    """
    here = Path.cwd()
    return (here if os.access(here, os.W_OK | os.X_OK) else data_directory()) / name


def _reserve(path: Path, overwrite: bool) -> bool:
    """Take the name `path`, so that a file made meanwhile is not lost; whether it is new."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        if not overwrite:
            raise
        if not stat.S_ISREG(path.lstat().st_mode):
            raise OSError(0, "it is not a regular file; give another name") from None
        return False
    return True


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, 0o600)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _explain(path: Path, error: OSError | ValueError) -> str:
    name = ascii(str(path))[1:-1]
    if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir() raises in a closed folder
        return f"{name} is a directory; name a file in it"
    if isinstance(error, FileExistsError):
        return f"{name} exists already; give another name"
    if isinstance(error, FileNotFoundError):
        return f"{name} cannot be written: there is no such directory; create it first"
    return f"{name} cannot be written: {getattr(error, 'strerror', None) or error}"
