"""When a late greeting means that the server looks names up."""

import pytest

from wizard.probes.latency.late_greeting import late_greeting

QUICK = [0.002] * 9


@pytest.mark.parametrize(
    ("first", "later", "is_lossless", "late"),
    [
        (0.003, QUICK, True, None),
        # A name that was found is remembered.
        (6.0, QUICK, True, 1),
        (None, [6.0, *QUICK], True, 1),
        # One that could not be asked for is asked again each time.
        (10.0, [10.0, 10.0], True, 3),
        (None, [10.0, 10.0], False, 2),
        # A lost acknowledgement makes one greeting a second late.
        (1.0, QUICK, False, None),
        (0.003, [0.002, 1.1, *QUICK], True, None),
        (1.1, [0.002, 1.1, *QUICK], True, None),
        (1.1, [1.1, 0.002, 0.002], False, None),
        (5.0, [], True, 1),
        (None, [], True, None),
    ],
)
def test_late_greetings(
    first: float | None, later: list[float], is_lossless: bool, late: int | None
) -> None:
    found = late_greeting(first, later, 0.0005, is_lossless)
    assert (found.late if found else None) == late


def test_a_long_way_is_no_late_greeting() -> None:
    assert late_greeting(1.3, [1.3, 1.2], 0.6, is_lossless=True) is None


@pytest.mark.parametrize(
    ("waits", "lost", "late"),
    [
        # Each of them may have lost the last packet of its handshake, sent again after 1 s.
        ([1.1, 1.1, 0.002], 0.25, None),
        ([1.1, 1.1, 1.1], 0.25, None),
        ([1.1, 1.1, 0.002], 0.01, 2),
        ([1.2] * 9, 0.25, 9),
        # That would be three losses in a row, three times.
        ([10.0, 10.0, 10.0], 0.25, 3),
        ([3.2, 3.1, 0.002], 0.25, None),
    ],
)
def test_what_loss_does_by_itself_is_no_look_up(
    waits: list[float], lost: float, late: int | None
) -> None:
    found = late_greeting(None, waits, 0.0005, is_lossless=False, lost=lost)
    assert (found.late if found else None) == late
