"""Locks that let one change at a time be made.

One on the server for its variables, one on the folder for a file.

Both are held from the look at the old value to the last write, so that of two wizards the second
sees what the first did. Both end with the session or the process that took them.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from wizard.safety.errors import WizardError
from wizard.safety.file_lock import PATIENCE, take_lock
from wizard.server.session import QueryDenied, QueryFailed, ServerError, ServerSession

LOCK_NAME = "goneaway-wizard.change"


class NotAlone(WizardError):
    """Another wizard is at it; the message is one line."""


@contextmanager
def alone_on_server(session: ServerSession) -> Iterator[None]:
    """Hold GET_LOCK(), which needs no privilege and goes with the session.

    A cluster in strict mode refuses it (pxc_strict_mode); then the check of the old value right
    before each statement has to do. Raises NotAlone, ConnectionLost.
    """
    held = _locked(session)
    try:
        yield
    finally:
        if held:
            with suppress(ServerError):
                session.value("SELECT RELEASE_LOCK(%s)", (LOCK_NAME,))


def _locked(session: ServerSession) -> bool:
    try:
        got = session.value("SELECT GET_LOCK(%s, %s)", (LOCK_NAME, PATIENCE))
    except (QueryDenied, QueryFailed):
        return False
    if str(got) == "0":
        raise NotAlone(
            "another goneaway-wizard is changing this server: look again when it is done"
        )
    return str(got) == "1"


@contextmanager
def alone_in_folder(folder: Path, clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Hold flock(2) on the folder itself: nothing is left behind. Raises NotAlone, OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            take_lock(descriptor, clock)
        except TimeoutError:
            told = f"another goneaway-wizard is writing in {folder}: try again"
            raise NotAlone(told) from None
        yield
    finally:
        os.close(descriptor)
