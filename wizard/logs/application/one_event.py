"""Whether two records tell of one event: the pool's, the driver's, the program's.

Two records are one event where each has another way to tell it, they are a second apart at most,
nothing that they name differs, their source wrote nothing else in between, and something ties
them: a thread or request, a place in the code, a library that only passes on what the program
then meets, or the order of things (a connection that the server closed with a last word is lost,
and then closed). The same way to tell it twice is two events.
"""

import re
from datetime import timedelta
from functools import lru_cache

from wizard.logs.application.client_error import Recognised
from wizard.logs.application.nearness import PATIENCE, PHP_ENGINE, near
from wizard.logs.application.record_errors import LITERALS
from wizard.logs.application.same_job import (
    JOINS_LATE,
    LOST_AGAIN,
    NO_ANSWER,
    WAITS,
    counts_alike,
    gathers_tries,
    is_framed_below,
    is_gone_again,
    is_of_dbi,
    is_one_statement,
    is_printed_and_raised,
    met_at_its_use,
    waited_in_vain,
)
from wizard.logs.application.telling import CLOSE, VARYING, Event, Telling

_GENERIC = frozenset({"client.lost", "client.closed-object", "client.connect-lost"})
_LAST_WORDS = frozenset({
    "client.idle-disconnect", "client.killed", "client.shutdown", "client.packet-too-large",
    "client.memory-limit", "client.out-of-order", "client.sending-packet", "client.read-timeout",
    "client.statement-timeout", "client.query-killed", "client.unread-result",
})  # fmt: skip
"""What ends a connection, so that the next use of it says only that it is lost or closed."""

_LOST = _LAST_WORDS | {"client.lost"}
_TOO_LARGE = frozenset({"client.sending-packet", "client.packet-too-large"})
"""What the server refuses before it has read it all breaks the pipe of whoever sends it."""

_ROLLED_BACK_WITHIN = timedelta(seconds=5)
"""How soon a statement is tried again in the transaction that a loss ended: Home Assistant: 3 s."""

REFUSED = "client-invalid-transaction"

FRAMES = frozenset({"client.connect-lost", "client.pool-timeout"})
"""What is told around a failed connect, whose own reason tells more."""

NO_WAY_IN = frozenset({
    "client.refused", "client.unreachable", "client.connect-timeout", "client.name-resolution",
    "client.tls", "client.access-denied", "client.too-many-connections", "client.user-limit",
    "client.host-blocked", "client.host-not-allowed", "client.unknown-database",
    "client.no-thread", "client.offline-mode", "client.init-connect",
})  # fmt: skip

_STREAMS = re.compile(r" (?:OUT|ERR)\b|stdout|stderr|: [A-Z]+$")
"""Where one process writes, which its prefix may tell."""

_FRAME_WORDS = re.compile(
    r"[\w.\\:]*(?:error|exception)\b|sqlstate|general|mysqld?|mariadb|hy000|08s01|\d+"
    r"|(?:connection|server|during|query|lost|to|gone|away|has|the)\b|[^a-z0-9]+"
)
_DRIVER_BEGINS = re.compile(
    r"[\w.\\]*(?:[a-z](?:Error|Exception)|SQLException)\b|SQLSTATE|\(?\b\d{4}\b[,)]|\(conn"
)
"""Where the driver's class, state or number begins."""

_PEER = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}:\d{2,5}\b")
"""A server's address, or a client's own."""

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


def is_past(earlier: Telling, later: Telling) -> bool:
    """Whether nothing that comes with or after `later` can tell of `earlier`'s event."""
    if earlier.last is None or later.first is None:
        return False
    reach = PATIENCE if earlier.background else CLOSE
    if earlier.error.signal in NO_ANSWER:
        reach = WAITS
    return later.first - earlier.last > reach


def tells_again(event: Event, new: Telling) -> bool:
    """Whether `is_one_event` is surely false, since one place in a program told both."""
    if event.ways.isdisjoint(new.ways) or new.background or len(event.tellings) > 1:
        return False
    last = event.tellings[0]
    return not (
        last.background
        or new.error.signal in JOINS_LATE
        or new.error.signature == REFUSED
        or (new.error.number == LOST_AGAIN and new.line - last.ends == 1)
        or is_printed_and_raised(last, new)
        or counts_alike(last, new)
    )


def joins_others(telling: Telling) -> bool:
    """Whether it may be one event with tellings of its own place too, or gather others."""
    return (
        telling.background
        or telling.error.signal in JOINS_LATE
        or telling.error.signature == REFUSED
        or gathers_tries(telling)
        or is_of_dbi(telling)
    )


