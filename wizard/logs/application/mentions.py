"""Whether a line tells of an error or only mentions one: levels, SQL literals, requests.

An INFO line may say that a retry follows, a DEBUG line pass a text on, an INSERT store a
comment about "MySQL server has gone away", an access log hold it in an address, and a patch or
a list of changes tell that it is mended.
"""

import re
from collections.abc import Sequence
from enum import IntEnum

from wizard.logs.application.client_drivers import names_another

_HEAD = 180
"""Characters at a line's start in which its level is looked for."""


class Level(IntEnum):
    """How loud a line is; `UNKNOWN` where it does not say."""

    DEBUG = 1
    INFO = 2
    UNKNOWN = 3
    LOUD = 4


_UPPER = re.compile(
    r"(?<![\w/=-])(?:[\w-]{1,30}[.:])?(?:(?P<quiet>TRACE|DEBUG|FINE|FINER|FINEST|VERBOSE)"
    r"|(?P<info>INFO|INFORMATION|CONFIG)"
    r"|(?P<loud>NOTICE|WARN(?:ING)?|ERR(?:OR)?|CRIT(?:ICAL)?|ALERT|EMERG(?:ENCY)?|FATAL|SEVERE|FAIL|PANIC))"
    r"(?=[\s\]:|,)>/\"-]|$)"
)
# In small letters a level is one only where levels stand: first of all, in brackets, by name.
_LOWER = re.compile(
    r"(?:^[\s\[\]():|#\d-]*|[\[<(](?:[\w.-]{1,30}:)?|\b(?:level|lvl|severity|loglevel)=\"?)"
    r"(?:(?P<quiet>trace|debug|dbug|trce|verbose)|(?P<info>info|information)"
    r"|(?P<loud>notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|fail|panic|alert|emerg))"
    r"(?=[\s\]>):|,\"]|$)",
    re.IGNORECASE,
)
_KLOG = re.compile(r"(?P<info>I)\d{4} \d\d:\d\d:\d\d|(?P<loud>[WEF])\d{4} \d\d:\d\d:\d\d")
_RUBY = re.compile(r"(?:(?P<quiet>D)|(?P<info>I)|(?P<loud>[WEF])), \[")

_MAY_BE_LOUD = re.compile(
    r"notice|warn|err|crit|alert|emerg|fatal|severe|fail|panic|[WEF](?:\d{4} |, \[)", re.IGNORECASE
)
"""What each of the patterns above needs for a loud level."""

TROUBLE = ("connect", "sql", "database", "maria", "socket", "tcp", "broken pipe")
"""Words of a record that may tell of a lost connection."""

_FAILS = re.compile(
    r"error|exception|fail|fatal|unable|could not|cannot|can't|uncaught|crash", re.I
)
_SQL_VERB = re.compile(
    r"\b(?:INSERT\s+(?:IGNORE\s+)?INTO|REPLACE\s+INTO|UPDATE\s+\S+\s+SET|SELECT\s|DELETE\s+FROM|VALUES\s*\(|LIKE\s)",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\"(?:GET|POST|PUT|HEAD|DELETE|PATCH|OPTIONS) [^\"]*(?:\"|$)|https?://\S*|[?&][\w.-]+=[^\s\"']*"
)
_OPENS = re.compile(
    r"(?:[(,=\[{%]|\b(?:LIKE|REGEXP|RLIKE|AND|OR|SELECT|VALUES?|IN|THEN|ELSE|WHEN|WHERE))\s{0,3}$",
    re.IGNORECASE,
)
"""What stands before a quote that opens a value. An error's own words have other quotes: "at
'reading initial communication packet'"."""
_CLOSES = frozenset("),;]} \n")
_CHANGE = re.compile(
    r"\s*(?:[-*] )?(?:Fix(?:e[ds])?:?|Avoids?|Prevents?|Handle[sd]?|Catch(?:es)?|Ignore[sd]?"
    r"|(?:Retry|Reconnect) (?:on|when|if|after)"
    r"|(?:fix|feat|chore|refactor|perf|docs)(?:\([\w./-]+\))?!?:) "
)
"""How a change is told in a commit's first line, or in a list of changes."""
_PATCH = ("diff -", "@@ -", "--- a/")

