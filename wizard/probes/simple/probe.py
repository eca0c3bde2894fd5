"""The simple probe: does the server hold connections whose statements are minimal?

Rungs of one, two, four ... connections say SELECT 1 side by side, each rung for longer than the
one before, on each way to the server, with the account that was given: the application's own is
best. Where they hold and the application's do not, it is the application's statements, rests or
sizes that break them, not the server or the way.

Facts: `most_connections`, `statements`, `lost`, `refused`, `slowest_seconds`.
"""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from wizard import units
from wizard.case.evidence import Evidence, Samples, StepResult, StepStatus, Table
from wizard.probes.probe import Probe
from wizard.probes.shared.own_errors import LOST as LOST_BY_SERVER
from wizard.probes.shared.session_room import look_around
from wizard.probes.shared.way import Way, ways
from wizard.probes.simple.worker import PAUSE, Run, work
from wizard.steps import names
from wizard.steps.limits import ProbeLimits
from wizard.steps.own_traces import leave_traces
from wizard.steps.step import Context, Step

HOLDS, LOST, REFUSED = "probe.simple-holds", "probe.simple-lost", "probe.simple-refused"

_CLIENTS = range(2000, 3000)
"""Numbers that a client gives itself (Client Error Message Reference)."""

RUNGS = (1, 2, 4, 8, 16)
"""Connections side by side; at most a tenth of what the server has free."""


@dataclass(frozen=True, slots=True)
class Rung:
    """So many connections side by side on one way, for `seconds`."""

    way: str
    connections: int
    seconds: float
    runs: tuple[Run, ...]


def run(context: Context) -> StepResult:
    context.need_server()
    rungs: list[Rung] = []
    for way in ways(context):
        _climb(context, way, rungs)
    return _result(StepStatus.DONE, rungs)


def _leave(context: Context, run: Run) -> None:
    """At once: who watches the server tells of this session now."""
    leave_traces(
        context, run.after, 5.0, (run.connection_id,) if run.connection_id else (), _errors(run)
    )


def _errors(run: Run) -> Counter[int]:
    """What the server raised for it: its own number, or those of a client that is gone."""
    ours = run.number in (None, *_CLIENTS)
    return Counter(LOST_BY_SERVER if ours else (run.number or 0,))


def _climb(context: Context, way: Way, rungs: list[Rung]) -> None:
    most = look_around(way).share(1)
    wanted = [count for count in RUNGS if count <= most]
    spans = durations(context.limits.simple_seconds, len(wanted))
    for count, seconds in zip(wanted, spans, strict=True):
        context.progress(
            f"{way.label}: {count} connections say SELECT 1 for {units.duration(seconds)}"
        )
        rungs.append(_rung(context, way, count, seconds))
        context.checkpoint()
        context.publish(_result(StepStatus.RUNNING, rungs))


def durations(whole: float, rungs: int) -> list[float]:
    """`whole` seconds, of which each rung gets more than the one before: 1, 2, 3 ... parts."""
    parts = rungs * (rungs + 1) / 2
    return [whole * (number + 1) / parts for number in range(rungs)]


def _rung(context: Context, way: Way, count: int, seconds: float) -> Rung:
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(count) as pool:
        lost = partial(_leave, context)
        started = [
            pool.submit(work, way.connector, until, context.stop, lost) for _ in range(count)
        ]
        runs = tuple(future.result() for future in started)
    return Rung(way.label, count, seconds, runs)


def _result(status: StepStatus, rungs: list[Rung]) -> StepResult:
    runs = [r for rung in rungs for r in rung.runs]
    lost, refused = [r for r in runs if r.lost], [r for r in runs if r.refused]
    statements = sum(r.statements for r in runs)
    most = max((rung.connections for rung in rungs), default=0)
    evidence = _evidence(lost, refused, statements, most)
    return StepResult(
        STEP.id,
        status,
        headline=evidence[0].text if evidence else "nothing was said",
        evidence=evidence if status is StepStatus.DONE else (),
        looked_for=(HOLDS, LOST, REFUSED) if status is StepStatus.DONE else (),
        tables=(_table(rungs),),
        facts={
            "most_connections": most,
            "statements": statements,
            "lost": len(lost),
            "refused": len(refused),
            "slowest_seconds": round(max((r.slowest for r in runs), default=0.0), 4),
        },
        samples=(Samples("SELECT 1", "s", tuple(t for r in runs for t in r.times)[:2000]),),
    )


def _evidence(
    lost: list[Run], refused: list[Run], statements: int, most: int
) -> tuple[Evidence, ...]:
    found = []
    source = "SELECT 1 on connections of our own"
    if lost:
        found.append(
            Evidence(
                LOST,
                f"{len(lost)} connections were lost while they said nothing but SELECT 1, the "
                f"first after {units.duration(min(r.after for r in lost))}: the application's "
                "statements are not what breaks them",
                source, len(lost), excerpt=lost[0].lost, value=min(r.after for r in lost),
            )
        )  # fmt: skip
    if refused:
        found.append(
            Evidence(
                REFUSED, f"{len(refused)} connections were refused", source, len(refused),
                excerpt=refused[0].refused,
            )
        )  # fmt: skip
    if not lost and not refused and statements:
        found.append(
            Evidence(
                HOLDS,
                f"up to {most} connections side by side held for {statements} minimal statements: "
                "what the application's connections do besides is what breaks them",
                source,
            )
        )
    return tuple(found)


def _table(rungs: list[Rung]) -> Table:
    rows = tuple(
        (
            rung.way,
            str(rung.connections),
            units.duration(rung.seconds),
            str(sum(r.statements for r in rung.runs)),
            f"{max((r.slowest for r in rung.runs), default=0.0) * 1000:.1f} ms",
            str(sum(bool(r.lost) for r in rung.runs)),
            str(sum(bool(r.refused) for r in rung.runs)),
        )
        for rung in rungs
    )
    columns = ("way", "connections", "for", "statements", "slowest", "lost", "refused")
    return Table("Minimal statements side by side", columns, rows)


def _opens(limits: ProbeLimits) -> str:
    rungs = ", ".join(str(count) for count in RUNGS)
    return (
        f"{rungs} connections side by side (at most a tenth of those that are free), each saying "
        f"SELECT 1 every {PAUSE * 1000:.0f} ms, each number for longer than the one before, for "
        f"{units.duration(round(limits.simple_seconds))} in all on each way; nothing is written"
    )


STEP = Step(*names.SIMPLE, run)
PROBE = Probe(STEP, _opens)
