"""Whether the server has started anew while it was out of sight, from uptimes in whole seconds."""

from datetime import UTC, datetime, timedelta

import pytest

from wizard.recorder.round import restarted
from wizard.recorder.sample import Sample

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def sample(seconds: float, uptime: int | None, server: str = "s") -> Sample:
    counters = {} if uptime is None else {"uptime": uptime}
    return Sample(NOON + timedelta(seconds=seconds), server, {}, counters)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (sample(0, 1), sample(4.9, 6)),
        (sample(0, 0), sample(0.4, 1)),
        (sample(0, 5000), sample(600, 5600)),
        (sample(0, 5000), sample(600, 5599)),
        (sample(0, 5000), sample(600, None)),
    ],
    ids=["young", "seconds turn", "old", "seconds round", "not told"],
)
def test_the_same_server(before: Sample, after: Sample) -> None:
    assert not restarted(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (sample(0, 5000), sample(0.6, 0)),
        (sample(0, 3), sample(30, 25)),
        (sample(0, 5000), sample(7200, 7100)),
        (sample(0, 5000), sample(600, 5600, "other")),
    ],
    ids=["at once", "young", "longer up than before", "another server"],
)
def test_another_start(before: Sample, after: Sample) -> None:
    assert restarted(before, after)
