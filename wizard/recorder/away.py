"""While the server is away: tries again with backoff, and says once it is back why it went."""

import threading
from collections.abc import Iterator
from datetime import datetime

from wizard.diagnosis.model import Verdict
from wizard.investigation.run import Investigation
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.outage import cause_of_outage
from wizard.recorder.round import restarted
from wizard.recorder.sample import Sample
from wizard.recorder.sampler import Sampler
from wizard.recorder.seen import Seen, begin, look_at_another
from wizard.safety.errors import WizardError
from wizard.units import duration

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 2.0
"""Seconds between two tries to reach a server that is away."""


def until_back(
    investigation: Investigation, seen: Seen, stop: threading.Event
) -> Iterator[RecorderEvent]:
    """Our own session ended: alone, with the server, or with the way to it."""
    down = datetime.now().astimezone()
    before, seen.last = seen.last, None
    if seen.attributor is not None:
        seen.attributor.forget(seen.sampler.own if seen.sampler is not None else 0)
    broken = investigation.context.breakage()
    investigation.close()
    told = False
    pause = FIRST_PAUSE
    sample: Sample | None = None
    while not stop.is_set() and sample is None:
        try:
            begin(investigation, seen)
            sample = seen.sampler.take() if seen.sampler is not None else None
        except WizardError as error:
            if not told:
                told = True
                yield _away(down, broken, error)
            investigation.close()
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
    if sample is None:
        return
    if before is not None and not restarted(before, sample):
        text = broken or "the recorder's own session was cut, and the server had not restarted"
        now = datetime.now().astimezone()
        text = f"{text}; nothing was seen for {duration((now - down).total_seconds())}"
        yield RecorderEvent(now, EventKind.GAP, text, began=down)
        return
    yield from _back(investigation, seen, before, sample, down)


def _away(down: datetime, broken: str, error: WizardError) -> RecorderEvent:
    """What is lost: the way to the server is no outage."""
    if broken:
        return RecorderEvent(down, EventKind.GAP, f"{broken}; the server is out of sight")
    return RecorderEvent(down, EventKind.SERVER_DOWN, f"the server is away: {error}")


def _back(
    investigation: Investigation,
    seen: Seen,
    before: Sample | None,
    sample: Sample,
    down: datetime,
) -> Iterator[RecorderEvent]:
    up = datetime.now().astimezone()
    if before is not None and before.server != sample.server:
        text = f"another server answers: {sample.server}, until now {before.server}"
        look_at_another(investigation, seen)
        yield RecorderEvent(
            up, EventKind.SERVER_CHANGED, text, None, "failover", Verdict.CONFIRMED, began=down
        )
        return
    finding = cause_of_outage(investigation, down, up, seen.well_since)
    seen.well_since = up
    if investigation.context.server is not None:
        seen.sampler = Sampler(investigation.context.server)
    sessions = len(before.sessions) if before is not None else 0
    away = duration((up - down).total_seconds())
    cut = "1 session was cut" if sessions == 1 else f"{sessions} sessions were cut"
    text = f"the server is back after {away}; {cut}"
    if finding is None:
        yield RecorderEvent(up, EventKind.SERVER_UP, f"{text}; nothing tells why", began=down)
        return
    reason = finding.supports[0].text if finding.supports else finding.title
    yield RecorderEvent(
        up, EventKind.SERVER_UP, f"{text}: {reason}", None, finding.cause, finding.verdict,
        began=down,
    )  # fmt: skip
