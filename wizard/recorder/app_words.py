"""What the application says, and the session's end that it speaks of. Pure but for what waits.

To the server two programs on one connection are one client, which leaves in some way: only the
application's words tell of it, and they name no connection. It is the one that was in use when
they were said. One that is listed at rest may have been used since, in the second of its end, so
such words and such an end wait a look for what fits better.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache

from knowledge.load import load
from wizard.case.evidence import Failure
from wizard.diagnosis.model import Verdict
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.safety.redact import mask_lines

TOGETHER = timedelta(seconds=5)
"""An application tells of a loss within seconds, or at its next use, which is told as unknown."""

AT_ONCE = timedelta(seconds=2)
"""Between such words and the connection's last use, by looks that are a second apart."""

AT_REST = 2
"""Whole seconds of rest with which a session's last use is in doubt: the server counts them down to
whole ones, and the look that read them was up to a second earlier."""

OUTLASTS = timedelta(minutes=1)
"""One of two programs may wait for an answer that the other took, until its read timeout."""

LATELY = 2000
"""Events that are kept for it; a storm has more in these seconds."""

SPEAKS = 0.6
"""Least weight of a text that names its cause by itself, as packets out of order do."""

_VANISHED = "client-not-closing"
_TOLD = 20
"""Errors of one look that are told one by one."""


@dataclass(slots=True)
class AppWords:
    """Pairs words and ends, of the events that it is given to keep."""

    _lately: deque[RecorderEvent] = field(default_factory=lambda: deque(maxlen=LATELY))
    _unclaimed: list[RecorderEvent] = field(default_factory=list)
    """Words that name a cause, and no end was told with them."""

    _claims: list[tuple[str, datetime]] = field(default_factory=list)
    """Which cause was told of an end, and when its words were said."""

    _waiting: list[tuple[RecorderEvent, RecorderEvent]] = field(default_factory=list)
    """Words, and an end of the same look whose session was listed at rest."""

    _held: list[RecorderEvent] = field(default_factory=list)
    """Ends of sessions that were listed at rest, soon after such words."""

    def keep(self, event: RecorderEvent) -> None:
        """An event that was told."""
        self._lately.append(event)
        cause = event.cause or ""
        if not _speaks(event):
            return
        if event.session is not None:
            self._claim(cause, _last_use(event))
        elif not any(c == cause and abs(event.at - at) <= AT_ONCE for c, at in self._claims):
            self._unclaimed.append(event)
            del self._unclaimed[:-LATELY]

    def _claim(self, cause: str, at: datetime) -> None:
        """Both programs speak of one end."""
        self._claims.append((cause, at))
        del self._claims[:-LATELY]
        self._unclaimed = [
            w for w in self._unclaimed if w.cause != cause or abs(w.at - at) > AT_ONCE
        ]

    def heard(self, at: datetime, failures: Sequence[Failure]) -> Iterator[RecorderEvent]:
        """What the application noticed, with the server's event that fits."""
        waiting, self._waiting = self._waiting, []
        for word, partner in waiting:
            yield _about(word, self._in_use(word) or partner)
        for failure in failures[:_TOLD]:
            said = self._word(at, failure)
            if said is not None:
                yield said
        if len(failures) > _TOLD:
            text = f"the application tells {len(failures) - _TOLD} more errors in this second"
            yield RecorderEvent(at, EventKind.APPLICATION_ERROR, text, count=len(failures) - _TOLD)

    def _word(self, at: datetime, failure: Failure) -> RecorderEvent | None:
        """None where it waits."""
        text = mask_lines(f"the application says: {failure.text}")
        spoken = spoken_cause(failure.signal)
        if spoken is None:
            return self._of_unknown(
                RecorderEvent(at, EventKind.APPLICATION_ERROR, text), failure.connection_id
            )
        word = RecorderEvent(at, EventKind.APPLICATION_ERROR, text, None, spoken, Verdict.LIKELY)
        partner = self._named(failure.connection_id)
        used = self._in_use(word)
        if partner is None and used is not None and not _rests(used):
            partner = used
        resting = used or self._resting(word)
        if partner is not None or resting is None:
            return _about(word, partner)
        self.keep(word)
        self._waiting.append((word, resting))
        return None

    def with_words(self, events: Sequence[RecorderEvent]) -> Iterator[RecorderEvent]:
        """A look's events; an end has the cause that the application has named before."""
        held, self._held = self._held, []
        resting = []
        for event in events:
            word = self._open(event, _last_use(event))
            in_doubt = word is None or _rests(event)
            if in_doubt and self._open(event, _seen(event)) is not None:
                resting.append(event)
            else:
                yield self._told(event, word)
        for event in held:
            yield self._told(event, self._open(event, _seen(event)))
        for event in resting:
            if self._open(event, _seen(event)) is None:
                yield event
            else:
                self._held.append(event)

    def rest(self) -> Iterator[RecorderEvent]:
        """What waits when no further look is taken."""
        yield from self._held
        self._held = []
        for word, partner in self._waiting:
            yield _about(word, partner)
        self._waiting = []

    def _open(self, event: RecorderEvent, at: datetime) -> RecorderEvent | None:
        """Words of that moment which no end was told with; each stands for one."""
        if event.kind is not EventKind.SESSION_ENDED or event.cause != _VANISHED:
            return None
        near = (word for word in reversed(self._unclaimed) if abs(at - word.at) <= AT_ONCE)
        return next(near, None)

    def _told(self, end: RecorderEvent, word: RecorderEvent | None) -> RecorderEvent:
        if word is None:
            return end
        self._claim(word.cause or "", word.at)
        text = f"{end.text}; {word.text}"
        return replace(end, text=text, cause=word.cause, verdict=Verdict.LIKELY)

    def forget(self, now: datetime) -> None:
        """What no later word or end can belong to."""
        while self._lately and now - _seen(self._lately[0]) > TOGETHER:
            self._lately.popleft()
        self._unclaimed = [word for word in self._unclaimed if now - word.at <= OUTLASTS]
        self._claims = [(cause, at) for cause, at in self._claims if now - at <= OUTLASTS]

    def _of_unknown(self, word: RecorderEvent, number: int | None) -> RecorderEvent:
        """With the event that names its connection, else the newest of these seconds.

        That is told where those have one cause."""
        near = self._near(word.at, TOGETHER)
        partner = self._named(number)
        if partner is None and number is None and len({e.cause for e in near}) == 1:
            partner = near[-1]
        if partner is None:
            return word
        return replace(word, text=_with_number(word.text, partner), cause=partner.cause)

    def _named(self, number: int | None) -> RecorderEvent | None:
        ends = (e for e in self._lately if e.kind is not EventKind.APPLICATION_ERROR)
        named = (e for e in ends if e.session is not None and e.session.id == number)
        return next(named, None)

    def _in_use(self, word: RecorderEvent) -> RecorderEvent | None:
        """The end of a session that was used when that was said; the newest of several."""
        ends = [e for e in self._fitting(word) if abs(_last_use(e) - word.at) <= AT_ONCE]
        return ends[-1] if ends else None

    def _resting(self, word: RecorderEvent) -> RecorderEvent | None:
        """The end of a session, seen in the same look, that may have been used since the last."""
        ends = [e for e in self._fitting(word) if e.session and e.session.seen_at == word.at]
        return ends[-1] if ends else None

    def _fitting(self, word: RecorderEvent) -> list[RecorderEvent]:
        return [
            e
            for e in self._near(word.at, AT_ONCE)
            if e.kind is EventKind.SESSION_ENDED and e.cause in (_VANISHED, word.cause)
        ]

    def _near(self, at: datetime, within: timedelta) -> list[RecorderEvent]:
        """Events with a cause that no words before have named."""
        said = [e for e in self._lately if e.kind is EventKind.APPLICATION_ERROR and e.at < at]
        spoken_of = {e.session.id for e in said if e.session is not None}
        return [
            e
            for e in self._lately
            if at - _seen(e) <= within
            and e.cause is not None
            and e.kind is not EventKind.APPLICATION_ERROR
            and (e.session is None or e.session.id not in spoken_of)
        ]


