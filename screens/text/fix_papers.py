"""What the Fix screen can write down: the change as text for other tools, the hand-out. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens.text.advice import Advice, advice_lines

if TYPE_CHECKING:
    from screens.fix_model import Preview


@dataclass(frozen=True, slots=True)
class Paper:
    """Lines as they are shown, and the name under which they are written."""

    name: str
    lines: tuple[str, ...]
    head: str = ""
    """One line above them on the screen, which is not written."""

    @property
    def shown(self) -> list[str]:
        return [self.head, "", *self.lines] if self.head else list(self.lines)

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def of_preview(shown: Preview) -> Paper:
    return Paper(f"goneaway-fix-{shown.offer.remedy.id}.txt", shown.lines)


def of_advice(given: Advice, width: int) -> Paper:
    return Paper(f"goneaway-{given.recipe.id}.txt", tuple(advice_lines(given, width)))


def of_handout(markdown: str) -> Paper:
    head = "w writes this as Markdown, y copies it. Esc: all remedies."
    return Paper("goneaway-handout.md", tuple(markdown.rstrip("\n").split("\n")), head)


def papers(shown: Preview) -> tuple[Paper, ...]:
    """The preview itself, then the same for each other tool; only variables have those."""
    return (of_preview(shown), *_forms(shown))


def _forms(shown: Preview) -> Iterator[Paper]:
    from wizard.remedies.doable import HandOn
    from wizard.remedies.hand_on import WORDS, ending, handed
    from wizard.remedies.plan import Plan

    if not isinstance(shown.deed, Plan):
        return
    first = shown.deed.service
    forms = sorted(HandOn, key=lambda form: form is not first)
    for number, form in enumerate(forms, 1):
        yield Paper(
            f"goneaway-fix-{shown.offer.remedy.id}-{form}{ending(form)}",
            tuple(handed(shown.deed, form)),
            f"For {WORDS[form]} ({number} of {len(forms)}): f next, w write, y copy",
        )
