"""The Report pane: a preview as it will be written, where it was saved, and copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button, Input, Select, Static

from screens import messages
from screens.abilities import HearsBursts
from screens.opening import Engine
from screens.panes.pane import Pane
from screens.places import ScreenPlace
from screens.state import State
from screens.widgets.fields import PlainArea, PlainInput
from wizard.diagnosis.model import Diagnosis
from wizard.target.at_home import at_home

FORMATS = ("text", "md", "html", "json", "jira")
"""As `wizard.report.FORMATS`, which is imported with the first report."""

MADE_FOR, NARROWEST = 80, 30
"""Columns of the text report, and of its narrowest preview."""

ON_ITS_WAY = "The report is being written ..."


class ReportPane(Pane):
    """Rendered when the operator comes here; a later diagnosis is announced, not pushed in.

    The preview of the text is laid out for the pane; `e`, copy and save have all 80 columns.
    """

    opens = messages.ShowReport

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "format", "Format", show=False),
        Binding("a", "save_case", "Save case", show=False),
    ]

    def __init__(self, place: ScreenPlace) -> None:
        super().__init__(place)
        self._diagnosis: Diagnosis | None = None
        self._outdated = True
        self._text = ""
        self._rendered: tuple[str, int] = ("", 0)

    def body(self) -> Iterator[Widget]:
        formats = Select(
            [(name, name) for name in FORMATS],
            value="text",
            allow_blank=False,
            compact=True,
            id="format",
        )
        path = PlainInput(id="path", placeholder="a new file here, mode 0600")
        yield Horizontal(
            Static("Format (f) ", markup=False),
            formats,
            Button("Copy (y)", id="copy", compact=True),
            Button("Save (w)", id="save", compact=True),
            Button("Case (a)", id="save-case", compact=True),
            classes="form-row",
        )
        yield Horizontal(Static("Save as ", markup=False), path, classes="form-row")
        yield PlainArea("no diagnosis yet", id="report-text", read_only=True)

    def first_focus(self) -> Widget:
        return self.query_one("#report-text", PlainArea)

    def news(self, state: State) -> Diagnosis | None:
        return state.diagnosis

    def announce(self, _news: Diagnosis) -> str:
        return "There are newer findings"

    async def draw(self, news: Diagnosis) -> None:
        self._diagnosis = news
        self._outdated = True
        if self.display:
            self._render_laid_out()

    async def opened(self) -> None:
        if self._outdated:
            self._render_laid_out()

    def _render_laid_out(self) -> None:
        """Once the preview has its width: before its first layout it would be made twice."""
        area = self.query_one("#report-text", PlainArea)
        if self._diagnosis is not None and not self._text:
            area.show(ON_ITS_WAY)
        if area.wrap_width:
            self._render_report()
        else:
            self.call_after_refresh(self._render_report)

    def again(self) -> bool:
        self._render_report()
        return self._diagnosis is not None

    @property
    def _format(self) -> str:
        return str(self.query_one("#format", Select).value)

    def _render_report(self) -> None:
        diagnosis, chosen = self._diagnosis, self._format
        if diagnosis is None:
            return
        columns = self._columns
        self._outdated, self._rendered = False, (chosen, columns)

        def work(engine: Engine, _say: messages.Say) -> tuple[str, str]:
            from wizard.report import for_a_pane, render

            whole = render(engine.case, diagnosis, chosen)
            narrow = chosen == "text" and columns < MADE_FOR
            return whole, for_a_pane(engine.case, diagnosis, columns) if narrow else whole

        self.app.post_message(messages.Job("Report", work, self._show))

    @property
    def _columns(self) -> int:
        """What the preview has room for."""
        return max(self.query_one("#report-text", PlainArea).wrap_width, NARROWEST)

    def on_resize(self, _event: events.Resize) -> None:
        if self._rendered[1] and self.display and self._rendered[1] != self._columns:
            self.call_after_refresh(self._render_report)

    def _show(self, texts: tuple[str, str]) -> None:
        self._text, preview = texts
        self.query_one("#report-text", PlainArea).show(preview)

    def action_format(self) -> None:
        """The next format; the preview follows."""
        chosen = self.query_one("#format", Select)
        chosen.value = FORMATS[(FORMATS.index(self._format) + 1) % len(FORMATS)]

    @on(Select.Changed, "#format")
    def _reformat(self, event: Select.Changed) -> None:
        """A Select also tells its first value, for which the report is on its way."""
        event.stop()
        if event.value != self._rendered[0]:
            self._render_report()

    def evidence(self) -> tuple[str, str] | None:
        return ("Report", self._text) if self._text else None

    @on(Button.Pressed, "#copy")
    def _copy(self, event: Button.Pressed) -> None:
        from screens.widgets.clipboard import copy

        event.stop()
        self.app.post_message(messages.Remark(copy(self.app, self._text)))

    @on(Button.Pressed, "#save")
    @on(Input.Submitted, "#path")
    def _save(self, event: Button.Pressed | Input.Submitted) -> None:
        event.stop()
        if not self.save():
            self.app.post_message(messages.Remark("There is no report yet."))

    def nothing_to_save(self) -> str:
        return "Nothing to save yet: the report waits for the diagnosis."

    def save(self) -> bool:
        """Rendered again, since a preview in another format may still be on its way."""
        diagnosis, path, chosen = self._diagnosis, self._path, self._format
        if diagnosis is None:
            return False

        def work(engine: Engine, _say: messages.Say) -> Path:
            from wizard.report import SUFFIXES, render
            from wizard.report.write import write_report

            return write_report(render(engine.case, diagnosis, chosen), path, SUFFIXES[chosen])

        self.app.post_message(messages.Job("Save", work, self._saved))
        return True

    @on(Button.Pressed, "#save-case")
    def _case_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self._save_case()

    def action_save_case(self) -> None:
        """A key that writes a file has to come alone."""
        if isinstance(self.app, HearsBursts) and not self.app.typed_alone:
            text = "Not saved: a came together with other keys. Press it alone."
            self.app.post_message(messages.Remark(text))
        else:
            self._save_case()

    def _save_case(self) -> None:
        path = self._path

        def work(engine: Engine, _say: messages.Say) -> Path:
            from wizard.case.case_file import default_path, save

            return save(engine.case, path or default_path(engine.case))

        self.app.post_message(messages.Job("Save case", work, self._saved))

    @property
    def _path(self) -> Path | None:
        """Where the operator wants it, or None for a new name in the working directory."""
        name = self.query_one("#path", Input).value.strip()
        return at_home(name) if name else None

    def _saved(self, path: Path) -> None:
        self.query_one("#path", Input).value = ""
        self.app.post_message(messages.Written(path))
