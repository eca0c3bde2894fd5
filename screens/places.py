"""The places of the wizard, in the order in which they are walked through.

The steps are named again here, since importing `wizard.steps` takes several times as long as
the first paint may; a test holds the two lists together.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the step list. `step` is false for what is no troubleshooting step."""

    id: str
    title: str
    purpose: str
    step: bool = True


SYMPTOM, CONNECTION, ERROR_LOG = "symptom", "connection", "error-log"

PLACES: tuple[Place, ...] = (
    Place(SYMPTOM, "Symptom", "What the application says, and when"),
    Place(CONNECTION, "Server", "Who the server is, and what this account may see"),
    Place("health", "Health", "The server's machine: kernel, memory, disks, processors"),
    Place(ERROR_LOG, "Error log", "What the server wrote about sessions, restarts, crashes"),
    Place("counters", "Counters", "What the server counted: aborted, refused, timed out"),
    Place("settings", "Settings", "The limits in force, against defaults and failures"),
    Place("diagnosis", "Diagnosis", "Every failure and the cause that explains it", False),
    Place("fix", "Fix", "Remedies: preview, apply, verify, undo", False),
    Place("report", "Report", "The findings for the ticket", False),
    Place("knowledge", "Knowledge", "Causes, variables, error numbers, myths, recipes", False),
)

TITLES = {place.id: place.title for place in PLACES}
STEP_IDS = tuple(place.id for place in PLACES if place.step)
