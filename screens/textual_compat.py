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
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from inspect import getgeneratorlocals
from time import monotonic
from typing import ClassVar

from textual import events
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.app import App
from textual.command import CommandList
from textual.command import CommandPalette as TextualPalette
from textual.drivers import linux_driver
from textual.filter import Monochrome, NoColor
from textual.message import Message

from screens.line_pace import LinePace

TypedEvent = events.Key | events.Paste


class KeysRead(events.Event):
    """All keys and pastes that one read of the terminal brought, in their order."""

    def __init__(self, keys: tuple[TypedEvent, ...]) -> None:
        super().__init__()
        self.keys = keys


_HALF = len(BRACKETED_PASTE_END) - 1

ASK, ANSWER = "\x1b[?2026$p", "\x1b[?2026;"
"""A question that Textual asks at its start, and how a terminal's answer to it begins."""

ANSWER_SECONDS = 1.0
"""So long the answer is waited for; a terminal that gave none is not asked again."""

_MIDWAY_ESC = "midway-escape"
"""An Esc among keys that Textual gives up on; it would tell it as a `^`."""


class ReadParser(XTermParser):
    """Tells together what came in one read, and Esc with a key behind it as the two keys.

    Textual takes Esc and a digit in one read for a sign of a Mac keyboard, Esc and `b` for a word
    to the left, and where a line parts a key's bytes by 100 ms it tells each byte as a key.
    On a line that was quick so far, an Esc that stands alone asks the terminal something: what is
    left of a key is sent before the answer, however slow the line has become.
    """

    ask: ClassVar[Callable[[], None] | None] = None
    """Sends ASK to the terminal; None where there is none."""

    def __init__(self, debug: bool = False) -> None:
        self._lone_esc_at = float("-inf")
        self._resumed = False
        self._pace = LinePace()
        self._begun, self._gap, self._read_at = "", 0.0, 0.0
        self._pasted: list[str] = []
        self._rest = ""
        self._answers = self._asked = False
        super().__init__(debug)

    def feed(self, data: str) -> Iterable[Message]:
        return together(self._parsed(data))

    def tick(self) -> Iterable[Message]:
        """A paste has its end however long its bytes take: none of them is Esc."""
        return () if self._in_paste else together(self._given_up())

    def _parsed(self, data: str) -> Iterator[Message]:
        """Piece by piece: what is pasted never reaches Textual, which obeys its escape codes."""
        self._gap = max(self._gap, monotonic() - self._read_at) if self._begun else 0.0
        self._read_at = monotonic()
        while data:
            if self._in_paste:
                text, end, data = (self._rest + data).partition(BRACKETED_PASTE_END)
                if not end:
                    # Half of the end may have come: it stays to be looked at once more.
                    self._pasted.append(text[:-_HALF])
                    self._rest = text[-_HALF:]
                    return
                pasted = "".join((*self._pasted, text))
                self._pasted, self._rest = [], ""
                deque(super().feed(end), maxlen=0)
                yield events.Paste(pasted.replace("\0", ""))
            else:
                piece = data[:1] if self._midway else _up_to_a_paste(data)
                data = data[len(piece) :]
                yield from self._keys_of(piece)

    def _keys_of(self, piece: str) -> Iterator[Message]:
        begins = not self._midway and piece[:1] in ("[", "O")
        if begins and monotonic() - self._lone_esc_at < self._pace.late:
            self._resumed, piece = True, f"\x1b{piece}"
        elif not self._midway or (self._asked and piece == "\x1b"):
            # The answer, or another key: Esc was a key of its own.
            self._resumed = False
            self._begun, self._gap = "", 0.0
        self._asked = False
        yield from super().feed(piece)
        self._begun += piece
        if self._midway:
            wait = self._pace.late if self._resumed else self._pace.wait
            parted = not self._resumed and self._gap > wait  # Its further bytes come apart as well.
            self._timeout_time = monotonic() + max(wait, ANSWER_SECONDS * parted)
        else:
            self._pace.brought(self._begun, self._gap)
            self._answers = self._answers or ANSWER in self._begun
            self._begun = ""

    @property
    def _midway(self) -> bool:
        """Whether a key has begun whose end has not come."""
        return self._timeout_time is not None

    def _given_up(self) -> Iterator[Message]:
        """What Textual makes of a key whose end has not come."""
        ask = type(self).ask
        if ask and self._is_late and not self._asked and self._answers and self._pace.quick:
            self._asked = True
            self._timeout_time = monotonic() + ANSWER_SECONDS
            ask()
            return
        if self._is_late and self._asked:
            self._answers = self._asked = False
        told = list(super().tick())
        if self._resumed and told:
            self._resumed = False
            told = told[1:]  # Its Esc was told before.
        elif len(told) == 1:
            self._lone_esc_at = monotonic()
        yield from told

    @property
    def _is_late(self) -> bool:
        """Whether an Esc stands alone for as long as one waits."""
        end = self._timeout_time
        return (
            end is not None and monotonic() >= end and self._begun == "\x1b" and not self._resumed
        )

    @property
    def _in_paste(self) -> bool:
        return bool(getgeneratorlocals(self._gen).get("bracketed_paste"))

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        if sequence == "\x1b":
            return [events.Key(_MIDWAY_ESC, "\x1b")]
        behind = sequence[1:] if sequence.startswith("\x1b") else ""
        if len(behind) == 1 and behind not in "[O":
            return [_esc(), *super()._sequence_to_key_events(behind)]
        keys = super()._sequence_to_key_events(sequence)
        return [_esc(), *keys] if alt else keys


def _up_to_a_paste(data: str) -> str:
    before, begin, _pasted = data.partition(BRACKETED_PASTE_START)
    return before + begin


def _esc() -> events.Key:
    return events.Key("escape", "\x1b")


def together(found: Iterable[Message]) -> Iterator[Message]:
    keys: list[TypedEvent] = []
    for message in found:
        if isinstance(message, TypedEvent):
            midway = isinstance(message, events.Key) and message.key == _MIDWAY_ESC
            keys.append(_esc() if midway else message)
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
    read_keys = linux_driver.LinuxDriver.run_input_thread

    def read_and_ask(driver: linux_driver.LinuxDriver) -> None:
        ReadParser.ask = staticmethod(lambda: driver.write(ASK))
        read_keys(driver)

    linux_driver.LinuxDriver.run_input_thread = read_and_ask  # type: ignore[method-assign,assignment]


class CommandPalette(TextualPalette):
    """Textual's palette; a page of its list has no length before the list is laid out."""

    def _action_command_list(self, action: str) -> None:
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)


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

    def action_command_palette(self) -> None:
        if self.use_command_palette and not isinstance(self.screen, TextualPalette):
            self.push_screen(CommandPalette(id="--command-palette"))

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
