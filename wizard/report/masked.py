"""What a report may show of a case: sanitized, secrets and literals masked.

Once and in one place, so that no renderer can forget it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from wizard.case.case import Case
from wizard.case.case_file import clean_text
from wizard.case.json_codec import map_text
from wizard.diagnosis.model import Diagnosis
from wizard.safety.redact import Masked, mask_excerpt, mask_secrets, mask_sentence

_RAW = frozenset({"Failure.text", "Evidence.excerpt", "Reason.excerpt"})
# Our own words, where a literal is no one's data: `SET GLOBAL wait_timeout = 28800`.
_OURS = frozenset(
    {
        "Missing.text", "Missing.how", "Finding.title", "Diagnosis.advice", "Change.summary",
        "Change.verified", "BeforeAfter.what", "BeforeAfter.before", "BeforeAfter.after",
        "Evidence.source", "Reason.source", "Failure.source",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """`masked` counts the values that were masked, each distinct text once."""

    case: Case
    diagnosis: Diagnosis
    masked: int


def shown(case: Case, diagnosis: Diagnosis) -> Shown:
    """`case` and `diagnosis` as a report may show them."""
    done: dict[tuple[Callable[[str], Masked], str], Masked] = {}

    def change(name: str, text: str) -> str:
        gate = _gate(name)
        key = (gate, text)
        if key not in done:
            done[key] = gate(clean_text(text))
        return done[key].text

    safe_case: Case = map_text(case, change)
    safe_diagnosis: Diagnosis = map_text(diagnosis, change)
    return Shown(safe_case, safe_diagnosis, sum(m.count for m in done.values()))


def _gate(name: str) -> Callable[[str], Masked]:
    if name in _RAW:
        return mask_excerpt
    return mask_secrets if name in _OURS else mask_sentence
