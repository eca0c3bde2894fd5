"""Every step and probe by its id, title and purpose, in the order in which they run.

Nothing is imported here, so that the screens and the command line can name them before any
driver is loaded. The ids are part of the JSON contract.
"""

from typing import NamedTuple


class StepName(NamedTuple):
    """What a step or probe is called. `purpose` says in a line what it looks for."""

    id: str
    title: str
    purpose: str


SYMPTOM = StepName("symptom", "Symptom", "What the application says, and when")
CONNECTION = StepName("connection", "Server", "Who the server is, and what this account may see")
HEALTH = StepName("health", "Health", "The server's machine: kernel, memory, disks, processors")
ERROR_LOG = StepName(
    "error-log", "Error log", "What the server wrote about sessions, restarts, crashes"
)
COUNTERS = StepName("counters", "Counters", "What the server counted: aborted, refused, timed out")
SETTINGS = StepName("settings", "Settings", "The limits in force, against defaults and failures")
GENERAL_LOG = StepName(
    "general-log", "General log", "What the clients said, and who left without a word"
)
SLOW_LOG = StepName("slow-log", "Slow log", "Which statements take long, and what ran at a failure")
VERSION = StepName("version", "Version", "The server's release: supported until when, known faults")
RECORDER = StepName(
    "recorder", "Recorder", "What the recorder saw of lost sessions, as it happened"
)

STEP_NAMES = (
    SYMPTOM, CONNECTION, HEALTH, ERROR_LOG, COUNTERS, SETTINGS, GENERAL_LOG, SLOW_LOG, VERSION,
    RECORDER,
)  # fmt: skip

LATENCY = StepName(
    "latency", "Latency and loss", "How long logins and round trips take, and what is lost"
)
PATH = StepName(
    "path", "Path", "Who answers the port, what stands between, and how wide the path is"
)
PACKET = StepName(
    "packet", "Packet ladder", "The largest statement and the largest answer that pass"
)
IDLE = StepName(
    "idle", "Idle ladder", "After how many idle seconds connections die, and who ends them"
)
STATEMENT = StepName(
    "statement", "Long statements", "What ends connections whose statement runs long"
)
WORKLOAD = StepName(
    "workload", "Workload", "The sessions watched for a moment: who waits, who rests, what rises"
)

SIMPLE = StepName(
    "simple", "Simplified workload", "Whether connections hold that say nothing but SELECT 1"
)

PROBE_NAMES = (LATENCY, PATH, PACKET, IDLE, STATEMENT, WORKLOAD, SIMPLE)
PROBE_IDS = tuple(name.id for name in PROBE_NAMES)

ALL = "all"
"""`--probe all`: every probe."""

_TITLES = {name.id: name.title for name in (*STEP_NAMES, *PROBE_NAMES)}


def title_of(step_id: str) -> str:
    """The title of a step or probe; of one that this version does not know, its id in words."""
    return _TITLES.get(step_id, step_id.replace("-", " ").capitalize())
