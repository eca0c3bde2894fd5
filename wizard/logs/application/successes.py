"""Whether a line tells of work that went well: then its connection was alive.

Loggers say so in few words: done, completed, succeeded, a status 200, connected again. A line
that also speaks of trouble says nothing of the kind.
"""

import re

_LONGEST = 300
"""Characters of a line that are looked at."""

_WELL = re.compile(
    r"\b(?:done|ok|okay|success(?:ful|fully)?|succeeded|complete[ds]?|finished|processed|saved"
    r"|stored|committed|inserted|updated|delivered|served|fetched|loaded|imported|exported"
    r"|re-?connected)\b"
    r"|\bconnection (?:opened|established|added)\b|\badded connection\b"
    r"|\b(?:status|code|http/\d(?:\.\d)?\"?)[\"'=: ]{1,4}20[0-6]\b"
)
_BADLY = (
    "fail", "error", "exception", "refus", "timeout", "time out", "timed out", "timedout",
    "retry", "retries", "abort", "rolled back", "rolling back", "unable", "cannot", "can't",
    "could not", "unsuccess", "incomplete", "lost", "gone", "broken", "closed", "disconnect",
    "denied",
)  # fmt: skip
_NEGATED = re.compile(r"\b(?:not|no|never|without)\b")


def went_well(head: str) -> bool:
    """Whether this first line of a record says that something was done."""
    text = head[:_LONGEST].lower()
    # Asked of every record: plain words first, patterns are slower.
    if any(word in text for word in _BADLY):
        return False
    return _WELL.search(text) is not None and _NEGATED.search(text) is None
