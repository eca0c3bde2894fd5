"""The only use of Textual's private API. Pinned by tests/screens/test_compat.py.

Textual ends a crash with a traceback that prints local variables, and a driver's frames hold
passwords. Here a crash writes a traceback without locals to a private file and says where.
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress

from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers import linux_driver
from textual.filter import Monochrome, NoColor
from textual.message import Message

TypedEvent = events.Key | events.Paste


class KeysRead(events.Event):
    """All keys and pastes that one read of the terminal brought, in their order."""

    def __init__(self, keys: tuple[TypedEvent, ...]) -> None:
        super().__init__()
        self.keys = keys


class ReadParser(XTermParser):
    """Hands on together what came in one read, so that a burst can be told from typing."""

    def feed(self, data: str) -> Iterable[Message]:
        return together(super().feed(data))


def together(found: Iterable[Message]) -> Iterator[Message]:
    keys: list[TypedEvent] = []
    for message in found:
        if isinstance(message, TypedEvent):
            keys.append(message)
            continue
        if keys:
            yield KeysRead(tuple(keys))
            keys = []
        yield message
    if keys:
        yield KeysRead(tuple(keys))


def translate_what_is_drawn(table: dict[int, int]) -> None:
    """Let the terminal's driver write other signs in place of those in `table`."""
    write = linux_driver.LinuxDriver.write

    def write_translated(driver: linux_driver.LinuxDriver, data: str) -> None:
        write(driver, data.translate(table))

    linux_driver.LinuxDriver.write = write_translated  # type: ignore[method-assign,assignment]


def keep_reads_together() -> None:
    """Let the terminal's driver use ReadParser."""
    linux_driver.XTermParser = ReadParser  # type: ignore[attr-defined]


class PlainCrash(App[None]):
    """An App whose crashes name a file instead of printing values.

    `was_ended` is true once SIGTERM, or SIGHUP of a terminal that is gone, has ended it.
    """

    crash_report: str = ""
    was_ended: bool = False

    def end_on_signals(self) -> None:
        """Leave by the ordinary way on SIGHUP and SIGTERM: the terminal is as it was then."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM):
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self._end)

    def _end(self) -> None:
        self.was_ended = True
        self.exit()

    def __init__(self) -> None:
        """With NO_COLOR Textual paints in greys, warnings the darkest: there is no colour here."""
        super().__init__()
        self._filters = [NoColor() if isinstance(f, Monochrome) else f for f in self._filters]

    @property
    def leaving(self) -> bool:
        """Whether the exit has begun: what comes now finds widgets that are gone."""
        return self._exit

    def _handle_exception(self, error: Exception) -> None:
        if self._exit and self._exception is None:
            self._close_messages_no_wait()
            return
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
            self.crash_report = write_traceback(error)
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        self._exit_renderables.clear()


def write_traceback(error: BaseException) -> str:
    """The path of a new 0600 file with frames and lines, without values.

    "" if none could be written. Messages of exceptions are left out, since they may hold what was
    typed.
    """
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