def spoken_cause(signal: str) -> str | None:
    """The cause that the application's own words name; a forked connection shows nowhere else."""
    named = {
        weighed.weight: cause.id
        for cause in load().causes.values()
        for weighed in cause.supports
        if weighed.signal == signal and weighed.match == "text" and weighed.weight >= SPEAKS
    }
    return named[max(named)] if named else None


def _about(word: RecorderEvent, partner: RecorderEvent | None) -> RecorderEvent:
    if partner is None or partner.session is None:
        return word
    fits = partner.cause in (_VANISHED, word.cause)
    text = _with_number(word.text, partner)
    return replace(word, text=text, session=partner.session if fits else None)


def _with_number(text: str, partner: RecorderEvent) -> str:
    if partner.session is None:
        return text
    return f"{text} (connection {partner.session.id}: {partner.cause})"


def _speaks(event: RecorderEvent) -> bool:
    if event.kind is EventKind.APPLICATION_ERROR:
        return event.verdict is not None
    return event.kind is EventKind.SESSION_ENDED and event.cause in _spoken_causes()


@cache
def _spoken_causes() -> frozenset[str]:
    signals = {weighed.signal for cause in load().causes.values() for weighed in cause.supports}
    return frozenset(cause for signal in signals if (cause := spoken_cause(signal)) is not None)


def _seen(event: RecorderEvent) -> datetime:
    """When the recorder saw it: the log's stamps are by the server's clock."""
    session = event.session
    return session.seen_at if session is not None and session.seen_at is not None else event.at


def _rests(event: RecorderEvent) -> bool:
    """Whether the session may have rested for longer than `AT_ONCE`."""
    session = event.session
    return session is not None and session.rests and session.seconds >= AT_REST


def _last_use(event: RecorderEvent) -> datetime:
    """Of the session that ended; of words the moment at which they were read."""
    if event.kind is EventKind.APPLICATION_ERROR:
        return event.at
    rested = event.session.seconds if event.session is not None and event.session.rests else 0
    return _seen(event) - timedelta(seconds=rested)
