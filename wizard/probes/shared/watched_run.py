"""The run of a probe that watches connections until each has ended: start, watch, leave."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from wizard.probes.shared.outcomes import Outcome
from wizard.probes.shared.own_errors import errors_left
from wizard.probes.shared.quiet_socket import QuietSocket, wait_for_any
from wizard.probes.shared.way import Way
from wizard.server.session import ServerError
from wizard.steps.own_traces import leave_traces
from wizard.steps.step import Context, Skip

TICK = 0.05
"""Seconds between two looks at the clock; what connections do is seen at once."""

_LONGEST = 3600.0
"""Seconds. How each connection ended is written down at the end."""

PUBLISH = 0.5
"""Seconds between two tables for the screen."""


class Watched(Protocol):
    """One connection that is watched. `began` is in monotonic seconds."""

    @property
    def wire(self) -> QuietSocket: ...
    @property
    def began(self) -> float: ...
    @property
    def outcome(self) -> Outcome | None: ...
    @property
    def connection_id(self) -> int: ...


class Watching(Protocol):
    """All watched connections of one way."""

    @property
    def busy(self) -> bool: ...
    @property
    def live(self) -> Sequence[Watched]: ...
    def advance(self, now: float) -> None: ...


Watch = TypeVar("Watch", bound=Watching)


def start_on(
    context: Context, found: Iterable[Way], doing: str, start: Callable[[Way], Watch]
) -> tuple[list[Watch], list[str]]:
    """The watches of all ways that can be gone, and what hinders the others. Raises what the
    first way raises where none can."""
    watches: list[Watch] = []
    problems: list[Exception] = []
    for way in found:
        context.progress(f"{doing} {way.label}")
        try:
            watches.append(start(way))
        except (ServerError, Skip) as problem:
            problems.append(problem)
    if not watches:
        raise problems[0]
    return watches, [str(problem) for problem in problems]


def watch_until_ended(
    context: Context, watches: Sequence[Watching], publish: Callable[[float], None]
) -> None:
    """Let every watch advance until all have ended. `publish` gets the monotonic time.

    Who watches the server is told at once that these connections are ours: they may end as they
    are meant to.
    """
    published, told = 0.0, set[int]()
    while any(watch.busy for watch in watches):
        context.checkpoint()
        ours = {one.connection_id for watch in watches for one in watch.live}
        leave_traces(context, 0.0, _LONGEST, sorted(ours - told), {}, aborted=())
        told |= ours
        wait_for_any([one.wire for watch in watches for one in watch.live], TICK)
        now = time.monotonic()
        for watch in watches:
            watch.advance(now)
        if now - published >= PUBLISH:
            published = now
            publish(now)


def leave(context: Context, watched: Iterable[Watched], lasting: float) -> None:
    """Let no later look take what these connections met for what the application met.

    `lasting` is for how many seconds the server may still tell of them.
    """
    dead = [(one, one.outcome) for one in watched if one.outcome and not one.outcome.alive]
    if dead:
        leave_traces(
            context,
            seconds=time.monotonic() - min(one.began for one, _ in dead),
            lasting=lasting,
            connections=[one.connection_id for one, _ in dead],
            errors=errors_left(outcome for _, outcome in dead),
        )
