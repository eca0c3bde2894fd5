"""The program that `Driven` runs: the wizard, which writes down its fields and place on SIGUSR1."""

import asyncio
import json
import signal
from collections.abc import Callable
from pathlib import Path

from textual.widgets import Input, TextArea

import screens.app
import screens.run
from screens import leftover_captures
from screens.key_order import is_field
from screens.opening import Answers, Candidate, Engine, Live, Opening, Unknown
from tests.screens.fake import FakeInvestigation, live
from tests.screens.recorded_windows import LEFT
from wizard.hosts.ssh.prompt import Prompt

__all__ = ["MADE", "Offering", "Telling", "Unknown", "found", "live", "never", "run"]

MADE: list[FakeInvestigation] = []
OUT: list[Path] = []


class Telling(screens.app.WizardApp):
    CSS_PATH = Path(screens.app.__file__).with_name("wizard.tcss")  # type: ignore[assignment]

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, self.call_later, self.tell)

    def tell(self) -> None:
        fields = {
            str(field.id): field.value if isinstance(field, Input) else field.text
            for window in self.screen_stack
            for field in window.query("Input, TextArea")
            if is_field(field) and isinstance(field, Input | TextArea)
        }
        focused = self.focused
        told = {
            "place": getattr(self.screen_stack[0], "current", ""),
            "window": type(self.screen).__name__,
            "focus": "" if focused is None else (focused.id or type(focused).__name__),
            "fields": fields,
            "ran": [step for made in MADE for step in made.ran],
            "working": self.keys.working or bool(self.state.running or self.state.awaited),
            "remark": self.frame.remark,
            "in_field": is_field(focused),
            "saved": [str(path) for path in self.saved],
            "restored": len(RESTORED),
        }
        part = OUT[0].with_suffix(".part")
        part.write_text(json.dumps(told))
        part.rename(OUT[0])


class Offering(Telling):
    """Asks at its start whether a capture that was left is to be put back."""

    def on_mount(self) -> None:
        super().on_mount()
        self.call_after_refresh(self._offer, (leftover_captures.told(LEFT),))


RESTORED: list[str] = []


def put_back(_engine: Engine, _say: Callable[[str], None]) -> tuple[str, ...]:
    RESTORED.append("restored")
    return ("The log is as it was.",)


def found() -> tuple[Candidate, ...]:
    return (Candidate("/run/a.sock", socket="/run/a.sock", note="a server that was found"),)


def never(_answers: Answers, _prompt: Prompt) -> Live:
    raise OSError("nothing listens there")


def run(opening: Opening, out: str, app_of: type[Telling] = Telling) -> int:
    OUT.append(Path(out))
    leftover_captures.put_back = put_back  # type: ignore[assignment]
    return screens.run.run_wizard(opening, app_of=app_of)
