"""The server's error log: ended sessions with their reason, and the server's own life."""

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from wizard.case import facts
from wizard.case.evidence import Evidence, Scalar, StepResult, StepStatus, Table
from wizard.case.moments import moment_of
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import HostError
from wizard.logs.error.find import find
from wizard.logs.error.life_evidence import LIFE_SIGNALS, breaks_off, is_down, life_evidence
from wizard.logs.error.marks import BIRTHS
from wizard.logs.error.places import ContainerLog, ErrorTable, Found, LogPath, SystemdJournal
from wizard.logs.error.read_blocks import read_blocks
from wizard.logs.error.read_log import read_file
from wizard.logs.error.reading import Reading
from wizard.logs.error.run import RunEnding
from wizard.logs.error.session_evidence import session_evidence
from wizard.logs.error.streams import read_output, table_blocks
from wizard.logs.error.tables import tables
from wizard.logs.error.verbosity import Verbosity, verbosity
from wizard.logs.kind import LogKind
from wizard.logs.understood import NotUnderstood, head_of, why_not
from wizard.safety.sanitize import sanitize
from wizard.server.session import ServerError
from wizard.steps import names
from wizard.steps.error_log_lives import answers, missed, unlogged
from wizard.steps.error_log_process import evidence_of, facts_of, still_there
from wizard.steps.own_traces import own_traces
from wizard.steps.step import Context, Skip, Step
from wizard.units import DAY, moment

START_SLACK = timedelta(minutes=2)
"""How far the log's start line may be from the server's own idea of its start."""

_SHORT = {
    "log.aborted-timeout": "aborted: timeout",
    "log.idle-timeout": "idle timeout",
    "log.aborted-packet": "packet too large",
    "log.aborted-read-error": "aborted: client gone",
    "log.aborted-write-error": "aborted: error writing",
    "log.aborted-write-timeout": "aborted: client too slow",
    "log.aborted-unknown": "aborted: no reason told",
    "log.aborted-killed": "killed",
    "log.aborted-init-connect": "init_connect failed",
    "log.preauth": "closed before login",
    "log.handshake-timeout": "login too slow",
    "log.access-denied": "access denied",
    "log.dns-failed": "address not resolved",
    "log.disk-full": "disk full",
    "log.corruption": "damaged table or page",
    "log.out-of-memory": "out of memory",
    "log.too-many-files": "too many open files",
    "log.thread-failed": "no thread for a connection",
    "log.memory-limit": "session memory limit",
    "log.semaphore-wait": "long latch wait",
    "log.redo-too-small": "redo log too small",
    "log.redo-waits": "wait for the redo log",
    "log.thread-pool-exhausted": "full thread pool",
    "log.zombie-dump-thread": "replica thrown out by its like",
    "log.reader-cut": "replication stream cut",
    "log.replica-packet": "row too large for this replica",
    "log.temporary-server": "container's temporary server",
    "log.shutdown": "orderly shutdown",
    "log.crash": "crash",
    "log.unclean-end": "sudden end, not logged",
    "log.crash-loop": "deaths in a crash loop",
    "log.startup-failed": "failed start",
    "log.shutdown-unfinished": "shutdown without an end",
    "log.process-runs": "process that runs and does not listen",
    "log.cluster-lost": "majority of the cluster lost",
    "log.cluster-peer-lost": "peer of the cluster silent",
    "log.supervisor-crash": "died of a signal, by its supervisor",
    "log.supervisor-killed": "killed by its supervisor",
    "log.supervisor-no-start": "not started, by its supervisor",
    "log.supervisor-loop": "restarted by its supervisor",
    "log.supervisor-oom": "killed for want of memory",
    "log.supervisor-stopped": "stopped in order, by its supervisor",
}


