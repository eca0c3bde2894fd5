"""Evidence that follows only from several steps together. Pure: case in, evidence out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from wizard.case import Case
from wizard.evidence import Evidence, Failure, Occurrence

CLOCK_SLACK = timedelta(minutes=2)
"""Kernel ring-buffer stamps drift against the wall clock (dmesg(1), --ctime)."""

START_SLACK = timedelta(seconds=10)
"""A start time reckoned back from the uptime is exact to a second or two."""

LOG_SLACK = timedelta(seconds=2)
"""MariaDB's log has whole seconds, and so has the uptime."""

IDLE_SLACK = 1.0
"""Seconds: a client measures its idle time a little differently from the server."""

CONTAINER_PIDS = 100
"""Below it a pid in the log is likely of a container's own namespace, which the kernel log
does not use; then only the time can tell."""

_LOGGED_ENDS = ("log.aborted-timeout", "log.aborted-packet", "log.aborted-read-error",
                     "log.aborted-write-error", "log.aborted-killed", "log.aborted-init-connect",
                     "log.memory-limit")  # fmt: skip


def derive(case: Case) -> tuple[tuple[Evidence, ...], frozenset[str]]:
    """The derived evidence, and the derived signals that could be judged at all."""
    found = (
        *_lifecycle(case),
        *_deaths(case),
        *_idle_gaps(case),
        *_sizes(case),
        *_kills(case),
    )
    return found, frozenset(_judged(case))


def _of(case: Case, signal: str) -> Iterator[Evidence]:
    return (e for e in case.evidence if e.signal == signal)


def _judged(case: Case) -> Iterator[str]:
    looked = case.looked_for
    if "log.shutdown" in looked:
        yield from ("derived.restarted", "derived.stopped")
    if "log.unclean-end" in looked and "kernel.oom-kill" in looked:
        yield from ("derived.oom-killed", "derived.died-without-trace")
    elif "kernel.oom-kill" in looked:
        yield "derived.oom-maybe"
    if _timeout(case) is not None and any(f.idle_seconds is not None for f in case.failures):
        yield "derived.idle-above-timeout"
    if _number(case, "settings", "max_allowed_packet") and any(f.size for f in case.failures):
        yield "derived.size-above-limit"
    if _unlogged(case) is not None:
        yield "derived.killed-unlogged"


def _lifecycle(case: Case) -> Iterator[Evidence]:
    """A shutdown with a start behind it is a restart; without one the server is simply down."""
    for evidence in _of(case, "log.shutdown"):
        back = tuple(o for o in evidence.occurrences if o.until is not None)
        down = tuple(o for o in evidence.occurrences if o.until is None)
        if back:
            yield _narrowed(evidence, "derived.restarted", back, "shut down and started again")
        if down and case.target.reachable is False:
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
        yield from (_maybe(kill) for kill in kills if _before_this_run(kill, case))
    dead = {int(p) for p in str(case.fact("error-log", "dead_pids") or "").split(",") if p.strip()}
    for evidence in _of(case, "log.unclean-end"):
        killed: list[Occurrence] = []
        silent: list[Occurrence] = []
        culprit: Evidence | None = None
        for end in evidence.occurrences:
            kill = next((k for k in kills if _same_death(k, end, dead)), None)
            culprit = kill or culprit
            (killed if kill else silent).append(end)
        if killed and culprit is not None:
            yield Evidence(
                "derived.oom-killed",
                f"{culprit.text}; the server's log breaks off there and it was started again"
                if killed[-1].until
                else f"{culprit.text}; the server's log breaks off there",
                culprit.source,
                count=len(killed),
                first=killed[0].at,
                last=killed[-1].at,
                excerpt=culprit.excerpt,
                occurrences=tuple(killed),
            )
        if silent and "kernel.oom-kill" in case.looked_for and _kernel_log_covers(silent, case):
            yield _narrowed(
                evidence,
                "derived.died-without-trace",
                tuple(silent),
                "no shutdown, no crash report, no OOM record",
            )


def _kernel_log_covers(ends: list[Occurrence], case: Case) -> bool:
    """A kernel log that begins after a death cannot say that nobody killed the server."""
    begins = _moment(case.fact("health", "kernel_log_from"))
    return begins is None or all(end.at is None or end.at >= begins for end in ends)


