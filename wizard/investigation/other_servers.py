"""Kills of other servers on the same machine, once the error log tells them apart. Pure.

The kernel's log names a process and no server. Where the error log holds the whole life of the
server that is looked at, a kill that ended no run of it was another server's.
"""

from dataclasses import replace

from wizard.case.case import Case
from wizard.case.evidence import MAX_OCCURRENCES, Evidence, Occurrence, StepResult, StepStatus
from wizard.diagnosis.derived.outages import Whose, dead_pids, whose_death
from wizard.steps import names
from wizard.steps.health import headline_of


def without_others_kills(case: Case) -> StepResult | None:
    """Health's result with other servers' kills said apart; None where nothing changes."""
    health, log = case.step(names.HEALTH.id), case.step(names.ERROR_LOG.id)
    if health is None or log is None or health.status is not StepStatus.DONE:
        return None
    if "log.unclean-end" not in log.looked_for:
        return None
    ends = [o for e in log.evidence if e.signal == "log.unclean-end" for o in e.occurrences]
    dead = dead_pids(case)
    others = tuple(
        kill
        for kill in health.evidence
        if kill.signal == "kernel.oom-kill"
        and kill.first is not None
        and all(whose_death(kill, end, dead) is Whose.ANOTHERS for end in ends)
    )
    return _apart(health, others) if others else None


def _apart(health: StepResult, others: tuple[Evidence, ...]) -> StepResult:
    kept = tuple(e for e in health.evidence if e not in others)
    evidence = (*kept, _of_others(others))
    return replace(health, headline=headline_of(evidence), evidence=evidence)


def _of_others(kills: tuple[Evidence, ...]) -> Evidence:
    last = kills[-1]
    more = f" (and {len(kills) - 1} such kills before it)" if len(kills) > 1 else ""
    return replace(
        last,
        signal="kernel.oom-other",
        text=f"another server was killed, this one's error log has no such end: {last.text}{more}",
        count=len(kills),
        first=kills[0].first,
        occurrences=tuple(Occurrence(at=k.first) for k in kills[-MAX_OCCURRENCES:]),
    )
