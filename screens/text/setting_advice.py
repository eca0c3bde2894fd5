"""What this case says of each setting, and why: change it, or leave it. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from screens.text.age import in_doubt, in_force
from screens.text.words import verdict_word
from wizard.case.case import Case
from wizard.diagnosis.model import Diagnosis, Finding, Verdict

CHANGE, LEAVE, PERHAPS = "x fixes it", "leave it", "perhaps"


@dataclass(frozen=True, slots=True)
class SettingAdvice:
    """`word` is one of those above, `reason` a sentence without its full stop."""

    word: str
    reason: str

    @property
    def is_wanted(self) -> bool:
        return self.word == CHANGE


NOTHING_KNOWN = SettingAdvice(LEAVE, "nothing that was found points at it")


def advised(
    diagnosis: Diagnosis | None, case: Case | None, changed: Iterable[str]
) -> dict[str, SettingAdvice]:
    """By variable, for those that a remedy of a cause sets; `changed` are not the default.

    Where one of a cause's settings was changed, the others, at their defaults, are left alone.
    """
    if diagnosis is None:
        return {}
    off = frozenset(changed)
    done = _mended_by(case)
    found: dict[str, SettingAdvice] = {}
    for finding in sorted(diagnosis.findings, key=_weight):
        named = _variables(finding)
        blamed = [name for name in named.values() if name in off]
        for remedy, name in named.items():
            found.setdefault(name, _of(finding, name, blamed, remedy in done, case))
    return found


def _of(
    finding: Finding, name: str, blamed: list[str], is_done: bool, case: Case | None
) -> SettingAdvice:
    verdict = f"{finding.cause} {verdict_word(finding.verdict)}"
    if finding.verdict.accuses and not finding.noise:
        if is_done:
            return SettingAdvice(LEAVE, f"{verdict}, and mended")
        if enough := _enough(name, case):
            return SettingAdvice(LEAVE, f"{verdict}; {enough}")
        if blamed and name not in blamed:
            return SettingAdvice(LEAVE, f"{verdict}, by {blamed[0]}")
        told = f", explains {finding.explains}" if finding.explains else ""
        return SettingAdvice(CHANGE, f"{verdict}{told}")
    if finding.verdict is Verdict.POSSIBLE and not finding.noise:
        return SettingAdvice(PERHAPS, f"{verdict}: prove it first (t)")
    return SettingAdvice(LEAVE, verdict)


def _weight(finding: Finding) -> int:
    return list(Verdict).index(finding.verdict) + 100 * finding.noise


def _variables(finding: Finding) -> dict[str, str]:
    from screens.text.evidence import known

    remedies = known().remedies
    named = {name: remedies[name].variable for name in finding.remedies if name in remedies}
    return {name: variable for name, variable in named.items() if variable}


def _enough(name: str, case: Case | None) -> str:
    """Why a fix would propose no other value, as that of before is in force no more."""
    from wizard.remedies.proposals import already_enough

    return already_enough(name, case) if case is not None else ""


def _mended_by(case: Case | None) -> frozenset[str]:
    """The remedies that are made and may have helped."""
    made = in_force(case) if case is not None else ()
    return frozenset(change.remedy for change in made if case and not in_doubt(change, case))
