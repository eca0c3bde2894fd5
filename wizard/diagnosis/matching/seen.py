"""A failure as it is compared with evidence: its times as numbers, and who failed beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from wizard.case.evidence import Failure, Phase
from wizard.diagnosis.cohorts import alike, log_of
from wizard.diagnosis.derived.farewell import met_an_orderly_end
from wizard.diagnosis.matching.clues import SLACK

_NO_BOUND = float("inf")

LOSSES = frozenset(("client.lost", "client.sending-packet"))

NEW_CONNECTS = frozenset(
    ("client.refused", "client.connect-lost", "client.connect-timeout", "client.unreachable")
)
"""Failures of a connect: an outage explains them only while it lasts."""

BURST = 2.0
"""Seconds between failures of one burst: connections that one event took."""

SAME_MOMENT = 0.5
"""Seconds within which one connection is not lost twice."""

MANY = 3
"""So many failures of one log, each for itself, are of one connection after another."""


@dataclass(slots=True)
class Seen:
    """A failure with its times as numbers, for a comparison that is made very often.

    It happened at `at`, or where its lines have no time, between `since` and `at`; where nothing
    is known, at `latest` at the latest, by the server's clock. Its
    connection rested for `idle`, where that is told, and for `most` at most, where its log tells
    of work that went well or of a failure before. `alike` says how many connections were last
    used in the same moment, this one with them; `before` when its log told of a failure before
    this burst; `alone` that it tells of one connection after another, so that this one is
    younger than that failure; `amid` that, without a time, it stands beside refused connects;
    `worked` when its log last told of work that went well, whoever did it. `in_order` says that it
    met an orderly end, on a server that resets those that idle.

    `rest` is the longest that its connection can have rested. It was alive when it was last used,
    so that its end lies no longer before the failure than `at_rest`, or where it is of those that
    come at that use than `in_use`.
    """

    failure: Failure
    log: str
    at: float | None
    since: float
    signal: str
    idle: float | None
    connect: bool
    account: str | None
    number: int | None
    alike: int = 1
    before: float | None = None
    worked: float | None = None
    most: float | None = None
    in_order: bool = False
    alone: bool = False
    amid: bool = False
    latest: float | None = None
    rest: float = _NO_BOUND
    in_use: float = _NO_BOUND
    at_rest: float = _NO_BOUND


def all_seen(
    failures: Sequence[Failure], resets_the_idle: bool, ahead: float | None = None
) -> list[Seen]:
    """The failures in the order given, each with what the others tell of it.

    `ahead` says by how many seconds the server's clock is ahead of this machine's, where known.
    """
    logs = [log_of(failure) for failure in failures]
    times = [None if failure.at is None else failure.at.timestamp() for failure in failures]
    counts = alike(failures, logs)
    before, alone = _company(failures, logs, times)
    amid = _amid_refusals(failures, logs)
    orders = [resets_the_idle and met_an_orderly_end(failure) for failure in failures]
    bounds = [_latest(failure, ahead) for failure in failures]
    told = zip(failures, logs, times, counts, before, alone, orders, amid, bounds, strict=True)
    return [_seen(*one) for one in told]


def _seen(
    failure: Failure, log: str, at: float | None, count: int, before: float | None, alone: bool,
    in_order: bool, amid: bool, latest: float | None,
) -> Seen:  # fmt: skip
    since = failure.after.timestamp() if failure.after is not None else at
    worked = failure.worked.timestamp() if failure.worked is not None else None
    idle = failure.idle_seconds
    most = _most(at, worked, before) if alone else None
    rest = _NO_BOUND if idle is None else idle
    at_rest = rest + SLACK
    in_use = SLACK if SLACK < rest < _NO_BOUND else at_rest
    if most is not None:
        rest, bound = min(rest, most), most + SLACK
        in_use, at_rest = min(in_use, bound), min(at_rest, bound)
    return Seen(
        failure,
        log,
        at,
        since if since is not None else 0.0,
        failure.signal,
        idle,
        failure.signal in NEW_CONNECTS or failure.phase is Phase.CONNECT,
        failure.account,
        failure.connection_id,
        count,
        before,
        worked,
        most,
        in_order,
        alone,
        amid,
        latest,
        rest,
        in_use,
        at_rest,
    )


def _latest(failure: Failure, ahead: float | None) -> float | None:
    """When a failure without a time was read of, by the server's clock."""
    if failure.at is not None or failure.told_at is None or ahead is None:
        return None
    return failure.told_at.timestamp() + ahead


def _amid_refusals(failures: Sequence[Failure], names: Sequence[str]) -> list[bool]:
    """Which failures without a time stand in a run of lines that tells of a refused connect."""
    found = [False] * len(failures)
    logs: dict[str, list[tuple[int, int]]] = {}
    for index, failure in enumerate(failures):
        number = failure.source.rpartition(":")[2]
        if failure.at is None and number.isdecimal():
            logs.setdefault(names[index], []).append((int(number), index))
    for lines in logs.values():
        run: list[int] = []
        before = 0
        for line, index in [*sorted(lines), (0, -1)]:
            if run and not 0 <= line - before <= 1:
                if any(failures[i].signal == "client.refused" for i in run):
                    for i in run:
                        found[i] = True
                run = []
            run.append(index)
            before = line
    return found


def _most(at: float | None, worked: float | None, before: float | None) -> float | None:
    """The longest rest of a log's only connection: it lived after what the log told last."""
    known = [moment for moment in (worked, before) if moment is not None]
    return at - max(known) if at is not None and known else None


def _company(
    failures: Sequence[Failure], names: Sequence[str], times: Sequence[float | None]
) -> tuple[list[float | None], list[bool]]:
    """For each failure when its log failed before its burst, and whether the log is of one.

    A log is of one connection after another where no two of its failures were of one moment.
    """
    logs: dict[str, list[tuple[float, int]]] = {}
    for index, time in enumerate(times):
        if time is not None:
            logs.setdefault(names[index], []).append((time, index))
    before: list[float | None] = [None] * len(failures)
    alone = [False] * len(failures)
    for told in logs.values():
        told.sort()
        single = len(told) >= MANY
        last: float | None = None
        begun: float | None = None
        lost: float | None = None
        for at, index in told:
            if last is not None and at - last > BURST:
                begun = last
            before[index] = begun
            last = at
            if failures[index].signal in LOSSES:
                single = single and (lost is None or at - lost > SAME_MOMENT)
                lost = at
        if single:
            for _, index in told:
                alone[index] = True
    return before, alone
