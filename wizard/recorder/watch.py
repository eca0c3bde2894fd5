"""The recorder's loop: a sample a second, events as they happen, reconnects with backoff."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from wizard.investigation.run import Investigation
from wizard.recorder.away import explained, until_back
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.own_cost import OwnCost
from wizard.recorder.round import changed, one_round
from wizard.recorder.sample import Sample
from wizard.recorder.seen import Seen, begin, follow_the_proxy, look_with_new_rights, opening
from wizard.server.session import ConnectionLost, ServerError

INTERVAL = 1.0

LAST_WORDS = 5.0
"""Seconds for which a look into an outage is waited for at the end."""


def watch(
    investigation: Investigation,
    stop: threading.Event,
    interval: float = INTERVAL,
    sampled: Callable[[Sample], None] = lambda _sample: None,
) -> Iterator[RecorderEvent]:
    """Events until `stop` is set. Raises CannotConnect where the server is away at the start."""
    seen = Seen()
    cost = OwnCost()

    def counted(sample: Sample) -> None:
        cost.add(sample)
        sampled(sample)

    begin(investigation, seen)
    yield _said(EventKind.STARTED, opening(investigation, seen))
    while not stop.is_set():
        began = time.monotonic()
        try:
            yield from one_round(seen, interval, counted)
            yield from changed(seen, _now(), "the server's state", "")
            if seen.moved.elsewhere:
                follow_the_proxy(investigation, seen)
            elif seen.rights is not None and seen.rights.changed():
                look_with_new_rights(investigation, seen)
        except ConnectionLost:
            yield from until_back(investigation, seen, stop)
        except ServerError as error:
            yield from changed(seen, _now(), "the server's state", str(error))
        yield from _inquired(seen, 0.0)
        stop.wait(max(interval - (time.monotonic() - began), 0.05))
    investigation.close()
    yield from seen.words.rest()
    yield from _inquired(seen, LAST_WORDS)
    yield _said(EventKind.STOPPED, f"the recorder was stopped: {cost.told()}")


def _inquired(seen: Seen, seconds: float) -> Iterator[RecorderEvent]:
    """What was found of an outage, once it is."""
    inquiry = seen.inquiry
    if inquiry is None:
        return
    if seconds:
        inquiry.end(seconds)
    if inquiry.done:
        yield from explained(inquiry, seen.said)
        seen.inquiry = None


def _now() -> datetime:
    return datetime.now().astimezone()


def _said(kind: EventKind, text: str) -> RecorderEvent:
    return RecorderEvent(_now(), kind, text)
