"""Why the server was gone: restarts, stops, kills. Evidence that needs several steps. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from math import inf

from wizard.case import clocks, facts
from wizard.case.case import Case
from wizard.case.evidence import Evidence, Occurrence
from wizard.case.moments import moment_of
from wizard.diagnosis.derived.standing import lived_after
from wizard.units import duration

CONTAINER_PIDS = 100
"""Below it a pid in the log is likely of a container's own namespace, which the kernel log
does not use; then only the time can tell."""


WHOLE_SECOND = timedelta(seconds=1)
"""What MariaDB's error log leaves out of a time, and the kernel's does not."""


class Whose(Enum):
    """Whose death a kill was: this server's, another's, or nothing tells."""

    ITS_OWN = "its own"
    UNSURE = "unsure"
    ANOTHERS = "another's"


def outages(case: Case) -> Iterator[Evidence]:
    failed = _failed_start(case)
    if failed is not None:
        yield failed
    yield from _lifecycle(case, failed)
    yield from _deaths(case)


def judged_outages(case: Case) -> Iterator[str]:
    """Which of these signals could be told, whether or not they are there."""
    looked = case.looked_for
    if "log.shutdown" in looked:
        yield from ("derived.stopped", "derived.start-failed")
        if not any(_of(case, "log.supervisor-stopped")):  # Then the journal tells it instead.
            yield "derived.restarted"
    if "log.unclean-end" in looked:
        yield "derived.died-of-signal"
    if "log.unclean-end" in looked and "kernel.oom-kill" in looked:
        yield from ("derived.oom-killed", "derived.only-oom-kills")
        yield from ("derived.oom-maybe", "derived.died-without-trace")
    elif "kernel.oom-kill" in looked:
        yield "derived.oom-maybe"


def _of(case: Case, signal: str) -> Iterator[Evidence]:
    return (e for e in case.evidence if e.signal == signal)


def _failed_start(case: Case) -> Evidence | None:
    """The last start failed and nobody listens: the outage began when the server was stopped."""
    failed = next(_of(case, "log.startup-failed"), None)
    tried = None if failed is None else failed.last or failed.first
    if failed is None or tried is None or case.target.reachable is not False:
        return None
    down = [
        o
        for e in _of(case, "log.shutdown")
        for o in e.occurrences
        if o.until is None and o.at is not None and o.at <= tried
    ]
    since = min((o.at for o in down if o.at is not None), default=tried)
    return replace(
        failed,
        signal="derived.start-failed",
        text=f"{failed.text}; nothing listens since",
        first=since,
        occurrences=(Occurrence(at=since),),
    )


def _lifecycle(case: Case, failed: Evidence | None) -> Iterator[Evidence]:
    """The outages in the error log's account of the server's life.

    A shutdown with a start behind it is a restart; without one the server is simply down, unless a
    start was tried and failed.
    """
    for evidence in _of(case, "log.shutdown"):
        back = tuple(o for o in evidence.occurrences if o.until is not None)
        down = tuple(o for o in evidence.occurrences if o.until is None)
        if back:
            yield _narrowed(evidence, "derived.restarted", back, "shut down and started again")
        if down and case.target.reachable is False and failed is None:
            yield _narrowed(evidence, "derived.stopped", down, "shut down, not started again")


def _narrowed(
    evidence: Evidence, signal: str, occurrences: tuple[Occurrence, ...], text: str
) -> Evidence:
    times = [o.at for o in occurrences if o.at is not None]
    return Evidence(
        signal,
        f"{text}: {evidence.text}",
        evidence.source,
        count=len(occurrences),
        first=min(times, default=None),
        last=max(times, default=None),
        excerpt=evidence.excerpt,
        occurrences=occurrences,
    )


def _deaths(case: Case) -> Iterator[Evidence]:
    """Put every unclean end down to the OOM killer, or to nothing that left a trace.

    A host may run several servers: a kill counts only where it can have been of this one.
    """
    kills = tuple(_of(case, "kernel.oom-kill"))
    if "log.unclean-end" not in case.looked_for:
        yield from (
            _maybe(kill, moment_of(case.fact(facts.STARTED_AT)), _LOG_WOULD_TELL)
            for kill in kills
            if _before_this_run(kill, case)
        )
    dead = dead_pids(case)
    crashes = [o.at for e in _of(case, "log.supervisor-crash") for o in e.occurrences if o.at]
    for evidence in _of(case, "log.unclean-end"):
        killed: list[Occurrence] = []
        silent: list[Occurrence] = []
        culprit: Evidence | None = None
        kill_of = _each_for_one(kills, evidence.occurrences, dead)
        free = [kill for kill in kills if all(kill is not known for known in kill_of.values())]
        for place, end in enumerate(evidence.occurrences):
            kill = kill_of.get(place)
            is_known = kill is not None or _died_then(crashes, end)
            doubtful = None if is_known else _doubtful(free, end, dead)
            culprit = kill or culprit
            if doubtful is not None:
                yield _maybe(doubtful, end.until, _far_from(doubtful, end))
            else:
                (killed if kill else silent).append(end)
        if killed and culprit is not None:
            told = _killed(culprit, tuple(killed))
            yield told
            if len(killed) == len(evidence.occurrences):
                yield replace(told, signal="derived.only-oom-kills")
        yield from _no_kill(case, evidence, silent, crashes)


def _no_kill(
    case: Case, evidence: Evidence, ends: Sequence[Occurrence], crashes: Sequence[datetime]
) -> Iterator[Evidence]:
    """What became of a server that the kernel did not kill: a signal of its own, or no trace."""
    crashed: list[Occurrence] = []
    silent: list[Occurrence] = []
    for end in ends:
        (crashed if _died_then(crashes, end) else silent).append(end)
    if crashed:
        text = "systemd tells that it died of a signal of its own"
        yield _narrowed(evidence, "derived.died-of-signal", tuple(crashed), text)
    if silent and "kernel.oom-kill" in case.looked_for and _kernel_log_covers(silent, case):
        yield _narrowed(
            evidence,
            "derived.died-without-trace",
            tuple(silent),
            "no shutdown, no crash report, no OOM record",
        )


def _died_then(crashes: Iterable[datetime], end: Occurrence) -> bool:
    """Whether the end, which its log does not tell, can have come at one of these moments."""
    lived = _last_sign(end)
    if lived is None:
        return False
    until = (end.until or lived + clocks.QUIET_LOG) + WHOLE_SECOND
    return any(lived - WHOLE_SECOND <= at <= until for at in crashes)


def _killed(kill: Evidence, ends: tuple[Occurrence, ...]) -> Evidence:
    again = " and it was started again" if ends[-1].until else ""
    return replace(
        kill,
        signal="derived.oom-killed",
        text=f"{kill.text}; the server's log breaks off there{again}",
        count=len(ends),
        first=ends[0].at,
        last=ends[-1].at,
        value=None,
        occurrences=ends,
    )


def _kernel_log_covers(ends: list[Occurrence], case: Case) -> bool:
    """A kernel log that begins after a death cannot say that nobody killed the server."""
    begins = moment_of(case.fact(facts.KERNEL_LOG_FROM))
    return begins is None or all(end.at is None or end.at >= begins for end in ends)


def _each_for_one(
    kills: Iterable[Evidence], ends: Sequence[Occurrence], dead: frozenset[int]
) -> dict[int, Evidence]:
    """By an end's place, the kill that it was: each is the death of one process, the nearest.

    Where one run ended in the second in which the next was killed, the earlier kill goes first.
    """
    found: dict[int, Evidence] = {}
    for kill in sorted(kills, key=lambda k: (k.first is None, k.first)):
        apart = {
            place: _apart(kill, end)
            for place, end in enumerate(ends)
            if whose_death(kill, end, dead) is Whose.ITS_OWN
        }
        least = min(apart.values(), default=inf)
        nearest = [place for place in apart if apart[place] == least]
        if nearest:
            free = (place for place in nearest if place not in found)
            found.setdefault(next(free, nearest[0]), kill)
    return found


def _apart(kill: Evidence, end: Occurrence) -> float:
    """For how many seconds the kill lies outside of the time in which the end came."""
    lived, moment = _last_sign(end), kill.first
    if lived is None or moment is None:
        return inf
    until = (end.until or moment) + WHOLE_SECOND
    return max(0.0, (lived - moment).total_seconds(), (moment - until).total_seconds())


def _doubtful(kills: Iterable[Evidence], end: Occurrence, dead: frozenset[int]) -> Evidence | None:
    return next((k for k in kills if whose_death(k, end, dead) is Whose.UNSURE), None)


def _maybe(kill: Evidence, back: datetime | None, doubt: str) -> Evidence:
    """The kill as one that may have been of this server, which was back at `back`."""
    until = back if back and kill.first and back > kill.first else None
    return replace(
        kill,
        signal="derived.oom-maybe",
        text=f"{kill.text}; {doubt}",
        occurrences=(Occurrence(at=kill.first, until=until),),
    )


_LOG_WOULD_TELL = "whether it was this server, its error log would tell"


def _far_from(kill: Evidence, end: Occurrence) -> str:
    lived = _last_sign(end)
    if lived is None or kill.first is None:
        return "whether it was this server, nothing tells"
    return (
        "whether it was this server, nothing tells: its error log had been silent for "
        f"{duration((kill.first - lived).total_seconds())} then"
    )


def _before_this_run(kill: Evidence, case: Case) -> bool:
    """Whether the server was started after the kill, or can be down since."""
    if case.target.reachable is False:
        return kill.first is None or not lived_after(case, kill.first)
    started = moment_of(case.fact(facts.STARTED_AT))
    return started is not None and kill.first is not None and kill.first <= started + clocks.UPTIME


def dead_pids(case: Case) -> frozenset[int]:
    """Process numbers of the server's runs that ended without a word, by its error log."""
    told = str(case.fact(facts.DEAD_PIDS) or "").split(",")
    return frozenset(int(pid) for pid in told if pid.strip().isdecimal() and len(pid) < 12)


def whose_death(kill: Evidence, end: Occurrence, dead: frozenset[int]) -> Whose:
    """Whether a kill was that end of the server: by pid where both are known, else by time.

    A server may log nothing for weeks. By its time alone a kill is put down to it only near
    something that was seen of it: its last line, the first failure of its clients, its next start.
    """
    if kill.value is not None and dead:
        if kill.value in dead:
            return Whose.ITS_OWN
        if min(dead) >= CONTAINER_PIDS:
            return Whose.ANOTHERS
    moment, lived = kill.first, _last_sign(end)
    if moment is None or end.at is None or lived is None:
        return Whose.ANOTHERS
    latest = end.until or lived + clocks.QUIET_LOG
    if not lived - clocks.KERNEL_LOG <= moment <= latest + clocks.KERNEL_LOG:
        return Whose.ANOTHERS
    seen = (lived, end.at, *((end.until,) if end.until else ()))
    near = any(abs(moment - sign) <= clocks.NEAR_DEATH for sign in seen)
    return Whose.ITS_OWN if near else Whose.UNSURE


def _last_sign(end: Occurrence) -> datetime | None:
    """When the server was last known to live."""
    return None if end.at is None else end.at - timedelta(seconds=end.seconds or 0)
