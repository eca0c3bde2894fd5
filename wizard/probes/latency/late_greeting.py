"""Whether a server greets late because it looks up the client's name first. Pure.

A server that may look names up (skip_name_resolve is OFF) does so between the TCP handshake and
its greeting. It caches a name that was found or plainly is not there, and no failure to ask: so
either the first login alone waits, or each one does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, log2, prod

LATE = 1.0
"""Seconds beyond the round trip."""

CHANCE = 0.001
"""What packets may be lost by chance more seldom than that is not put down to it."""


@dataclass(frozen=True, slots=True)
class LateGreeting:
    """`seconds` that the longest wait took; so many `late` of `logins`."""

    seconds: float
    late: int
    logins: int

    @property
    def text(self) -> str:
        if self.late == 1 < self.logins:
            return (
                f"the first greeting came {self.seconds:.1f} s late, and none of the"
                f" {self.logins - 1} after it: a looked-up name is remembered"
            )
        return f"{self.late} of {self.logins} greetings came late, up to {self.seconds:.1f} s"


def late_greeting(
    first: float | None,
    later: Sequence[float],
    round_trip: float,
    is_lossless: bool,
    lost: float = 0.0,
) -> LateGreeting | None:
    """The finding that greetings come late.

    Waits in seconds: of the `first` login of all, where it is known, and of the `later` ones.
    `round_trip` is what a statement takes on the way, `lost` the share of 1 of round trips that a
    path surely loses, at most.

    On a path that loses packets a lost acknowledgement delays a greeting by a second, so there
    the first one alone says nothing.
    """
    waits = [wait - round_trip for wait in ((first, *later) if first is not None else later)]
    late = [wait for wait in waits if wait >= LATE]
    if len(late) >= 2 and len(late) * 2 > len(waits) and _by_loss(late, len(waits), lost) < CHANCE:
        return LateGreeting(max(late), len(late), len(waits))
    if is_lossless and late and late == waits[:1]:
        return LateGreeting(late[0], 1, len(waits))
    return None


def _by_loss(late: Sequence[float], logins: int, lost: float) -> float:
    """At most how likely loss alone makes so many of the logins so late.

    Until a round trip was seen a packet is sent again after 1 s, then after 2 more, then after 4
    (RFC 6298, 2.1 and 5.5).
    """
    return comb(logins, len(late)) * prod(lost ** int(log2(wait + 1)) for wait in late)
