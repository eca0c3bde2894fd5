"""What was told rightly, of which fault, and how late."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.servers.recorder_soak.told import TOLD_SECONDS


@dataclass(slots=True)
class Tally:
    """One fault's rounds. `delays` are of the rounds that were told with the right cause."""

    staged: int = 0
    right: int = 0
    delays: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Score:
    """`false` are events of sessions that were not staged to be lost."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    clean: int = 0
    false: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        return sum(t.staged - t.right for t in self.tallies.values()) + len(self.false)

    def add(self, name: str, delay: float | None, said: Sequence[str]) -> None:
        """`delay` is None where the right thing was not told at all; `said` is what was."""
        tally = self.tallies.setdefault(name, Tally())
        tally.staged += 1
        if delay is not None:
            tally.delays.append(max(delay, 0.0))
        if delay is not None and delay <= TOLD_SECONDS:
            tally.right += 1
        else:
            when = "never" if delay is None else f"after {delay:.1f} s"
            print(f"  {name}, round {tally.staged}, told {when}: {list(said)}", flush=True)

    def told(self) -> str:
        each = [
            f"{name} {t.right} of {t.staged} (worst {max(t.delays, default=0.0):.1f} s)"
            for name, t in self.tallies.items()
        ]
        shown = f": {self.false[:3]}" if self.false else ""
        each.append(f"{len(self.false)} false events among {self.clean} clean ends{shown}")
        return "\n  ".join(each)
