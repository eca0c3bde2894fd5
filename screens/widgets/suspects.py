"""The suspects: one row that opens into a list, or a column with reasons at the right."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList

from screens import messages
from screens.state import State
from screens.text.evidence import finding_text
from screens.text.words import SUSPECTED, hanging, safe, summary, suspects_line, verdict_word
from screens.widgets.line import SteadyText
from screens.widgets.lists import PlainList
from wizard.diagnosis.model import Diagnosis, Finding

COLUMN = 36
"""Columns for a reason where the suspects stand at the right (wizard.tcss: 40 in all)."""


class Suspects(Vertical):
    """Open while it has the keys. While the operator reads here, a changed list waits and is
    announced."""

    def __init__(self) -> None:
        super().__init__(id="suspects")
        self._shown: Diagnosis | None = None
        self._wide = False

    def compose(self) -> ComposeResult:
        yield SteadyText(id="summary")
        yield PlainList(id="suspect-list")

    @property
    def rows(self) -> PlainList:
        return self.query_one("#suspect-list", PlainList)

    def open(self) -> None:
        """Give the keys to the list, which has no room of its own before."""
        self.add_class("-open")
        self.rows.display = True
        self.rows.focus()

    def show(self, state: State, wide: bool) -> None:
        """Take the diagnosis over, unless the operator is reading another one."""
        reading = self.rows.has_focus and self._shown is not None
        changed = _names(state.diagnosis) != _names(self._shown)
        self.set_class(reading, "-open")
        self.rows.display = reading or wide
        head = self.query_one("#summary", SteadyText)
        if reading and changed and wide == self._wide:
            head.tell("Suspects changed: leave this list to see the new ones")
            return
        width = self.size.width or self.screen.size.width
        head.tell(f"Suspects: {summary(state)}" if wide else f" {suspects_line(state, width - 2)}")
        if state.diagnosis is self._shown and wide == self._wide:
            return
        self._shown, self._wide = state.diagnosis, wide
        total = state.diagnosis.total if state.diagnosis else 0
        rows = [(f.cause, _row(f, total, wide)) for f in self._findings()]
        self.rows.fill(rows or [("", safe("no suspect so far"))])

    def _findings(self) -> list[Finding]:
        if self._shown is None:
            return []
        return [f for f in self._shown.findings if f.verdict in SUSPECTED]

    @property
    def finding(self) -> Finding | None:
        """The highlighted suspect."""
        wanted = self.rows.highlighted_id
        return next((f for f in self._findings() if f.cause == wanted), None)

    def evidence(self) -> tuple[str, str] | None:
        """Title and text of the highlighted suspect."""
        finding = self.finding
        return None if finding is None else (finding.title, finding_text(finding))

    def on_click(self) -> None:
        if not self.rows.has_focus:
            self.open()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        shown = self.evidence()
        if shown is not None:
            self.app.post_message(messages.ShowEvidence(*shown))


def _names(diagnosis: Diagnosis | None) -> list[tuple[str, str, int]]:
    if diagnosis is None:
        return []
    return [(f.cause, f.verdict, f.explains) for f in diagnosis.findings if f.verdict in SUSPECTED]


def _row(finding: Finding, total: int, wide: bool) -> Content:
    noise = "  (noise)" if finding.noise else ""
    share = f"{finding.explains} of {total}" if finding.explains and total else ""
    head = f"{verdict_word(finding.verdict):<9} {finding.cause}{noise}"
    reasons = finding.supports
    if not wide:
        why = reasons[0].text if reasons else finding.title
        return safe("  ".join(part for part in (head, share, why) if part))
    lines = [head, f"  {share}" if share else ""]
    lines += [f"  + {r.text}" for r in reasons[:3]]
    lines += [f"  - {r.text}" for r in finding.against[:2]]
    lines += [f"  ? {m.text}" for m in finding.missing[:1]]
    return Content("\n").join([hanging(line, COLUMN, 4) for line in lines if line])
