"""One probe as `check` runs it, with what its step kept in the case file."""

import tempfile
from pathlib import Path

from tests.network.lab import NetworkLab
from tests.network.stood_still import StoodStill
from tests.servers.check_run import CheckRun
from wizard.case.case_file import load
from wizard.case.evidence import StepResult

_TRIES = 8
"""Seconds cannot be told on a machine that stands still for as long: then it is tried again."""

WITHIN = 1.0
"""Seconds by which a measured timeout may differ from the one that was staged."""


class KeptStep:
    """A run of `check --probe PROBE --save-case KEPT`."""

    def __init__(
        self, lab: NetworkLab, probe: str, kept: Path, *more: str, machine: str = "client",
        **place: object,
    ) -> None:  # fmt: skip
        words = ("--probe", probe, "--save-case", str(kept), *more)
        # The same home for all tries: what the probe itself left is known there.
        place.setdefault("home", Path(tempfile.mkdtemp(prefix="home-", dir=lab.client.directory)))
        for _ in range(_TRIES):
            kept.unlink(missing_ok=True)
            with StoodStill() as stood:
                self.run: CheckRun = lab.check(machine, *words, **place)  # type: ignore[arg-type]
            if stood.seconds < WITHIN / 2:
                break
        step = load(kept).step(probe)
        assert step is not None
        assert step.status == "done", self.run.told()
        self.step: StepResult = step

    @property
    def signals(self) -> dict[str, float | None]:
        return {evidence.signal: evidence.value for evidence in self.step.evidence}

    @property
    def told(self) -> str:
        rows = ["  ".join(row) for table in self.step.tables for row in table.rows]
        return "\n".join([self.run.told(), self.step.headline, *rows, *self.step.notes])

    def saw(self, signal: str, seconds: float) -> None:
        """Its evidence has this signal, with about this time."""
        assert signal in self.signals, self.told
        value = self.signals[signal]
        assert value is not None
        assert abs(value - seconds) <= WITHIN, self.told

    def accuses(self, cause: str, signal: str, seconds: float) -> None:
        """This cause and no other, for this signal."""
        assert self.run.first == (cause, "confirmed"), self.told
        assert self.run.accused == [cause], self.told
        self.saw(signal, seconds)
