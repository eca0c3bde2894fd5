"""What an error log says about the window."""

from dataclasses import dataclass
from datetime import datetime

from wizard.logs.error.lifecycle import Lifecycle, lifecycle
from wizard.logs.error.scan_model import Scan


@dataclass(frozen=True, slots=True)
class Reading:
    """What a log says about the window. `begins` is the time of its first line; `to_its_end`
    says that no line comes after the window; `cuts` say what of the window was not read, and
    why; `remarks` how it was read; `understood` that it is an error log at all."""

    path: str
    scan: Scan
    life: Lifecycle
    begins: datetime | None
    to_its_end: bool
    remarks: tuple[str, ...] = ()
    cuts: tuple[str, ...] = ()
    understood: bool = True


def understood(before: Scan, found: Scan, begins: datetime | None, picked: bool) -> bool:
    """Whether any line has an error log's form. Of lines that a host picked the others are not
    known, and there may be none in the window: that the log has times must do."""
    if found.understood or before.understood:
        return True
    return begins is not None and (picked or not found.lines)


def joined_life(before: Scan, found: Scan, begins: datetime | None = None) -> Lifecycle:
    """One life of both parts; lines before the window tell that a server ran.

    Not so what a script printed, without a time, before the log's first line (`begins`).
    """
    ran = before.lines > 0 and not (begins and found.first and begins >= found.first)
    served = before.served if before.marks else ran or found.served
    return lifecycle((*before.marks, *found.marks), served, found.last or before.last)
