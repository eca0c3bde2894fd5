"""Tries again, with backoff, while the server is away, and says at once why it went.

What its log, its process and the kernel say is told within the second. Where that settles nothing
the steps of `check` look further while the recorder goes on, and what they find beyond it is told
as a further event of the same outage, which has the same `began`.
"""

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from wizard.diagnosis.model import Finding, Verdict
from wizard.investigation.run import Investigation
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.first_words import FirstWords
from wizard.recorder.inquiry import Inquiry
from wizard.recorder.remains import RemainsOf
from wizard.recorder.round import is_another
from wizard.recorder.sample import Sample
from wizard.recorder.seen import Seen, look_around, look_at_another, open_session
from wizard.safety.errors import WizardError
from wizard.server.session import AnswerTooLarge, QueryDenied, QueryFailed
from wizard.units import duration

SHORTEST_PAUSE, LONGEST_PAUSE = 0.25, 2.0
"""Seconds between two tries to reach a server that is away."""

PAUSE_SHARE = 0.1
"""Of the time that it has been away for."""


@dataclass(slots=True)
class _Outage:
    """One outage and what has been said of it. `broken` says what else was lost than the server:
    the way to it. `answered` once it was no outage: the server answers what cannot be used."""

    down: datetime
    broken: str
    remains: RemainsOf
    before: Sample | None
    told: bool = False
    answered: bool = False
    words: FirstWords | None = None

    def seconds(self) -> float:
        return (_now() - self.down).total_seconds()


def until_back(
    investigation: Investigation, seen: Seen, stop: threading.Event
) -> Iterator[RecorderEvent]:
    """Our own session ended: alone, with the server, or with the way to it."""
    process = _process(seen)
    outage = _Outage(_now(), investigation.lose(), _remains(investigation, seen), seen.last)
    seen.last = None
    if seen.attributor is not None:
        seen.attributor.forget(seen.sampler.own if seen.sampler is not None else 0)
    sample: Sample | None = None
    while not stop.is_set() and sample is None:
        try:
            open_session(investigation, seen)
            sample = seen.sampler.take() if seen.sampler is not None else None
            if sample is not None and not _is_of_another(outage.before, sample):
                look_around(investigation, seen)
        except WizardError as error:
            sample = None
            yield from _still_away(outage, error)
            investigation.close()
            stop.wait(min(max(outage.seconds() * PAUSE_SHARE, SHORTEST_PAUSE), LONGEST_PAUSE))
    if sample is None:
        return
    seen.last = sample
    before = outage.before
    other = None not in (process, _process(seen)) and process != _process(seen)
    if before is not None and not is_another(before, sample) and not other:
        yield _not_restarted(outage)
    elif before is not None and _is_of_another(before, sample):
        yield _another(outage, before, sample)
        with suppress(WizardError):  # Where it is gone again the next look tells so.
            look_at_another(investigation, seen)
    else:
        yield from _back(investigation, seen, outage)
    seen.looked_well()


def _remains(investigation: Investigation, seen: Seen) -> RemainsOf:
    host, eyes = investigation.context.host, seen.eyes
    if eyes is None:
        return RemainsOf(host, None, None, seen.tail)
    return RemainsOf(host, eyes.pid, eyes.oom_kills_before, seen.tail, eyes.group)


def _process(seen: Seen) -> int | None:
    """A server of less than a second that is started anew has the same time of start."""
    return seen.eyes.pid if seen.eyes is not None else None


def _still_away(outage: _Outage, error: WizardError) -> Iterator[RecorderEvent]:
    """What is lost, once; the way to the server is no outage. Then each time more is known."""
    if outage.broken:
        if not outage.told:
            text = f"{outage.broken}; the server is out of sight"
            yield RecorderEvent(outage.down, EventKind.GAP, text)
        outage.told = True
        return
    if isinstance(error, AnswerTooLarge | QueryDenied | QueryFailed):
        if not (outage.told or outage.answered):
            text = f"the server answers, and its state is out of sight: {error}"
            yield RecorderEvent(_now(), EventKind.GAP, text)
        outage.answered = True
        return
    known, outage.words = outage.words, outage.remains.look() or outage.words
    if not outage.told:
        outage.told = True
        yield _event(outage.down, EventKind.SERVER_DOWN, f"the server is away: {error}", outage)
    elif outage.words != known and outage.words is not None:
        yield _event(_now(), EventKind.OUTAGE_EXPLAINED, _went(outage.down), outage)


def _event(at: datetime, kind: EventKind, text: str, outage: _Outage) -> RecorderEvent:
    words = outage.words
    if words is None:
        return RecorderEvent(at, kind, text, began=outage.down)
    told = f"{text}; {words.text}"
    return RecorderEvent(at, kind, told, None, words.cause, words.verdict, began=outage.down)


def _went(down: datetime) -> str:
    return f"why the server went at {down.astimezone(UTC):%H:%M:%S} UTC"


def _not_restarted(outage: _Outage) -> RecorderEvent:
    text = outage.broken or "the recorder's own session was cut, and the server had not restarted"
    text = f"{text}; it looks again, and nothing was seen for {duration(outage.seconds())}"
    return RecorderEvent(_now(), EventKind.GAP, text, began=outage.down)


def _is_of_another(before: Sample | None, sample: Sample) -> bool:
    return before is not None and before.server != sample.server


def _another(outage: _Outage, before: Sample, sample: Sample) -> RecorderEvent:
    text = f"another server answers: {sample.server}, until now {before.server}"
    return RecorderEvent(
        _now(), EventKind.SERVER_CHANGED, text, None, "failover", Verdict.CONFIRMED,
        began=outage.down,
    )  # fmt: skip


def _back(investigation: Investigation, seen: Seen, outage: _Outage) -> Iterator[RecorderEvent]:
    up = _now()
    outage.words = outage.remains.look() or outage.words
    sessions = len(outage.before.sessions) if outage.before is not None else 0
    away = duration((up - outage.down).total_seconds())
    cut = "1 session was cut" if sessions == 1 else f"{sessions} sessions were cut"
    yield _event(up, EventKind.SERVER_UP, f"the server is back after {away}; {cut}", outage)
    if outage.words is None or not outage.words.settled:
        seen.inquire(Inquiry(investigation, outage.down, up, seen.well_since), outage.words)
    seen.well_since = up


def explained(inquiry: Inquiry, words: FirstWords | None) -> Iterator[RecorderEvent]:
    """What the steps found beyond the first words."""
    found = inquiry.finding
    text = _went(inquiry.down)
    if found is not None and not _says_no_more(found, words):
        reason = found.supports[0].text if found.supports else found.title
        yield RecorderEvent(
            _now(), EventKind.OUTAGE_EXPLAINED, f"{text}: {reason}", None, found.cause,
            found.verdict, began=inquiry.down,
        )  # fmt: skip
    elif words is None:
        text = f"{text}: nothing that can be read tells it"
        yield RecorderEvent(_now(), EventKind.OUTAGE_EXPLAINED, text, began=inquiry.down)


def _says_no_more(found: Finding, words: FirstWords | None) -> bool:
    if words is None:
        return False
    if found.cause == words.cause and found.verdict is words.verdict:
        return True
    return words.verdict is Verdict.CONFIRMED and (
        found.cause == words.cause or found.verdict is not Verdict.CONFIRMED
    )


def _now() -> datetime:
    return datetime.now().astimezone()
