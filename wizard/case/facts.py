"""The facts that one step leaves for the others: which step knows what, by name.

A reader imports the constant, so that a name that nobody writes is an error and not "unknown".
A test holds each against the step that writes it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """One value among a step's facts. `step` is the id of the step that writes it."""

    step: str
    name: str


ACCOUNT = Fact("connection", "account")
"""`user@host` as the server authenticated it (CURRENT_USER)."""

ANSWERED_AT = Fact("connection", "answered_at")
"""ISO 8601, by the server's clock: when it last gave the wizard a session."""

ANSWERED_BEFORE_START = Fact("connection", "answered_before_start")
"""ISO 8601, by the server's clock: when the life before this one last gave an answer."""

CLOCK_SKEW_SECONDS = Fact("connection", "clock_skew_seconds")
"""How far the server's clock is ahead of this machine's."""

DATADIR = Fact("connection", "datadir")
FLAVOR = Fact("connection", "flavor")
GREETING_SECONDS = Fact("connection", "greeting_seconds")
HAS_PROCESS_PRIVILEGE = Fact("connection", "has_process_privilege")
HOSTNAME = Fact("connection", "hostname")
LOG_ERROR = Fact("connection", "log_error")
MISSED_AT = Fact("connection", "missed_at")
"""ISO 8601, by the server's clock: when the wizard first met nobody, as far as it still does."""

MISSED_BEFORE_START = Fact("connection", "missed_before_start")
"""ISO 8601, by the server's clock: when it first met nobody, of the life before this one."""

PORT = Fact("connection", "port")
SOCKET = Fact("connection", "socket")
SERVER_TIME_OFFSET_SECONDS = Fact("connection", "server_time_offset_seconds")
"""Of the server's system time zone, east of UTC."""

STARTED_AT = Fact("connection", "started_at")
"""ISO 8601, reckoned back from Uptime."""

ABORTED_CLIENTS = Fact("counters", "aborted_clients")
COM_KILL = Fact("counters", "com_kill")
COM_LOAD = Fact("counters", "com_load")
STARTED_INSIDE_WINDOW = Fact("counters", "started_inside_window")
"""Whether the counters count nothing from before the window."""

ERROR_LOG_PATH = Fact("error-log", "path")
"""Of the file that was read last, as the host where it lies names it."""

CAN_TELL_ABORTED = Fact("error-log", "can_tell_aborted")
"""Whether the server logs ended sessions at its verbosity."""

PROCESS_STATE = Fact("error-log", "process_state")
"""Of a server that nobody is let into while its process runs: starting, stopping, ready."""

DEAD_PIDS = Fact("error-log", "dead_pids")
"""Process numbers of servers that died, with commas."""

DEAD_CONTAINER = Fact("health", "dead_container")
"""The machine's only database container where it does not run: its client, its id, and when its
last run ended in seconds since 1970."""

KERNEL_LOG_FROM = Fact("health", "kernel_log_from")
"""ISO 8601: how far back the kernel's log reaches."""

HOST_MEMORY_TOTAL = Fact("health", "host_memory_total")
MEMORY_LIMIT = Fact("health", "memory_limit")
LET_GO_ON = Fact("health", "let_go_on")
"""What lets a server's process go on that is held (`kill -CONT 4711`)."""

SERVER_PID = Fact("health", "server_pid")
UNITS_AT_REST = Fact("health", "units_at_rest")
"""The systemd units of database servers that are installed here and do not run, with blanks."""

IDLE_CUT_BY = Fact("idle", "idle_cut_by")
IDLE_CUT_SECONDS = Fact("idle", "idle_cut_seconds")
PACKET_LIMIT_BY = Fact("packet", "packet_limit_by")
PACKET_LIMIT_MEASURED = Fact("packet", "packet_limit_measured")
PROXY_TIMEOUT = Fact("path", "proxy_timeout")

MAX_ALLOWED_PACKET = Fact("settings", "max_allowed_packet")
OF_SERVER_STARTED_AT = Fact("settings", "of_server_started_at")
"""ISO 8601: the start of the server whose settings these are, which may be gone by now."""

REQUIRE_SECURE_TRANSPORT = Fact("settings", "require_secure_transport")
WAIT_TIMEOUT = Fact("settings", "wait_timeout")
WAIT_TIMEOUT_CHANGED = Fact("settings", "wait_timeout_changed")
WAIT_TIMEOUT_CHANGED_AT = Fact("settings", "wait_timeout_changed_at")

LOG_FROM = Fact("symptom", "log_from")
"""ISO 8601: the first line of the application's log that has a time."""

LOG_TO = Fact("symptom", "log_to")
LOG_WRITTEN = Fact("symptom", "log_written")
"""ISO 8601: when the application's log was last written, by its machine's clock."""

NOT_UNDERSTOOD = Fact("symptom", "not_understood")


def setting(variable: str) -> Fact:
    """The value of a server variable, where the settings step keeps it."""
    return Fact("settings", variable)


def changed_at(variable: str) -> Fact:
    """When a server variable was last set, ISO 8601."""
    return Fact("settings", f"{variable}_changed_at")
