"""The Fix pane: remedies, what each would change, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Input, OptionList, Static

from screens import fix_jobs, messages
from screens.fix_model import Offer, Preview
from screens.panes.fix_papers import FixPapers
from screens.places import ScreenPlace
from screens.state import FixKind, State
from screens.text.advice import Advice, advice, advice_lines
from screens.text.fix_papers import of_advice, papers
from screens.text.fix_path import HOW_TO_CHOOSE, FixStage, path_line, why_not_applied
from screens.text.fix_rows import HANDOUT, ROW_INDENT, fix_rows
from screens.widgets.fields import PlainInput
from screens.widgets.line import SteadyLine, SteadyText
from screens.widgets.lists import PlainList, WrappedList
from screens.widgets.preview_scroll import PreviewScroll
from screens.widgets.session_list import SessionList
from wizard.safety.errors import WizardError
from wizard.safety.operator_line import operator_line

if TYPE_CHECKING:
    from screens.opening import Engine
    from wizard.remedies.actions import OpenSession

OUT_OF_DATE = "The preview is out of date: Enter shows the new one."

KEEP = {False: "Until restart", True: "Kept for ever"}

WINDOW = 78
"""Columns of text in a whole window of 80."""

News = tuple[list[Offer], list[Advice]]


class FixPane(FixPapers):
    """Nothing is changed before the operator has seen the preview and typed the word."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "press('show')", "Preview", show=False),
        Binding("a", "press('apply')", "Apply", show=False),
        Binding("u", "press('undo')", "Undo", show=False),
        Binding("R", "restart", "Restart", show=False),
        Binding("enter", "anew", "Preview", show=False),
    ]

    def __init__(self, place: ScreenPlace) -> None:
        super().__init__(place)
        self._offers: list[Offer] = []
        self._advice: list[Advice] = []
        self._persist = False

    def body(self) -> Iterator[Widget]:
        yield SteadyLine(path_line(FixStage.LOOK), id="fix-path")
        yield SteadyText(id="chosen")
        yield WrappedList(ROW_INDENT, id="remedies")
        yield SessionList(id="sessions")
        field = PlainInput(id="wanted", placeholder="VARIABLE=VALUE (or as proposed)")
        yield Horizontal(
            Static("Set ", markup=False),
            field,
            Button(KEEP[False], id="persist", compact=True),
            classes="form-row",
            id="values",
        )
        yield Horizontal(
            Button("Preview (p)", id="show", compact=True),
            Button("Apply (a)", id="apply", compact=True, disabled=True),
            Button("Undo (u)", id="undo", compact=True),
            classes="form-row",
        )
        hint = Static("Enter on a remedy shows what it would change.", id="preview", markup=False)
        yield PreviewScroll(hint, id="preview-scroll")

    def news(self, state: State) -> News | None:
        self.state = state
        if state.diagnosis is None:
            return None
        return fix_jobs.offers(state.diagnosis), advice(state.case, state.diagnosis)

    def announce(self, news: News) -> str:
        offered, given = news
        return f"The remedies changed: {len(offered) + len(given)} now"

    def _say_fresh(self, text: str) -> None:
        self.state.fix_waits = bool(text)
        super()._say_fresh(text)

    async def draw(self, news: News) -> None:
        proposed, self._advice = news
        others = fix_jobs.others(proposed)
        self._offers = [*proposed, *others]
        rows, listed = fix_rows(proposed, self._advice, others), self.query_one(WrappedList)
        looked_at = listed.highlighted_id
        listed.tell(rows)
        if self.state.fix_stage != FixStage.LOOK:
            self._stay_with(looked_at, [row_id for row_id, _ in rows])

    def _stay_with(self, looked_at: str | None, ids: list[str]) -> None:
        """The keys go on meaning what is looked at, whatever stands at the top of the list now."""
        if looked_at in ids:
            self.query_one(WrappedList).highlighted = ids.index(looked_at)
        elif self.state.fix_stage == FixStage.PREVIEW:
            self.forget_preview()
            self.say(["Nothing asks any more for what was looked at. These are the remedies now."])
            self.leave()

    async def opened(self) -> None:
        """Name what is in force here, above all what a killed wizard left half done."""
        if not self.told and not self.state.offline:
            self.app.post_message(
                messages.Glance(fix_jobs.left_in_force, self._name_left, lambda _error: None)
            )

    def _name_left(self, lines: tuple[str, ...]) -> None:
        if lines and not self.told:
            self.say(list(lines))

    @property
    def highlighted(self) -> Offer | Advice | None:
        chosen = self.query_one("#remedies", PlainList).highlighted_id
        offer = next((o for o in self._offers if o.remedy.id == chosen), None)
        return offer or next((a for a in self._advice if a.id == chosen), None)

    def about(self) -> str:
        match self.highlighted:
            case Offer(remedy):
                return remedy.id
            case Advice(recipe):
                return recipe.id
        return ""

    def evidence(self) -> tuple[str, str] | None:
        chosen = self.highlighted
        if isinstance(chosen, Advice):
            return chosen.recipe.title, "\n".join(advice_lines(chosen, WINDOW))
        return ("Fix", "\n".join(self.told)) if self.told else None

    def window(self) -> type[messages.ShowEvidence]:
        """A snippet is ours, and pasted as it stands."""
        return messages.ShowOwn if isinstance(self.highlighted, Advice) else self.opens

    def leave(self) -> bool:
        stage = self.state.fix_stage
        if stage == FixStage.LOOK:
            return False
        if stage == FixStage.PREVIEW and self._for_sessions:
            self._list_sessions()
            return True
        self._papers = ()
        self.at(FixStage.LOOK)
        self.query_one("#remedies").focus()
        # Nobody was reading the list: it comes back with what was found meanwhile.
        self.post_message(messages.ShowWaiting())
        return True

    @property
    def _for_sessions(self) -> bool:
        chosen = self.highlighted
        return isinstance(chosen, Offer) and chosen.remedy.id == fix_jobs.FREE_SLOTS

    def action_press(self, button: str) -> None:
        pressed = self.query_one(f"#{button}", Button)
        if pressed.disabled:
            self.app.post_message(messages.Remark(why_not_applied(self.state)))
        pressed.press()

    def action_anew(self) -> None:
        """Enter on the lower part, where it is said to show a preview: else the list takes it."""
        if self.told == [OUT_OF_DATE] or self.state.fix_stage == FixStage.FAILED:
            self._ask_preview()

    def again(self) -> bool:
        if self.state.fix_stage == FixStage.CHOOSE:
            return self._list_sessions()
        return self._ask_preview()

    @on(OptionList.OptionSelected, "#remedies")
    @on(Button.Pressed, "#show")
    @on(Input.Submitted, "#wanted")
    def _show(self, event: OptionList.OptionSelected | Button.Pressed | Input.Submitted) -> None:
        event.stop()
        if self.state.fix_stage == FixStage.CHOOSE:
            self._preview_ending()
        else:
            self._ask_preview()

    def _ask_preview(self) -> bool:
        if self.query_one("#remedies", PlainList).highlighted_id == HANDOUT:
            self.action_handout()
            return True
        match self.highlighted:
            case None:
                return False
            case Advice() as given:
                self.title = given.id
                self.look_at(FixKind.YOURS, of_advice(given, self.width))
            case Offer() if self._for_sessions:
                return self._list_sessions()
            case Offer() as offer:
                self._preview_of(offer)
        return True

    def _preview_of(self, offer: Offer) -> None:
        try:
            given = self.query_one("#wanted", Input).value if offer.takes_values else ""
            values = fix_jobs.wanted(given)
        except WizardError as error:
            self.say([operator_line(error)])
            return
        persist = self._persist
        self.forget_preview()

        def work(engine: Engine, _say: messages.Say) -> Preview:
            return fix_jobs.preview(engine, offer, values, persist)

        self.app.post_message(messages.Job("Preview", work, self._previewed, self.failed))

    def _list_sessions(self) -> bool:
        self.forget_preview()

        def work(engine: Engine, _say: messages.Say) -> tuple[OpenSession, ...]:
            return fix_jobs.sessions(engine)

        self.app.post_message(messages.Job("Sessions", work, self._choose, self.failed))
        return True

    def _choose(self, found: tuple[OpenSession, ...]) -> None:
        self.state.fix_kind = FixKind.ACTION
        self.title = "Sessions that can be ended"
        self.at(FixStage.CHOOSE)
        self.query_one(SessionList).show(found)
        self.say([HOW_TO_CHOOSE])
        self.query_one(SessionList).focus()

    @on(OptionList.OptionSelected, "#sessions")
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._preview_ending()

    def _preview_ending(self) -> None:
        offer, numbers = self.highlighted, self.query_one(SessionList).numbers
        if not isinstance(offer, Offer) or not numbers:
            return

        def work(engine: Engine, _say: messages.Say) -> Preview:
            return fix_jobs.preview_ending(engine, offer, numbers)

        self.app.post_message(messages.Job("Preview", work, self._previewed, self.failed))

    @on(Button.Pressed, "#persist")
    def _toggle_keep(self, event: Button.Pressed) -> None:
        self._persist = not self._persist
        event.button.label = KEEP[self._persist]
        self._outdated(event)

    @on(Input.Changed, "#wanted")
    @on(OptionList.OptionHighlighted, "#remedies")
    def _outdated(self, event: Message) -> None:
        """What is applied is always what was previewed."""
        event.stop()
        self.show_values(self.state.fix_stage in (FixStage.LOOK, FixStage.PREVIEW))
        if self.preview is not None:
            self.forget_preview()
            self.say([OUT_OF_DATE])

    def _previewed(self, shown: Preview) -> None:
        self.preview, self.title = shown, shown.offer.remedy.title
        self._papers = papers(shown)
        self.query_one("#apply", Button).disabled = shown.kind is FixKind.YOURS
        self.look_at(shown.kind, self._papers[0])
