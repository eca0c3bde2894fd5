"""Whether two tellings that differ in words or time belong to one job of a program.

A driver, a listener and the program may each tell of their part of it: the attempts made in the
background, the end that was seen first, the answer that was given up. Pure.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from itertools import takewhile

from wizard.case.evidence import Phase
from wizard.logs.application.mentions import Level
from wizard.logs.application.telling import CLOSE, VARYING, Event, Telling

WAITS = timedelta(seconds=60)
"""How long a client waits at most for an answer on a connection that it has seen closed.

Later than that nothing is told of one event."""

NO_ANSWER = frozenset({"client.lost", "client.killed", "client.query-killed", "client.shutdown"})
"""After these the answer that a program waits for does not come."""

JOINS_LATE = frozenset({"client.read-timeout", "client.closed-object", "client.connect-lost"})
"""What may be told of an event again, in whatever words."""

GONE = 2006
LOST_AGAIN = 2013
"""The number of a connection that was made anew, and lost at once as well."""

_LISTENER = re.compile(r"\b(?:connection|pool|client|socket|db|database) error\b", re.IGNORECASE)
"""How a program's listener for a connection's own events begins: no job has failed yet."""

_LINE = re.compile(r"^ERROR \d{4} \(\w+\) at line (?P<line>\d+)")
_DBI = re.compile(r"\bDBD::\w+::(?:db|st|dr) \w+ failed: .* at \S+ line \d+\.?\s*$")
_EXCEPTION = re.compile(r"\bjdbc\.[\w.$]{0,80}Exception: ")

_FRAMES_BELOW = 4
"""Lines below a failed connect within which it is framed again."""

_GO_GAVE_UP = "client-lost-go-bad"
_GO_TRIES = 3
"""How often Go's database/sql takes another connection, before it tells the program that the last
one was bad (database/sql: maxBadConnRetries is 2, and one more on a new connection)."""


def waited_in_vain(event: Event, new: Telling) -> bool:
    """Whether the client gave up an answer that could not come any more.

    Its driver had told of the loss, and its program had done nothing else since.
    """
    lost, last = event.error, event.tellings[-1].last
    return (
        new.error.signal == "client.read-timeout"
        and lost.signal in NO_ANSWER
        and lost.driver is not None
        and lost.driver == new.error.driver
        and event.lead.source == new.source
        and not event.went_on
        and last is not None
        and new.first is not None
        and CLOSE < new.first - last <= WAITS
    )


def met_at_its_use(event: Event, new: Telling) -> bool:
    """Whether a job met at its use a connection whose loss a listener had told while it rested."""
    lost, last = event.lead, event.tellings[-1].last
    return (
        new.error.signal == "client.closed-object"
        and event.error.signal == "client.lost"
        and _LISTENER.search(lost.text[: lost.at]) is not None
        and event.error.driver == new.error.driver
        and lost.source == new.source
        and not event.went_on
        and last is not None
        and new.first is not None
        and CLOSE < new.first - last <= WAITS
    )


def is_framed_below(event: Event, new: Telling) -> bool:
    """Whether a process tells a failed connect again, in its own words, below its reason.

    Its library, its core and its module each say so, and nothing else is said in between.
    """
    last = event.tellings[-1]
    return (
        new.error.signal == "client.connect-lost"
        and new.error.number is new.error.errno is None
        and new.error.driver in (None, event.error.driver)
        and event.error.phase is Phase.CONNECT
        and "" != last.source == new.source
        and new.begins - last.ends <= _FRAMES_BELOW
        and all(r.level is Level.LOUD for r in new.passed)
        and (last.first is None or new.first is None or new.first - last.first <= CLOSE)
    )


def lost_again(one: str, other: str) -> bool:
    """Whether two texts are the same up to 2006 in the one and 2013 in the other."""
    return _before(one, "2006") == _before(other, "2013") != ""


def is_gone_again(one: Telling, other: Telling) -> bool:
    """Whether one place met a dead connection, made a new one, and lost that one as well.

    A connection that is gone would be gone for the next statement too.
    """
    return (
        (one.error.number, other.error.number) == (GONE, LOST_AGAIN)
        and one.source == other.source
        and other.line - one.ends == 1
        and one.ids == other.ids
        and lost_again(one.text, other.text)
    )


def _before(text: str, number: str) -> str:
    """How a text begins up to an error's number, without what varies; empty without it."""
    begins, found, _rest = text.partition(number)
    return VARYING.sub("0", begins) if found else ""


def is_one_statement(one: Telling, other: Telling) -> bool:
    """Whether the mysql client tells of one statement that it is lost, and of its next try."""
    lines = [_LINE.search(t.text) for t in (one, other)]
    return (
        one.error.driver == other.error.driver == "mysql client"
        and (one.error.number, other.error.number) == (LOST_AGAIN, GONE)
        and one.source == other.source
        and other.line - one.ends == 1
        and len({found and found["line"] for found in lines}) == 1
    )


def is_printed_and_raised(one: Telling, other: Telling) -> bool:
    """Whether Perl's DBI printed an error, and nobody caught it as DBI raised it.

    It prints what it raises, unless PrintError is turned off.
    """
    return (
        one.text == other.text
        and one.source == other.source
        and other.line - one.ends == 1
        and is_of_dbi(other)
    )


def counts_alike(one: Telling, other: Telling) -> bool:
    """Whether Connector/J's message and, right below it, its exception count the very same rest.

    Two connections that rested alike fail with the same text.
    """
    rest = one.error.idle_seconds
    return (
        rest is not None
        and rest == other.error.idle_seconds
        and rest % 1 != 0
        and one.source == other.source
        and other.begins - one.ends == 1
        and one.error.driver == other.error.driver
        and _EXCEPTION.search(one.manner[0]) is None
        and _EXCEPTION.search(other.manner[0]) is not None
    )


def is_of_dbi(telling: Telling) -> bool:
    return _DBI.search(telling.text) is not None


def tries_before(events: Iterable[Event], last: Event, new: Telling) -> list[Event]:
    """The events that were the earlier attempts of the job that `new` tells the end of.

    Go's driver logs each connection that it finds dead, and the program hears of the last.
    """
    if not gathers_tries(new) or not _is_try(last.lead):
        return []
    tries: list[Event] = []
    later = last
    before = takewhile(lambda event: event is not last, events)
    for event in [*before][::-1][: _GO_TRIES - 1]:
        if not _is_try(event.lead) or len(event.tellings) > 1 or not _next_try(event, later):
            break
        tries.append(event)
        later = event
    return tries


def gathers_tries(telling: Telling) -> bool:
    return _GO_GAVE_UP in telling.signatures


def _is_try(telling: Telling) -> bool:
    return telling.error.driver == "go-sql-driver" and "[mysql] " in telling.text[:200]


def _next_try(one: Event, other: Event) -> bool:
    if one.went_on or one.lead.source != other.lead.source:
        return False
    first, then = one.tellings[-1].last, other.lead.first
    return first is not None and then is not None and then - first <= CLOSE
