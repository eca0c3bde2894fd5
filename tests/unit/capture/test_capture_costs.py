"""What a capture is said to cost."""

import pytest

from wizard.capture.costs import HEAD_BYTES, estimate
from wizard.capture.logging_state import LoggingState
from wizard.capture.prepare import told_no_room


def counted(questions: int, uptime: int, received: int) -> LoggingState:
    return LoggingState({}, questions, uptime, received, 0)


def test_it_is_what_the_server_does_at_this_moment() -> None:
    found = estimate(counted(0, 1000, 0), counted(3000, 1002, 60_000), 2.0, None)
    assert found.statements == 1500
    assert found.size == 30_000 + 1500 * HEAD_BYTES


def test_a_quiet_moment_of_a_busy_server_is_no_measure() -> None:
    found = estimate(counted(100_000, 99, 2_000_000), counted(100_010, 100, 2_000_100), 1.0, None)
    assert round(found.statements) == 1000
    assert found.size > 20_000


def test_a_server_that_has_just_started_is_divided_by_nothing() -> None:
    assert estimate(counted(0, 0, 0), counted(5, 0, 100), 1.0, None).statements == 5


@pytest.mark.parametrize(("free", "way"), [(0, "free some space"), (8 << 20, "a smaller size")])
def test_a_full_disk_is_not_told_to_take_a_smaller_log(free: int, way: str) -> None:
    assert way in told_no_room(free, "/srv/data")
