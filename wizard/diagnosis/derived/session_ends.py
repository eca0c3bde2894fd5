"""Ended sessions as the server saw them beside failures as the application saw them. Pure.

Who left first decides much: the side that closes a connection knows at once, the other one only
at its next use.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from wizard.case.case import Case
from wizard.case.evidence import Evidence, Occurrence
from wizard.diagnosis.derived.failures import IDLE_SLACK, number
from wizard.diagnosis.derived.outages import moment_of
from wizard.diagnosis.derived.pairing import LOG_SLACK, Pair, ends_of, from_ends, losses, paired

NOTICED_LATER = timedelta(seconds=3)
"""More than clocks and whole seconds can explain."""

LOGIN = timedelta(seconds=30)
"""A client that loses a login notices within its own connect timeout."""

_BROKEN_LOGINS = ("log.preauth", "log.handshake-timeout", "count.preauth",
                  "count.handshake-timeout")  # fmt: skip
_TRANSACTION_LIMITS = ("idle_transaction_timeout", "idle_readonly_transaction_timeout",
                       "idle_write_transaction_timeout")  # fmt: skip


def session_ends(case: Case) -> Iterator[Evidence]:
    yield from _early_timeouts(case)
    yield from _cut_between(case)
    yield from _broken_logins(case)
    yield from _write_errors(case)


def _early_timeouts(case: Case) -> Iterator[Evidence]:
    """MariaDB and MySQL 5.7 log a timeout while reading in the same words, whichever it was:
    wait_timeout, one that the session set itself, idle_transaction_timeout, net_read_timeout."""
    limits = [number(case, "settings", n) for n in ("wait_timeout", "interactive_timeout")]
    limit = min((v for v in limits if v), default=None)
    ends = ends_of(case, "log.aborted-timeout")
    if limit is None or not ends:
        return
    idle = {id(end): f.idle_seconds for f, end in paired(losses(case), ends)}
    early = [e for e in ends if _too_early(e, limit, idle.get(id(e)), case)]
    if not early:
        return
    yield from_ends(
        "derived.timeout-too-early",
        f"{len(early)} of these sessions cannot have idled for {limit:.0f} s, the server's limit: "
        "another timeout ended them",
        "error log, wait_timeout, uptime",
        early,
        limit,
    )
    yield from _which_timeout(case, early, limit, idle)


def _which_timeout(
    case: Case, early: list[Occurrence], limit: float, idle: dict[int, float | None]
) -> Iterator[Evidence]:
    own = [number(case, "settings", n) for n in _TRANSACTION_LIMITS]
    shortest = min((v for v in own if v), default=limit)
    if shortest < limit:
        fits = [e for e in early if (idle.get(id(e)) or shortest) >= shortest - IDLE_SLACK]
        if fits:
            yield from_ends(
                "derived.idle-in-transaction",
                f"the sessions can have idled for {shortest:.0f} s, the limit inside a "
                "transaction, but not for wait_timeout",
                "error log, idle_transaction_timeout",
                fits,
                shortest,
            )
        return
    busy = [e for e in early if (idle.get(id(e)) or 0.0) <= IDLE_SLACK]
    if busy and number(case, "counters", "com_load"):
        yield from_ends(
            "derived.timeout-in-transfer",
            "a timeout ended sessions that cannot have idled so long, and LOAD DATA was used: "
            "net_read_timeout governs that",
            "error log, SHOW GLOBAL STATUS (Com_load)",
            busy,
        )


def _too_early(end: Occurrence, limit: float, idle: float | None, case: Case) -> bool:
    if idle is not None and idle < limit - IDLE_SLACK:
        return True
    started = moment_of(case.fact("connection", "started_at"))
    if started is None or end.at is None or end.at < started:
        return False
    return (end.at - started).total_seconds() < limit - LOG_SLACK.total_seconds()


def _cut_between(case: Case) -> Iterator[Evidence]:
    """The server saw the client leave while the client, at rest, had not left."""
    signals = ("log.aborted-read-error", "count.lost-client")
    pairs = paired(losses(case), ends_of(case, *signals), timedelta(minutes=1), NOTICED_LATER)
    if not pairs:
        return
    seen = [end for _, end in pairs]
    source = "application's log, server's side"
    text = "the server saw clients go away that say themselves that they lost the server"
    found = from_ends("derived.cut-between", text, source, seen)
    yield replace(found, count=max(found.count, _counted_so(case, signals)))
    rests = sorted(r for p in pairs if (r := _rested(p)) is not None)
    moments = {end.at for end in seen}
    if len(moments) > 1 and rests and rests[-1] - rests[0] <= max(2.0, 0.1 * rests[0]):
        middle = rests[len(rests) // 2]
        text = f"each time after about {middle:.0f} s at rest"
        yield from_ends("derived.cut-regular", text, source, seen, middle)


def _counted_so(case: Case, signals: tuple[str, ...]) -> int:
    """How many losses at rest the server can have seen so: it may know no single times."""
    rested = [f for f in losses(case) if (f.idle_seconds or 0) >= NOTICED_LATER.total_seconds()]
    counted = sum(e.count for e in case.evidence if e.signal in signals)
    return min(len(rested), counted)


def _at_rest(pair: Pair) -> bool:
    failure, end = pair
    if failure.at is None or end.at is None:
        return False
    return failure.at - end.at >= NOTICED_LATER


def _rested(pair: Pair) -> float | None:
    """Seconds from the connection's last use to its end."""
    failure, end = pair
    if failure.idle_seconds is None or failure.at is None or end.at is None:
        return None
    return failure.idle_seconds - (failure.at - end.at).total_seconds()


def _broken_logins(case: Case) -> Iterator[Evidence]:
    failed = [f for f in case.failures if f.signal == "client.connect-lost"]
    pairs = paired(failed, ends_of(case, *_BROKEN_LOGINS), LOGIN)
    if pairs:
        text = "clients lost the server while they logged in, and the server saw the login break"
        ends = [end for _, end in pairs]
        yield from_ends("derived.login-cut", text, "application's log, server's side", ends)


def _write_errors(case: Case) -> Iterator[Evidence]:
    """MariaDB logs the same words where a client left and where it did not read in time."""
    pairs = paired(losses(case), ends_of(case, "log.aborted-write-error"))
    late = [end for failure, end in pairs if _at_rest((failure, end))]
    prompt = [end for failure, end in pairs if not _at_rest((failure, end))]
    source = "application's log, error log"
    if late:
        text = "the server gave up writing some time before the client noticed: it was not reading"
        yield from_ends("derived.write-noticed-later", text, source, late)
    if prompt:
        text = "the client gave up at the moment at which the server could not write to it"
        yield from_ends("derived.write-noticed-at-once", text, source, prompt)
