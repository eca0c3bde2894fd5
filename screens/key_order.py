"""The one place that orders keys: each is done before the next one is looked at.

Textual hands a key to the widget that has the focus when the key is read, while what an earlier
key does (Tab, Backspace, a jump) happens only once that key has bubbled up through the message
queues. Keys that come in one read, from a slow line or a paste, therefore overtake each other:
`root`, Tab, `Secret` ends as `rootSecret` in the first field. Here the next key is handed on
once a marker has passed every queue that the last one could have reached.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from textual import events
from textual.message_pump import MessagePump
from textual.widgets import Input, TextArea

from screens.textual_compat import TypedEvent

if TYPE_CHECKING:
    from screens.textual_compat import PlainCrash

QUIET_ROUNDS = 2
"""Rounds of markers in which neither the window nor the focus changed: a key is done."""

MOST_ROUNDS = 8

PATIENCE = 3.0
"""Seconds for one marker: a window that hangs must not take all keys with it."""

GAP_SECONDS = 0.02
"""What follows so soon belongs to the same read: nobody types so fast, and a line may hand on a
text one character at a time."""

SHORT_TEXT, LONG_TEXT, DIFFERENT = 5, 10, 5
"""So many characters in one read are a text and no commands, with a space among them or without
one, where so many are different: a key that is held down repeats one character."""

LINE_LENGTH = 30
"""So many characters in one read into a field are a pasted line: what follows its end is text."""

TAIL_SECONDS = 0.3
"""A long paste comes in several reads; what comes so soon after a text belongs to it, however long
it then waits for its turn."""

LINE_KEYS = {"enter": "\n", "ctrl+j": "\n", "tab": "\t"}
"""Keys that a text without brackets holds beside its characters."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A key that waits. `read` numbers the read that brought it."""

    event: TypedEvent
    read: int


