"""The places of the wizard, in the order in which they are walked through."""

from dataclasses import dataclass

from screens.state import WEIGHING
from wizard.steps import names


@dataclass(frozen=True, slots=True)
class ScreenPlace:
    """A row of the step list. `step` is false for what is no troubleshooting step."""

    id: str
    title: str
    purpose: str
    step: bool = True


SYMPTOM, CONNECTION, ERROR_LOG = names.SYMPTOM.id, names.CONNECTION.id, names.ERROR_LOG.id
GENERAL_LOG, SLOW_LOG, HEALTH = names.GENERAL_LOG.id, names.SLOW_LOG.id, names.HEALTH.id
COUNTERS, SETTINGS = names.COUNTERS.id, names.SETTINGS.id
RECORDER = names.RECORDER.id
NETWORK, DIAGNOSIS = "network", "diagnosis"
SEARCH = "search"
"""The part of Knowledge that takes the words to look for."""

PLACES: tuple[ScreenPlace, ...] = (
    *(ScreenPlace(*name) for name in names.STEP_NAMES),
    ScreenPlace(NETWORK, "Network", "Experiments along the way; each waits to be started", False),
    ScreenPlace("diagnosis", "Diagnosis", "Every failure and the cause that explains it", False),
    ScreenPlace("fix", "Fix", "Remedies: preview, apply, verify, undo", False),
    ScreenPlace("report", "Report", "The findings for the ticket", False),
    ScreenPlace(
        "knowledge", "Knowledge", "Causes, variables, error numbers, myths, recipes", False
    ),
)

KEYS = "123456LSVW7890K"
"""The key of each place, in their order."""

TITLES = {place.id: place.title for place in PLACES}
STEP_IDS = tuple(place.id for place in PLACES if place.step)
WORK_TITLES = {
    **TITLES,
    **{probe: f"Network, {probe}" for probe in names.PROBE_IDS},
    WEIGHING: "weighing the evidence",
}
"""What can run, as the status line names it."""
