"""The workload probe: what the server's sessions do while they are watched for a moment.

Two looks at the counters make a rate where one look only tells a total since the server's
start. Facts: `watched_seconds`, `connections_per_second`, `threads_connected` (of clients),
`longest_rest` (seconds), and what rose: `aborted_clients_rose`, `aborted_connects_rose`,
`kills_rose`.
"""

import time
from collections.abc import Iterator

from wizard.case import facts
from wizard.case.evidence import Evidence, Samples, StepResult, StepStatus, Table
from wizard.probes.probe import Probe
from wizard.probes.workload.activity import (
    Sample,
    Session,
    blocked,
    busiest,
    rise,
    sessions_of,
    sleepers,
)
from wizard.safety.redact_sql import mask_statement
from wizard.safety.sanitize import sanitize
from wizard.server.session import QueryFailed, Row, ServerSession
from wizard.server.status import read_status
from wizard.steps import names
from wizard.steps.limits import ProbeLimits
from wizard.steps.step import Context, Step
from wizard.units import duration

KILLS, ABORTS, REFUSALS = "probe.kills", "probe.aborts", "probe.refusals"
LOCKS, SLOTS = "probe.lock-wait", "probe.slots-filling"

MOST_SESSIONS = 5000
_SESSIONS = (
    "SELECT ID AS Id, USER AS User, HOST AS Host, COMMAND AS Command, TIME AS Time,"
    " STATE AS State, LEFT(INFO, 1024) AS Info FROM {}"
    f" ORDER BY TIME DESC LIMIT {MOST_SESSIONS + 1}"
)

_EVERY = 1.0
_SHOWN = 8
_STATEMENT = 160
"""Characters of a statement that are shown."""
_FULL = 0.9
"""Share of max_connections from which on the next burst may find no slot."""


def run(context: Context) -> StepResult:
    server = context.need_server()
    blind = context.case.fact(facts.HAS_PROCESS_PRIVILEGE) is False
    partly = ("without PROCESS only this account's own sessions were seen",) if blind else ()
    own = frozenset({server.info.connection_id})
    limit = read_status(server).max_connections
    samples: list[Sample] = []
    end = time.monotonic() + context.limits.workload_seconds
    while not samples or time.monotonic() < end:
        samples.append(_look(server, own))
        left = max(0.0, end - time.monotonic())
        context.progress(f"{_clients(samples[-1])}, {duration(round(left))} to go")
        context.publish(_result(StepStatus.RUNNING, samples, limit, partly))
        context.stop.wait(min(_EVERY, left))
        context.checkpoint()
    samples.append(_look(server, own))
    return _result(StepStatus.DONE, samples, limit, partly)


def _look(server: ServerSession, own: frozenset[int]) -> Sample:
    counters = read_status(server).values
    return Sample(time.monotonic(), sessions_of(_processlist(server), own), counters)


def _processlist(server: ServerSession) -> list[Row]:
    """Sessions with the beginnings of their statements, the longest in their state first: SHOW
    FULL PROCESSLIST would bring every statement whole, of whatever size."""
    try:
        return server.rows(_SESSIONS.format("information_schema.PROCESSLIST"))
    except QueryFailed:
        return server.rows(_SESSIONS.format("performance_schema.processlist"))


