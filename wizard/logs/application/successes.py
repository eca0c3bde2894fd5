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
    r"|\b(?:status|code|http/\d(?:\.\d)?\"?)[\"'=: ]{1,4}20[0-6]\b",
    re.IGNORECASE,
)
_BADLY = re.compile(
    r"fail|error|exception|refus|timed? ?out|retr(?:y|ies)|abort|roll(?:ed|ing) ?back|unable"
    r"|cannot|can't|could not|\bnot\b|\bno\b|\bnever\b|\bwithout\b|unsuccess|incomplete|lost|gone"
    r"|broken|closed|disconnect|denied",
    re.IGNORECASE,
)


def went_well(head: str) -> bool:
    """Whether this first line of a record says that something was done."""
    text = head[:_LONGEST]
    return _WELL.search(text) is not None and _BADLY.search(text) is None
