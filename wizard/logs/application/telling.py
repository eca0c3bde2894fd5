"""What one record tells of an error, in which manner, and who tells it.

The manner is what tells two events apart: one place in a program says the same words each time.
"""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from wizard.logs.application.client_drivers import closer
from wizard.logs.application.client_error import Recognised
from wizard.logs.application.record import Record
from wizard.logs.engine.required import required_texts

CLOSE = timedelta(seconds=1)
"""How far apart the tellings of one event are at most."""

_LIBRARY = re.compile(
    r"hikari|\bdruid\b|dbcp|c3p0|bonecp|tomcat\.jdbc|ProxyConnection|PoolBase|ErrorPacket"
    r"|org\.mariadb\.jdbc|o\.m\.(?:j|jdbc)\.|com\.mysql\.|SqlExceptionHelper|JDBCExceptionReporter"
    r"|o\.h\.e|org\.hib|dispatcherServlet|DispatcherServlet|StandardWrapperValve"
    r"|\[mysql\] |p1_mysql_conn|MyXQL\.Connection|DBConnection"
    r"|\b(?:packets|connection|auth)\.go:\d|gorm"
    r"|PHP (?:Warning|Notice|Fatal|Recoverable|Catchable|Deprecated)|PHP message:"
    r"|(?:^|php\S*: |[\]\"] ?)(?:Warning|Fatal error|Notice|Catchable fatal error): "
    r"|Severity: \w+ --> |WordPress database error|Drupal\\Core\\Database|rlm_sql(?: \(|_\w+: )"
    r"|(?:request|php|console|doctrine)\.(?:CRITICAL|ERROR)|DBD::\w+::"
    r"|Rolling back transaction|[Cc]onnection [Ee]rror|[Uu]nhandled|[Uu]ncaught|Exception in thread"
    r"|panic: |Exception ignored in|raised unexpected|Internal Server Error|Error handling request"
    r"|Exception on /|sqlalchemy\.pool"
    r"|Exception (?:during reset|(?:terminating|closing) connection)"
    r"|Sequel::|ActiveRecord::|Microsoft\.(?:EntityFrameworkCore|AspNetCore|Extensions)"
    r"|\.go:\d+ (?:invalid connection|driver: bad connection|Error \d{4})\b"
    r"|--> (?:\[Caused by\] |mysqli_sql_exception: )"
    r"|prisma:error|ExceptionsHandler|TypeOrm|oslo_db|oslo\.|throw er; // |[Rr]etry"
)
_THREAD = re.compile(
    r"[\[(<#](?P<id>main|[\w.@ -]{0,50}(?:thread|exec|pool|worker|scheduler|task|fiber"
    r"|goroutine|req|request|http|nio|async|job)[\w.#@ :/-]{0,40}\d[\w-]*"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d+\.\d+\.\d+|(?:pid )\d{1,9}(?::(?:tid )?\d+)?)[\])>,\s/]"
    r"|(?:ERROR|WARNING|CRITICAL|INFO)/(?P<worker>[\w.-]{1,50})[\])]"
    r"|(?:^|[\s:\]])[\[<#](?!\d\d:\d\d:\d\d)(?P<pid>\d{2,9}(?::(?:tid )?\d+)?)(?=[\]>:,\s])"
    r"|\b(?:request_?id|req_?id|trace_?id|correlation_?id|thread|goroutine"
    r"|job_?id|jid|tid)[=:]\s?\"?(?P<key>[\w.:/-]{1,60})",
    re.IGNORECASE,
)
_PLACES = (
    re.compile(r" in (?P<file>\S+|Standard input code) on line (?P<line>\d+)"),
    re.compile(r" at (?P<file>\S+) line (?P<line>\d+)"),
    re.compile(r" (?:in|at) (?P<file>/?[\w./\\-]+\.(?:php|rb|pl|pm|py|js|ts|go)):(?P<line>\d+)"),
    re.compile(
        r" (?P<file>[\w-]+\.(?:inc|php|module)):(?P<line>\d+)\s+\[(?:warning|error|notice)\]"
    ),
)
_BACKGROUND = re.compile(
    r"connection adder|housekeeper|connection closer|Druid-ConnectionPool|HelperThread"
    r"|Pool-?Cleaner|pool[ -]?(?:filler|sizer|monitor)|TIMER-\d+ - c3p0",
    re.IGNORECASE,
)
_OWN_LINES = re.compile(r"\b\w+\.go:\d+")
"""A line of a driver's own code, which tells which of its messages it is."""