def run(context: Context) -> StepResult:
    """Find the error log, read the window's part of it, and say what it could not tell.

    Facts: path, bytes_scanned, lines, verbosity, verbosity_assumed, can_tell_aborted,
    dead_pids and run_pids (comma lists), last_state (`running`, `stopped` or `unknown`),
    last_line_at, log_begins_at (ISO).
    """
    context.progress("looking for the error log")
    found = find(
        context.target,
        context.sources,
        context.case,
        context.host,
        context.host_reason,
        context.server,
    )
    reading, how, tried = _read(context, found)
    if reading is None:
        raise Skip("no error log could be read: " + "; ".join(tried or ("nothing to try",)))
    told = verbosity(context.server, context.case.target.flavor, reading)
    process = still_there(context, reading)
    gone = context.server is None and is_down(reading, context.case.evidence)
    unreachable = gone and process is None
    evidence = (
        *life_evidence(
            reading,
            context.case.window,
            unreachable,
            answers(context.case, reading),
            missed(context.case, reading),
            goes_on=process is not None,
        ),
        *evidence_of(process, reading, gone, context.case.evidence),
        *session_evidence(reading, own_traces(context)),
    )
    gaps = _gaps(context, found, reading)
    seen = {e.signal for e in evidence}
    # What was cut may have held any of them.
    is_silent = not reading.understood or reading.begins is None
    able = () if reading.cuts or is_silent else told.signals
    unsure = {*(LIFE_SIGNALS if gaps else ()), *unlogged(context.case.evidence)}
    looked = tuple(s for s in able if s in seen or s not in unsure)
    return StepResult(
        id=STEP.id,
        status=StepStatus.DONE,
        reason=None if reading.understood else gaps[0],
        headline=_headline(evidence) if evidence or reading.understood else gaps[0],
        evidence=evidence,
        looked_for=tuple(dict.fromkeys((*looked, *sorted(seen)))),
        tables=(_table(evidence, reading, how), *tables(reading.scan)),
        notes=(
            f"{how}: {reading.path}",
            *((told.note(),) if reading.understood else ()),
            *gaps,
            *reading.cuts,
            *reading.remarks,
            *tried,
        ),
        facts={**_facts(context, reading, told, unreachable), **facts_of(process, reading)},
    )


def _zone(context: Context) -> tzinfo | None:
    """The zone of stamps that have none: the server's, or this machine's where unknown."""
    offset = context.case.fact(facts.SERVER_TIME_OFFSET_SECONDS)
    if isinstance(offset, bool) or not isinstance(offset, int | float) or abs(offset) >= DAY:
        return None
    return timezone(timedelta(seconds=round(offset)))


def _read(context: Context, found: Found) -> tuple[Reading | None, str, tuple[str, ...]]:
    """The first place that can be read, how it was found, and what was tried in vain."""
    tried = list(found.tried)
    window, zone = context.case.window, _zone(context)
    for place in found.places:
        context.progress(f"reading {sanitize(getattr(place, 'path', place.how))}")
        try:
            match place:
                case LogPath(path, how):
                    host = context.host or LocalHost()
                    return (
                        read_file(
                            host, path, window, zone, context.checkpoint, context.progress
                        ),
                        how,
                        tuple(tried),
                    )  # fmt: skip
                case SystemdJournal() | ContainerLog():
                    host = context.need_host()
                    reading = read_output(host, place, window, zone, context.checkpoint)
                    return reading, place.how, tuple(tried)
                case ErrorTable(how):
                    blocks = table_blocks(context.need_server())
                    label = "performance_schema.error_log"
            return (
                read_blocks(blocks, label, window, zone, context.checkpoint), how, tuple(tried)
            )  # fmt: skip
        except (HostError, ServerError) as error:
            tried.append(sanitize(f"{place.how}: {error}"))
    return None, "", tuple(tried)


