"""What the capture window has done in the thread: look what it costs, and capture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from screens.opening import Engine

if TYPE_CHECKING:
    from wizard.capture.prepare import Place, Prepared, Wanted
    from wizard.capture.source import Progress
    from wizard.case.evidence import StepResult
    from wizard.server.pymysql_session import PyMySqlConnector

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ready:
    """A capture that could begin as it was shown; `remarks` tell what was put back before."""

    place: Place
    prepared: Prepared
    remarks: tuple[str, ...]


def look(engine: Engine, wanted: Wanted, say: Say) -> Ready:
    """What it would cost and set. Raises ServerError, CannotCapture."""
    from wizard.capture.prepare import Place, prepare

    say("looking what it would cost")
    context, remarks = engine.context, list[str]()
    connector = cast("PyMySqlConnector", context.connector)
    place = Place(context.target, connector, context.host, context.target.ssh is not None)
    session = connector.connect()
    try:
        prepared = prepare(place, wanted, session, remarks.append)
    finally:
        session.close()
    return Ready(place, prepared, tuple(remarks))


def capture(engine: Engine, ready: Ready, goes: Callable[[Progress], bool]) -> StepResult | None:
    """Capture as it was shown; what it held is a step of the case from then on."""
    from wizard.capture.step import capture_step

    step = capture_step(ready.place, ready.prepared, goes)
    engine.run((step,))
    return engine.case.step(step.id)