_NEXT_MARK = re.compile(r"[^\w\s'\"]\s?.?")
VARYING = re.compile(r"0x[0-9a-f]+|[0-9a-f]{8,}|\d+|'[^']*'|\"[^\"]*\"|@[0-9a-f]{4,}")


@dataclass(slots=True)
class Telling:
    """One record's account of an error. It lies between `first` and `last`; both are the same
    where the record has a time of its own (`when`). `above` and `below` are the times of its
    neighbours, as written; `worked` when its source last told of work that went well. `manner`
    is how it tells it, without what varies. Not frozen, as a log may have millions."""

    error: Recognised
    line: int
    text: str
    first: datetime | None
    last: datetime | None
    stamped: bool
    manner: tuple[str, ...]
    ids: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    library: bool = False
    at: int = 0
    when: object | None = None
    above: object | None = None
    below: object | None = None
    source: str = ""
    passed: tuple[Record, ...] = ()
    worked: datetime | None = None
    background: bool = False
    """Whether a pool's own thread told it, which tries again for whoever waits."""

    signatures: frozenset[str] = frozenset()
    """All that its record told."""

    begins: int = 0
    """The first line of its record."""

    ends: int = 0
    """The last line that told of it, or an empty one below."""

    ways: frozenset[tuple[str, ...]] = frozenset()
    """What all that the same place in a program tells has in common."""

    @property
    def vague(self) -> bool:
        """Whether it may have been told at quite another time than its bounds."""
        if self.first is None or self.last is None:
            return True
        return self.last - self.first > CLOSE


@dataclass(slots=True)
class Event:
    """One failure, and all that told of it; `lead` tells it best."""

    error: Recognised
    lead: Telling
    tellings: list[Telling]
    ids: frozenset[str] = frozenset()
    ways: frozenset[tuple[str, ...]] = frozenset()
    went_on: bool = False
    """Whether its source wrote other things since."""

    gave_up: bool = False
    """Whether its source told of a failure in other words since."""

    moved_on: frozenset[str] = frozenset()
    """The threads and requests that did."""

    @property
    def stamped(self) -> Telling | None:
        """The first telling that has a time of its own."""
        return next((t for t in self.tellings if t.stamped), None)


def manner(head: str, text: str, at: int, length: int) -> tuple[str, ...]:
    """How a record tells an error.

    Its first words and those before the error, without what varies, and how the text goes on.
    """
    begins = "" if head.strip()[:60] in text else VARYING.sub("0", head[:160])
    before = VARYING.sub("0", text[max(0, at - 160) : at])
    return (begins, before, _shape(text[at + length :]), *_OWN_LINES.findall(text[:200]))


def ids_in(head: str) -> frozenset[str]:
    """The threads and requests that a record's first characters name."""
    found = (m["id"] or m["worker"] or m["key"] or m["pid"] for m in _THREAD.finditer(head[:220]))
    return frozenset(name.lower() for name in found if name)


def places_in(*texts: str) -> frozenset[str]:
    """The places in the source code that the first of these texts names which names any."""
    for text in texts:
        found = [m for pattern in _PLACES for m in pattern.finditer(text)]
        if found:
            return frozenset(f"{m['file'].rstrip(':')}:{m['line']}" for m in found)
    return frozenset()


def is_library(text: str) -> bool:
    """Whether `text` is told by a driver, pool or framework, not by the program itself."""
    folded = text.lower()
    return any(word in folded for word in _library_words()) and _LIBRARY.search(text) is not None


@cache
def _library_words() -> tuple[str, ...]:
    """In small letters: each text in which _LIBRARY finds something holds one of them."""
    words: frozenset[str] = min(required_texts(_LIBRARY.pattern, _commonness), key=_commonness)
    return tuple(words)


def _commonness(texts: AbstractSet[str]) -> tuple[float, int]:
    return -min(map(len, texts)), len(texts)


def is_background(head: str) -> bool:
    """Whether a pool's own thread wrote the record with these first characters."""
    return _BACKGROUND.search(head[:160]) is not None


def _shape(after: str) -> str:
    """How a text goes on behind the error's own words: the next mark and what follows it."""
    found = _NEXT_MARK.search(after[:200])
    return re.sub(r"\w", "w", found.group()) if found else ""


def bounded(
    first: datetime | None, last: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """Two bounds in order of time, whichever way the log runs."""
    if first is not None and last is not None and last < first:
        return last, first
    return first, last


def completed(error: Recognised, role: str, driver: str | None) -> Recognised:
    """`error` with its record's role and driver."""
    return replace(error, role=role, driver=closer(error.driver, driver))
