"""The half of the Fix pane that changes something, each thing after a word of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Button, Static

from screens import fix_doing, fix_jobs, messages
from screens.fix_doing import Done, RestartAsked
from screens.fix_model import Offer, Preview, Undoable
from screens.panes.pane import Pane
from screens.places import ScreenPlace
from screens.state import FixKind, State
from screens.text.fix_path import FixStage, chosen_line, path_line
from screens.text.words import safe_block
from screens.widgets.line import SteadyLine, SteadyText
from screens.widgets.lists import PlainList
from screens.widgets.session_list import SessionList
from screens.windows.confirm import Confirm

if TYPE_CHECKING:
    from screens.opening import Engine
    from screens.text.advice import Advice
    from wizard.remedies.journal_entry import JournalEntry

WITHOUT_SERVER = (
    "While it is down nothing has to be taken back of a value that was set until restart: the next"
    " start forgets it. What SET PERSIST keeps is taken back once the server answers."
)

WORDS = {FixKind.CHANGE: ("Apply", "apply"), FixKind.ACTION: ("Do", "do")}
"""The title of the last question, and what is typed to agree."""


class FixDoing(Pane):
    """What is done is what was previewed; each thing asks for a word of its own."""

    has_keys = True
    opens = messages.ShowWhole

    def __init__(self, place: ScreenPlace) -> None:
        super().__init__(place)
        self.preview: Preview | None = None
        self.state = State()
        self.told: list[str] = []
        self.title = ""
        self._restart: JournalEntry | None = None

    @property
    def highlighted(self) -> Offer | Advice | None:
        """The row that the operator is on."""
        raise NotImplementedError

    @property
    def width(self) -> int:
        """Columns of text in the lower part."""
        return max(self.query_one("#preview-scroll").scrollable_content_region.width, 40)

    def at(self, stage: FixStage) -> None:
        """Where the way has come; what is looked at gets the room of the list."""
        self.state.fix_stage = stage
        self.query_one("#fix-path", SteadyLine).tell(path_line(stage, self.state.fix_kind))
        rows = self.query_one("#remedies", PlainList)
        alone = stage is not FixStage.LOOK
        rows.display = not alone
        self.query_one(SessionList).display = stage is FixStage.CHOOSE
        self.show_values(stage in (FixStage.LOOK, FixStage.PREVIEW))
        chosen = self.query_one("#chosen", SteadyText)
        chosen.display = alone
        if alone:
            index, count = (rows.highlighted or 0) + 1, rows.option_count
            chosen.tell(chosen_line(self.title, index, count))
        self.post_message(messages.Changed())

    def show_values(self, wanted: bool) -> None:
        """The row in which values are named, where they can be and are still `wanted`."""
        chosen = self.highlighted
        offer = chosen if isinstance(chosen, Offer) else None
        takes = wanted and offer is not None and offer.takes_values
        self.query_one("#values").display = takes
        self.state.fix_takes_values = (
            takes and self.preview is not None and self.preview.takes_value
        )
        is_variable = offer is not None and offer.remedy.kind == "variable"
        self.query_one("#persist").display = is_variable

    def forget_preview(self) -> None:
        self.preview = None
        self.query_one("#apply", Button).disabled = True

    def say(self, lines: list[str]) -> None:
        self.told = lines
        self.query_one("#preview", Static).update(safe_block("\n".join(lines)))
        self.query_one("#preview-scroll").scroll_home(animate=False)

    def failed(self, error: str) -> None:
        """What a change left behind is found by Undo."""
        self.say([f"failed: {error}"])

    @on(Button.Pressed, "#apply")
    def _confirm_apply(self, event: Button.Pressed) -> None:
        event.stop()
        shown = self.preview
        if shown is None or shown.kind not in WORDS:
            return
        title, word = WORDS[shown.kind]

        def decided(agreed: bool | None) -> None:
            if not agreed:
                self.say([*shown.lines, "", "Nothing was changed."])
                return
            self.forget_preview()
            self.at(FixStage.APPLY)
            self.say(["Making the change, then proving it ..."])
            self._do(shown)

        text = "\n".join(shown.lines)
        self.app.push_screen(Confirm(f"{title}: {shown.offer.remedy.title}", text, word), decided)

    def _do(self, shown: Preview) -> None:
        width = self.width

        def work(engine: Engine, say: messages.Say) -> Done:
            return fix_doing.carry_out(engine, shown, width, say)

        self.app.post_message(
            messages.Job(WORDS[shown.kind][0], work, self._done, self._not_done, _was_made)
        )

    def _done(self, done: Done) -> None:
        self._restart = done.restart
        self.at(FixStage.PROOF if done.made else FixStage.FAILED)
        offered = ["R restarts the server now; it names first whom that cuts."]
        first, *rest = done.lines
        self.say([first, *(offered if done.restart is not None else []), *rest])
        self.query_one("#preview-scroll").focus()

    def _not_done(self, error: str) -> None:
        self.at(FixStage.FAILED)
        self.say([f"failed: {error}", "u shows whether something was left changed."])

    @on(Button.Pressed, "#undo")
    def _ask_undo(self, event: Button.Pressed) -> None:
        event.stop()

        def work(engine: Engine, _say: messages.Say) -> Undoable | None:
            return fix_jobs.undoable(engine)

        self.app.post_message(messages.Job("Undo", work, self._confirm_undo, self._not_undone))

    def _not_undone(self, error: str) -> None:
        self.say([f"failed: {error}", *([WITHOUT_SERVER] if self.state.up is False else [])])

    def _confirm_undo(self, what: Undoable | None) -> None:
        if what is None:
            self.say(["There is no change to undo."])
            if self.state.fix_stage == FixStage.FAILED:
                self.leave()
            return
        found = what

        def work(engine: Engine, _say: messages.Say) -> tuple[str, ...]:
            return fix_jobs.undo_now(engine, found)

        def decided(agreed: bool | None) -> None:
            if agreed:
                self.app.post_message(
                    messages.Job("Undo", work, self._undone, self.failed, _always)
                )

        word = "overwrite" if found.overwrites else "undo"
        self.app.push_screen(Confirm("Undo", "\n".join(found.lines), word), decided)

    def _undone(self, lines: tuple[str, ...]) -> None:
        self._restart = None
        self.state.fix_kind = FixKind.CHANGE
        self.at(FixStage.UNDO)
        self.say(list(lines))
        self.query_one("#preview-scroll").focus()

    def action_restart(self) -> None:
        """Only after a change that the server's next start reads from a file."""
        entry = self._restart
        if entry is None:
            self.app.post_message(messages.Remark("R: no change made here waits for a restart."))
            return
        asked = entry

        def work(engine: Engine, _say: messages.Say) -> RestartAsked:
            return fix_doing.ask_restart(engine, asked)

        self.app.post_message(messages.Job("Restart", work, self._confirm_restart, self.failed))

    def _confirm_restart(self, asked: RestartAsked) -> None:
        def work(engine: Engine, say: messages.Say) -> Done:
            return fix_doing.restart(engine, asked, say)

        def decided(agreed: bool | None) -> None:
            if agreed:
                self.say([f"Restarting {asked.unit}, then following its log ..."])
                self.app.post_message(
                    messages.Job("Restart", work, self._done, self._not_done, _was_made)
                )

        lines = (f"A restart of {asked.unit} would cut:", *fix_jobs.indented(asked.cut))
        title = f"Restart {asked.unit}"
        self.app.push_screen(Confirm(title, "\n".join(lines), "restart"), decided)


def _was_made(done: Done) -> bool:
    return done.made


def _always(_lines: tuple[str, ...]) -> bool:
    return True
