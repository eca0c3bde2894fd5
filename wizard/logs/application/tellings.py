"""Which records tell of one event: the logger's, the pool's, the driver's and the program's.

One loss may be logged where it arises (the driver, the pool), where it is passed on (the
framework) and where it is handled (the program). Two records are one event where each has
another way to tell it, they are a second apart at most, nothing that they name differs, their
source wrote nothing else in between, and something ties them: a thread or request, a place in
the code, a library that only passes on what the program then meets, or the order of things (a
connection that the server closed with a last word is lost, and then closed). The same way to
tell it twice is two events.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wizard.logs.application.client_drivers import closer
from wizard.logs.application.client_error import Recognised, merge
from wizard.logs.application.mentions import speaks_of_failure

_CLOSE = timedelta(seconds=1)
"""How far apart the tellings of one event are at most."""

_PATIENCE = timedelta(seconds=15)
"""How far apart the attempts are that a pool makes in the background for one who waits."""

_WAITS = timedelta(seconds=60)
"""How long a client waits at most for an answer on a connection that it has seen closed."""

_MOST_OPEN = 64

_GENERIC = frozenset({"client.lost", "client.closed-object", "client.connect-lost"})
_LAST_WORDS = frozenset({
    "client.idle-disconnect", "client.killed", "client.shutdown", "client.packet-too-large",
    "client.memory-limit", "client.out-of-order", "client.sending-packet", "client.read-timeout",
    "client.statement-timeout", "client.query-killed", "client.unread-result",
})  # fmt: skip
"""What ends a connection, so that the next use of it says only that it is lost or closed."""

_FRAMES = frozenset({"client.connect-lost", "client.pool-timeout"})
"""What is told around a failed connect, whose own reason tells more."""

_NO_WAY_IN = frozenset({
    "client.refused", "client.unreachable", "client.connect-timeout", "client.name-resolution",
    "client.tls", "client.access-denied", "client.too-many-connections", "client.user-limit",
    "client.host-blocked", "client.host-not-allowed", "client.unknown-database",
    "client.no-thread", "client.offline-mode", "client.init-connect",
})  # fmt: skip

_LIBRARY = re.compile(
    r"hikari|\bdruid\b|dbcp|c3p0|bonecp|tomcat\.jdbc|ProxyConnection|PoolBase|ErrorPacket"
    r"|org\.mariadb\.jdbc|o\.m\.(?:j|jdbc)\.|com\.mysql\.|SqlExceptionHelper|JDBCExceptionReporter"
    r"|o\.h\.e|org\.hib|dispatcherServlet|DispatcherServlet|StandardWrapperValve"
    r"|\[mysql\] |p1_mysql_conn|MyXQL\.Connection|DBConnection"
    r"|\b(?:packets|connection|auth)\.go:\d|gorm"
    r"|PHP (?:Warning|Notice|Fatal|Recoverable|Catchable|Deprecated)|PHP message:"
    r"|(?:^|php\S*: |[\]\"] ?)(?:Warning|Fatal error|Notice|Catchable fatal error): "
    r"|WordPress database error"
    r"|(?:request|php|console|doctrine)\.(?:CRITICAL|ERROR)|DBD::\w+::"
    r"|Rolling back transaction|[Cc]onnection [Ee]rror|[Uu]nhandled|[Uu]ncaught|Exception in thread"
    r"|panic: |Exception ignored in|raised unexpected|Internal Server Error|Error handling request"
    r"|Exception on /|sqlalchemy\.pool"
    r"|Exception (?:during reset|(?:terminating|closing) connection)"
    r"|Sequel::|ActiveRecord::|Microsoft\.(?:EntityFrameworkCore|AspNetCore|Extensions)"
    r"|prisma:error|ExceptionsHandler|TypeOrm|oslo_db|oslo\.|throw er; // |[Rr]etry"
)
_THREAD = re.compile(
    r"[\[(<#](?P<id>main|[\w.@ -]{0,50}(?:thread|exec|pool|worker|scheduler|task|fiber"
    r"|goroutine|req|request|http|nio|async|job)[\w.#@ :/-]{0,40}\d[\w-]*"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d+\.\d+\.\d+|(?:pid )\d{1,9}(?::(?:tid )?\d+)?)[\])>,\s]"
    r"|(?:^|[\s:\]])[\[<#](?P<pid>\d{2,9}(?::(?:tid )?\d+)?)(?=[\]>:,\s])"
    r"|\b(?:request_?id|req_?id|trace_?id|correlation_?id|thread|goroutine"
    r"|job_?id)[=:]\s?\"?(?P<key>[\w.:/-]{1,60})",
    re.IGNORECASE,
)
_PLACES = (
    re.compile(r" in (?P<file>\S+) on line (?P<line>\d+)"),
    re.compile(r" at (?P<file>\S+) line (?P<line>\d+)"),
    re.compile(r" (?:in|at) (?P<file>/?[\w./\\-]+\.(?:php|rb|pl|pm|py|js|ts|go)):(?P<line>\d+)"),
)
_BACKGROUND = re.compile(
    r"connection adder|housekeeper|connection closer|Druid-ConnectionPool|HelperThread"
    r"|Pool-?Cleaner|pool[ -]?(?:filler|worker|sizer|monitor)|TIMER-\d+ - c3p0",
    re.IGNORECASE,
)
_PHP_ENGINE = re.compile(r"PHP (?:Warning|Notice|Fatal)|(?:Warning|Fatal error|Notice): ")
_OWN_LINES = re.compile(r"\b\w+\.go:\d+")
"""A line of a driver's own code, which tells which of its messages it is."""

