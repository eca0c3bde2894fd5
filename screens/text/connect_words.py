"""What the Connect form asks, and how it names the servers that were found. Pure functions."""

from __future__ import annotations

from screens.opening import Candidate
from screens.text.words import middle_cut
from wizard.target.model import Sources

FIELDS = (
    ("host", "Host", "[127.0.0.1]"),
    ("port", "Port", "[3306]"),
    ("socket", "Socket", "[empty: TCP]"),
    ("user", "User", "[root]"),
    ("password", "Password", ""),
    ("option-file", "Option file", "[as --defaults-file; empty: the usual ones]"),
    ("ssh", "SSH host", "[user@host:port of the database host; empty: no SSH]"),
    ("app-log", "Log", "[path of the application's log, if you have it]"),
)
"""Name, title and, in brackets so that it is told from a value without colour, what is taken
where the field stays empty."""

HAVE = (
    "1  an error message      paste it here, now: it is kept for every server",
    "2  a log file            the application's or the server's, read alone",
    "3  a server here         one of those below, also one that is down",
    "4  another host          host, port, user, password",
    "5  another host by SSH   its health and logs are read too",
    "6  nothing               read what is known of these errors (F2)",
)
"""What an operator may come with; the key is the number."""


ROW = 72
"""Columns of a row of the list, beside its scroll bar."""

GIVEN = 34
"""Columns of a log's path in the form at 80 columns."""

MIN_ADDRESS = 24
"""Columns of an address that tell it apart."""


def given_logs(sources: Sources) -> str:
    """The hint in Log where the command line named logs already; empty where it named none."""
    logs = sources.logs
    if not logs:
        return ""
    more = f" and {len(logs) - 1} more" if len(logs) > 1 else ""
    return f"[given: {middle_cut(str(logs[0]), GIVEN - len(more))}{more}; or another one]"


def found_words(count: int) -> str:
    if not count:
        return "No server was found on this machine. F5 looks again."
    found = "one server" if count == 1 else f"{count} servers"
    return f"On this machine: {found} (3, then Enter fills the form):"


def candidate_row(candidate: Candidate) -> str:
    """The note whole, behind as much of the address as fits: a long path loses its beginning.

    The note alone where it names the address itself.
    """
    if candidate.label in candidate.note:
        return middle_cut(candidate.note, ROW)
    room = max(ROW - len(candidate.note) - 2, MIN_ADDRESS)
    address = candidate.label if len(candidate.label) <= room else f"…{candidate.label[1 - room :]}"
    return middle_cut(f"{address}  {candidate.note}", ROW)
