"""The places of the wizard, in the order in which they are walked through."""

from dataclasses import dataclass

try:
    from wizard.steps import STEPS
except ImportError:
    STEPS = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the step list. `step` is false for what is no troubleshooting step."""

    id: str
    title: str
    purpose: str
    step: bool = True


PLACES: tuple[Place, ...] = (
    *(Place(step.id, step.title, step.purpose) for step in STEPS),
    Place("diagnosis", "Diagnosis", "Every failure and the cause that explains it", False),
    Place("fix", "Fix", "Remedies: preview, apply, verify, undo", False),
    Place("report", "Report", "The findings for the ticket", False),
)

TITLES = {place.id: place.title for place in PLACES}
