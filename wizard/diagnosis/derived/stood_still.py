"""Since when a server whose process is stopped or frozen now has answered nobody. Pure.

Nothing tells when it was stopped; its clients do: their failures reach from then to now, and
nothing tells that it lived in between.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from wizard.case.case import Case
from wizard.case.evidence import Evidence, Occurrence
from wizard.diagnosis.derived.standing import signs_of_life
from wizard.units import moment

_IN_VAIN = frozenset(
    {
        "client.read-timeout", "client.connect-timeout", "client.connect-lost", "client.lost",
        "client.pool-timeout",
    }
)  # fmt: skip
"""What clients tell of a server that takes their connections and never answers."""

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


def _beginning(row: Sequence[datetime]) -> datetime:
    """The first of those that reach to the last with no long pause between them."""
    began = row[-1]
    for later, at in pairwise(reversed(row)):
        if later - at > _RETRIED:
            break
        began = at
    return began
