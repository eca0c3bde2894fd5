"""Since when a server whose process is stopped or frozen now has answered nobody. Pure.

Nothing tells when it was stopped; its clients do: their failures reach from then to now, and none
of them has worked in between.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure, Occurrence
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
    dated = [(f.at, f) for f in case.failures if f.at and f.signal in _IN_VAIN]
    row = sorted(dated, key=lambda pair: pair[0])
    if held is None or not row or case.window.until - row[-1][0] > _RETRIED:
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


def _beginning(row: Sequence[tuple[datetime, Failure]]) -> datetime:
    """The time of the first failure after which nobody has worked."""
    began = row[-1][0]
    for (later, other), (at, _) in pairwise(reversed(row)):
        worked = other.worked
        if later - at > _RETRIED or (worked is not None and worked > at):
            break
        began = at
    return began
