"""Rows of the Fix screen: what was found asks for, then what the wizard can do beside."""

from __future__ import annotations

from collections.abc import Sequence

from screens.fix_model import Offer
from screens.text.advice import Advice
from screens.text.words import verdict_word
from wizard.diagnosis.model import Verdict

ROW_INDENT = 8
"""Columns before a remedy's title: who does it."""

HANDOUT = "handout"
"""The id of the row for the developers' hand-out."""

POSSIBLE = verdict_word(Verdict.POSSIBLE)

_HANDOUT_ROW = "paper   Hand-out: what the developers have to set"
_OTHERS_ROW = "        Nothing found asks for these:"
_EMPTY = "No cause is suspected, so nothing asks to be fixed."


def fix_rows(
    proposed: Sequence[Offer], given: Sequence[Advice], others: Sequence[Offer]
) -> list[tuple[str, str]]:
    """Ids and texts; text from outside, to be shown safely.

    What the application's own driver needs is surer than what a cause needs that is only possible.
    """
    possible = [offer for offer in proposed if offer.verdict == POSSIBLE]
    rows = [(offer.remedy.id, _row(offer)) for offer in proposed if offer not in possible]
    rows += [(advice.id, advice.row) for advice in given]
    if given:
        rows.append((HANDOUT, _HANDOUT_ROW))
    rows += [(offer.remedy.id, _row(offer)) for offer in possible]
    rows = rows or [("", _EMPTY)]
    if others:
        rows.append(("others", _OTHERS_ROW))
    return rows + [(offer.remedy.id, _row(offer)) for offer in others]


def _row(offer: Offer) -> str:
    """Who does it, what it is, and which cause it is for."""
    doubt = f"{POSSIBLE}: " if offer.verdict == POSSIBLE else ""
    cause = f"  ({doubt}{offer.cause})" if offer.cause else ""
    return f"{'wizard' if offer.is_wizards else 'you':<7} {offer.remedy.title}{cause}"
