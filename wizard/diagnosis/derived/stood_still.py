"""When a server that was stopped or frozen answered nobody. Pure.

Nothing tells when it was stopped; its clients do: their failures reach from then to now, and
nothing tells that it lived in between. Of one that runs again only they tell at all: what ran
and who came waited alike.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure, Occurrence
from wizard.diagnosis.derived.failures import from_failures
from wizard.diagnosis.derived.standing import signs_of_life
from wizard.units import moment

_IN_VAIN = frozenset(
    {
        "client.read-timeout", "client.connect-timeout", "client.connect-lost", "client.lost",
        "client.pool-timeout",
    }
)  # fmt: skip
"""What clients tell of a server that takes their connections and never answers."""

_GAVE_UP = "client.read-timeout"
_WAITED = frozenset({_GAVE_UP, "client.connect-timeout"})
"""What two kinds of clients tell of it at once: whose statement runs, and who comes."""

_TOGETHER = timedelta(minutes=2)
"""Within this time the clients of one that answers nobody give up, one after the other."""

_ALIKE = 2
"""At least so many statements, and so many connects, before it is no matter of chance."""

_RETRIED = timedelta(minutes=10)
"""Within this time somebody who waited in vain has tried again."""


def stood_still(case: Case) -> Iterator[Evidence]:
    held = next((e for e in case.evidence if e.signal == "host.process-stopped"), None)
    if held is None:
        return
    alive = max(signs_of_life(case), default=None)
    row = sorted(
        f.at
        for f in case.failures
        if f.at and f.signal in _IN_VAIN and (alive is None or f.at > alive)
    )
    # The window may have been of another day; the process is held now.
    if not row or max(case.window.until, case.created) - row[-1] > _RETRIED:
        return
    began = _beginning(row)
    yield replace(
        held,
        signal="derived.stood-still",
        text=f"{held.text}; no client has had an answer since {moment(began)} or a little before",
        first=began,
        last=began,
        occurrences=(Occurrence(at=began),),
    )


def answered_nobody(case: Case) -> Iterator[Evidence]:
    """Whiles in which neither a running statement nor a new connection had an answer.

    Told only where each statement that a client gave up is of one: none was merely slow.
    """
    waited = sorted(
        ((f.at, f) for f in case.failures if f.at and f.signal in _WAITED), key=lambda pair: pair[0]
    )
    rows: list[list[Failure]] = []
    before: datetime | None = None
    for at, failure in waited:
        lived = failure.worked is not None and before is not None and failure.worked > before
        if before is None or lived or at - before > _TOGETHER:
            rows.append([])
        rows[-1].append(failure)
        before = at
    held = [row for row in rows if _is_of_all(row)]
    given_up = sum(f.signal == _GAVE_UP for _, f in waited)
    if held and given_up == sum(f.signal == _GAVE_UP for row in held for f in row):
        text = (
            "neither what ran nor who came had an answer: the server stood still, or the path did"
        )
        yield from_failures("derived.answered-nobody", text, [f for row in held for f in row])


def _is_of_all(row: Sequence[Failure]) -> bool:
    given_up = sum(f.signal == _GAVE_UP for f in row)
    return given_up >= _ALIKE and len(row) - given_up >= _ALIKE


def _beginning(row: Sequence[datetime]) -> datetime:
    """The first of those that reach to the last with no long pause between them."""
    began = row[-1]
    for later, at in pairwise(reversed(row)):
        if later - at > _RETRIED:
            break
        began = at
    return began
