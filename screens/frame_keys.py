"""The keys that hold on every screen; the last line shows those that matter where one is."""

from textual.binding import Binding, BindingType

from screens.places import KEYS, PLACES

FRAME_KEYS: tuple[BindingType, ...] = (
    Binding("f1", "app.help", "Help", show=False),
    Binding("f5", "app.again", "Again", show=False),
    Binding("e", "evidence", "Evidence", show=False),
    Binding("left_square_bracket,alt+left", "step(-1)", "Back", show=False),
    Binding("right_square_bracket,alt+right", "step(1)", "Next", show=False),
    Binding("r", "go('report')", "Report", show=False),
    Binding("escape", "escape", "Leave", show=False),
    Binding("ctrl+c", "app.stop", "Stop the work", show=False, priority=True),
    Binding("slash", "search", "Search", show=False),
    Binding("b", "back", "Back to where one came from", show=False),
    Binding("question_mark,i", "explain", "Explain", show=False),
    Binding("space", "turn(1)", "Page down", show=False),
    Binding("backspace", "turn(-1)", "Page up", show=False),
    Binding("f6", "app.again_all", "All again", show=False),
    Binding("s", "suspects", "Suspects", show=False),
    Binding("t", "decide", "Test", show=False),
    Binding("d", "go('diagnosis')", "Diagnosis", show=False),
    Binding("x", "go('fix')", "Fix", show=False),
    Binding("n", "fresh", "Show new", show=False),
    Binding("w", "save", "Save", show=False),
    Binding("y,c", "copy", "Copy", show=False),
    Binding("q", "app.quit", "Quit", show=False),
    *(
        Binding(KEYS[n], f"go('{place.id}')", place.title, show=False)
        for n, place in enumerate(PLACES)
    ),
)