def _gaps(context: Context, found: Found, reading: Reading) -> tuple[str, ...]:
    """Why the log does not cover the server's life in the window, if it does not."""
    window = context.case.window
    if not reading.understood and (why := _why_not(context, found, reading)):
        return (sanitize(why, 400),)
    if reading.begins is None and reading.scan.tallies:
        return ("No line of the log tells a time: whether they are of this window is not known.",)
    if reading.begins is None:
        return ("The log holds no line with a time: it is empty, or was rotated just now.",)
    gaps = []
    marks = reading.scan.marks
    born = bool(marks) and marks[0].kind in BIRTHS and not reading.scan.served
    if reading.begins > window.since and not born:
        gaps.append(
            f"The log begins at {_clock(reading.begins)}, inside the window: what came before "
            "was rotated away."
        )
    started = moment_of(context.case.fact(facts.STARTED_AT))
    if (
        started is not None
        and window.holds(started)
        and not any(
            run.started is not None and abs(run.started - started) <= START_SLACK
            for run in reading.life.runs
        )
    ):
        gaps.append(
            f"The server says that it started at {_clock(started)}, and the log has no start "
            "then: it may be another server's log."
        )
    return tuple(gaps)


def _why_not(context: Context, found: Found, reading: Reading) -> str:
    """What a file is instead; nothing of another place, and of an empty file."""
    files = (place.path for place in found.places if isinstance(place, LogPath))
    if reading.path not in files:
        return ""
    try:
        head = head_of(context.host or LocalHost(), reading.path)
    except NotUnderstood as error:
        return str(error)
    except HostError:
        return ""
    return why_not(reading.path, LogKind.ERROR, head) if head else ""


def _headline(evidence: tuple[Evidence, ...]) -> str:
    if not evidence:
        return "nothing in the window"
    parts = []
    for item in sorted(evidence, key=lambda e: e.signal in LIFE_SIGNALS):
        what = _SHORT.get(item.signal, item.signal)
        at = f"{item.last.astimezone(UTC):%H:%M} UTC" if item.last else ""
        when = f" at {at}" if item.count == 1 else f", last at {at}"
        times = "1 " if item.count == 1 else f"{item.count} x "
        parts.append(f"{times}{what}{when if at and item.signal in LIFE_SIGNALS else ''}")
    return "; ".join(parts)


def _table(evidence: tuple[Evidence, ...], reading: Reading, how: str) -> Table:
    rows = tuple(
        (
            str(item.count),
            _SHORT.get(item.signal, item.signal),
            _who(item),
            f"{item.last.astimezone(UTC):%m-%d %H:%M:%S}" if item.last else "-",
        )
        for item in sorted(evidence, key=lambda e: -e.count)
    )
    return Table(
        sanitize(f"Error log {reading.path}"),
        ("COUNT", "WHAT", "WHO", "LAST (UTC)"),
        rows,
        note=sanitize(how) if rows else "Nothing of interest in the window.",
    )


def _who(item: Evidence) -> str:
    accounts = Counter(o.account for o in item.occurrences if o.account)
    if not accounts:
        return "-"
    name, _ = accounts.most_common(1)[0]
    return name if len(accounts) == 1 else f"{name} +{len(accounts) - 1}"


def _facts(
    context: Context, reading: Reading, told: Verbosity, unreachable: bool
) -> dict[str, Scalar]:
    life, window = reading.life, context.case.window
    dead = [r for r in life.ended(RunEnding.UNCLEAN) if window.holds(r.next_start or r.ended)]
    last = life.last
    if breaks_off(reading, unreachable) and last is not None:
        dead.append(last)
    state = "unknown"
    if last is not None:
        state = "running" if last.ending is RunEnding.NONE else "stopped"
    return {
        "path": sanitize(reading.path),
        "bytes_scanned": reading.scan.bytes_scanned,
        "lines": reading.scan.lines,
        "verbosity": told.level,
        "verbosity_assumed": told.assumed,
        "can_tell_aborted": told.tells_aborted,
        "dead_pids": ",".join(str(r.pid) for r in dead if r.pid),
        "run_pids": ",".join(str(r.pid) for r in life.runs if r.pid),
        "last_state": state,
        "last_line_at": reading.scan.last.isoformat() if reading.scan.last else None,
        "log_begins_at": reading.begins.isoformat() if reading.begins else None,
    }


def _clock(at: datetime) -> str:
    return moment(at.astimezone(UTC))


STEP = Step(*names.ERROR_LOG, run)
