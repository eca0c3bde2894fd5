"""`make bench`: the first paint against that of a bare Textual app, through a pseudo-terminal.

A wall clock says nothing reliable on a busy machine, so this is no test; what keeps the first paint
quick is held by `tests/unit/test_layers.py`, which lets no driver be imported before it.
"""

import statistics
import sys

from tests.pty.terminal import Terminal

BARE = """
from textual.app import App
from textual.widgets import Footer, Header, Static
class Bare(App):
    def compose(self):
        yield Header(); yield Static("marker of the bare app"); yield Footer()
Bare().run()
"""
OURS = (
    "from tests.pty.opening import OPENING\nfrom screens.run import run_wizard\nrun_wizard(OPENING)"
)
RUNS = 9
LIMIT = 2.0


def main() -> int:
    """0 where the median is within LIMIT times that of the bare app. Runs alternate."""
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(RUNS):
        with Terminal(BARE) as terminal:
            bare.append(terminal.until("marker of the bare app"))
        with Terminal(OURS) as terminal:
            ours.append(terminal.until("Symptom"))
    ratio = statistics.median(ours) / statistics.median(bare)
    for name, times in (("bare Textual app", bare), ("goneaway-wizard", ours)):
        low, middle, high = min(times), statistics.median(times), max(times)
        print(f"{name:18} {middle:.3f} s (median of {RUNS}; {low:.3f} to {high:.3f})")
    print(f"ratio              {ratio:.2f}, limit {LIMIT:.0f}")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