_NEXT_MARK = re.compile(r"[^\w\s'\"]\s?.?")
_VARYING = re.compile(r"0x[0-9a-f]+|[0-9a-f]{8,}|\d+|'[^']*'|\"[^\"]*\"|@[0-9a-f]{4,}")
_FRAME_WORDS = re.compile(
    r"[\w.\\:]*(?:error|exception)\b|sqlstate|general|mysqld?|mariadb|hy000|08s01|\d+"
    r"|(?:connection|server|during|query|lost|to|gone|away|has|the)\b|[^a-z0-9]+"
)
_LANGUAGES = {
    "PHP": ("pdo", "php", "mysqli", "wordpress", "laravel", "mysqlnd", "doctrine"),
    "Java": ("connector/j", "jdbc", "hikari", "druid", "dbcp", "debezium", "r2dbc", "vert"),
    "Python": ("pymysql", "mysqlclient", "mysqldb", "connector/python", "aiomysql", "asyncmy"),
    "Node": ("node",),
    "Go": ("go-sql", "go mysql"),
    "Ruby": ("ruby", "trilogy"),
    "Perl": ("dbd",),
    ".NET": ("mysqlconnector", "mysql.data", "connector/net"),
}


@dataclass(frozen=True, slots=True)
class Telling:
    """One record's account of an error. It lies between `first` and `last`; both are the same
    where the record has a time of its own (`when`). `above` and `below` are the times of its
    neighbours, as written. `manner` is how it tells it, without what varies."""

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
    passed: tuple[str, ...] = ()
    background: bool = False
    """Whether a pool's own thread told it, which tries again for whoever waits."""

    @property
    def vague(self) -> bool:
        """Whether it may have been told at quite another time than its bounds."""
        if self.first is None or self.last is None:
            return True
        return self.last - self.first > _CLOSE


@dataclass(slots=True)
class Event:
    """One failure, and all that told of it; `lead` tells it best."""

    error: Recognised
    lead: Telling
    tellings: list[Telling]
    ids: frozenset[str] = frozenset()
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


class EventReader:
    """Takes tellings in order and hands each event to `sink` once nothing can join it."""

    def __init__(self, sink: Callable[[Event], None]) -> None:
        self._sink = sink
        self._open: deque[Event] = deque()

    def feed(self, telling: Telling) -> None:
        while self._open and (
            len(self._open) >= _MOST_OPEN or _gone(self._open[0].tellings[-1], telling)
        ):
            self._sink(self._open.popleft())
        self._pass(telling)
        partner = next((e for e in self._open if _one_event(e, telling)), None)
        if partner is None:
            self._open.append(Event(telling.error, telling, [telling], telling.ids))
            return
        partner.ids |= telling.ids
        if _waited_in_vain(partner, telling):
            partner.tellings.append(telling)
            return
        merged = united((partner.error, telling.error))
        lead = partner.lead
        if lead.background > telling.background or merged.signature != partner.error.signature:
            partner.lead = telling
        partner.error = merged
        partner.tellings.append(telling)

    def _pass(self, telling: Telling) -> None:
        """Note what the source wrote since, without an error: it had gone on."""
        if not telling.passed:
            return
        other = [head for head in telling.passed if not speaks_of_failure(head)]
        moved = frozenset().union(*(ids_in(head) for head in other))
        for event in self._open:
            if event.lead.source == telling.source:
                event.went_on = event.went_on or bool(other)
                event.gave_up = event.gave_up or len(other) < len(telling.passed)
                event.moved_on |= moved

    def finish(self) -> None:
        while self._open:
            self._sink(self._open.popleft())


