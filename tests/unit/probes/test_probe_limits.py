"""What the operator may ask of a probe."""

import pytest

from wizard.probes.order import PROBES
from wizard.steps.limits import count, duration, size
from wizard.steps.names import PROBE_IDS


@pytest.mark.parametrize(
    ("text", "seconds"), [("30", 30), ("30s", 30), ("5m", 300), ("1h", 3600), ("1.5s", 1.5)]
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "x", "-1s", "0", "5d", "25h", "1e9", "inf", "nan", "½"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"30s|1s to 24h"):
        duration(text)


@pytest.mark.parametrize(("text", "bytes_"), [("65536", 65536), ("64K", 65536), ("1.5m", 1572864)])
def test_a_size_is_read(text: str, bytes_: int) -> None:
    assert size(text) == bytes_


@pytest.mark.parametrize("text", ["", "64X", "-1", "100", "2G", "1e6"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"64M|1K to 1G"):
        size(text)


@pytest.mark.parametrize(("text", "samples"), [("0", 0), ("20", 20), (" 100000 ", 100_000)])
def test_a_number_of_samples_is_read(text: str, samples: int) -> None:
    assert count(text) == samples


@pytest.mark.parametrize("text", ["", "x", "-1", "19", "100001", "1e3", "9999999", "²"])
def test_what_is_no_number_of_samples_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"such as 1000|20 to 100000"):
        count(text)


def test_the_names_are_those_of_the_probes() -> None:
    assert tuple(probe.id for probe in PROBES) == PROBE_IDS
