"""What the recorder's loop knows between two rounds, and how it begins to look."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from functools import partial

from wizard.case import facts
from wizard.case.own_traces import Trace
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import HostError
from wizard.hosts.server_process import process_for
from wizard.investigation.run import Investigation
from wizard.logs.error.find import find
from wizard.logs.error.places import LogPath
from wizard.recorder.app_tail import AppTail
from wizard.recorder.app_words import AppWords
from wizard.recorder.attributor import Attributor
from wizard.recorder.first_words import FirstWords
from wizard.recorder.host_look import HostEyes
from wizard.recorder.host_trouble import HostTrouble
from wizard.recorder.inquiry import Inquiry
from wizard.recorder.log_tail import LogTail
from wizard.recorder.moved import Moved
from wizard.recorder.rights import Rights
from wizard.recorder.sample import Sample
from wizard.recorder.sampler import Sampler
from wizard.server.resting import resting
from wizard.steps import connection
from wizard.steps.own_traces import own_traces
from wizard.units import DAY


@dataclass(slots=True)
class Seen:
    """`trouble` names what cannot be seen at the moment, so that it is told once."""

    attributor: Attributor | None = None
    tail: LogTail | None = None
    sampler: Sampler | None = None
    rights: Rights | None = None
    eyes: HostEyes | None = None
    machine: HostTrouble = field(default_factory=HostTrouble)
    applications: list[AppTail] = field(default_factory=list)
    last: Sample | None = None
    looked_without_log: str = ""
    words: AppWords = field(default_factory=AppWords)
    trouble: dict[str, str] = field(default_factory=dict)
    well_since: datetime = field(default_factory=lambda: datetime.now().astimezone())
    inquiry: Inquiry | None = None
    said: FirstWords | None = None
    """What was said of the outage that the inquiry looks into."""

    moved: Moved = field(default_factory=Moved)
    traces: Callable[[], Iterable[Trace]] = tuple
    """Of the wizard's own work on this server."""

    @property
    def reads_log(self) -> bool:
        return self.tail is not None and not self.tail.trouble

    def looked_well(self) -> None:
        """The server is well: what its log told of its life until now is of no later outage."""
        if self.tail is not None:
            self.tail.read()
            self.tail.marks.clear()

    def inquire(self, inquiry: Inquiry, said: FirstWords | None) -> None:
        """Another outage ends the look for the one before."""
        if self.inquiry is not None:
            self.inquiry.end(0.0)
        self.inquiry, self.said = inquiry, said


def begin(investigation: Investigation, seen: Seen) -> None:
    """Open the session, find the log and the machine. Raises ServerError."""
    open_session(investigation, seen)
    look_around(investigation, seen)


def open_session(investigation: Investigation, seen: Seen) -> None:
    """So that samples can be taken. Raises ServerError."""
    context = investigation.context
    investigation.run((connection.STEP,))
    if context.server is None:
        context.server = resting(context.connector.connect())
    seen.traces = partial(own_traces, context)
    seen.sampler, seen.rights = Sampler(context.server), Rights(context.server)


def look_around(investigation: Investigation, seen: Seen) -> None:
    """Find the log and the machine, which may take seconds. Raises ServerError."""
    if seen.attributor is None:
        seen.applications = list(_applications(investigation))
        seen.attributor = Attributor()
    if seen.tail is None:
        seen.tail, seen.looked_without_log = _tail(investigation)
    seen.eyes = _eyes(investigation)


def look_with_new_rights(investigation: Investigation, seen: Seen) -> None:
    """Over another session, since this one keeps the rights that it began with. Sessions may come
    into sight or leave it by that alone. Raises ServerError."""
    context = investigation.context
    server = resting(context.connector.connect())
    investigation.close()
    context.server = server
    if seen.attributor is not None:
        seen.attributor.forget(seen.sampler.own if seen.sampler is not None else 0)
    seen.last = None
    seen.sampler, seen.rights = Sampler(server), Rights(server)


def follow_the_proxy(investigation: Investigation, seen: Seen) -> None:
    """A proxy has moved our session to another server. Raises ServerError."""
    seen.moved.elsewhere = False
    seen.last = None
    open_session(investigation, seen)
    look_at_another(investigation, seen)


def look_at_another(investigation: Investigation, seen: Seen) -> None:
    """Another server answers, with a log and maybe a machine of its own. Raises ServerError."""
    seen.tail, seen.attributor = None, Attributor()
    look_around(investigation, seen)


def opening(investigation: Investigation, seen: Seen) -> str:
    """What is watched, and what is not."""
    where = investigation.context.target.label
    told = f"watching {where}"
    if seen.tail is None:
        told += f" without its error log ({seen.looked_without_log})"
    else:
        told += f" and {seen.tail.path}"
    for log in seen.applications:
        told += f" and {log.path}"
    if seen.eyes is None:
        told += "; its machine is out of sight"
    return told


def _tail(investigation: Investigation) -> tuple[LogTail | None, str]:
    """The error log's end, or why it is not followed."""
    context = investigation.context
    found = find(
        context.target, context.sources, context.case, context.host, context.host_reason,
        context.server,
    )  # fmt: skip
    tried = list(found.tried)
    for place in found.places:
        if isinstance(place, LogPath):
            try:
                return LogTail(context.host or LocalHost(), place.path, _zone(investigation)), ""
            except HostError as error:
                tried.append(str(error))
    return None, "; ".join(tried) or "the error log is no file that can be followed"


def _zone(investigation: Investigation) -> tzinfo | None:
    offset = investigation.case.fact(facts.SERVER_TIME_OFFSET_SECONDS)
    if isinstance(offset, bool) or not isinstance(offset, int | float) or abs(offset) >= DAY:
        return None
    return timezone(timedelta(seconds=round(offset)))


def _eyes(investigation: Investigation) -> HostEyes | None:
    """A look at the server's machine, where that can be seen."""
    context = investigation.context
    if context.host is None:
        return None
    step = context.case.step(connection.STEP.id)
    known = dict(step.facts) if step is not None else {}
    try:
        found = process_for(context.target, known, context.host.server_processes(), context.host)
    except HostError:
        found = None
    port = known.get("port")
    return HostEyes(
        context.host,
        port if isinstance(port, int) else None,
        found.pid if found is not None else None,
        str(known.get("datadir") or ""),
    )


def _applications(investigation: Investigation) -> list[AppTail]:
    """The application's logs that were named; one that cannot be read is left out."""
    context = investigation.context
    host = context.app_host or LocalHost()
    found = []
    for path in context.sources.app_logs:
        try:
            found.append(AppTail(host, str(path)))
        except HostError:
            continue
    return found
