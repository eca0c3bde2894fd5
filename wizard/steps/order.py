"""The steps in the order in which they run."""

from wizard.steps import (
    connection,
    counters,
    error_log,
    general_log,
    health,
    recorder,
    settings,
    slow_log,
    symptom,
    version,
)
from wizard.steps.step import Step

STEPS: tuple[Step, ...] = (
    symptom.STEP,
    connection.STEP,
    health.STEP,
    error_log.STEP,
    counters.STEP,
    settings.STEP,
    general_log.STEP,
    slow_log.STEP,
    version.STEP,
    recorder.STEP,
)
"""In the order in which they run and are walked through; later ones read earlier results."""