def is_one_event(event: Event, new: Telling) -> bool:
    last = event.tellings[-1]
    if waited_in_vain(event, new) or met_at_its_use(event, new) or is_framed_below(event, new):
        return True
    attempt = next((t for t in reversed(event.tellings) if t.background), None)
    if attempt is not None and (
        attempt.error.signal == new.error.signal or _follows(attempt.error, new.error)
    ):
        if last.background:
            # Whoever waited was told so, and something else goes on: the attempt is the next's.
            served = event.went_on and any(not t.background for t in event.tellings)
            again = new.background and event.gave_up
            return near(attempt, new) and not (served or again)
        if new.background:
            return near(attempt, new) and not event.went_on
    if is_gone_again(last, new) and near(last, new):
        return True
    printed = is_printed_and_raised(last, new) or counts_alike(last, new)
    if is_one_statement(last, new) or (len(event.tellings) == 1 and printed):
        return True
    if is_refused_after(event, new):
        return True
    if not event.ways.isdisjoint(new.ways):
        return False
    if not near(event.tellings[-1], new) or not _agree(event, new):
        return False
    return _tied(event, new)


def is_refused_after(event: Event, new: Telling) -> bool:
    """Whether one place tried its statement again in the transaction that the loss had ended.

    SQLAlchemy lets nobody use that until it is rolled back.
    """
    last = event.tellings[-1]
    if new.error.signature != REFUSED or event.error.signal not in _LOST:
        return False
    if last.source != new.source or new.passed or last.ids != new.ids:
        return False
    if last.last is None or new.first is None:
        soon = near(last, new)
    else:
        soon = new.first - last.last <= _ROLLED_BACK_WITHIN
    sentence = _sentence(last).rstrip("( ")
    return soon and _is_own(sentence) and VARYING.sub("0", new.text[:400]).startswith(sentence)


def ways_of(telling: Telling) -> frozenset[tuple[str, ...]]:
    """What one place in a program has in common in all that it tells, whatever the errors.

    Two tellings that share one of these are two events.
    """
    head, signature = telling.manner[0], telling.error.signature
    ways = {("manner", signature, *telling.manner)}
    if head:
        ways.add(("head", head))
    # A program that says in one sentence what failed says it once of each job.
    sentence = "" if telling.library else _sentence(telling)
    if _is_own(sentence):
        ways.add(("sentence", sentence))
    return frozenset(ways)


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
    peers = set(_PEER.findall(event.lead.text)), set(_PEER.findall(new.text))
    if all(peers) and peers[0].isdisjoint(peers[1]):
        return False
    return not (_other_process(event.lead, new) or _php_elsewhere(event.lead, new))


def _other_process(one: Telling, other: Telling) -> bool:
    """Whether two sources are one program that runs more than once: `worker.1` and `worker.2`."""
    a, b = one.source, other.source
    if a == b:
        return False
    return _STREAMS.sub("", VARYING.sub("0", a)) == _STREAMS.sub("", VARYING.sub("0", b)) and (
        VARYING.findall(a) != VARYING.findall(b)
    )


def _php_elsewhere(one: Telling, other: Telling) -> bool:
    """PHP names the very line of the call in each message, so that another one is another."""
    if not (PHP_ENGINE.search(one.text) and PHP_ENGINE.search(other.text)):
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
        or _in_one_breath(event.tellings[-1], new)
    )


def _in_one_breath(one: Telling, other: Telling) -> bool:
    """Whether one source told both, right below each other, in the very same microsecond."""
    return (
        one.first == other.first
        and one.stamped
        and other.stamped
        and one.source == other.source
        and other.begins - one.ends == 1
        and other.first is not None
        and other.first.microsecond % 1000 != 0
    )


def _follows(one: Recognised, other: Recognised) -> bool:
    """Whether the one is why the other could happen, in either order of telling."""
    signals = {one.signal, other.signal}
    if signals & FRAMES:
        return len(signals) == 2 and signals <= FRAMES | NO_WAY_IN
    if signals == _TOO_LARGE:
        return True
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
    # Of two records with a time of their own each, the error's own words tie nothing.
    own = len(LITERALS[one.error.signature]) if one.stamped and other.stamped else 0
    shared = low_a[one.at - left : one.at] + low_a[one.at + min(own, right) : one.at + right]
    return _is_own(shared)


def _sentence(telling: Telling) -> str:
    """What a program says before the driver's own words, without what varies."""
    text = telling.text[:400]
    begins = _DRIVER_BEGINS.search(text)
    return VARYING.sub("0", text[: begins.start()]) if begins else ""


@lru_cache(maxsize=512)
def _is_own(words: str) -> bool:
    """Whether they hold more than what any driver says."""
    return len(_FRAME_WORDS.sub("", words.lower())) >= 5


def _language(driver: str | None) -> str | None:
    name = (driver or "").lower()
    return next((k for k, marks in _LANGUAGES.items() if any(m in name for m in marks)), None)
