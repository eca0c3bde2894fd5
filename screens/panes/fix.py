"""The Fix pane: remedies, what each would change, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Input, OptionList, Static

from screens import fix_jobs, messages
from screens.fix_jobs import Offer, Preview, Undoable
from screens.panes.pane import Pane
from screens.places import ScreenPlace
from screens.state import State
from screens.text.advice import Advice, advice, advice_lines
from screens.text.fix_path import FixStage, chosen_line, path_line
from screens.text.words import safe, safe_block
from screens.widgets.fields import PlainInput
from screens.widgets.line import SteadyLine
from screens.widgets.lists import PlainList
from screens.windows.confirm import Confirm
from wizard.safety.errors import WizardError
from wizard.safety.operator_line import operator_line

KEEP = {False: "Until restart", True: "Kept for ever"}
EMPTY = "No cause is suspected, so there is nothing to fix."

WINDOW = 78
"""Columns of text in a whole window of 80."""

News = tuple[list[Offer], list[Advice]]


class FixPane(Pane):
    """Nothing is changed before the operator has seen the preview and typed `apply`."""

    has_keys = True
    opens = messages.ShowWhole

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "press('show')", "Preview", show=False),
        Binding("a", "press('apply')", "Apply", show=False),
        Binding("u", "press('undo')", "Undo", show=False),
    ]

    def __init__(self, place: ScreenPlace) -> None:
        super().__init__(place)
        self._offers: list[Offer] = []
        self._advice: list[Advice] = []
        self._preview: Preview | None = None
        self._persist = False
        self._told: list[str] = []
        self._state = State()

    def body(self) -> Iterator[Widget]:
        yield SteadyLine(path_line(FixStage.LOOK), id="fix-path")
        yield SteadyLine(id="chosen")
        yield PlainList(id="remedies")
        field = PlainInput(id="wanted", placeholder="VARIABLE=VALUE (or as proposed)")
        yield Horizontal(
            Static("Set ", markup=False),
            field,
            Button(KEEP[False], id="persist", compact=True),
            classes="form-row",
        )
        yield Horizontal(
            Button("Preview (p)", id="show", compact=True),
            Button("Apply (a)", id="apply", compact=True, disabled=True),
            Button("Undo (u)", id="undo", compact=True),
            classes="form-row",
        )
        hint = Static("Enter on a remedy shows what it would change.", id="preview", markup=False)
        yield VerticalScroll(hint, id="preview-scroll")

    def news(self, state: State) -> News | None:
        self._state = state
        if state.diagnosis is None:
            return None
        return fix_jobs.offers(state.diagnosis), advice(state.case, state.diagnosis)

    def announce(self, news: News) -> str:
        offered, given = news
        return f"The remedies changed: {len(offered) + len(given)} now"

    async def draw(self, news: News) -> None:
        self._offers, self._advice = news
        rows = [(offer.remedy.id, safe(_offer_row(offer))) for offer in self._offers]
        rows += [(given.id, safe(given.row)) for given in self._advice]
        self.query_one("#remedies", PlainList).fill(rows or [("", safe(EMPTY))])

    @property
    def _highlighted(self) -> Offer | Advice | None:
        chosen = self.query_one("#remedies", PlainList).highlighted_id
        offer = next((o for o in self._offers if o.remedy.id == chosen), None)
        return offer or next((a for a in self._advice if a.id == chosen), None)

    def about(self) -> str:
        match self._highlighted:
            case Offer(remedy):
                return remedy.id
            case Advice(recipe):
                return recipe.id
        return ""

    def evidence(self) -> tuple[str, str] | None:
        chosen = self._highlighted
        if isinstance(chosen, Advice):
            return chosen.recipe.title, "\n".join(advice_lines(chosen, WINDOW))
        return ("Fix", "\n".join(self._told)) if self._told else None

    def copied(self) -> str:
        chosen = self._highlighted
        if isinstance(chosen, Advice):
            return chosen.filled.text
        return "\n".join(self._told)

    def _at(self, stage: FixStage) -> None:
        """Where the way has come; what is looked at gets the room of the list."""
        self._state.fix_stage = stage
        self.query_one("#fix-path", SteadyLine).tell(path_line(stage))
        rows = self.query_one("#remedies", PlainList)
        alone = stage is not FixStage.LOOK
        rows.display = not alone
        chosen = self.query_one("#chosen", SteadyLine)
        chosen.display = alone
        if alone:
            index, count = (rows.highlighted or 0) + 1, rows.option_count
            named = self._highlighted
            title = named.remedy.title if isinstance(named, Offer) else self.about()
            chosen.tell(chosen_line(title, index, count, max(self.size.width - 2, 30)))
        self.post_message(messages.Changed())

    def leave(self) -> bool:
        if self._state.fix_stage == FixStage.LOOK:
            return False
        self._at(FixStage.LOOK)
        self.query_one("#remedies").focus()
        return True

    def action_press(self, button: str) -> None:
        self.query_one(f"#{button}", Button).press()

    def again(self) -> bool:
        return self._ask_preview()

    @on(OptionList.OptionSelected, "#remedies")
    @on(Button.Pressed, "#show")
    @on(Input.Submitted, "#wanted")
    def _show(self, event: OptionList.OptionSelected | Button.Pressed | Input.Submitted) -> None:
        event.stop()
        self._ask_preview()

    def _ask_preview(self) -> bool:
        offer = self._highlighted
        if offer is None:
            return False
        if isinstance(offer, Advice):
            self._forget_preview()
            self._state.fix_is_ours = False
            self._at(FixStage.PREVIEW)
            width = self.query_one("#preview-scroll").scrollable_content_region.width
            self._say(list(advice_lines(offer, max(width, 40))))
            self.query_one("#preview-scroll").focus()
            return True
        try:
            values = fix_jobs.wanted(self.query_one("#wanted", Input).value)
        except WizardError as error:
            self._say([operator_line(error)])
            return True
        persist = self._persist
        self._forget_preview()
        self.app.post_message(
            messages.Job(
                "Preview",
                lambda engine, _say: fix_jobs.preview(engine, offer, values, persist),
                self._previewed,
                self._failed,
            )
        )
        return True

    def _forget_preview(self) -> None:
        self._preview = None
        self.query_one("#apply", Button).disabled = True

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
        if self._preview is not None:
            self._forget_preview()
            self._say(["The preview is out of date: Enter shows the new one."])

    def _previewed(self, shown: Preview) -> None:
        self._preview = shown
        self._state.fix_is_ours = shown.plan is not None
        self._at(FixStage.PREVIEW)
        self.query_one("#apply", Button).disabled = shown.plan is None
        self._say(list(shown.lines))
        self.query_one("#preview-scroll").focus()

    @on(Button.Pressed, "#apply")
    def _confirm_apply(self, event: Button.Pressed) -> None:
        event.stop()
        shown = self._preview
        if shown is None or shown.plan is None:
            return

        def decided(agreed: bool | None) -> None:
            if not agreed:
                self._say([*shown.lines, "", "Nothing was changed."])
                return
            self._forget_preview()
            self._at(FixStage.APPLY)
            self._say(["Making the change, then proving it ..."])
            self.app.post_message(
                messages.Job(
                    "Apply",
                    lambda engine, say: fix_jobs.apply_and_verify(engine, shown, say),
                    self._proved,
                    self._failed,
                )
            )

        text = "\n".join(shown.lines)
        self.app.push_screen(Confirm(f"Apply: {shown.offer.remedy.title}", text, "apply"), decided)

    @on(Button.Pressed, "#undo")
    def _ask_undo(self, event: Button.Pressed) -> None:
        event.stop()
        self.app.post_message(
            messages.Job(
                "Undo",
                lambda engine, _say: fix_jobs.undoable(engine),
                self._confirm_undo,
                self._failed,
            )
        )

    def _confirm_undo(self, what: Undoable | None) -> None:
        if what is None:
            self._say(["There is no change to undo."])
            return
        found = what

        def decided(agreed: bool | None) -> None:
            if agreed:
                self.app.post_message(
                    messages.Job(
                        "Undo",
                        lambda engine, _say: fix_jobs.undo_now(engine, found),
                        self._undone,
                        self._failed,
                        changes=True,
                    )
                )

        self.app.push_screen(Confirm("Undo", "\n".join(found.lines), "undo"), decided)

    def _proved(self, lines: tuple[str, ...]) -> None:
        self._at(FixStage.PROOF)
        self._say(list(lines))
        self.query_one("#preview-scroll").focus()

    def _undone(self, lines: tuple[str, ...]) -> None:
        self._at(FixStage.UNDO)
        self._say(list(lines))
        self.query_one("#preview-scroll").focus()

    def _failed(self, error: str) -> None:
        self._say([f"failed: {error}"])

    def _say(self, lines: list[str]) -> None:
        self._told = lines
        self.query_one("#preview", Static).update(safe_block("\n".join(lines)))
        self.query_one("#preview-scroll").scroll_home(animate=False)


def _offer_row(offer: Offer) -> str:
    """Who does it, what it is, and which cause it is for."""
    who = "wizard" if offer.remedy.kind == "variable" else "you"
    return f"{who:<7} {offer.remedy.title}  ({offer.cause})"
