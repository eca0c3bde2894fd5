"""Evidence that follows only from several steps together. Pure: case in, evidence out."""

from wizard.case.case import Case
from wizard.case.evidence import Evidence
from wizard.diagnosis.derived.failures import failure_clues, judged_failures
from wizard.diagnosis.derived.hints import hints
from wizard.diagnosis.derived.loops import loops
from wizard.diagnosis.derived.others import others
from wizard.diagnosis.derived.outages import judged_outages, outages
from wizard.diagnosis.derived.pairing import leavings, losses
from wizard.diagnosis.derived.session_ends import session_ends
from wizard.diagnosis.derived.stood_still import answered_nobody, stood_still
from wizard.diagnosis.derived.switched import switched
from wizard.diagnosis.derived.unlogged_ends import judged_unlogged, unlogged_ends
from wizard.diagnosis.derived.which_timeout import which_timeout


def derive(case: Case) -> tuple[tuple[Evidence, ...], frozenset[str]]:
    """The derived evidence, and the derived signals that could be judged at all."""
    lost = losses(case)
    left = leavings(case, lost)
    gone = tuple(outages(case))
    found = (
        *gone,
        *stood_still(case),
        *answered_nobody(case),
        *loops(case, gone),
        *failure_clues(case),
        *hints(case),
        *switched(case),
        *which_timeout(case, lost),
        *session_ends(case, lost, left),
        *unlogged_ends(case, lost, left),
        *others(case, lost),
    )
    judged = (*judged_outages(case), *judged_failures(case), *judged_unlogged(case, lost))
    return found, frozenset(judged)