_TEST = re.compile(
    r"\s*(?:[✓✔√✗✘×] |(?:not )?ok \d+ |--- (?:PASS|FAIL|SKIP): |\[ +(?:RUN|OK|PASSED|FAILED) +\])"
    r"|.*(?:::.* (?:PASSED|FAILED|XFAIL|SKIPPED)\b| \.\.\. (?:ok|FAIL|skipped)\b)"
)
"""How those who run tests tell of each, by its name."""

_EXPLAINS = re.compile(
    r"#{1,2} \S|.*(?:\b[Ii]f you (?:see|get|receive|encounter) |\bmeans that\b"
    r"|\b(?:occurs|happens) (?:when|if)\b|\b(?:raised|thrown|returned) (?:when|if)\b)"
)
"""How a manual tells of an error: no log has such a line without a time."""

_LISTED = re.compile(
    r"[\s|*•-]*(?:Error(?: number| code)?:? )?\d{4}[\s|:;]+(?:SQLSTATE: |Symbol: )?(?:\w{5}[\s|]+)?"
    r"\(?(?:ER|CR)_[A-Z_]{4,}\b(?!:)|\s*['\"]?\d{4}['\"]? ?(?:=>|:) ?['\"]"
)
"""An error of a manual's list: its number, then its name. A driver tells them the other way."""
_HEADING = re.compile(r"Error(?: number)?: \d{4}(?:; Symbol: | SQLSTATE: \w{5} \()")
"""What stands above "Message:" in such a list."""
_PLACEHOLDER = re.compile(
    r"\b(?:[Hh]ost|[Uu]ser|on|socket|database) '%-?[.\d*]*l?[sdu]'(?!.*\(Warning: %)"
)
"""A message whose values nobody filled in. Connector/Python says so where it could not."""

_OTHERS_OWN = re.compile(
    r"^.{0,80} systemd(?:\[\d+\])?: [\w@.\\-]{1,80}\.service: "
    r"|^[\w@.\\-]{1,80}\.service: (?:[\w-]+ operation timed out|State '"
    r"|Failed (?:at step|with result|to (?:connect std|run ')))"
    r"|(?<!\w)[a-z]+\(\) failed \(\d+: [^)]+\) while .*\bupstream: \"(?:https?|fastcgi|uwsgi|scgi|grpcs?)://"
)
"""What systemd tells of a unit, and nginx of whom it asks for a page.

An application's logger may be named like a unit: then it is the words that tell.
"""

_CODE = re.compile(
    r"\S+\.\w{1,4}:\d+: *(?:(?:if|elif|case|when|return|throw|raise|rescue|except)\b"
    r"|[A-Z_]+ = |//|#|\*|'|\")"
)
"""A line of a program that a search found, with its place."""

_ONLY_ERROR = re.compile(
    r"[\W\d]*(?:s:\d+:\"|SQLSTATE\[\w+\]:?(?: \[\d+\])?(?: [A-Z][a-z]+ [a-z]+: \d+)?\s*"
    r"|[\w.\\]*(?:Error|Exception): )*[\W\d]*$"
)

_BEGUN = re.compile(r"(?:(?:MySQL|MariaDB) )?\w{0,2}$", re.IGNORECASE)
"""The first letters of an error's own words."""

_TELLS = re.compile(
    r"\(\d{4}, ?$|(?:error|exception|message|reason|msg|err)\W{0,3}$", re.IGNORECASE
)
"""What stands before a quote that holds an error itself, and no value of a statement."""

_COMPARED = re.compile(r"\b(?:WHERE|AND|OR|SET) [\w.`]{1,30} = $", re.IGNORECASE)
"""What stands before a quote that holds a value of a column, whatever its name."""


