"""Which probe would decide on a suspect. Pure functions of the diagnosis."""

from __future__ import annotations

from wizard.diagnosis.model import Diagnosis, Finding
from wizard.steps import names


def deciding_probe(finding: Finding) -> str:
    """The probe that would look for the weightiest signal that nobody could look for, or ""."""
    steps = (missing.step for missing in finding.missing)
    return next((step for step in steps if step in names.PROBE_IDS), "")


def next_probe(diagnosis: Diagnosis) -> str:
    """The probe that would decide on the first suspect that one decides on, or "".

    Where a cause is accused already, one that decides on another would be beside the point.
    """
    suspects = diagnosis.accused or diagnosis.findings
    found = (deciding_probe(f) for f in suspects if not f.noise)
    return next((probe for probe in found if probe), "")
