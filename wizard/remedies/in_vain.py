"""Whether a change can help at all: what to say before somebody raises the wrong variable. Pure."""

from dataclasses import replace

from knowledge.load import load, myths
from knowledge.model import Cause, Myth, Remedy
from wizard.diagnosis.model import Diagnosis, Finding, Verdict
from wizard.remedies.plan import Plan
from wizard.server.variables import whole
from wizard.units import many

_MOST = 2
"""Myths that are told at once."""

_NO_CURE = frozenset({
    "log_error_verbosity", "log_warnings", "general_log", "slow_query_log", "long_query_time",
    "offline_mode", "init_connect",
})  # fmt: skip
"""Set to see more, or to end a state: nobody takes them for a cure."""


def warnings(change: Remedy | str, diagnosis: Diagnosis | None) -> tuple[str, ...]:
    """Why raising this variable may be in vain, in sentences for the operator.

    Or what the remedy sets; nothing where it fits the leading cause. Without a diagnosis, what is
    always true.
    """
    name = change.variable if isinstance(change, Remedy) else change
    if not name or name in _NO_CURE:
        return ()
    helped = _helped(name)
    accused = [f for f in diagnosis.accused if not f.noise] if diagnosis is not None else []
    if not accused:
        return () if _possible(helped, diagnosis) else _unfounded(name, helped, diagnosis)
    if not helped & {f.cause for f in accused}:
        return (_in_vain(name, accused[0]), *_told(name, [f.cause for f in accused]))
    return _partly(name, helped, accused)


def warned(planned: Plan, diagnosis: Diagnosis | None) -> Plan:
    """The plan with a warning for each variable that it raises in vain; they come first."""
    raised = [c.name for c in planned.changes if _is_raised(c.old, c.new)]
    said = (text for name in raised for text in warnings(name, diagnosis))
    return replace(planned, notes=(*dict.fromkeys(said), *planned.notes))


def _is_raised(old: str, new: str) -> bool:
    before, after = whole(old), whole(new)
    return before is None or after is None or after > before


def _helped(variable: str) -> frozenset[str]:
    """The causes against which this variable is a remedy."""
    known = load()
    sets = {r.id for r in known.remedies.values() if r.variable == variable}
    return frozenset(c.id for c in known.causes.values() if sets & set(c.remedies))


def _possible(helped: frozenset[str], diagnosis: Diagnosis | None) -> bool:
    findings = diagnosis.findings if diagnosis is not None else ()
    return any(f.cause in helped and f.verdict is Verdict.POSSIBLE for f in findings)


def _unfounded(name: str, helped: frozenset[str], diagnosis: Diagnosis | None) -> tuple[str, ...]:
    if helped:
        seen = "goneaway-wizard check tells whether that is it"
        if diagnosis is not None:
            seen = "nothing here shows that to be it"
        return (f"{name} helps against {' and '.join(sorted(helped))} alone; {seen}.",)
    about = [m for m in myths().values() if name in m.variables]
    if not about:
        return ()
    return (f"{name} is no cure for lost connections.", *map(_fact, about[:1]))


def _in_vain(name: str, leading: Finding) -> str:
    return f"Raising {name} will not help: the failures are put down to {_in_words(leading)}."


def _partly(name: str, helped: frozenset[str], accused: list[Finding]) -> tuple[str, ...]:
    """A remark where another cause explains more than those that the variable helps against."""
    most = max(f.explains for f in accused if f.cause in helped)
    others = [f for f in accused if f.cause not in helped and f.explains > most]
    return tuple(
        f"{name} does nothing for {_in_words(f)}, which explains {many(f.explains, 'failure')}."
        for f in others
    )


def _in_words(finding: Finding) -> str:
    title = _cause(finding).title
    return f"{finding.cause} ({title[0].lower()}{title[1:]}; {finding.verdict})"


def _cause(finding: Finding) -> Cause:
    return load().causes[finding.cause]


def _told(name: str, causes: list[str]) -> tuple[str, ...]:
    """The truth behind the advice that tempts just here."""
    fitting = [m for m in myths().values() if name in m.variables and set(causes) & set(m.causes)]
    return tuple(_fact(m) for m in fitting[:_MOST])


def _fact(myth: Myth) -> str:
    return f"{myth.fact} (goneaway-wizard explain {myth.id})"
