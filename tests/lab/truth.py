"""What really was the cause of each single failure, kept beside the recorded case.

A stager says which causes are at work while a part of an application's log is written, and how
many of its jobs failed there. Held against a diagnosis, every failure that was read in these
lines must go to one of these causes, and as many must have been read as there were.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from wizard.diagnosis.model import Attribution, Diagnosis


class Failing(Protocol):
    """An application with a log, which counts its failed jobs."""

    @property
    def path(self) -> Path: ...

    @property
    def failed(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Due:
    """In lines `first` to `last` of `log`, `failures` jobs failed, each by one of `causes`.

    `known` is False where no evidence can tell, so that a failure may stay at no cause.
    """

    log: str
    first: int
    last: int
    failures: int
    causes: tuple[str, ...]
    known: bool = True

    def holds(self, attribution: Attribution) -> bool:
        name, _, line = attribution.failure.source.rpartition(":")
        if not line.isdigit() or Path(name).name != self.log:
            return False
        return self.first <= int(line) <= self.last


@dataclass(frozen=True, slots=True)
class Single:
    """One part of a log, held against the diagnosis. `right` failures went to their own cause,
    `left` to none; `read` is how many failures were read in these lines."""

    due: Due
    read: int
    right: int
    left: int
    wrong: tuple[Attribution, ...]

    @property
    def placed(self) -> int:
        """Failures at their own cause, or at none where nothing can tell."""
        placed = self.right if self.due.known else self.right + self.left
        return min(placed, self.due.failures)

    @property
    def good(self) -> bool:
        return self.placed == self.read == self.due.failures

    def told(self) -> str:
        causes = "/".join(self.due.causes)
        lines = [
            f"  {self.due.log}:{self.due.first}-{self.due.last}: {self.due.failures} x {causes};"
            f" read {self.read}, right {self.right}, at no cause {self.left}"
        ]
        lines += [f"    {a.failure.text[:120]} -> {a.cause}: {a.because}" for a in self.wrong]
        return "\n".join(lines)


def held_against(diagnosis: Diagnosis, dues: Sequence[Due]) -> tuple[Single, ...]:
    return tuple(_single(diagnosis, due) for due in dues)


def _single(diagnosis: Diagnosis, due: Due) -> Single:
    own = [a for a in diagnosis.attributions if due.holds(a)]
    right = sum(a.cause in due.causes for a in own)
    wrong = tuple(a for a in own if a.cause is not None and a.cause not in due.causes)
    return Single(due, len(own), right, sum(a.cause is None for a in own), wrong)


class Truth:
    """Collects what is due while a scene is staged."""

    def __init__(self) -> None:
        self.dues: list[Due] = []

    @contextmanager
    def due(self, application: Failing, *causes: str, known: bool) -> Iterator[None]:
        """What `application` logs in here has one of `causes`."""
        log, failed = application.path, application.failed
        first = _lines(log) + 1
        yield
        if application.failed > failed:
            failures = application.failed - failed
            self.dues.append(Due(log.name, first, _lines(log), failures, causes, known))


def _lines(log: Path) -> int:
    return log.read_bytes().count(b"\n") if log.exists() else 0


def place_of_truth(case: Path) -> Path:
    return case.with_name(case.name.replace(".case.json.gz", ".truth.json"))


def keep_truth(dues: Sequence[Due], case: Path) -> None:
    """Nothing is kept where nothing is due: a scene with one cause needs no more than its name."""
    place = place_of_truth(case)
    place.unlink(missing_ok=True)
    if dues:
        rows = ",\n ".join(json.dumps(asdict(due)) for due in dues)
        place.write_text(f"[{rows}]\n", encoding="utf-8")


def recorded_truth(case: Path) -> tuple[Due, ...]:
    place = place_of_truth(case)
    if not place.exists():
        return ()
    rows = json.loads(place.read_text(encoding="utf-8"))
    return tuple(Due(**{**row, "causes": tuple(row["causes"])}) for row in rows)
