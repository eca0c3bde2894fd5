"""Whether another server answers, or the same one that has started anew."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wizard.recorder.round import is_another
from wizard.recorder.sample import Sample
from wizard.recorder.statement import read_answer

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
EPOCH = int(NOON.timestamp())


def sample(now: int, uptime: int | None, server: str = "s") -> Sample:
    """As a look brings it whose statement began in the second `now` of the server's clock."""
    rows = [{"kind": "C", "a": "now", "b": str(EPOCH + now)}]
    if uptime is not None:
        rows.append({"kind": "C", "a": "Uptime", "b": str(uptime)})
    answer = read_answer(rows, NOON)
    assert "now" not in answer.counters
    at = NOON + timedelta(seconds=now)
    return Sample(at, server, {}, answer.counters, started=answer.started)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (sample(0, 0), sample(0, 0)),
        (sample(0, 0), sample(1, 1)),
        (sample(0, 5000), sample(600, 5600)),
        (sample(0, 5000), sample(600, None)),
        (sample(0, 5000), sample(-3600, 1400)),
        (sample(0, 60), sample(-3600, 2**64 - 3540)),
    ],
    ids=["young", "seconds turn", "old", "not told", "the clock was set back",
         "the clock was set back before the start"],
)  # fmt: skip
def test_the_same_server(before: Sample, after: Sample) -> None:
    assert not is_another(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (sample(0, 0), sample(1, 0)),
        (sample(0, 1), sample(3, 1)),
        (sample(0, 1), sample(30, 29)),
        (sample(0, 5000), sample(1, 0)),
        (sample(0, 5000), sample(7200, 7100)),
        (sample(0, 5000), sample(600, 5600, "other")),
        (sample(0, None), replace(sample(0, None), server="other")),
    ],
    ids=["a second old", "seconds old", "young", "at once", "longer up than before",
         "another server", "another that tells no uptime"],
)  # fmt: skip
def test_another_start(before: Sample, after: Sample) -> None:
    assert is_another(before, after)