def _maybe(kill: Evidence) -> Evidence:
    return replace(
        kill,
        signal="derived.oom-maybe",
        text=f"{kill.text}; whether it was this server, its error log would tell",
        occurrences=(Occurrence(at=kill.first),),
    )


def _before_this_run(kill: Evidence, case: Case) -> bool:
    """Whether the server was started after the kill, or is down since."""
    if case.target.reachable is False:
        return True
    started = _moment(case.fact("connection", "started_at"))
    return started is not None and kill.first is not None and kill.first <= started + START_SLACK


def _same_death(kill: Evidence, end: Occurrence, dead: set[int]) -> bool:
    """Match by pid where both are known; by time otherwise."""
    if kill.value is not None and dead:
        if int(kill.value) in dead:
            return True
        if min(dead) >= CONTAINER_PIDS:
            return False
    moment = kill.first
    if moment is None or end.at is None:
        return False
    return end.at - CLOCK_SLACK <= moment <= (end.until or moment) + CLOCK_SLACK


def _timeout(case: Case) -> float | None:
    """The shortest idle time after which the server closes an application's session, seconds."""
    names = ("wait_timeout", "session_wait_timeout_min")
    values = [v for v in (_number(case, "settings", n) for n in names) if v]
    return min(values, default=None)


def _number(case: Case, step: str, name: str) -> float | None:
    value = case.fact(step, name)
    return float(value) if isinstance(value, int | float) else None


def _idle_gaps(case: Case) -> Iterator[Evidence]:
    timeout = _timeout(case)
    if timeout is None:
        return
    hits = [f for f in case.failures if (f.idle_seconds or 0) >= timeout - IDLE_SLACK]
    if hits:
        longest = max(f.idle_seconds or 0 for f in hits)
        text = f"idle for {longest:.0f} s or less, while wait_timeout is {timeout:.0f} s"
        yield _from_failures("derived.idle-above-timeout", text, hits, timeout)


def _sizes(case: Case) -> Iterator[Evidence]:
    limit = _number(case, "settings", "max_allowed_packet")
    if limit is None:
        return
    hits = [f for f in case.failures if (f.size or 0) > limit]
    if hits:
        largest = max(f.size or 0 for f in hits)
        text = f"statements up to {largest} bytes, while max_allowed_packet is {limit:.0f}"
        yield _from_failures("derived.size-above-limit", text, hits, limit)


def _from_failures(signal: str, text: str, hits: list[Failure], value: float) -> Evidence:
    times = [f.at for f in hits if f.at is not None]
    return Evidence(
        signal,
        text,
        hits[0].source,
        count=len(hits),
        first=min(times, default=None),
        last=max(times, default=None),
        excerpt=hits[0].text,
        value=value,
    )


def _unlogged(case: Case) -> int | None:
    """How many abnormal ends since the server's start its log does not know; None if unknowable.

    Only for a server started inside the window whose log tells all other ends (MariaDB with
    log_warnings >= 2; Server System Variables, log_warnings).
    """
    aborted = _number(case, "counters", "aborted_clients")
    told = case.fact("error-log", "can_tell_aborted")
    inside = case.fact("counters", "started_inside_window")
    if aborted is None or not told or not inside or case.target.flavor != "mariadb":
        return None
    started = _moment(case.fact("connection", "started_at"))
    logged = 0
    for signal in _LOGGED_ENDS:
        for evidence in _of(case, signal):
            if started is None:
                logged += evidence.count
            else:
                since = started - LOG_SLACK
                logged += sum(1 for o in evidence.occurrences if o.at and o.at >= since)
    return max(0, int(aborted) - logged)


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None


def _kills(case: Case) -> Iterator[Evidence]:
    unlogged = _unlogged(case)
    used = _number(case, "counters", "com_kill") or 0
    if not unlogged or not used:
        return
    count = min(unlogged, int(used))
    yield Evidence(
        "derived.killed-unlogged",
        f"{unlogged} sessions ended that the error log does not mention, and KILL was used "
        f"{used:.0f} times since the server started",
        "SHOW GLOBAL STATUS (Aborted_clients, Com_kill) against the error log",
        count=count,
        value=used,
        occurrences=(),
    )