def _result(
    status: StepStatus, samples: list[Sample], limit: int, notes: tuple[str, ...]
) -> StepResult:
    evidence = tuple(_evidence(samples, limit))
    seconds = samples[-1].at - samples[0].at
    sessions = samples[-1].sessions
    if len(sessions) >= MOST_SESSIONS:
        notes += (f"more than {MOST_SESSIONS} sessions: the longest in their state were seen",)
    told = "; ".join(e.text for e in evidence) or "nothing that hurts was seen"
    return StepResult(
        STEP.id,
        status,
        headline=f"watched for {duration(round(seconds))}, {_clients(samples[-1])}: {told}",
        evidence=evidence,
        looked_for=(KILLS, SLOTS) if notes else (KILLS, SLOTS, LOCKS),
        tables=tuple(_tables(samples, seconds)),
        notes=notes,
        facts={
            "watched_seconds": round(seconds, 1),
            "connections_per_second": round(rise(samples, "Connections") / max(seconds, 0.1), 2),
            "threads_connected": len(sessions),
            "longest_rest": max((s.seconds for s in sessions if s.sleeps), default=0.0),
            "aborted_clients_rose": rise(samples, "Aborted_clients"),
            "aborted_connects_rose": rise(samples, "Aborted_connects"),
            "kills_rose": rise(samples, "Com_kill"),
        },
        samples=(
            Samples("sessions of clients", "", tuple(float(len(s.sessions)) for s in samples)),
            Samples(
                "statements at work",
                "",
                tuple(float(sum(not x.sleeps for x in s.sessions)) for s in samples),
            ),
        ),
    )


def _clients(sample: Sample) -> str:
    count = len(sample.sessions)
    return f"{count} other session{'' if count == 1 else 's'}"


def _evidence(samples: list[Sample], limit: int) -> Iterator[Evidence]:
    source = "two looks at SHOW GLOBAL STATUS"
    for signal, name, what in (
        (KILLS, "Com_kill", "KILL was said"),
        (ABORTS, "Aborted_clients", "sessions ended badly"),
        (REFUSALS, "Aborted_connects", "connects failed"),
    ):
        if rose := rise(samples, name):
            yield Evidence(signal, f"{what} while it was watched ({name})", source, count=rose)
    held = blocked(samples)
    if held:
        longest = held[0]
        yield Evidence(
            LOCKS,
            f"sessions wait for a lock, the longest for {duration(round(longest.seconds))} "
            f"({sanitize(longest.state)})",
            "information_schema.PROCESSLIST",
            count=len(held),
            value=longest.seconds,
            excerpt="\n".join(_line(s) for s in held[:3]),
        )
    connected = samples[-1].counters.get("Threads_connected", 0)
    if limit and connected >= limit * _FULL:
        yield Evidence(
            SLOTS,
            f"{connected} of {limit} slots are taken (max_connections)",
            "SHOW GLOBAL STATUS LIKE 'Threads_connected'",
            value=float(connected),
        )


def _line(session: Session) -> str:
    return (
        f"{session.id} {sanitize(session.account)} {duration(round(session.seconds))} "
        f"{sanitize(session.state)}: {_shown(session.statement)}"
    )


def _shown(statement: str) -> str:
    """The beginning of a statement without its values.

    Nobody needs those to find out why a session waits, and the case keeps what stands here.
    """
    return sanitize(mask_statement(statement)[0], _STATEMENT)


def _tables(samples: list[Sample], seconds: float) -> Iterator[Table]:
    rates = tuple(
        (name, str(rise(samples, name)), f"{rise(samples, name) / max(seconds, 0.1):.1f}")
        for name in ("Connections", "Aborted_clients", "Aborted_connects", "Com_kill")
    )
    yield Table("Counters while they were watched", ("counter", "rose by", "a second"), rates)
    busy = busiest(samples, _SHOWN)
    if busy:
        rows = tuple(
            (
                str(s.id),
                sanitize(s.account),
                duration(round(s.seconds)),
                sanitize(s.state),
                _shown(s.statement),
            )
            for s in busy
        )
        yield Table("Longest at work", ("id", "account", "since", "state", "statement"), rows)
    resting = tuple(
        (sanitize(account), str(count), duration(round(longest)))
        for account, count, longest in list(sleepers(samples))[:_SHOWN]
    )
    if resting:
        yield Table("Resting", ("account", "sessions", "longest"), resting)


def _opens(limits: ProbeLimits) -> str:
    return (
        "no connection of its own: reads the process list and the counters once a second for "
        f"{duration(round(limits.workload_seconds))}"
    )


STEP = Step(*names.WORKLOAD, run)
PROBE = Probe(STEP, _opens)
