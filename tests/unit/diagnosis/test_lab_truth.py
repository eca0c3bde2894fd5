"""The lab's own judge: a failure at another cause, twice read or not read must not pass."""

from pathlib import Path

import pytest

from tests.lab.truth import Due, Truth, held_against, keep_truth, recorded_truth
from wizard.case.evidence import Failure
from wizard.diagnosis.model import Attribution, Diagnosis

DUE = Due("shop.log", 4, 9, 2, ("idle-timeout",))


def _diagnosis(*placed: tuple[int, str | None], log: str = "/srv/db/shop.log") -> Diagnosis:
    attributions = tuple(
        Attribution(Failure("client.lost", "lost", f"{log}:{line}"), cause, "")
        for line, cause in placed
    )
    return Diagnosis((), attributions, "application", len(placed), len(placed))


def test_each_failure_at_its_own_cause_is_good() -> None:
    (single,) = held_against(_diagnosis((4, "idle-timeout"), (9, "idle-timeout")), [DUE])
    assert single.good
    assert single.placed == 2


@pytest.mark.parametrize(
    "placed",
    [
        [(4, "idle-timeout"), (5, "server-crash")],
        [(4, "idle-timeout"), (5, None)],
        [(4, "idle-timeout"), (5, "idle-timeout"), (6, "idle-timeout")],
        [(4, "idle-timeout")],
        [(4, "idle-timeout"), (10, "idle-timeout")],
    ],
    ids=["another cause", "no cause", "read twice", "not read", "another place"],
)
def test_anything_else_is_not(placed: list[tuple[int, str | None]]) -> None:
    (single,) = held_against(_diagnosis(*placed), [DUE])
    assert not single.good


def test_what_nothing_can_tell_may_stay_at_no_cause_but_not_at_a_wrong_one() -> None:
    unknown = Due("shop.log", 4, 9, 1, ("idle-timeout",), known=False)
    assert held_against(_diagnosis((4, None)), [unknown])[0].good
    assert not held_against(_diagnosis((4, "server-crash")), [unknown])[0].good


def test_the_lines_of_another_log_are_not_held_against_it() -> None:
    (single,) = held_against(_diagnosis((4, "idle-timeout"), log="/srv/db/other.log"), [DUE])
    assert single.read == 0


class _Application:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.failed = 0

    def fail(self) -> None:
        self.failed += 1
        with self.path.open("a", encoding="utf-8") as log:
            log.write("it failed\n")


def test_what_is_due_is_told_by_lines_and_comes_back_from_its_file(tmp_path: Path) -> None:
    shop = _Application(tmp_path / "shop.log")
    shop.fail()
    truth = Truth()
    with truth.due(shop, "server-crash", known=True):
        shop.fail()
        shop.fail()
    with truth.due(shop, "idle-timeout", known=True):
        pass
    expected = Due("shop.log", 2, 3, 2, ("server-crash",))
    assert truth.dues == [expected]
    case = tmp_path / "one.case.json.gz"
    keep_truth(truth.dues, case)
    assert recorded_truth(case) == (expected,)
    keep_truth([], case)
    assert recorded_truth(case) == ()
