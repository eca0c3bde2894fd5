"""What the latency probe makes of its samples: spreads, and loss with its interval."""

import random

import pytest

from wizard.probes.latency.loss import Loss, LossVerdict, lower_bound, percent, told, upper_bound
from wizard.probes.latency.spread import spread


@pytest.mark.parametrize(
    ("hits", "trials", "lower", "upper"),
    [
        # R 4.2: binom.test(hits, trials)$conf.int
        (0, 10, 0.0, 0.3084971),
        (10, 10, 0.6915029, 1.0),
        (1, 10, 0.002528579, 0.4450161),
        (5, 10, 0.1870860, 0.8129140),
    ],
)
def test_the_interval_is_that_of_clopper_and_pearson(
    hits: int, trials: int, lower: float, upper: float
) -> None:
    assert lower_bound(hits, trials) == pytest.approx(lower, abs=1e-6)
    assert upper_bound(hits, trials) == pytest.approx(upper, abs=1e-6)


def test_loss_is_told_with_its_uncertainty() -> None:
    assert told(Loss(400, 12)) == "12 retransmits of 400 segments, between 1.6 and 5.2 % lost"
    assert told(Loss(400, 1)).startswith("1 retransmit of 400 segments, between 0.006 and 1.4 %")
    assert told(Loss(400, 0)) == "no retransmits of 400 segments, below 0.92 % lost"
    assert " 0 %" not in told(Loss(10**6, 0))


@pytest.mark.parametrize(
    ("loss", "verdict"),
    [
        (Loss(400, 12), LossVerdict.LOSSY),
        (Loss(400, 0), LossVerdict.CLEAN),
        (Loss(300, 0), LossVerdict.OPEN),
        (Loss(400, 3), LossVerdict.OPEN),
        # A few segments are no pattern, however few were sent.
        (Loss(20, 4), LossVerdict.OPEN),
        # Nothing sent again by us, but answers as late as after a loss: not cleared.
        (Loss(800, 0, late=9), LossVerdict.OPEN),
        (Loss(0, 0), LossVerdict.OPEN),
    ],
)
def test_no_path_is_accused_or_cleared_before_the_interval_decides(
    loss: Loss, verdict: LossVerdict
) -> None:
    assert loss.verdict is verdict


def test_it_says_how_many_more_would_decide() -> None:
    open_ = Loss(400, 3)
    assert open_.wanting is not None
    grown = 1 + open_.wanting / 400
    more = Loss(round(400 * grown), round(3 * grown))
    assert more.verdict is not LossVerdict.OPEN
    assert Loss(0, 0).wanting is None
    # A share between harmful and harmless decides late, or never.
    assert Loss(4000, 40, late=40).wanting is not None


def test_sampling_on_until_it_decides_seldom_errs() -> None:
    """The interval is looked at again and again; a share of 0.2 % must still not be accused."""
    draw = random.Random(11)

    def ends_as(share: float) -> LossVerdict:
        resent = segments = 0
        for goal in (100, 200, 400, 800, 1600, 3200, 4000):
            resent += sum(draw.random() < share for _ in range(goal - segments))
            segments = goal
            verdict = Loss(segments, resent).verdict
            if verdict is LossVerdict.LOSSY or (segments >= 800 and verdict is LossVerdict.CLEAN):
                return verdict
        return LossVerdict.OPEN

    rare = [ends_as(0.002) for _ in range(300)]
    assert rare.count(LossVerdict.LOSSY) <= 9
    assert [ends_as(0.02) for _ in range(100)].count(LossVerdict.CLEAN) == 0
    assert [ends_as(0.02) for _ in range(100)].count(LossVerdict.LOSSY) >= 97


@pytest.mark.parametrize(
    ("share", "text"), [(0.00092, "0.092"), (0.0046, "0.46"), (0.0159, "1.6"), (0.123, "12")]
)
def test_a_share_has_two_digits(share: float, text: str) -> None:
    assert percent(share) == text


def test_a_spread_has_no_percentile_that_its_samples_cannot_have() -> None:
    assert spread([]) is None
    few = spread([3.0, 1.0, 2.0])
    assert few is not None
    assert (few.least, few.median, few.most) == (1.0, 2.0, 3.0)
    assert (few.p95, few.p99) == (None, None)
    assert few.jitter == 1.5
    many = spread([float(n) for n in range(1, 201)])
    assert many is not None
    assert (many.p95, many.p99, many.most, many.jitter) == (190.0, 198.0, 200.0, 1.0)
