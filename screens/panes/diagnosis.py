"""The Diagnosis pane: the failures in time, and each cause with what speaks for and against."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static

from screens import messages
from screens.panes.pane import Pane
from screens.places import NETWORK, TITLES, ScreenPlace
from screens.state import State
from screens.text.age import diagnosis_outdated
from screens.text.down import down_block
from screens.text.evidence import finding_text
from screens.text.questions import what_would_decide
from screens.text.timeline import NARROWEST, timeline
from screens.text.words import (
    READING,
    clock,
    counted,
    hanging,
    safe,
    tally_words,
    verdict_style,
    verdict_word,
)
from screens.widgets.line import SteadyBlock
from screens.widgets.lists import PlainList
from wizard.case.case import Case
from wizard.diagnosis.down_now import down_now
from wizard.diagnosis.model import DECIDING, Diagnosis, Finding, Missing, Reason
from wizard.steps import names

NOTHING = "No diagnosis yet: no step has finished."


class DiagnosisPane(Pane):
    """Enter on a reason goes to its step; on a cause it opens the evidence."""

    def __init__(self, place: ScreenPlace) -> None:
        super().__init__(place)
        self._diagnosis: Diagnosis | None = None
        self._case: Case | None = None
        self._losses: tuple[datetime, ...] = ()

    def body(self) -> Iterator[Widget]:
        yield SteadyBlock(id="down")
        yield Static(NOTHING, id="timeline", markup=False)
        yield SteadyBlock(id="open")
        yield PlainList(id="findings")

    def news(self, state: State) -> Diagnosis | None:
        self._case = state.case
        if state.diagnosis is None:
            told = READING if state.reading else NOTHING
            self.query_one("#timeline", Static).update(safe(told))
        self.say_stale(diagnosis_outdated(state))
        decides, told = self.query_one("#open", SteadyBlock), what_would_decide(state)
        decides.tell(told)
        decides.display = bool(told)
        if state.losses != self._losses:
            self._losses = state.losses
            self._draw_timeline()
        return state.diagnosis

    def announce(self, _news: Diagnosis) -> str:
        return "The diagnosis changed"

    async def draw(self, news: Diagnosis) -> None:
        self._diagnosis = news
        self.say_head(tally_words(news))
        self._draw_down()
        self._draw_timeline()
        self._draw_findings()

    def on_resize(self, _event: events.Resize) -> None:
        self._draw_down()
        self._draw_timeline()
        self._draw_findings()

    @property
    def _room(self) -> int:
        """Columns for text; before the first layout, those of the place around this pane."""
        around = self.parent
        return self.size.width or (around.size.width - 3 if isinstance(around, Widget) else 0)

    def _draw_down(self) -> None:
        """A server that does not answer comes before what its failures had as a cause."""
        block, down = self.query_one("#down", SteadyBlock), None
        if self._diagnosis is not None and self._case is not None:
            down = down_now(self._case, self._diagnosis)
        block.tell("" if down is None else down_block(down, max(self._room - 3, NARROWEST)))
        block.display = down is not None

    def _draw_findings(self) -> None:
        if self._diagnosis is None:
            return
        width = self._room - 4
        total = self._diagnosis.total
        rows = [row for f in self._diagnosis.findings for row in _finding_rows(f, total, width)]
        findings = self.query_one("#findings", PlainList)
        if findings.highlighted == 0:
            findings.highlighted = None  # Who stands at the top stays there, whoever it is now.
        findings.fill(rows or [("", safe("No cause is suspected."))])

    def _draw_timeline(self) -> None:
        if self._diagnosis is None:
            return
        width = max(self._room - 3, NARROWEST)
        lines = timeline(self._diagnosis, self._case, width, self._losses)
        text = Content("\n").join([safe(line) for line in lines])
        self.query_one("#timeline", Static).update(text or safe("No failure was seen."))

    def evidence(self) -> tuple[str, str] | None:
        finding = self.suspect()
        return None if finding is None else (finding.title, finding_text(finding))

    def about(self) -> str:
        finding = self.suspect()
        return "" if finding is None else finding.cause

    def suspect(self) -> Finding | None:
        wanted = (self.query_one("#findings", PlainList).highlighted_id or "").split("|")[0]
        findings = self._diagnosis.findings if self._diagnosis is not None else ()
        return next((f for f in findings if f.cause == wanted), None)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        _cause, _, rest = (event.option_id or "").partition("|")
        step = rest.partition("|")[0]
        if step in TITLES:
            self.post_message(messages.GoTo(step, enter=True))
            return
        if step in names.PROBE_IDS:
            self.post_message(messages.GoTo(NETWORK, enter=True, part=step))
            return
        shown = self.evidence()
        if shown is not None:
            self.app.post_message(messages.ShowEvidence(*shown))


def _finding_rows(finding: Finding, total: int, width: int) -> list[tuple[str, Content]]:
    """A row for the cause, then one for each reason; ids are `cause|step|number`."""
    share = f"  explains {finding.explains} of {total}" if finding.explains and total else ""
    noise = "  (noise)" if finding.noise else ""
    word = verdict_word(finding.verdict)
    head = f"{word}  {finding.cause}{share}{noise}"
    reasons = [
        *((r.step, f"  for      {_told(r)}") for r in finding.supports),
        *((r.step, f"  against  {_told(r)}") for r in finding.against),
        *((m.step, f"  open     {_open(m)}") for m in finding.missing),
    ]
    rows = [(finding.cause, safe(head).stylize(verdict_style(finding.verdict), 0, len(word)))]
    for number, (step, text) in enumerate(reasons):
        rows.append((f"{finding.cause}|{step}|{number}", hanging(text, width, 11)))
    return rows


def _open(missing: Missing) -> str:
    """What was not looked at; what no step can look at is for the operator to compare."""
    if missing.step == DECIDING:
        return f"{missing.text}: {missing.how}"
    return f"{missing.text}? Nobody looked: {missing.how}"


def _told(reason: Reason) -> str:
    text = counted(reason.count, reason.text)
    return f"{text} [{reason.source}] {clock(reason.last)}".rstrip()