def level_of(head: str) -> Level:
    """The level that a line's first characters name, by the first word that is one."""
    text = head[:_HEAD]
    for pattern in (_RUBY, _KLOG):
        found = pattern.match(text)
        if found is not None:
            return _named(found)
    upper, lower = _UPPER.search(text), _LOWER.search(text)
    found = upper if lower is None or (upper and upper.start() <= lower.start()) else lower
    return Level.UNKNOWN if found is None else _named(found)


def level_named(name: str) -> Level:
    """The level of this name, in any logger's words."""
    word = name.lower()
    if word in ("trace", "debug", "verbose", "fine", "finer", "finest", "dbug", "trce"):
        return Level.DEBUG
    if word in ("info", "information", "informational", "config", "default"):
        return Level.INFO
    return Level.LOUD if word else Level.UNKNOWN


def _named(found: re.Match[str]) -> Level:
    groups = found.groupdict()
    if groups.get("quiet"):
        return Level.DEBUG
    return Level.INFO if groups.get("info") else Level.LOUD


def may_be_trouble(head: str) -> bool:
    """Whether a record may tell of a lost connection in words that are not known.

    It is judged by its first characters.
    """
    folded = head.lower()
    return any(word in folded for word in TROUBLE) and not names_another(head)


def may_be_loud(line: str) -> bool:
    """Whether any part of `line` could name a level above information."""
    return _MAY_BE_LOUD.search(line) is not None


def speaks_of_failure(head: str) -> bool:
    """Whether a record with these first characters tells of something that went wrong."""
    return _FAILS.search(head) is not None or level_of(head) is Level.LOUD


def tells_of_a_change(begun: Sequence[str], text: str) -> bool:
    """Whether a line is one of a patch, a commit's message or a list of changes.

    `begun` are the first lines of its record.
    """
    if _CHANGE.match(text):
        return True
    if text[:1] in ("+", "-", " ") and any(line.startswith(_PATCH) for line in begun):
        return True
    return text[:4] == "    " and any(line.startswith("Date:   ") for line in begun[:1])


def is_told_of(text: str, start: int, dated: bool) -> bool:
    """Whether a line names a test, or explains the error at `start`; `dated` as its record is."""
    if _TEST.match(text):
        return True
    if dated:
        return False
    in_code = text.count("`", 0, start) % 2 == 1 and "`" in text[start:]
    return in_code or _EXPLAINS.match(text) is not None or _CODE.match(text) is not None


def is_of_another(text: str) -> bool:
    """Whether a service manager or a web server tells what itself met: no database's client."""
    return _OTHERS_OWN.search(text) is not None


def is_listed(begun: Sequence[str], text: str, dated: bool) -> bool:
    """Whether a line is one of a list of errors; `begun` are the first lines of its record."""
    if _PLACEHOLDER.search(text) is not None:
        return True
    if dated:
        return False
    below = text.startswith("Message: ") and any(map(_HEADING.match, begun))
    return below or _LISTED.match(text) is not None


def only_mentions(text: str, start: int, end: int) -> bool:
    """Whether the error at `start` to `end` of `text` stands in a literal or an address."""
    for request in _REQUEST.finditer(text):
        if request.start() <= start and end <= request.end():
            return True
    verb = _SQL_VERB.search(text, 0, start)
    return verb is not None and _in_literal(text, verb.start(), start, end)


def is_bare(before: str) -> bool:
    """Whether nothing but an error's own frame stands in front of it."""
    return _ONLY_ERROR.match(_BEGUN.sub("", before)) is not None


def _in_literal(text: str, begin: int, start: int, end: int) -> bool:
    """Whether a quote that opens a value after `begin` closes only behind the error."""
    for quote in ("'", '"'):
        place = text.rfind(quote, begin, start)
        while place > begin and text[place - 1] in "\\'\"":
            place = text.rfind(quote, begin, place)
        if place <= begin or _OPENS.search(text, max(begin, place - 12), place) is None:
            continue
        closing = text.find(quote, end)
        if closing < 0 or text[closing + 1 : closing + 2] not in _CLOSES | {""}:
            continue
        told = _TELLS.search(text, max(begin, place - 24), place) is not None
        return not told or _COMPARED.search(text, max(begin, place - 40), place) is not None
    return False
