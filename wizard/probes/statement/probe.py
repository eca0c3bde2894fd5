"""The long statement: what ends connections and statements while a statement runs.

Facts: `statement_limit_tried` (seconds), and where statements end, `statement_cut_seconds` and
`statement_cut_by` (`server`, `kill`, `between` for what closes the connection, `network` for what
forgets it).
"""

import time
from collections.abc import Iterator, Sequence

from wizard.case.evidence import Scalar, StepResult, StepStatus, Table
from wizard.probes.probe import Probe
from wizard.probes.shared.bars import bar, how
from wizard.probes.shared.outcomes import Outcome, PlannedRung
from wizard.probes.shared.session_room import look_around
from wizard.probes.shared.watched_run import leave, start_on, watch_until_ended
from wizard.probes.shared.way import ways
from wizard.probes.statement.judge import came_early, judge, lengths
from wizard.probes.statement.watch import AFTERWARDS, PATIENCE, StatementWatch
from wizard.probes.statement.words import LOOKED_FOR, evidence, facts, headline, notes
from wizard.steps import names
from wizard.steps.limits import ProbeLimits
from wizard.steps.step import Context, Step
from wizard.units import duration


def run(context: Context) -> StepResult:
    limit = context.limits.statement_seconds
    watches, problems = start_on(
        context,
        ways(context),
        "Starting long statements",
        lambda way: StatementWatch(way, look_around(way), limit),
    )
    try:
        watch_until_ended(context, watches, lambda now: _publish(context, watches, now))
    finally:
        for watch in watches:
            watch.close()
            leave(context, watch.statements, AFTERWARDS if watch.left else 0)
    return _result(context, watches, problems)


def _publish(context: Context, watches: Sequence[StatementWatch], now: float) -> None:
    ends = [s.began + s.wanted.seconds for watch in watches for s in watch.live]
    left = max(max(ends, default=now) - now, 0.0)
    text = (
        f"statements run, up to {duration(round(left))} more" if left else "waiting for an answer"
    )
    context.report(text)
    tables = tuple(_table(watch, now) for watch in watches)
    context.publish(StepResult(STEP.id, StepStatus.RUNNING, headline=text, tables=tables))


def _result(
    context: Context, watches: Sequence[StatementWatch], problems: Sequence[str]
) -> StepResult:
    limit = context.limits.statement_seconds
    now = time.monotonic()
    judged = [(watch, _counted(watch), judge(_counted(watch))) for watch in watches]
    texts = [
        headline(found, counted)
        if len(judged) == 1
        else f"{watch.way.label}: {headline(found, counted)}"
        for watch, counted, found in judged
    ]
    known = [facts(found, limit) for _, _, found in judged]
    return StepResult(
        STEP.id,
        StepStatus.DONE,
        headline="; ".join(texts),
        evidence=tuple(
            e
            for watch, _, found in judged
            for e in evidence(found, f"long statement {watch.way.label}")
        ),
        looked_for=LOOKED_FOR if all(_complete(watch) for watch in watches) else (),
        tables=tuple(_table(watch, now) for watch in watches),
        notes=(
            *problems,
            *(note for _, _, found in judged for note in notes(found)),
            *(note for watch in watches for note in _about(watch)),
        ),
        facts=_soonest(known),
    )


def _counted(watch: StatementWatch) -> tuple[Outcome, ...]:
    return tuple(outcome for outcome in watch.outcomes if not came_early(outcome))


def _complete(watch: StatementWatch) -> bool:
    """Whether every statement was sent, and none came back before its time."""
    early = any(came_early(outcome) for outcome in watch.outcomes)
    return bool(watch.outcomes) and not early and not watch.refusals


def _soonest(known: Sequence[dict[str, Scalar]]) -> dict[str, Scalar]:
    """Of the way where statements end soonest."""

    def cut(values: dict[str, Scalar]) -> float:
        found = values.get("statement_cut_seconds")
        return float(found) if isinstance(found, int | float) else float("inf")

    return min(known, key=cut)


def _about(watch: StatementWatch) -> Iterator[str]:
    """What the operator should know of this probe's own doing."""
    if watch.refusals:
        yield (
            f"{len(watch.refusals)} of the probe's connections could not be opened:"
            f" {watch.refusals[0]}"
        )
    if any(came_early(outcome) for outcome in watch.outcomes):
        yield (
            "SLEEP came back early and without an error, and is not counted: the server took its"
            " client for gone, as where a proxy has closed one direction (HAProxy's timeout"
            " client)."
        )
    if watch.left:
        yield (
            f"{len(watch.left)} of the probe's sessions cannot be told to end; the server ends"
            f" them by itself, {AFTERWARDS} s after their statement."
        )


def _table(watch: StatementWatch, now: float) -> Table:
    rows = [(wanted, 0.0, "opening") for wanted in watch.starting]
    for statement in watch.statements:
        ran = now - statement.began
        outcome = statement.outcome
        if outcome is None:
            late = ran > statement.wanted.seconds + 1
            state = "no answer yet" if late else f"running {duration(int(ran))}"
            rows.append((statement.wanted, ran, state))
        else:
            rows.append((statement.wanted, outcome.seconds, _state(outcome)))
    rows.sort(key=lambda row: row[0].seconds)
    title = f"Long statements, {watch.way.label}"
    return Table(title, ("runs", "", "state"), tuple(_row(*row) for row in rows))


def _row(wanted: PlannedRung, ran: float, state: str) -> tuple[str, str, str]:
    return duration(wanted.seconds), bar(ran, wanted.seconds), state


def _state(outcome: Outcome) -> str:
    if outcome.alive:
        return "came back early" if came_early(outcome) else "came back"
    if outcome.asked:
        return f"no answer within {duration(outcome.seconds + PATIENCE)}"
    return f"{how(outcome).removeprefix('a ')} after {duration(outcome.seconds)}"


def _opens(limits: ProbeLimits) -> str:
    limit = limits.statement_seconds
    times = ", ".join(f"{length:g}" for length in lengths(limit))
    return (
        f"opens {len(lengths(limit))} connections and runs SELECT SLEEP on them for {times} s;"
        f" where one is lost it tries again, for up to {duration(2 * (limit + PATIENCE))} in all"
    )


STEP = Step(*names.STATEMENT, run)

PROBE = Probe(STEP, _opens)
