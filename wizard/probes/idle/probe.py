"""The idle ladder: after how many idle seconds connections die, and who ends them.

Facts: `idle_limit_tried` (seconds), and where connections die, `idle_cut_seconds`, `idle_cut_by`
(`server`, `kill`, `between` for what closes them, `network` for what forgets them),
`keepalive_below` and `pool_lifetime_below` (whole seconds that would survive).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from wizard.case.evidence import StepResult, StepStatus, Table
from wizard.probes.idle.judge import Judgement, judge
from wizard.probes.idle.ladder import rests
from wizard.probes.idle.table import LadderRow, table
from wizard.probes.idle.watch import Aftermath, Watch
from wizard.probes.idle.words import SIGNALS, evidence, facts, headline, known, notes
from wizard.probes.probe import Probe
from wizard.probes.shared.outcomes import Half
from wizard.probes.shared.session_room import look_around
from wizard.probes.shared.watched_run import leave, start_on, watch_until_ended
from wizard.probes.shared.way import HERE, ways
from wizard.steps import names
from wizard.steps.limits import ProbeLimits
from wizard.steps.step import Context, Step
from wizard.units import duration


@dataclass(frozen=True, slots=True)
class Climbed:
    """One way's ladder, and what it says."""

    watch: Watch
    judgement: Judgement


def run(context: Context) -> StepResult:
    limit = context.limits.idle_seconds
    watches, problems = start_on(
        context,
        ways(context),
        "Opening the idle ladder",
        lambda way: Watch(way, look_around(way), limit),
    )
    try:
        watch_until_ended(context, watches, lambda now: _publish(context, watches, now))
        climbed = [Climbed(watch, _judged(watch, last=True)) for watch in watches]
    finally:
        for watch in watches:
            watch.close()
            leave(context, watch.rungs, watch.raised_to if watch.left else 0)
    return _result(context, climbed, tuple(problems))


def _judged(watch: Watch, last: bool = False) -> Judgement:
    raised = [r.wait_timeout for r in watch.rungs if r.wanted.half is Half.RAISED]
    holds = all(value >= watch.limit + 1 for value in raised)
    after = watch.looked_after() if last else Aftermath(None, False)
    if after.server_left:
        return Judgement(server_left=True)
    return judge(watch.outcomes, watch.scene.wait_timeout, holds, after.kills)


def _publish(context: Context, watches: Sequence[Watch], now: float) -> None:
    texts = []
    for watch in watches:
        left = max((rung.due - now for rung in watch.live), default=0.0)
        text = known(_judged(watch), watch.outcomes, left)
        texts.append(text if watch.way.id == HERE else f"{watch.way.label}: {text}")
    context.report(texts[0])
    tables = tuple(_table(watch, now) for watch in watches)
    told = StepResult(STEP.id, StepStatus.RUNNING, headline="; ".join(texts), tables=tables)
    context.publish(told)


def _table(watch: Watch, now: float) -> Table:
    lines = [LadderRow(wanted, None) for wanted in watch.opening]
    for rung in watch.rungs:
        idle = (rung.asked_at or now) - rung.began
        lines.append(LadderRow(rung.wanted, idle, rung.asked_at is not None, rung.outcome))
    return table(f"Idle ladder, {watch.way.label}", lines)


def _result(context: Context, climbed: Sequence[Climbed], problems: tuple[str, ...]) -> StepResult:
    limit = context.limits.idle_seconds
    now = time.monotonic()
    texts = []
    for found in climbed:
        text = headline(found.judgement, found.watch.outcomes, limit)
        texts.append(text if len(climbed) == 1 else f"{found.watch.way.label}: {text}")
    told = [e for found in climbed for e in evidence(found.judgement, _source(found.watch))]
    judgeable, remark = _judgeable(context, climbed) if not problems else ((), ())
    return StepResult(
        STEP.id,
        StepStatus.DONE,
        headline="; ".join(texts),
        evidence=tuple(told),
        looked_for=judgeable,
        tables=tuple(_table(found.watch, now) for found in climbed),
        notes=(
            *remark,
            *problems,
            *(note for found in climbed for note in notes(found.judgement, limit)),
            *(note for found in climbed for note in _about(found.watch)),
        ),
        facts=_facts(climbed, limit),
    )


def _source(watch: Watch) -> str:
    return f"idle ladder {watch.way.label}"


def _judgeable(
    context: Context, climbed: Sequence[Climbed]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The signals that were looked for, and a remark. A ladder that ends before the pause after
    which the application fails has not looked."""
    limit = context.limits.idle_seconds
    if not all(_complete(found) for found in climbed):
        return (), ()
    pauses = [f.idle_seconds for f in context.case.failures if f.idle_seconds]
    if pauses and min(pauses) > limit:
        return (), (
            f"The application's connections idled {duration(round(min(pauses)))} and more before"
            f" they failed, and the ladder ended at {duration(limit)}: repeat it with"
            f" --idle-limit {round(min(pauses) * 1.1)}s.",
        )
    return tuple(SIGNALS.values()), ()


def _complete(climbed: Climbed) -> bool:
    """Whether the ladder decides: it found a cut, or a connection survived the longest pause."""
    judgement, watch = climbed.judgement, climbed.watch
    survived = any(
        o.alive and o.wanted.half is Half.RAISED and o.seconds >= watch.limit
        for o in watch.outcomes
    )
    steady = not (judgement.unsteady or judgement.server_left)
    return steady and (survived or any(f.sure for f in judgement.findings))


def _facts(climbed: Sequence[Climbed], limit: float) -> dict[str, str | int | float | bool | None]:
    """Of the way where connections die soonest."""
    told = [facts(found.judgement, limit) for found in climbed]
    return min(told, key=lambda values: float(values.get("idle_cut_seconds") or float("inf")))


def _about(watch: Watch) -> list[str]:
    """What the operator should know of this ladder's own doing."""
    told = []
    wanted = 2 * len(rests(watch.limit))
    if watch.most < wanted:
        told.append(
            f"Only {watch.scene.free} connections were free: the ladder had {watch.most} rungs"
            f" instead of {wanted}, and is coarser for it."
        )
    if watch.refusals:
        told.append(
            f"{len(watch.refusals)} of the ladder's connections could not be opened:"
            f" {watch.refusals[0]}"
        )
    if watch.left:
        longest = max(rung.wait_timeout for rung in watch.left)
        kills = " ".join(f"KILL {rung.connection_id};" for rung in watch.left)
        told.append(
            f"{len(watch.left)} of the ladder's sessions cannot be told to end: the server lists"
            f" them as Sleep for up to {duration(longest)} more, until their wait_timeout. To end"
            f" them now: {kills}"
        )
    by_itself = sum(1 for o in watch.outcomes if not o.alive and not o.asked)
    if by_itself:
        told.append(
            f"The server may have counted {by_itself} of the ladder's own connections as aborted."
        )
    if not watch.way.own_sockets:
        told.append(
            f"{watch.way.label}: a RST looks like a FIN through SSH; when it came is exact"
            " nevertheless."
        )
    return told


def _opens(limits: ProbeLimits) -> str:
    limit = limits.idle_seconds
    count = 2 * len(rests(limit))
    return (
        f"opens up to {count} connections and lets them idle, the longest for {duration(limit)};"
        f" where they die it opens some more to be sure, for up to {duration(3 * limit)} in all"
    )


STEP = Step(*names.IDLE, run)

PROBE = Probe(STEP, _opens)
