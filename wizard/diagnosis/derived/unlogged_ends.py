"""Connections that were lost while the server knows of no reason. Pure.

KILL is the one end that no server logs, and a client's own COM_QUIT is no abnormal end at all.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from wizard.case import clocks, facts
from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure, Occurrence
from wizard.case.moments import moment_of
from wizard.diagnosis.cohorts import possible_timeouts
from wizard.diagnosis.derived.failures import from_failures, number
from wizard.diagnosis.derived.farewell import met_an_orderly_end, resets_the_idle
from wizard.diagnosis.derived.pairing import (
    UNKNOWN_IDLE,
    by_time,
    ends_of,
    from_ends,
    paired,
    reach,
)

RESTART_REACH = timedelta(minutes=2)

_TIMEOUT = "log.aborted-timeout"
_READ_ERROR = "log.aborted-read-error"
_LOGGED_ENDS = ("log.aborted-timeout", "log.aborted-packet", "log.aborted-read-error",
                "log.aborted-write-error", "log.aborted-write-timeout", "log.aborted-killed",
                "log.aborted-init-connect", "log.aborted-unknown", "log.memory-limit")  # fmt: skip
_COUNTED_ENDS = ("count.idle-timeout", "count.packet-too-large", "count.slow-reader",
                 "count.read-timeout", "count.lost-client", "count.killed",
                 "count.memory-limit", "count.init-connect", "count.offline-mode")  # fmt: skip
_LIFE_ENDS = ("log.shutdown", "log.crash", "log.unclean-end")


def unlogged_ends(
    case: Case, lost: Sequence[Failure], left: Sequence[Occurrence]
) -> Iterator[Evidence]:
    """`left` are the ends whose client went, and can have been ours."""
    yield from _lost_unlogged(case, lost, left)
    yield from _closed_unlogged(case)
    yield from _killed_unlogged(case)


def judged_unlogged(case: Case, lost: Sequence[Failure]) -> Iterator[str]:
    """Which of these signals could be told, whether or not they are there."""
    if _unlogged(case) is not None:
        yield "derived.killed-unlogged"
    tells = telling_of_ends(case)
    if any(tells(f) for f in lost):
        yield "derived.lost-unlogged"


def telling_of_ends(case: Case) -> Callable[[Failure], bool]:
    """Of which failures the server's side would know the end, whatever it was but KILL.

    MariaDB's log at log_warnings >= 2, and MySQL's log at log_error_verbosity = 3; MySQL's error
    summaries, which a restart empties, know all of them.
    """
    looked = case.looked_for
    if case.fact(facts.CAN_TELL_ABORTED) and "log.shutdown" in looked:
        return lambda _failure: True
    if "count.lost-client" not in looked:
        return lambda _failure: False
    started = moment_of(case.fact(facts.STARTED_AT))
    if started is None:
        return lambda _failure: True
    since = started - clocks.WHOLE_SECONDS
    return lambda failure: failure.at is None or failure.at >= since


def _lost_unlogged(
    case: Case, losses: Sequence[Failure], gone: Sequence[Occurrence]
) -> Iterator[Evidence]:
    """Losses for which the server knows of no end: it does not think that it lost anything."""
    outages = _Outages(case)
    tells = telling_of_ends(case)
    lost = [f for f in losses if tells(f) and not outages.touch(f)]
    if not lost:
        return
    if "count.lost-client" in case.looked_for:
        ended = sum(e.count for e in case.evidence if e.signal in _COUNTED_ENDS and not e.weak)
        left = lost[: max(0, len(lost) - ended - _uncounted(ended))]
    else:
        left = _unpaired(case, lost, gone)
    if not left:
        return
    text = f"{_lost(left)}, and of the end the server tells nothing abnormal"
    source = "application's log against the server's log and counters"
    yield from_ends("derived.lost-unlogged", text, source, _each(left))
    started = moment_of(case.fact(facts.STARTED_AT))
    before = [f for f in left if started and f.at and f.at < started]
    if before:
        told = (
            f"{_lost(before)}, of whose end the log tells nothing, before the server's last "
            "start, which took the count of KILLs away"
        )
        yield from_ends("derived.lost-before-start", told, source, _each(before))
    since = [f for f in left if not (started and f.at and f.at < started)]
    if since and (used := number(case, facts.COM_KILL)):
        text = (
            f"{_lost(since)}, and of the end the server tells nothing abnormal, and KILL was used "
            f"{used:.0f} times since the server started"
        )
        yield from_ends("derived.lost-and-killed", text, f"{source} (Com_kill)", _each(since), used)


def _uncounted(ended: int) -> int:
    """How many ends beside those counted the server may have had.

    Its error summary has no lock: it may lose one of two that come in the same moment, as those of
    a pool do.
    """
    return math.ceil(ended / 10)


def _closed_unlogged(case: Case) -> Iterator[Evidence]:
    """Closed connections were used, and the server's side would know if it had ended them."""
    closed = [f for f in case.failures if f.signal == "client.closed-object"]
    tells, outages = telling_of_ends(case), _Outages(case)
    if not closed or any(f.at is None or not tells(f) or outages.touch(f) for f in closed):
        return
    if paired(closed, ends_of(case, *_LOGGED_ENDS, *_COUNTED_ENDS)):
        return
    text = "closed connections were used, and the server knows of none that it had ended"
    yield from_failures("derived.closed-unlogged", text, closed)