def united(errors: Iterable[Recognised]) -> Recognised:
    """One error from all that tell of it.

    What only frames a failed connect gives way to its reason. Raises ValueError for none.
    """
    told = list(errors)
    merged = merge(told)
    reasons = [e for e in told if e.signal in _NO_WAY_IN]
    if merged.signal not in _FRAMES or not reasons:
        return merged
    best = min(reasons, key=lambda e: e.rank)
    return replace(
        merged,
        signature=best.signature,
        signal=best.signal,
        title=best.title,
        rank=best.rank,
        number=merged.number if best.number is None else best.number,
        phase=best.phase,
    )


def manner(head: str, text: str, at: int, length: int) -> tuple[str, ...]:
    """How a record tells an error.

    Its first words and those before the error, without what varies, and how the text goes on.
    """
    begins = "" if head.strip()[:60] in text else _VARYING.sub("0", head[:160])
    before = _VARYING.sub("0", text[max(0, at - 160) : at])
    return (begins, before, _shape(text[at + length :]), *_OWN_LINES.findall(text[:200]))


def ids_in(head: str) -> frozenset[str]:
    """The threads and requests that a record's first characters name."""
    found = (m["id"] or m["key"] or m["pid"] for m in _THREAD.finditer(head[:220]))
    return frozenset(name.lower() for name in found if name)


def places_in(text: str) -> frozenset[str]:
    """The places in the source code that `text` names."""
    found = (m for pattern in _PLACES for m in pattern.finditer(text))
    return frozenset(f"{m['file'].rstrip(':')}:{m['line']}" for m in found)


def is_library(text: str) -> bool:
    """Whether `text` is told by a driver, pool or framework, not by the program itself."""
    return _LIBRARY.search(text) is not None


def is_background(head: str) -> bool:
    """Whether a pool's own thread wrote the record with these first characters."""
    return _BACKGROUND.search(head[:160]) is not None


def _shape(after: str) -> str:
    """How a text goes on behind the error's own words: the next mark and what follows it."""
    found = _NEXT_MARK.search(after[:200])
    return re.sub(r"\w", "w", found.group()) if found else ""


def _gone(earlier: Telling, later: Telling) -> bool:
    """Whether nothing that comes with or after `later` can tell of `earlier`'s event."""
    if earlier.last is None or later.first is None:
        return False
    reach = _PATIENCE if earlier.background else _CLOSE
    if earlier.error.signal == "client.lost":
        reach = _WAITS
    return later.first - earlier.last > reach


def _near(one: Telling, other: Telling) -> bool:
    """Whether both were told in one moment. One that has no time of its own, and no narrow
    bounds, is near only to what stands next to it."""
    if one.vague or other.vague:
        if one.when is None and other.when is None:
            # In a log without times only a place in the code tells that both are one.
            return one.above is other.above and (
                one.above is not None or bool(one.places & other.places)
            )
        untimed, timed = (one, other) if one.when is None else (other, one)
        return timed.when is untimed.above or timed.when is untimed.below
    if one.last is None or other.last is None or one.first is None or other.first is None:
        return False
    reach = _PATIENCE if one.background and one.first <= other.first else _CLOSE
    return max(other.first - one.last, one.first - other.last) <= reach


def _one_event(event: Event, new: Telling) -> bool:
    last = event.tellings[-1]
    if _waited_in_vain(event, new):
        return True
    attempt = next((t for t in reversed(event.tellings) if t.background), None)
    if attempt is not None and (
        attempt.error.signal == new.error.signal or _follows(attempt.error, new.error)
    ):
        if last.background:
            return _near(attempt, new) and not (event.gave_up and new.background)
        if new.background:
            return _near(attempt, new) and not event.went_on
    if any(_same_manner(t, new) for t in event.tellings):
        return False
    if not _near(event.tellings[-1], new) or not _agree(event, new):
        return False
    return _tied(event, new)


