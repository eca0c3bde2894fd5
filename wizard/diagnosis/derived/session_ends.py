"""Ended sessions as the server saw them beside failures as the application saw them. Pure.

Who left first decides much: the side that closes a connection knows at once, the other one only
at its next use.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure, Occurrence
from wizard.diagnosis.derived.pairing import LEAVINGS, Pair, ends_of, from_ends, paired, rested
from wizard.units import duration

NOTICED_LATER = timedelta(seconds=1.5)
"""More than clocks and whole seconds can explain."""

AT_ONCE = timedelta(seconds=0.5)

WRITES_LATER = timedelta(minutes=1)
"""A server that works on a statement notices only with its answer that nobody is there."""

LOGIN = timedelta(seconds=30)
"""A client that loses a login notices within its own connect timeout."""

_BROKEN_LOGINS = ("log.preauth", "log.handshake-timeout", "count.preauth",
                  "count.handshake-timeout")  # fmt: skip


def session_ends(
    case: Case, lost: Sequence[Failure], left: Sequence[Occurrence]
) -> Iterator[Evidence]:
    """`left` are the ends whose client went, and can have been ours."""
    yield from _cut_between(case, lost, left)
    yield from _broken_logins(case)
    yield from _write_errors(case, lost)


def _cut_between(
    case: Case, lost: Sequence[Failure], left: Sequence[Occurrence]
) -> Iterator[Evidence]:
    """The server saw the client leave while the client, at rest, had not left."""
    pairs = _alike(paired(lost, left, timedelta(minutes=1), NOTICED_LATER)) if left else ()
    if not pairs:
        return
    seen = [end for _, end in pairs]
    source = "application's log, server's side"
    text = "the server saw clients go away that say themselves that they lost the server"
    found = from_ends("derived.cut-between", text, source, seen)
    yield replace(found, count=max(found.count, _counted_so(case, lost, LEAVINGS)))
    rests = sorted(r for p in pairs if (r := rested(p)) is not None)
    moments = {end.at for end in seen}
    if len(moments) > 1 and rests and rests[-1] - rests[0] <= max(2.0, 0.1 * rests[0]):
        middle = rests[len(rests) // 2]
        text = f"each time after about {duration(round(middle))} at rest"
        yield from_ends("derived.cut-regular", text, source, seen, middle)


def _alike(pairs: Sequence[Pair]) -> Sequence[Pair]:
    """The pairs that are one event each.

    Where no rest is told, two events may lie near each other by chance: one pair is no proof, and
    several are one only where the client noticed equally late each time.
    """
    told = [p for p in pairs if p[0].idle_seconds is not None]
    delays = sorted(
        (f.at - end.at).total_seconds()
        for f, end in pairs
        if f.at is not None and end.at is not None
    )
    if told or not delays:
        return told
    regular = delays[-1] - delays[0] <= max(2.0, 0.1 * delays[0])
    return pairs if len(pairs) > 1 and regular else ()


def _counted_so(case: Case, lost: Sequence[Failure], signals: tuple[str, ...]) -> int:
    """How many losses at rest the server can have seen so: it may know no single times."""
    at_rest = [f for f in lost if (f.idle_seconds or 0) >= NOTICED_LATER.total_seconds()]
    counted = sum(e.count for e in case.evidence if e.signal in signals)
    return min(len(at_rest), counted)


def _at_rest(pair: Pair) -> bool:
    failure, end = pair
    if failure.at is None or end.at is None:
        return False
    return failure.at - end.at >= NOTICED_LATER


def _broken_logins(case: Case) -> Iterator[Evidence]:
    failed = [f for f in case.failures if f.signal == "client.connect-lost"]
    pairs = paired(failed, ends_of(case, *_BROKEN_LOGINS), LOGIN)
    if pairs:
        text = "clients lost the server while they logged in, and the server saw the login break"
        ends = [end for _, end in pairs]
        yield from_ends("derived.login-cut", text, "application's log, server's side", ends)


def _write_errors(case: Case, lost: Sequence[Failure]) -> Iterator[Evidence]:
    """MariaDB logs the same words where a client left and where it did not read in time. The
    log's whole seconds are cut, so an end that reads later than its failure came later."""
    ends = ends_of(case, "log.aborted-write-error")
    late: list[Occurrence] = []
    prompt: list[Occurrence] = []
    after: list[Occurrence] = []
    for failure, end in paired(lost, ends, lead=-WRITES_LATER):
        if failure.at is None or end.at is None:
            continue
        if _at_rest((failure, end)):
            late.append(end)
        elif end.at - failure.at <= AT_ONCE:
            prompt.append(end)
        else:
            after.append(Occurrence(at=failure.at, account=failure.account))
    source = "application's log, error log"
    if late:
        text = "the server gave up writing some time before the client noticed: it was not reading"
        yield from_ends("derived.write-noticed-later", text, source, late)
    if prompt:
        text = "the client gave up at the moment at which the server could not write to it"
        yield from_ends("derived.write-noticed-at-once", text, source, prompt)
    if after:
        text = (
            "clients lost the server in the middle of a statement, and the server noticed only "
            "when it wrote its answer: it had not closed anything"
        )
        yield from_ends("derived.server-noticed-after", text, source, after)
