"""The part of the Fix pane that shows what can be copied and written, in its forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from screens import fix_jobs, messages
from screens.panes.fix_doing import FixDoing
from screens.places import ScreenPlace
from screens.state import FixKind
from screens.text.advice import Advice
from screens.text.fix_papers import Paper, of_handout
from screens.text.fix_path import FixStage
from wizard.safety.errors import WizardError
from wizard.safety.operator_line import operator_line

if TYPE_CHECKING:
    from screens.opening import Engine


class FixPapers(FixDoing):
    """The first of the papers is shown, copied and written; the others are its other forms."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "form", "As other text", show=False),
        Binding("h", "handout", "Hand-out", show=False),
    ]

    def __init__(self, place: ScreenPlace) -> None:
        super().__init__(place)
        self._papers: tuple[Paper, ...] = ()

    def look_at(self, kind: FixKind, paper: Paper) -> None:
        """Show what can be copied and written, in the room of the list."""
        if paper not in self._papers:
            self.forget_preview()
            self._papers = (paper,)
        self.state.fix_kind = kind
        self.at(FixStage.PREVIEW)
        self.say(paper.shown)
        self.query_one("#preview-scroll").focus()

    def action_form(self) -> None:
        """The same change as text for the next other tool."""
        if self.state.fix_stage != FixStage.PREVIEW or len(self._papers) < 2:
            self.app.post_message(messages.Remark("A change of variables is written in forms."))
            return
        self._papers = (*self._papers[1:], self._papers[0])
        self.say(self._papers[0].shown)

    def action_handout(self) -> None:
        """What the application has to set, for its developers."""
        diagnosis = self.state.diagnosis
        if diagnosis is None:
            return

        def work(engine: Engine, _say: messages.Say) -> str:
            return fix_jobs.handout_of(engine, diagnosis)

        self.app.post_message(messages.Job("Hand-out", work, self._handed, self.failed))

    def _handed(self, markdown: str) -> None:
        self.title = "Hand-out for the developers"
        self.look_at(FixKind.YOURS, of_handout(markdown))

    def copied(self) -> str:
        chosen = self.highlighted
        if isinstance(chosen, Advice):
            return chosen.filled.text
        return self._papers[0].text if self._papers else "\n".join(self.told)

    def save(self) -> bool:
        if self.state.fix_stage != FixStage.PREVIEW or not self._papers:
            return False
        try:
            self.app.post_message(messages.Written(fix_jobs.written(self._papers[0])))
        except WizardError as error:
            self.app.post_message(messages.Remark(operator_line(error)))
        return True
