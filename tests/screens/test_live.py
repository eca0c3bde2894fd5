"""Sparklines, and the lines of the live view."""

from dataclasses import replace

from screens.text.live_health import live_lines
from screens.text.sparkline import BLOCKS, sparkline
from wizard.health.live import Moment

CALM = Moment(
    busy=10.0, iowait=0.0, steal=0.0, load=0.5, cpu_count=4, available=8 << 30, total=16 << 30,
    swapped_in=0.0, swapped_out=0.0, read=0.0, written=0.0, waited={}, rss=1 << 30, threads=30,
    files=50, running=1, connected=9,
)  # fmt: skip


def test_the_newest_stand_at_the_right_and_the_row_grows_from_the_left() -> None:
    assert sparkline([0, 50, 100], 5, 100) == "▁▅█  "
    assert sparkline([0, 0, 50, 100], 2, 100) == "▅█"
    assert sparkline([], 3) == "   "
    assert sparkline([1, 2], 0) == ""


def test_a_little_is_not_nothing_and_too_much_is_full() -> None:
    assert (
        sparkline([0, 0.001, 250, -1], 4, 100) == f"{BLOCKS[0]}{BLOCKS[1]}{BLOCKS[-1]}{BLOCKS[0]}"
    )
    assert sparkline([0, 0], 2) == BLOCKS[0] * 2
    assert sparkline([None, 5.0], 2) == f" {BLOCKS[-1]}"


def test_each_row_has_its_numbers_in_words() -> None:
    busy = replace(
        CALM, busy=97.4, steal=3.0, swapped_in=2048.0, read=3 << 20, waited={"memory": 42.0}
    )
    lines = live_lines([CALM, busy], 2 << 30, 54)
    assert all(len(line) <= 54 for line in lines)
    told = {line[:11].strip(): line[12:] for line in lines}
    assert told["Processors"].endswith("97 % busy, 3 % stolen !")
    assert told["Load"].endswith("0.50 on 4")
    assert told["Memory free"].endswith("8 GiB of 16 GiB")
    assert told["Swap"].endswith("2 KiB/s in, 0 out")
    assert told["Disks"].endswith("3 MiB/s r, 0 w")
    assert told["PSI memory"].endswith("42 % of 10 s waited !")
    assert told["PSI memory"].startswith(" ▄")
    assert told["Server RSS"].endswith("1 GiB of 2 GiB")
    assert told["Its threads"].endswith("30 threads, 50 files")
    assert told["Sessions"].endswith("1 running, 9 connected")


def test_rows_that_nobody_can_see_are_left_out() -> None:
    unseen = replace(CALM, read=None, rss=None, threads=None, files=None, running=None)
    told = " ".join(live_lines([unseen], None, 54))
    for name in ("Disks", "PSI", "Server RSS", "threads", "Sessions"):
        assert name not in told
    assert live_lines([], None, 54) == []
