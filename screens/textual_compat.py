"""The only use of Textual's private API. Pinned by tests/screens/test_compat.py.

Textual ends a crash with a traceback that prints local variables, and a driver's frames hold
passwords. Here a crash writes a traceback without locals to a private file and says where.
"""

from __future__ import annotations

import os
import tempfile
import traceback

from textual.app import App


class PlainCrash(App[None]):
    """An App whose crashes name a file instead of printing values."""

    crash_report: str = ""

    def _handle_exception(self, error: Exception) -> None:
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
            self.crash_report = write_traceback(error)
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        self._exit_renderables.clear()


def write_traceback(error: BaseException) -> str:
    """The path of a new 0600 file with frames and lines, without values; "" if none could be
    written. Messages of exceptions are left out, since they may hold what was typed."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    try:
        handle, path = tempfile.mkstemp(prefix="goneaway-wizard-crash-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(f"{type(error).__name__}\n{frames}")
    except OSError:
        return ""
    return path


def crash_line(app: PlainCrash) -> str:
    """One line for stderr after a crash."""
    where = f"; the traceback is in {app.crash_report}" if app.crash_report else ""
    return f"goneaway-wizard: internal error, sorry{where}"
