"""Why the server died again and again: the cause of a loop goes before the loop. Pure."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from wizard.case.case import Case
from wizard.case.evidence import Evidence, Occurrence

BEFORE_DEATH = timedelta(minutes=2)
"""How long before its death a server says what it died of."""

AFTER_DEATH = timedelta(seconds=10)
"""The crash handler's own lines come after the first one, which sets the time."""

_DEATHS = ("log.crash", "log.startup-failed", "log.unclean-end")


def loops(case: Case, outages: Sequence[Evidence]) -> Iterator[Evidence]:
    """Deaths with damaged data before them, and loops whose deaths have a cause of their own."""
    corrupt = tuple(_by_corruption(case))
    yield from corrupt
    oom = [e for e in outages if e.signal in ("derived.oom-killed", "derived.start-failed")]
    failed = [e for e in case.evidence if e.signal == "log.startup-failed"]
    for loop in (e for e in case.evidence if e.signal == "log.crash-loop"):
        yield from _explained(loop, [*corrupt, *oom, *failed])


def _by_corruption(case: Case) -> Iterator[Evidence]:
    damage = [e for e in case.evidence if e.signal == "log.corruption"]
    times = sorted(at for e in damage for at in _moments(e))
    if not times:
        return
    deaths = [o for e in case.evidence if e.signal in _DEATHS for o in e.occurrences]
    hits = [
        o
        for o in deaths
        if o.at is not None and _any_in(times, o.at - BEFORE_DEATH, o.at + AFTER_DEATH)
    ]
    if hits:
        yield replace(
            damage[-1],
            signal="derived.corruption-death",
            text=f"the server died {_times(len(hits))} right after it had found damaged data: "
            f"{damage[-1].text}",
            count=len(hits),
            first=hits[0].at,
            last=hits[-1].at,
            occurrences=tuple(hits),
        )


def _moments(evidence: Evidence) -> list[datetime]:
    single = [o.at for o in evidence.occurrences if o.at is not None]
    return single or [at for at in (evidence.first, evidence.last) if at is not None]


def _any_in(times: Sequence[datetime], since: datetime, until: datetime) -> bool:
    place = bisect_left(times, since)
    return place < len(times) and times[place] <= until


def _explained(loop: Evidence, causes: Sequence[Evidence]) -> Iterator[Evidence]:
    """Where at least half of a loop's deaths are known to be of something, it is that."""
    known = sorted(o.at for e in causes for o in e.occurrences if o.at is not None)
    deaths = [o for o in loop.occurrences if o.at is not None]
    of_something = [o for o in deaths if _near(o, known)]
    if deaths and len(of_something) * 2 >= len(deaths):
        yield replace(
            loop,
            signal="derived.loop-explained",
            text=f"{len(of_something)} of the {len(deaths)} deaths in the loop have a cause of "
            "their own",
            count=len(of_something),
            occurrences=tuple(of_something),
        )


def _near(death: Occurrence, known: Sequence[datetime]) -> bool:
    at = death.at
    return at is not None and _any_in(known, at - AFTER_DEATH, at + AFTER_DEATH)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
