"""Whether a line tells of work that went well: then its connection was alive.

Loggers say so in few words: done, completed, succeeded, a status 200, connected again. A line
that also speaks of trouble says nothing of the kind.
"""

import re
from collections.abc import Callable, Sequence

from wizard.logs.engine.dull_shapes import DullShapes
from wizard.logs.engine.fast import matcher

_LONGEST = 300
"""Characters of a line that are looked at."""


def _well(edge: str, slash: str, signs: str, digit: str) -> str:
    """The words, where they begin at `edge`, and how a status is written."""
    return (
        rf"{edge}(?:done|ok|okay|success(?:ful|fully)?|succeeded|complete[ds]?|finished|processed"
        r"|saved|stored|committed|inserted|updated|delivered|served|fetched|loaded|imported"
        r"|exported|re-?connected)\b"
        rf"|{edge}connection (?:opened|established|added)\b|{edge}added connection\b"
        rf"|{edge}(?:status|code|http{slash}\d(?:\.\d)?\"?)(?:{signs}){{1,4}}{digit}0[0-6]\b"
    )


_WELL = re.compile(_well(r"\b", "/", "[\"'=: ]", "2"))

# JSON writes some signs behind a backslash, and may write any letter as a number.
_ESCAPED = _well(r"(?:\b|\d|\\[bfnrt])", r"\\?/", r"[\"'=: ]|\\\"", "[02]")
_AS_NUMBERS = r"\\u(?:00[0-7]|[02][01][02]a)"
_KELVIN = "\u212a"
"""The sign whose small letter is k."""

_MAY = re.compile(f"{_ESCAPED}|{_AS_NUMBERS}")
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


def may_have_gone_well() -> Callable[[bytes], Sequence[int]]:
    """Finds, in a block, the numbers of the lines that are worth a closer look (from 0).

    By Hyperscan where it is installed, else by the shapes of lines.
    """
    found = matcher([_ESCAPED.encode(), _AS_NUMBERS.encode(), _KELVIN.encode()])
    return DullShapes(may_tell_of_work).telling if found is None else found


def may_tell_of_work(shape: bytes) -> bool:
    """Whether a line of this shape may tell of work that went well."""
    return _MAY.search(shape.decode("utf-8", "replace").lower()) is not None
