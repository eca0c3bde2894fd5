"""Writes a report to a file that only its owner may read."""

from datetime import datetime
from pathlib import Path

from wizard.safety.private_file import place_for, write_private


def write_report(
    text: str, path: Path | None, suffix: str = ".txt", overwrite: bool = False
) -> Path:
    """Write `text` to `path`; the absolute path.

    Without `path`, to `goneaway-report-DATE-TIME` with `suffix` in the working directory (the data
    directory where that cannot be written).

    Mode 0600. An existing file is an error unless `overwrite`. Raises CannotWriteError.
    """
    if path is None:
        path = place_for(f"goneaway-report-{datetime.now().astimezone():%Y%m%d-%H%M%S}{suffix}")
    return write_private(path, text.encode("utf-8", "replace"), overwrite)
