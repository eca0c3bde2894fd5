"""The new lines of the application's log, as the errors that they tell of."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from knowledge.load import load
from wizard.case.case import Window
from wizard.case.evidence import Failure
from wizard.diagnosis.model import Verdict
from wizard.hosts.protocol import Host, HostError
from wizard.logs.application.read import scan_text
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.safety.redact import mask_lines

TOGETHER = timedelta(seconds=5)
"""An application tells of a loss within seconds, or at its next use, which is told as unknown."""

AT_ONCE = timedelta(seconds=2)
"""Two programs that disturb each other are told so while the server ends their connection."""

_VANISHED = "client-not-closing"

_MOST = 1 << 20
_TOLD = 20
"""Errors of one look that are told one by one."""


class AppTail:
    """Follows one file from its end. A stamp without a zone is this machine's time."""

    def __init__(self, host: Host, path: str) -> None:
        """Raises HostError where it cannot be read."""
        self.path = path
        self._host = host
        self._offset = host.stat(path).size
        self._rest = b""

    def new_failures(self) -> tuple[Failure, ...]:
        """Nothing where the file is out of sight for the moment."""
        try:
            size = self._host.stat(self.path).size
            if size < self._offset:
                self._offset, self._rest = 0, b""
            self._offset = max(self._offset, size - _MOST)
            data = self._host.read(self.path, self._offset, size - self._offset)
        except HostError:
            return ()
        self._offset += len(data)
        whole, newline, self._rest = (self._rest + data).rpartition(b"\n")
        if not newline:
            return ()
        now = datetime.now().astimezone()
        around = Window(now - timedelta(days=1), now + timedelta(days=1), asked=True)
        return scan_text(whole.decode("utf-8", "replace"), around).failures


def application_events(
    at: datetime, failures: tuple[Failure, ...], lately: list[RecorderEvent]
) -> Iterator[RecorderEvent]:
    """What the application noticed, with the server's event that fits. `lately` is what was told
    in the last seconds, oldest first."""
    for failure in failures[:_TOLD]:
        spoken = spoken_cause(failure.signal)
        partner = _partner(at, failure, lately, TOGETHER if spoken is None else AT_ONCE)
        text = mask_lines(f"the application says: {failure.text}")
        if partner is not None and partner.session is not None:
            text += f" (connection {partner.session.id}: {partner.cause})"
        cause = partner.cause if partner is not None else None
        verdict = Verdict.LIKELY if spoken is not None else None
        fits = partner is not None and spoken is not None and partner.cause in (_VANISHED, spoken)
        session = partner.session if partner is not None and fits else None
        yield RecorderEvent(
            at, EventKind.APPLICATION_ERROR, text, session, spoken or cause, verdict
        )
    if len(failures) > _TOLD:
        text = f"the application tells {len(failures) - _TOLD} more errors in this second"
        yield RecorderEvent(at, EventKind.APPLICATION_ERROR, text, count=len(failures) - _TOLD)


SPEAKS = 0.6
"""Least weight of a text that names its cause by itself, as packets out of order do."""


def spoken_cause(signal: str) -> str | None:
    """The cause that the application's own words name; a forked connection shows nowhere else."""
    named = {
        weighed.weight: cause.id
        for cause in load().causes.values()
        for weighed in cause.supports
        if weighed.signal == signal and weighed.match == "text" and weighed.weight >= SPEAKS
    }
    return named[max(named)] if named else None


def with_words(event: RecorderEvent, lately: list[RecorderEvent]) -> RecorderEvent:
    """A session's end with the cause that the application has named just before.

    To the server two programs on one connection are one client, which leaves in some way. Each
    word stands for one end.
    """
    if event.kind is not EventKind.SESSION_ENDED or event.cause != _VANISHED:
        return event
    near = [e for e in lately if event.at - e.at <= AT_ONCE]
    words = [e for e in near if e.kind is EventKind.APPLICATION_ERROR and e.verdict is not None]
    if not words or [e for e in near if e.cause == words[-1].cause][-1].session is not None:
        return event
    text = f"{event.text}; {words[-1].text}"
    return replace(event, text=text, cause=words[-1].cause, verdict=Verdict.LIKELY)


def _partner(
    at: datetime, failure: Failure, lately: list[RecorderEvent], within: timedelta
) -> RecorderEvent | None:
    """The event that names the failure's connection.

    Else the newest of these seconds, where they have one cause.
    """
    spoken_of = {
        e.session.id
        for e in lately
        if e.kind is EventKind.APPLICATION_ERROR and e.session is not None and e.at < at
    }
    near = [
        e
        for e in lately
        if at - e.at <= within
        and e.cause is not None
        and e.kind is not EventKind.APPLICATION_ERROR
        and (e.session is None or e.session.id not in spoken_of)
    ]
    number = failure.connection_id
    for event in near:
        if number is not None and event.session is not None and event.session.id == number:
            return event
    return near[-1] if number is None and len({e.cause for e in near}) == 1 else None
