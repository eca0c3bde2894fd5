"""Connections that went in a failover: the same application met a read-only node just after. Pure.

At a switch the old writer drops its sessions or dies (2013, 2006), and who connects anew before
the name or the proxy has followed lands on a node that takes no writes (1290, 1836).
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta

from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure, Occurrence
from wizard.diagnosis.cohorts import log_of

SIGNAL = "derived.lost-before-read-only"

_LOST = frozenset(
    {"client.lost", "client.sending-packet", "client.closed-object", "client.connect-lost",
     "client.refused", "client.shutdown"}
)  # fmt: skip

_SOON = timedelta(seconds=60)
"""What a failover takes, until its application has found the other node."""


def switched(case: Case) -> Iterator[Evidence]:
    """The losses that are followed by a read-only node in the same log."""
    met: dict[str, list[datetime]] = {}
    for failure in case.failures:
        if failure.signal == "client.read-only" and failure.at is not None:
            met.setdefault(log_of(failure), []).append(failure.at)
    if not met:
        return
    for times in met.values():
        times.sort()
    hits = [f for f in case.failures if _followed(f, met.get(log_of(f), []))]
    if hits:
        moments = [f.at for f in hits if f.at is not None]
        yield Evidence(
            SIGNAL,
            "connections were lost, and within a minute the same application met a read-only node",
            hits[0].source,
            count=len(hits),
            first=min(moments),
            last=max(moments),
            excerpt=hits[0].text,
            occurrences=tuple(Occurrence(at=at) for at in moments),
        )


def _followed(failure: Failure, read_only: list[datetime]) -> bool:
    """Whether a write was refused soon after the loss."""
    if failure.at is None or failure.signal not in _LOST:
        return False
    place = bisect_left(read_only, failure.at)
    return place < len(read_only) and read_only[place] - failure.at <= _SOON