_NO_ANSWER = frozenset({"client.lost", "client.killed", "client.query-killed", "client.shutdown"})
"""After these the answer that a program waits for does not come."""


def _waited_in_vain(event: Event, new: Telling) -> bool:
    """Whether the client gave up an answer that could not come any more.

    Its driver had told of the loss, and its program had done nothing else since.
    """
    lost, last = event.error, event.tellings[-1].last
    return (
        new.error.signal == "client.read-timeout"
        and lost.signal in _NO_ANSWER
        and lost.driver is not None
        and lost.driver == new.error.driver
        and event.lead.source == new.source
        and not event.went_on
        and last is not None
        and new.first is not None
        and _CLOSE < new.first - last <= _WAITS
    )


def _same_manner(one: Telling, other: Telling) -> bool:
    """Whether one place in a program told both: two events, whatever the errors."""
    if one.manner[0] and one.manner[0] == other.manner[0]:
        return True
    return one.manner == other.manner and one.error.signature == other.error.signature


def _agree(event: Event, new: Telling) -> bool:
    """Whether nothing that both name differs."""
    one, other = event.error, new.error
    for a, b in ((one.connection_id, other.connection_id), (one.account, other.account)):
        if a is not None and b is not None and a != b:
            return False
    if (
        _language(one.driver)
        and _language(other.driver)
        and _language(one.driver) != _language(other.driver)
    ):
        return False
    if event.ids and new.ids and not event.ids & new.ids:
        return False
    return not _php_elsewhere(event.lead, new)


def _php_elsewhere(one: Telling, other: Telling) -> bool:
    """PHP names the very line of the call in each message, so that another one is another."""
    if not (_PHP_ENGINE.search(one.text) and _PHP_ENGINE.search(other.text)):
        return False
    return bool(one.places and other.places) and not one.places & other.places


def _tied(event: Event, new: Telling) -> bool:
    one, other = event.error, new.error
    shared = event.ids & new.ids
    if event.went_on and not shared - event.moved_on:
        same = one.connection_id is not None and one.connection_id == other.connection_id
        if not same:
            return False
    # Each driver that prints a warning beside its error has other words for it.
    if "echo" in (one.role, other.role) and one.signature != other.signature:
        return True
    if _follows(one, other):
        return True
    if one.signal != other.signal and not {one.signal, other.signal} <= _GENERIC:
        return False
    return (
        new.library
        or any(t.library for t in event.tellings)
        or bool(shared)
        or any(t.places & new.places for t in event.tellings)
        or any(_repeats(t, new) for t in event.tellings)
    )


def _follows(one: Recognised, other: Recognised) -> bool:
    """Whether the one is why the other could happen, in either order of telling."""
    signals = {one.signal, other.signal}
    if signals & _FRAMES:
        return len(signals) == 2 and signals <= _FRAMES | _NO_WAY_IN
    if "client.closed-object" in signals:
        return signals <= _GENERIC | _LAST_WORDS
    return "client.lost" in signals and bool(signals & _LAST_WORDS)


def _repeats(one: Telling, other: Telling) -> bool:
    """Whether both hold the same words around the error, beyond what any driver says."""
    a, b = one.text, other.text
    if not (one.stamped and other.stamped):
        short, long = sorted((a.strip(), b.strip()), key=len)
        if short in long:
            return True
    low_a, low_b = a.lower(), b.lower()
    words = low_a[one.at : one.at + 12]
    at = low_b.find(words)
    if at < 0:
        return False
    left = 0
    while left < min(one.at, at) and low_a[one.at - left - 1] == low_b[at - left - 1]:
        left += 1
    right = 0
    limit = min(len(low_a) - one.at, len(low_b) - at)
    while right < limit and low_a[one.at + right] == low_b[at + right]:
        right += 1
    shared = low_a[one.at - left : one.at + right]
    return len(_FRAME_WORDS.sub("", shared)) >= 5


def _language(driver: str | None) -> str | None:
    name = (driver or "").lower()
    return next((k for k, marks in _LANGUAGES.items() if any(m in name for m in marks)), None)


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