def _unpaired(case: Case, lost: Sequence[Failure], gone: Sequence[Occurrence]) -> list[Failure]:
    """The losses of which no end is logged. A timeout is none of those that ended in order, where
    the server resets what idles."""
    resets = resets_the_idle(case)
    in_order = [f for f in lost if resets and met_an_orderly_end(f)]
    chosen = {id(f) for f in in_order}
    others = ends_of(case, *(n for n in _LOGGED_ENDS if n not in (_TIMEOUT, _READ_ERROR)))
    others = by_time((*others, *gone))
    pairs = paired(in_order, others)
    used = {id(end) for _, end in pairs}
    rest = [f for f in lost if id(f) not in chosen]
    timeouts = possible_timeouts(rest, ends_of(case, _TIMEOUT))
    logged = (*timeouts, *(end for end in others if id(end) not in used))
    pairs += paired(rest, by_time(logged))
    taken = {id(failure) for failure, _ in pairs}
    return [f for f in lost if id(f) not in taken]


def _lost(failures: Sequence[Failure]) -> str:
    count = len(failures)
    return "1 connection was lost" if count == 1 else f"{count} connections were lost"


def _each(failures: Sequence[Failure]) -> list[Occurrence]:
    return [Occurrence(at=f.at, account=f.account) for f in failures]


class _Outages:
    """The times at which the server went and was back, in order."""

    def __init__(self, case: Case) -> None:
        spans = [(o.at, o.until) for o in ends_of(case, *_LIFE_ENDS) if o.at is not None]
        self._began = [began for began, _ in spans]
        self._spans = spans

    def touch(self, failure: Failure) -> bool:
        """Whether the failure can be of an outage.

        It came while the server was gone or just after, or its connection is older.
        """
        if failure.at is None or not self._began:
            return False
        place = bisect_right(self._began, failure.at + clocks.WHOLE_SECONDS) - 1
        if place < 0:
            return False
        began, until = self._spans[place]
        if until is not None and _worked_since(failure, until):
            return False
        if failure.at <= (until or failure.at) + RESTART_REACH:
            return True
        return failure.at - reach(failure, UNKNOWN_IDLE) <= began


def _worked_since(failure: Failure, until: datetime) -> bool:
    """Whether its program has done its work since the server was back, as far as it tells."""
    if failure.worked is None or failure.idle_seconds is not None:
        return False
    return failure.worked > until + clocks.WHOLE_SECONDS


def _unlogged(case: Case) -> int | None:
    """How many abnormal ends since the server's start its log does not know; None if unknowable.

    Only for a server started inside the window whose log tells all other ends (MariaDB with
    log_warnings >= 2; Server System Variables, log_warnings).
    """
    aborted = number(case, facts.ABORTED_CLIENTS)
    told = case.fact(facts.CAN_TELL_ABORTED)
    inside = case.fact(facts.STARTED_INSIDE_WINDOW)
    if aborted is None or not told or not inside or case.target.flavor != "mariadb":
        return None
    started = moment_of(case.fact(facts.STARTED_AT))
    logged = sum(_since(started, e) for e in case.evidence if e.signal in _LOGGED_ENDS)
    return max(0, int(aborted) - logged)


def _since(started: datetime | None, evidence: Evidence) -> int:
    if started is None:
        return evidence.count
    since = started - clocks.WHOLE_SECONDS
    return sum(1 for o in evidence.occurrences if o.at and o.at >= since)


def _killed_unlogged(case: Case) -> Iterator[Evidence]:
    unlogged = _unlogged(case)
    used = number(case, facts.COM_KILL) or 0
    if not unlogged or not used:
        return
    yield Evidence(
        "derived.killed-unlogged",
        f"{unlogged} sessions ended that the error log does not mention, and KILL was used "
        f"{used:.0f} times since the server started",
        "SHOW GLOBAL STATUS (Aborted_clients, Com_kill) against the error log",
        count=min(unlogged, int(used)),
        value=used,
    )
