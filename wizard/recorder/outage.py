"""Why the server went away, looked up once it is back by the steps that `check` runs."""

from dataclasses import replace
from datetime import datetime, timedelta

from wizard.case.case import Window
from wizard.diagnosis.model import Finding
from wizard.investigation.run import Investigation
from wizard.steps import connection, error_log, health

BEFORE = timedelta(seconds=30)
"""What was logged before the connection was seen to be lost."""

GROUP = frozenset(
    {"server-restarted", "server-crash", "server-oom-killed", "server-killed", "crash-loop",
     "disk-full", "table-corruption", "start-failure", "host-rebooted"}
)  # fmt: skip
"""Causes that take the whole server away."""


def cause_of_outage(
    investigation: Investigation, down: datetime, up: datetime, earlier: datetime
) -> Finding | None:
    """The leading cause of an outage, or None where nothing that can be read tells it.

    `earlier` is when the server was last known to be well: what was logged before then is of
    another outage. MariaDB's log knows whole seconds only: what was logged just after the loss may
    bear a time just before it.
    """
    context = investigation.context
    since = max(down - BEFORE, min(earlier, down.replace(microsecond=0)))
    window = Window(since, up, asked=True)
    context.case = replace(context.case, window=window, steps=())
    diagnosis = investigation.run((connection.STEP, health.STEP, error_log.STEP))
    return next((f for f in diagnosis.accused if f.cause in GROUP), None)
