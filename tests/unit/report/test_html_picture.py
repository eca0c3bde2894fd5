"""The HTML report in a real browser: drawn, readable on a phone, two pages on paper."""

import os
import re
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from wizard.case.case_file import load
from wizard.diagnosis.diagnose import diagnose
from wizard.report import render
from wizard.report.formats.svg import bar_figure
from wizard.report.model import BarFigure

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
RECORDED = Path(__file__).parents[3] / "wizard/demo/recorded_cases"
LIMIT = 180

pytestmark = pytest.mark.skipif(
    BROWSER is None and os.environ.get("CI") != "true", reason="chromium is not installed"
)


def browse(directory: Path, page: str, *how: str) -> str:
    """Let the browser do what `how` says with the page; what it says to that."""
    (directory / "report.html").write_text(page, encoding="utf-8")
    quiet = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
    command = [str(BROWSER), *quiet, "--hide-scrollbars", f"--user-data-dir={directory}/profile"]
    where = (directory / "report.html").as_uri()
    run = subprocess.run(
        [*command, *how, where], capture_output=True, timeout=LIMIT, cwd=directory, check=False
    )
    assert run.returncode == 0, run.stderr[-800:]
    return run.stdout.decode()


def report(name: str) -> str:
    case = load(RECORDED / f"{name}.json")
    return render(case, diagnose(case), "html")


def colours(png: bytes) -> int:
    """How many different bytes a picture holds: an empty page has a handful."""
    assert png.startswith(b"\x89PNG")
    at, data = 8, b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += 12 + length
    return len(set(zlib.decompress(data)))


def test_it_is_drawn_wide_and_on_a_phone(tmp_path: Path) -> None:
    page = report("idle")
    assert '<svg class="figure ' in page
    assert "<rect" in page
    for size in ("1200,1600", "390,844"):
        browse(tmp_path, page, f"--window-size={size}", f"--screenshot={tmp_path}/{size}.png")
        assert colours((tmp_path / f"{size}.png").read_bytes()) > 60


def test_it_is_printed_on_two_pages(tmp_path: Path) -> None:
    browse(tmp_path, report("packet"), "--no-pdf-header-footer", f"--print-to-pdf={tmp_path}/p.pdf")
    pages = re.findall(rb"/Type\s*/Page[^s]", (tmp_path / "p.pdf").read_bytes())
    assert 1 <= len(pages) <= 2


WHAT_IS_CUT = """<script>
  const parts = [...document.querySelectorAll("pre, .wide, svg")];
  const cut = parts.filter(e => e.scrollWidth > e.clientWidth + 1);
  document.body.dataset.cut = cut.map(e => e.textContent).join("|");
</script>"""


def test_nothing_is_cut_on_paper(tmp_path: Path) -> None:
    """Paper has no bars to scroll with: all has to be as broad as its column."""
    page = report("packet").replace("@media print", "@media all")
    free = re.sub(r"<meta http-equiv=.*?>", "", page).replace("</body>", f"{WHAT_IS_CUT}</body>")
    told = browse(tmp_path, free, "--window-size=726,1100", "--dump-dom")
    assert re.findall(r'<body data-cut="([^"]*)"', told) == [""]


HOW_FIGURES_ARE_DRAWN = """<script>
  const drawn = [...document.querySelectorAll("svg.figure")].filter(e => e.getClientRects().length);
  document.body.dataset.scales = drawn.map(
    e => e.getBoundingClientRect().width / e.viewBox.baseVal.width).join("|");
  document.body.dataset.hidden = drawn.filter(
    e => e.parentElement.scrollWidth > e.parentElement.clientWidth + 1).length;
</script>"""


@pytest.mark.parametrize("width", [500, 700, 1200])
def test_a_figure_is_whole_and_its_words_are_legible_at_every_width(
    tmp_path: Path, width: int
) -> None:
    """On a phone the newest failures, at the right end, were out of sight."""
    free = re.sub(r"<meta http-equiv=.*?>", "", report("idle"))
    page = free.replace("</body>", f"{HOW_FIGURES_ARE_DRAWN}</body>")
    told = browse(tmp_path, page, f"--window-size={width},900", "--dump-dom")
    ((scales, hidden),) = re.findall(r'<body data-scales="([^"]*)" data-hidden="(\d+)"', told)
    assert hidden == "0"
    assert scales
    assert all(0.85 <= float(scale) <= 2 for scale in scales.split("|")), scales


WORDS_THAT_MEET = """<script>
  const drawn = [...document.querySelectorAll("svg.figure")].filter(e => e.getClientRects().length);
  const boxes = drawn.flatMap(e => [...e.querySelectorAll("text")].map(t => t.getBBox()));
  const pairs = boxes.flatMap((a, n) => boxes.slice(n + 1).map(b => [a, b]));
  document.body.dataset.texts = boxes.length;
  document.body.dataset.meet = pairs.filter(([a, b]) => a.x < b.x + b.width && b.x < a.x + a.width
    && a.y + 3 < b.y + b.height && b.y + 3 < a.y + a.height).length;
</script>"""


@pytest.mark.parametrize("width", [500, 1200])
def test_what_is_said_of_a_long_rung_does_not_cover_its_name(tmp_path: Path, width: int) -> None:
    said = "reset when asked at 8 min 45 s; server: Sleep"
    rows = (("8 min 45 s plain", 1.0, said), ("12 min 30 s raised", 0.2, "alive"))
    page = report("idle").partition("<body>")[0]
    drawn = "".join(bar_figure(BarFigure("idle ladder", rows)))
    free = re.sub(r"<meta http-equiv=.*?>", "", f"{page}<body>{drawn}{WORDS_THAT_MEET}</body>")
    told = browse(tmp_path, free, f"--window-size={width},900", "--dump-dom")
    ((texts, meet),) = re.findall(r'<body data-texts="(\d+)" data-meet="(\d+)"', told)
    assert (texts, meet) == ("4", "0")
