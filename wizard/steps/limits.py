"""How far a probe may go; the operator sees it before the probe starts."""

from dataclasses import dataclass

from wizard.units import parse_duration, parse_size

_LONGEST = 24 * 3600
_FEWEST = 20
_MOST_SAMPLES = 100_000
_LARGEST = 1 << 30
"""No packet is larger: the upper end of max_allowed_packet."""


@dataclass(frozen=True, slots=True)
class ProbeLimits:
    """How far a probe may go.

    `idle_seconds` ends the idle ladder, `statement_seconds` the long statement, `packet_bytes` the
    packet ladder; `samples` is how many round trips the latency probe takes, 0 for as many as it
    takes to know whether packets are lost. `workload_seconds` is how long sessions are watched,
    `simple_seconds` how long minimal statements are said on each way.
    """

    idle_seconds: float = 30.0
    statement_seconds: float = 30.0
    packet_bytes: int = 64 << 20
    samples: int = 0
    workload_seconds: float = 10.0
    simple_seconds: float = 10.0


DEFAULT_LIMITS = ProbeLimits()


def duration(text: str) -> float:
    """`30`, `30s`, `5m` or `1h` in seconds, 1 s to 24 h. Raises ValueError."""
    seconds = parse_duration(text)
    if not 1 <= seconds <= _LONGEST:
        raise ValueError(f"{text[:20]!r} is out of range: give 1s to 24h")
    return seconds


def size(text: str) -> int:
    """`65536`, `64K`, `16M` or `1G` in bytes, 1 KiB to 1 GiB. Raises ValueError."""
    size_in_bytes = parse_size(text)
    if not 1024 <= size_in_bytes <= _LARGEST:
        raise ValueError(f"{text[:20]!r} is out of range: give 1K to 1G")
    return size_in_bytes


def count(text: str) -> int:
    """How many samples to take, 0 for as many as needed. Raises ValueError with what would be
    right."""
    wanted = text.strip()
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 7):
        raise ValueError(f"{text[:20]!r} is not a number of samples such as 1000")
    if int(wanted) and not _FEWEST <= int(wanted) <= _MOST_SAMPLES:
        raise ValueError(f"{text[:20]!r} is out of range: give {_FEWEST} to {_MOST_SAMPLES}")
    return int(wanted)
