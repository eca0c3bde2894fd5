"""What the recorder tells: one event, as JSON of one line and as text. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from wizard.diagnosis.model import Verdict
from wizard.recorder.sample import SessionSeen
from wizard.safety.redact import mask_sentence
from wizard.units import moment


class EventKind(StrEnum):
    """What happened. The words are part of the JSON contract."""

    SESSION_ENDED = "session-ended"
    LOGIN_FAILED = "login-failed"
    SERVER_DOWN = "server-down"
    SERVER_UP = "server-up"
    OUTAGE_EXPLAINED = "outage-explained"
    SERVER_CHANGED = "server-changed"
    SESSION_STALLED = "session-stalled"
    HOST_TROUBLE = "host-trouble"
    APPLICATION_ERROR = "application-error"
    OWN_ACT = "own-act"
    GAP = "gap"
    STARTED = "recorder-started"
    STOPPED = "recorder-stopped"


@dataclass(frozen=True, slots=True)
class RecorderEvent:
    """One thing that happened to the server or a session. `cause` is a cause's id or None,
    `began` when that began which ended at `at`: an outage, a gap. Events of one outage have the
    same `began`; a later one's cause stands for an earlier one's."""

    at: datetime
    kind: EventKind
    text: str
    session: SessionSeen | None = None
    cause: str | None = None
    verdict: Verdict | None = None
    count: int = 1
    began: datetime | None = None
    beside: tuple[SessionSeen, ...] = ()
    """Sessions lost at the same look as a trouble of the machine; each has its own event too."""


def as_json(event: RecorderEvent) -> str:
    """One line of JSON without its newline, with the fields of the contract."""
    return json.dumps(
        {
            "at": event.at.isoformat(timespec="milliseconds"),
            "event": event.kind.value,
            "session": None if event.session is None else _session(event.session),
            "cause": event.cause,
            "verdict": event.verdict.value if event.verdict is not None else None,
            "count": event.count,
            "began": event.began.isoformat(timespec="milliseconds") if event.began else None,
            "text": mask_sentence(event.text).text,
            "beside": [_session(seen) for seen in event.beside],
        }
    )


def _session(seen: SessionSeen) -> Mapping[str, Any]:
    return {
        "id": seen.id,
        "user": seen.user,
        "host": seen.host,
        "program": seen.program,
        "command": seen.command,
        "seconds": seen.seconds,
        "state": seen.state,
        "statement": seen.statement,
        "statement_bytes": seen.statement_bytes,
        "transaction_seconds": seen.transaction_seconds,
    }


def as_text(event: RecorderEvent) -> str:
    """`2026-11-29 02:14:07 UTC  CONFIRMED idle-timeout: ...`, one line."""
    word = event.verdict.value.upper().replace("-", " ") if event.verdict is not None else ""
    head = " ".join(part for part in (word, event.cause or event.kind.value) if part)
    return f"{moment(event.at.astimezone(UTC))}  {head}: {mask_sentence(event.text).text}"
