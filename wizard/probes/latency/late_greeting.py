"""Whether a server greets late because it looks up the client's name first. Pure.

A server that may look names up (skip_name_resolve is OFF) does so between the TCP handshake and
its greeting. It caches a name that was found or plainly is not there, and no failure to ask: so
either the first login alone waits, or each one does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

LATE = 1.0
"""Seconds beyond the round trip."""


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
    first: float | None, later: Sequence[float], round_trip: float, is_lossless: bool
) -> LateGreeting | None:
    """The finding that greetings come late.

    Waits in seconds: of the `first` login of all, where it is known, and of the `later` ones.
    `round_trip` is what a statement takes on the way.

    On a path that loses packets a lost acknowledgement delays a greeting by a second, so there
    the first one alone says nothing.
    """
    waits = [wait - round_trip for wait in ((first, *later) if first is not None else later)]
    late = [wait for wait in waits if wait >= LATE]
    if len(late) >= 2 and len(late) * 2 > len(waits):
        return LateGreeting(max(late), len(late), len(waits))
    if is_lossless and late and late == waits[:1]:
        return LateGreeting(late[0], 1, len(waits))
    return None
