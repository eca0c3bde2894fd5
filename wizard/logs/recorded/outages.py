"""Which of an outage's events stands: what was said at once may be mended later. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar

OF_OUTAGES = frozenset(("server-down", "server-up", "outage-explained"))
_EXPLAINED = "outage-explained"


class _Told(Protocol):
    @property
    def at(self) -> datetime: ...
    @property
    def kind(self) -> str: ...
    @property
    def cause(self) -> str | None: ...
    @property
    def began(self) -> datetime | None: ...


_Event = TypeVar("_Event", bound=_Told)


def without_guesses(events: Iterable[_Event]) -> list[_Event]:
    """The events in their order, of each outage only the last that names a cause.

    Of one whose cause nobody knows, the last.
    """
    kept: dict[int, _Event] = {}
    standing: dict[datetime, int] = {}
    for number, event in enumerate(events):
        kept[number] = event
        if event.kind not in OF_OUTAGES or event.began is None:
            continue
        earlier = standing.get(event.began)
        if earlier is not None and (event.cause or not kept[earlier].cause):
            del kept[earlier]
        elif earlier is not None:
            del kept[number]
            continue
        standing[event.began] = number
    return list(kept.values())


def end_of(event: _Event, events: Iterable[_Event]) -> datetime:
    """When it was over: what explains an outage comes after the server is back."""
    if event.kind != _EXPLAINED:
        return event.at
    ends = [e.at for e in events if e.began == event.began and e.kind == "server-up"]
    return ends[0] if ends else event.at
