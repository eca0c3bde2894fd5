"""Connects and packets that the kernel threw away for want of room, by its own log."""

from collections.abc import Iterable, Iterator

from wizard.case import clocks
from wizard.case.case import Window
from wizard.case.evidence import MAX_OCCURRENCES, Evidence, Occurrence
from wizard.health.kernel_lines import Drop
from wizard.units import moment

_TEXTS = {
    "kernel.conntrack-full": "the connection-tracking table was full and packets were dropped",
    "kernel.listen-overflow": "the listen queue of the server's port was full",
}


def evidence(drops: Iterable[Drop], window: Window, ports: frozenset[int]) -> Iterator[Evidence]:
    """One evidence a signal. The kernel writes one line for many drops, so the count is the
    least. `ports` are the server's: another program's queue is no matter of ours."""
    near = [
        d
        for d in drops
        if window.holds(d.at, clocks.KERNEL_LOG) and (d.port is None or d.port in ports)
    ]
    for signal, text in _TEXTS.items():
        hits = [d for d in near if d.signal == signal]
        if hits:
            last = hits[-1]
            yield Evidence(
                signal,
                f"{text}, {moment(last.at)}",
                last.source,
                count=len(hits),
                first=hits[0].at,
                last=last.at,
                excerpt=last.raw,
                occurrences=tuple(Occurrence(at=d.at) for d in hits[:MAX_OCCURRENCES]),
            )
