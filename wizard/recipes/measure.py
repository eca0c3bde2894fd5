"""What a case tells about the limits that the application has to respect."""

from dataclasses import dataclass

from knowledge.recipe import Purpose
from wizard.case import facts
from wizard.case.case import Case
from wizard.case.evidence import Scalar
from wizard.diagnosis.model import Diagnosis
from wizard.units import duration

DEFAULT_WAIT_TIMEOUT = 28800
"""Seconds: the default of every version (Reference Manual, wait_timeout)."""

DEFAULT_PACKET = 16 << 20
"""Bytes: MariaDB's default, and the smallest one of the servers in use but MySQL 5.7's."""


@dataclass(frozen=True, slots=True)
class RecipeFigures:
    """Limits in seconds and bytes; None is "not known".

    `shortest` is the shortest time after which an idle connection is closed or forgotten, as far
    as is known, and `because` the sentence that says who says so. `wait_timeout` is the server's
    own; `largest` the largest statement that failed; `longest_idle` the longest idle time before
    a failure.
    """

    shortest: int | None = None
    because: str = ""
    wait_timeout: int | None = None
    packet_limit: int | None = None
    largest: int | None = None
    longest_idle: float | None = None
    proxy_timeout: int | None = None


def measure(case: Case, diagnosis: Diagnosis) -> RecipeFigures:
    """The limits that the case knows of.

    interactive_timeout is left out on purpose: a program gets it only where it asks to be
    interactive, and then its sessions show it, which the settings step reports.
    """
    wait = _whole(case.fact(facts.WAIT_TIMEOUT))
    limits = [
        limit
        for limit in (_server(wait), _sessions(case), _probed(case), _seen(diagnosis))
        if limit is not None
    ]
    shortest, because = min(limits, default=(None, ""), key=lambda found: found[0])
    sizes = [f.size for f in case.failures if f.size]
    idle = [f.idle_seconds for f in case.failures if f.idle_seconds]
    return RecipeFigures(
        shortest=shortest,
        because=because,
        wait_timeout=wait,
        packet_limit=_packet_limit(case),
        largest=max(sizes, default=None),
        longest_idle=max(idle, default=None),
        proxy_timeout=_whole(case.fact(facts.PROXY_TIMEOUT)),
    )


def _packet_limit(case: Case) -> int | None:
    """The server's, or what the packet ladder found on the way where that is less."""
    known = (
        _whole(case.fact(facts.MAX_ALLOWED_PACKET)),
        _whole(case.fact(facts.PACKET_LIMIT_MEASURED)),
    )
    return min((limit for limit in known if limit is not None), default=None)


def _server(wait: int | None) -> tuple[int, str] | None:
    return None if wait is None else (wait, f"the server's wait_timeout is {wait} s")


def _sessions(case: Case) -> tuple[int, str] | None:
    """Sessions that end sooner than the server's value says; command lines are not in it."""
    found = [
        int(e.value)
        for e in case.evidence
        if e.signal == "setting.session-timeout" and e.value is not None and e.value >= 1
    ]
    if not found:
        return None
    return min(found), f"open sessions have a wait_timeout of {min(found)} s"


def _probed(case: Case) -> tuple[int, str] | None:
    """What the idle ladder saw, of connections of its own."""
    found = case.fact(facts.IDLE_CUT_SECONDS)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    whole = max(1, int(found))
    return whole, f"connections die after {duration(found)} of idling, as the idle ladder measured"


def _seen(diagnosis: Diagnosis) -> tuple[int, str] | None:
    """A connection that was gone after an idle time proves a timeout of at most that length."""
    gaps = [
        int(a.failure.idle_seconds)
        for a in diagnosis.attributions
        if a.cause in Purpose.LIFETIME.causes
        and a.failure.idle_seconds is not None
        and a.failure.idle_seconds >= 1
    ]
    if not gaps:
        return None
    return min(gaps), f"a connection was gone after {duration(min(gaps))} of idling"


def _whole(value: Scalar) -> int | None:
    """A positive whole number, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