class KeyOrder:
    """Hands keys on by `dispatch`, in the app's own task; `pasted` takes a text that no field
    wanted."""

    def __init__(
        self,
        app: PlainCrash,
        dispatch: Callable[[TypedEvent], Awaitable[None]],
        pasted: Callable[[str], None],
    ) -> None:
        self._app = app
        self._dispatch = dispatch
        self._pasted = pasted
        self._waiting: deque[_Waiting] = deque()
        self._task: asyncio.Task[None] | None = None
        self._reads = 0
        self._read_at = float("-inf")
        self._served = 0
        self._typed = 0
        self._text_until = float("-inf")
        self.alone = True

    @property
    def working(self) -> bool:
        """Whether a key waits or is being done."""
        return self._task is not None and not self._task.done()

    def arrived(self, keys: tuple[TypedEvent, ...]) -> None:
        """Keys of one read. None is taken once the exit has begun."""
        if self._app.leaving:
            return
        if keys[0].time - self._read_at > GAP_SECONDS:
            self._reads += 1
        self._read_at = keys[-1].time
        for event in keys:
            apart = _apart(event) if isinstance(event, events.Key) else [event]
            self._waiting.extend(_Waiting(part, self._reads) for part in apart)
        if not self.working:
            self._task = asyncio.create_task(self._serve())

    async def _serve(self) -> None:
        while self._waiting and not self._app.leaving:
            await self._whole_read()
            text = self._leading_text()
            if text:
                self._pasted(text)
                await self._settle()
                continue
            waiting = self._waiting.popleft()
            behind = self._waiting[0].read if self._waiting else 0
            self.alone = waiting.read not in (self._served, behind)
            self._typed = self._typed if waiting.read == self._served else 0
            self._served = waiting.read
            if isinstance(waiting.event, events.Paste) and not self._in_field:
                self._pasted(waiting.event.text)
                await self._settle()
                continue
            typed = self._in_field and isinstance(waiting.event, events.Key)
            plain = typed and isinstance(waiting.event, events.Key) and waiting.event.is_printable
            await self._done(self._app, self._hand_on, waiting.event)
            self._typed += plain
            if not plain:
                await self._settle()
                if typed and not self._in_field and self._typed >= LINE_LENGTH:
                    self._text_until = waiting.event.time + TAIL_SECONDS

    async def _whole_read(self) -> None:
        """Wait for the rest of what could be a text, where it would be obeyed."""
        while not self._in_field and self._waiting[0].read == self._reads:
            left = self._read_at + GAP_SECONDS - monotonic()
            if left <= 0 or not _character(self._waiting[0].event):
                return
            await asyncio.sleep(left)

    async def _hand_on(self, event: TypedEvent) -> None:
        if not self._app.leaving:
            await self._dispatch(event)

    @property
    def _in_field(self) -> bool:
        """False once the last screen is gone: a key may be served after it."""
        return bool(self._app.screen_stack) and is_field(self._app.focused)

    def _leading_text(self) -> str:
        """A text at the head of the queue that no field would take; it leaves the queue."""
        if self._in_field:
            return ""
        taken, text = 0, ""
        for waiting in self._waiting:
            character = _character(waiting.event)
            if not character or waiting.read != self._waiting[0].read:
                break
            taken, text = taken + 1, text + character
        came = self._waiting[0].event.time
        if not (looks_pasted(text) or (text and came < self._text_until)):
            return ""
        for _ in range(taken):
            self._text_until = self._waiting.popleft().event.time + TAIL_SECONDS
        return text

    async def _settle(self) -> None:
        """Wait until what the last key set off has been done."""
        quiet = 0
        for _ in range(MOST_ROUNDS):
            before = self._place()
            for pump in self._chain():
                await self._done(pump, _nothing)
                if self._app.leaving:
                    return
            quiet = quiet + 1 if before == self._place() else 0
            if quiet == QUIET_ROUNDS:
                return

    def _place(self) -> tuple[object, object]:
        return (self._app.screen, self._app.focused) if self._app.screen_stack else (None, None)

    def _chain(self) -> list[MessagePump]:
        if not self._app.screen_stack:
            return []
        start = self._app.focused or self._app.screen
        return list(start.ancestors_with_self)

    async def _done(
        self,
        pump: MessagePump,
        work: Callable[..., Awaitable[None]],
        *arguments: TypedEvent,
    ) -> None:
        """Have `work` done in the pump's own task, behind all that waits there."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def marker() -> None:
            try:
                await work(*arguments)
            finally:
                if not done.done():
                    done.set_result(None)

        if not pump.call_later(marker):
            return
        end = asyncio.get_running_loop().time() + PATIENCE
        while not done.done() and asyncio.get_running_loop().time() < end:
            await asyncio.wait((done,), timeout=0.05)
            if not pump.is_running and not done.done():
                return


async def _nothing() -> None:
    pass


def is_field(widget: object) -> bool:
    """Whether letters are typed there instead of obeyed."""
    return isinstance(widget, Input) or (isinstance(widget, TextArea) and not widget.read_only)


def looks_pasted(text: str) -> bool:
    """A word behind `/` is a search that was typed fast."""
    if text.startswith("/") and not any(c.isspace() for c in text.rstrip()):
        return False
    enough = SHORT_TEXT if " " in text else LONG_TEXT
    return len(text) >= enough and len(set(text)) >= DIFFERENT


def _character(event: TypedEvent) -> str:
    """What a key adds to a text; empty for one that no text holds."""
    if isinstance(event, events.Paste):
        return ""
    if event.is_printable and event.character:
        return event.character
    return LINE_KEYS.get(event.key, "")


def _apart(event: events.Key) -> list[events.Key]:
    """A key that came with Esc, as the two keys that they were.

    Esc quickly followed by a key comes as Alt with it; nothing here is on Alt and a letter or
    digit.
    """
    modifier, _, key = event.key.partition("+")
    if modifier == "alt" and len(key) == 1 and key.isalnum():
        return [events.Key("escape", "\x1b"), events.Key(key, key)]
    return [event]
