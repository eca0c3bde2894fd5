"""Which statements to let run for how long, and who ended them. Pure.

An outcome's `seconds` are those that the statement ran or was to run; `asked` is of one that was
waited for in vain, and `listed` says that the server still had its session afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from wizard.probes.shared.outcomes import (
    BEYOND,
    WAS_KILLED,
    Cut,
    Half,
    Outcome,
    PlannedRung,
    Unsteady,
    cut_of,
)
from wizard.server.connection_end import ConnectionEnd

LIMITS = {3024: "max_execution_time", 1969: "max_statement_time"}
"""ER_QUERY_TIMEOUT (MySQL) and ER_STATEMENT_TIMEOUT (MariaDB), and the variables behind them."""

INTERRUPTED = 1317
"""ER_QUERY_INTERRUPTED: KILL QUERY, of a person, a job or a proxy."""

FROM_PROXIES = 9000
"""ProxySQL's own errors have this number and higher ones."""

EARLY = 0.3
"""Seconds by which an answer may come too early. MySQL's SLEEP looks every 5 s whether its client
is still there, and returns without an error where it is not."""

NARROWING = 3
"""Statements of the second round, between the longest that came back and the shortest that did
not."""


class Ender(StrEnum):
    """Who ended a statement that ran long."""

    LIMIT = "server"
    """The server's own execution limit."""

    KILL = "kill"
    CLOSER = "between"
    FORGETTER = "network"


@dataclass(frozen=True, slots=True)
class StatementFinding:
    """`sure`: the server said so, or it was seen again on a connection opened later."""

    ender: Ender
    cut: Cut
    sure: bool

    @property
    def number(self) -> int | None:
        return self.cut.deaths[0].number


def lengths(limit: float) -> tuple[float, ...]:
    """A quarter, half and all of the limit, in seconds."""
    return (limit / 4, limit / 2, limit)


def first_statements(limit: float, connections: int) -> tuple[PlannedRung, ...]:
    """At most so many, the longest ones."""
    return tuple(PlannedRung(Half.PLAIN, s) for s in lengths(limit)[-max(connections, 1) :])


def further_statements(outcomes: Sequence[Outcome], connections: int) -> tuple[PlannedRung, ...]:
    """The second round, once the first is over: what was seen once may be chance."""
    cut = cut_of(outcomes)
    if not isinstance(cut, Cut) or cut.confirmed or _told_by_server(cut):
        return ()
    if any(outcome.wanted.round for outcome in outcomes):
        return ()
    if not cut.asked:
        return (PlannedRung(Half.PLAIN, cut.high + max(BEYOND, cut.high / 10), 1),)
    step = (cut.high - cut.low) / NARROWING
    wanted = [PlannedRung(Half.PLAIN, cut.high - step * i, 1) for i in range(NARROWING)]
    return tuple(wanted[: max(connections, 0)])


def judge(outcomes: Sequence[Outcome]) -> StatementFinding | Unsteady | None:
    cut = cut_of(outcomes)
    if not isinstance(cut, Cut):
        return cut
    number = cut.deaths[0].number
    if cut.asked:
        return StatementFinding(Ender.FORGETTER, cut, cut.confirmed)
    if number is None or number >= FROM_PROXIES:
        return StatementFinding(Ender.CLOSER, cut, cut.confirmed)
    if number in LIMITS:
        return StatementFinding(Ender.LIMIT, cut, True)
    if number == INTERRUPTED or number in WAS_KILLED:
        return StatementFinding(Ender.KILL, cut, cut.confirmed)
    return Unsteady(cut.deaths, len(outcomes))


def came_early(outcome: Outcome) -> bool:
    """Whether SLEEP was cut short without an error.

    It has not shown that so long a statement passes.
    """
    return outcome.alive and outcome.seconds < outcome.wanted.seconds - EARLY


def _told_by_server(cut: Cut) -> bool:
    first = cut.deaths[0]
    return first.ending is ConnectionEnd.TOLD and first.number in LIMITS
