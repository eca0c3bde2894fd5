"""What a screen or an app may be able to do, asked of it before it is given that to do."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class Says(Protocol):
    """A screen with a line for remarks."""

    def say(self, remark: str) -> None: ...


@runtime_checkable
class TakesPaste(Protocol):
    """A screen that knows where a pasted text belongs when no field has the keys."""

    def take_pasted(self, text: str) -> None: ...


@runtime_checkable
class HearsBursts(Protocol):
    """An app that knows whether the key at work came alone, as a hand types."""

    @property
    def typed_alone(self) -> bool: ...
