"""How many packets are lost, from how many were sent again. Pure.

A share seen in a sample is never the share itself: what is told is the interval that holds it
with 95 % certainty (Clopper and Pearson, Biometrika 26, 1934), and no loss seen is an upper
bound, not 0 %.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import exp, lgamma, log, log1p

HARMFUL = 0.005
"""Loss above this share makes connections slow and, with bad luck, ends them."""

HARMLESS = 0.01
"""An upper bound below this clears the path."""

FEWEST = 5
"""Segments sent again that it takes at least: a machine that pauses makes one or two."""

CERTAINTY = 0.95

_STEPS = 60
"""Halvings: more than a double has digits."""

_MOST = 1_000_000
"""Segments beyond which it is of no use to say how many would decide."""


class LossVerdict(StrEnum):
    LOSSY = "lossy"
    CLEAN = "clean"
    OPEN = "cannot tell"


@dataclass(frozen=True, slots=True)
class Loss:
    """What was counted on one way.

    `segments` with data went there and came back, and `resent` of them were sent again by this
    end. That counts both directions: where an answer is lost, the acknowledgement that it
    carries is lost with it. `returned` of the resent had arrived before (the other end said so,
    RFC 2883), so what was lost was the answer. `late` are the round trips that took as long as
    a loss takes, whether or not this end sent again: they bound the loss from above.
    """

    segments: int
    resent: int
    late: int = 0
    returned: int = 0

    @property
    def lower(self) -> float:
        """A share of 1: with 97.5 % certainty no less is lost."""
        return lower_bound(self.resent, self.segments)

    @property
    def upper(self) -> float:
        """A share of 1: with 97.5 % certainty no more is lost."""
        return upper_bound(max(self.resent, self.late), self.segments)

    @property
    def verdict(self) -> LossVerdict:
        if self.resent >= FEWEST and self.lower > HARMFUL:
            return LossVerdict.LOSSY
        return LossVerdict.CLEAN if self.upper < HARMLESS else LossVerdict.OPEN

    @property
    def wanting(self) -> int | None:
        """Segments that would decide, beyond those that were seen, if things go on as they did;
        None where no number would within reason."""
        if self.segments == 0:
            return None
        wanted = self.segments
        while wanted < _MOST:
            wanted += max(20, wanted // 10)
            factor = wanted / self.segments
            grown = Loss(wanted, round(self.resent * factor), round(self.late * factor))
            if grown.verdict is not LossVerdict.OPEN:
                return wanted - self.segments
        return None


def told(loss: Loss) -> str:
    """`12 retransmits of 400 segments, between 1.6 and 5.2 % lost`."""
    counted = f"{loss.resent or 'no'} retransmit{'' if loss.resent == 1 else 's'}"
    counted += f" of {loss.segments} segments"
    if loss.resent == 0:
        return f"{counted}, below {percent(loss.upper)} % lost"
    return f"{counted}, between {percent(loss.lower)} and {percent(loss.upper)} % lost"


def percent(share: float) -> str:
    """Two significant digits: `0.092`, `0.46`, `1.6`, `12`."""
    shown = share * 100
    digits = 0 if shown >= 9.95 else 1 if shown >= 0.995 else 2 if shown >= 0.0995 else 3
    return f"{shown:.{digits}f}"


def lower_bound(hits: int, trials: int) -> float:
    """The least share that makes `hits` or more of `trials` no rarer than 2.5 %."""
    if hits <= 0 or trials <= 0:
        return 0.0
    if hits >= trials:
        return float(((1 - CERTAINTY) / 2) ** (1 / trials))
    tail = (1 - CERTAINTY) / 2
    return _crossing(lambda share: 1 - _at_most(hits - 1, trials, share) < tail)


def upper_bound(hits: int, trials: int) -> float:
    """The largest share that makes `hits` or fewer of `trials` no rarer than 2.5 %."""
    if trials <= 0 or hits >= trials:
        return 1.0
    tail = (1 - CERTAINTY) / 2
    return _crossing(lambda share: _at_most(hits, trials, share) > tail)


def _crossing(is_below: Callable[[float], bool]) -> float:
    """Where `is_below`, true from 0 on, becomes false."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if is_below(middle):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _at_most(hits: int, trials: int, share: float) -> float:
    """The chance of `hits` or fewer of `trials` (the binomial distribution's sum)."""
    if share <= 0.0:
        return 1.0
    if share >= 1.0:
        return 0.0
    whole = lgamma(trials + 1)
    yes, no = log(share), log1p(-share)
    return sum(
        exp(whole - lgamma(k + 1) - lgamma(trials - k + 1) + k * yes + (trials - k) * no)
        for k in range(hits + 1)
    )
