"""The text report in a part of the screen that is narrower than 80 columns."""

from pathlib import Path

import pytest

from wizard.case.case_file import load
from wizard.columns import width
from wizard.demo import recorded_cases
from wizard.diagnosis.diagnose import diagnose
from wizard.report import for_a_pane, render
from wizard.report.formats.fitted import fitted
from wizard.report.model import BarFigure, Drawing, TimeFigure

CASES = sorted(Path(recorded_cases.__path__[0]).glob("*.json"))


@pytest.mark.parametrize("columns", [40, 52, 66, 79])
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_line_has_room_and_nothing_is_left_out(path: Path, columns: int) -> None:
    case = load(path)
    found = diagnose(case)
    narrow, whole = for_a_pane(case, found, columns), render(case, found, "text")
    assert max(map(width, narrow.splitlines())) <= columns
    told = "".join(narrow.split())
    assert all("".join(f.title.split()) in told for f in found.accused)
    assert {line for line in whole.splitlines() if line.isupper() and len(line) <= columns} <= {
        *narrow.splitlines(),
        *(line for line in whole.splitlines() if "  " in line),
    }


def test_a_time_axis_loses_no_failure_and_no_end() -> None:
    counts = tuple(n % 3 for n in range(48))
    figure = TimeFigure("08:00", "10:00", (("idle-timeout", counts),), ((0.5, "K"), (0.5, "U")))
    drawn = list(fitted(Drawing(("x" * 74,), figure), 52))
    axis, row, *server, _legend = drawn
    assert sum(int(mark) for mark in row[20:] if mark.isdigit()) == sum(counts)
    assert [line[20:].strip(".") for line in server] == ["K", "U"]
    assert (axis.split(), len(axis)) == (["08:00", "10:00"], 44)


def test_bars_keep_their_label_and_their_words() -> None:
    figure = BarFigure("t", (("8 to 16 ms", 1.0, "900"), ("16 to 32 ms", 0.1, "90")))
    long, short = fitted(Drawing(("x" * 80,), figure), 40)
    assert long.split()[:3] == ["8", "to", "16"]
    assert (long.split()[-1], short.split()[-1]) == ("900", "90")
    assert long.count("#") > short.count("#") >= 1


def test_a_drawing_that_fits_stays_as_it_is() -> None:
    assert list(fitted(Drawing(("wait_timeout = 60",)), 40)) == ["wait_timeout = 60"]


@pytest.mark.parametrize("columns", [32, 36, 40, 52, 60])
def test_a_narrow_axis_names_both_its_ends_on_whole_lines(columns: int) -> None:
    begin, end = "11-29 22:16", "11-30 00:15:42 UTC"
    figure = TimeFigure(begin, end, (("idle-timeout", (1,) * 48),), ((0.5, "U"),), "U up")
    drawn = list(fitted(Drawing(("x" * 74,), figure), columns))
    assert all(len(line) <= columns for line in drawn)
    axis = drawn[: next(n for n, line in enumerate(drawn) if "idle-timeout" in line)]
    assert sorted(" ".join(axis).split()) == sorted(f"{begin} {end}".split())
    assert axis[-1].endswith(end)
    assert axis[0].lstrip().startswith(begin)
