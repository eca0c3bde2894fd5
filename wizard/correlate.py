"""Evidence that follows only from several steps together. Pure: case in, evidence out."""

from wizard.case.case import Case
from wizard.case.evidence import Evidence
from wizard.failure_clues import failure_clues, judged_failures
from wizard.outages import judged_outages, outages
from wizard.session_ends import session_ends
from wizard.unlogged_ends import judged_unlogged, unlogged_ends


def derive(case: Case) -> tuple[tuple[Evidence, ...], frozenset[str]]:
    """The derived evidence, and the derived signals that could be judged at all."""
    found = (*outages(case), *failure_clues(case), *session_ends(case), *unlogged_ends(case))
    judged = (*judged_outages(case), *judged_failures(case), *judged_unlogged(case))
    return found, frozenset(judged)
