"""What a capture of the general log held, beside who was connected before and after it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from wizard.capture.people import Person
from wizard.capture.source import CapturedLog
from wizard.logs.general.limits import GeneralLimits
from wizard.logs.general.lines import entries
from wizard.logs.general.sessions import SessionSeen, Workload, read_sessions
from wizard.logs.general.table_rows import entries_of_rows

People = Mapping[int, Person]


def workload(
    recording: CapturedLog, zone: tzinfo, before: People | None, after: People | None
) -> Workload:
    """`before` and `after` are the process lists, None where this account may not see them."""
    found = (
        entries(recording.chunks(), zone)
        if recording.reads_file
        else entries_of_rows(recording.rows())
    )
    known = {**(before or {}), **(after or {})}
    work = read_sessions(found, {number: person.program for number, person in known.items()})
    for session in work.sessions:
        _name(session, known.get(session.connection_id))
    began = recording.began_at
    silent = tuple(_silent(work, before or {}, began)) if began is not None else ()
    return replace(work, sessions=(*work.sessions, *silent))


def limits_of(settings: Mapping[str, int | None], after: People | None) -> GeneralLimits:
    return GeneralLimits(
        settings.get("wait_timeout"),
        settings.get("interactive_timeout"),
        settings.get("max_allowed_packet"),
        None if after is None else frozenset(after),
    )


def _name(session: SessionSeen, person: Person | None) -> None:
    """A session that was open before the capture has no Connect in the log; it rested since."""
    if person is None:
        return
    session.program = session.program or person.program
    if not session.user:
        session.user, session.host = person.user, person.host


def _silent(work: Workload, before: People, began: datetime) -> list[SessionSeen]:
    """Sessions that were open at the start and said nothing: they may vanish all the same."""
    heard = {session.connection_id for session in work.sessions} | work.own
    return [
        SessionSeen(
            person.connection_id, person.user, person.host, program=person.program,
            last=began - timedelta(seconds=person.rest), longest_rest=person.rest,
        )
        for person in before.values()
        if person.connection_id not in heard and person.user not in _SYSTEM
    ]  # fmt: skip


_SYSTEM = frozenset({"system user", "event_scheduler", ""})
