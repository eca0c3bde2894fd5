"""What the hosts of one cause have in common, and the others have not. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from wizard.fleet.result import HostResult

MOST = 0.8
"""The part of a cause's hosts that has to share a trait."""

RARER = 0.5
"""How much rarer it has to be elsewhere."""

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Shared:
    """A trait of `having` of the cause's `hosts`, and of `elsewhere` of all `others`."""

    trait: str
    value: str
    having: int
    hosts: int
    elsewhere: int
    others: int

    @property
    def text(self) -> str:
        there = f"{self.having} of {self.hosts}"
        away = f", elsewhere {self.elsewhere} of {self.others}" if self.others else ""
        return f"{self.trait} {self.value} ({there}{away})"


def in_common(hosts: Sequence[HostResult], others: Sequence[HostResult]) -> tuple[Shared, ...]:
    """The most telling first; nothing of a single host, which has everything in common."""
    if len(hosts) < 2:
        return ()
    there = Counter(item for host in hosts for item in host.traits.items())
    away = Counter(item for host in others for item in host.traits.items())
    found = [
        Shared(trait, value, having, len(hosts), away[trait, value], len(others))
        for (trait, value), having in there.items()
        if having >= max(2, MOST * len(hosts))
    ]
    telling = [s for s in found if _rate_elsewhere(s) <= RARER * s.having / s.hosts]
    telling.sort(key=lambda s: (_rate_elsewhere(s) - s.having / s.hosts, s.trait))
    return tuple(telling[:SHOWN])


def _rate_elsewhere(shared: Shared) -> float:
    return shared.elsewhere / shared.others if shared.others else 0.0
