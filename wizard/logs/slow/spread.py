"""How long statements took, as few numbers that say it well enough. Pure.

Of millions of times only their first four digits are kept, of which there are some ten thousand
for each power of ten. So a count of those that took a limit's time or longer is exact for limits
of four digits, and for others off by what lies within a thousandth of them.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

MICRO = 1_000_000
_DIGITS = 4


def rounded(micros: int) -> int:
    """Down to its first four digits."""
    return micros - micros % _step(micros)


def spread_of(times: Sequence[int]) -> Counter[int]:
    """How many of `times`, which rise, are each when rounded."""
    found: Counter[int] = Counter()
    low = 0
    while low < len(times):
        step = _step(times[low])
        high = bisect_left(times, step * 10**_DIGITS, low)
        same = times[low:high]
        found.update(same if step == 1 else [micros - micros % step for micros in same])
        low = high
    return found


def quantile(times: Sequence[int], share: float) -> int:
    """Nearest rank: the smallest of the rising `times` that at least `share` do not exceed."""
    if not times:
        return 0
    rank = max(1, -(-int(share * 1000) * len(times) // 1000))
    return times[min(rank, len(times)) - 1]


def _step(micros: int) -> int:
    return int(10 ** max(0, len(str(micros)) - _DIGITS))
