"""The places of the wizard, in the order in which they are walked through.

The steps are named again here, since importing `wizard.steps` takes several times as long as
the first paint may; a test holds the two lists together.
"""

from dataclasses import dataclass

from wizard.steps.names import PROBE_IDS


@dataclass(frozen=True, slots=True)
class ScreenPlace:
    """A row of the step list. `step` is false for what is no troubleshooting step."""

    id: str
    title: str
    purpose: str
    step: bool = True


SYMPTOM, CONNECTION, ERROR_LOG = "symptom", "connection", "error-log"
NETWORK = "network"

PLACES: tuple[ScreenPlace, ...] = (
    ScreenPlace(SYMPTOM, "Symptom", "What the application says, and when"),
    ScreenPlace(CONNECTION, "Server", "Who the server is, and what this account may see"),
    ScreenPlace("health", "Health", "The server's machine: kernel, memory, disks, processors"),
    ScreenPlace(ERROR_LOG, "Error log", "What the server wrote about sessions, restarts, crashes"),
    ScreenPlace("counters", "Counters", "What the server counted: aborted, refused, timed out"),
    ScreenPlace("settings", "Settings", "The limits in force, against defaults and failures"),
    ScreenPlace(NETWORK, "Network", "Experiments along the way; each waits to be started", False),
    ScreenPlace("diagnosis", "Diagnosis", "Every failure and the cause that explains it", False),
    ScreenPlace("fix", "Fix", "Remedies: preview, apply, verify, undo", False),
    ScreenPlace("report", "Report", "The findings for the ticket", False),
    ScreenPlace(
        "knowledge", "Knowledge", "Causes, variables, error numbers, myths, recipes", False
    ),
)

KEYS = "1234567890K"
"""The key of each place, in their order."""

TITLES = {place.id: place.title for place in PLACES}
STEP_IDS = tuple(place.id for place in PLACES if place.step)
WORK_TITLES = {**TITLES, **{probe: f"Network, {probe}" for probe in PROBE_IDS}}
"""What can run, as the status line names it."""
