"""The forms in which loggers write a time, and what each of their parts means.

A form says only what is written: which digits are the day, which the month. What a line leaves
open (the year, the zone, whether day or month comes first) is for `stamps` to find out.
Sources: RFC 3164, 5424, 2822, 9110 and 3339; the manuals of log4j, Logback, Python's logging,
Monolog, klog, Zabbix, PHP-FPM, IIS, java.util.logging, Erlang.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

HEAD = 200
"""Characters at the start of a line in which its time is looked for."""


class StampKind(StrEnum):
    """What a form tells and what it leaves open."""

    FULL = "full"
    NUMERIC = "numeric"
    """Three numbers whose order is not told: `a`, `b` and `c`."""
    NO_YEAR = "no year"
    CLOCK = "clock"
    EPOCH = "epoch"


@dataclass(frozen=True, slots=True)
class StampForm:
    """One way to write a time. `sortable` forms compare as text as their times do."""

    name: str
    kind: StampKind
    pattern: re.Pattern[str]
    sortable: bool = False


_MONTH_NAMES = (
    "jan january janv janvier enero ene gen gennaio januar januari",
    "feb february févr fév février febrero febbraio februar februari",
    "mar march mär märz mrz mars mrt marzo maart",
    "apr april avr avril abr abril aprile",
    "may mai mag mei mayo maggio maj",
    "jun june juin giu junio giugno juni",
    "jul july juil juillet lug julio luglio juli",
    "aug august août aoû ago agosto augustus",
    "sep sept september septembre septiembre set settembre",
    "oct october octobre okt oktober octubre ott ottobre",
    "nov november novembre noviembre",
    "dec december déc décembre dez dezember dic diciembre dicembre",
)
MONTHS = {
    name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()
}

_CLOCK = r"(?P<H>\d{1,2}):(?P<M>\d\d):(?P<S>\d\d)(?:[.,:](?P<f>\d{1,9})(?!\d))?"
_SHORT = r"(?P<H>\d{1,2}):(?P<M>\d\d)(?::(?P<S>\d\d)(?:[.,:](?P<f>\d{1,9})(?!\d))?)?"
_HALF = r"(?:\s?(?P<p>[AaPp]\.?[Mm]\b\.?))?"
_ZONE = (
    r"(?:\s?(?:GMT|UTC)?(?P<z>Z(?![A-Za-z])|(?:UTC|GMT)(?![+\w-])|[+-]\d\d(?::?\d\d)?(?![\d.:-]))"
    r"|\s(?P<z2>[A-Z][a-z]+(?:/[A-Za-z_+-]+){1,2}|(?:[A-Z]{1,3}[SD]?T)(?=[\s\]|:,]|$)|MSK|JST|IST))?"
)
# Month names hold no digits and no underscore, in any language.
_NAME = r"(?P<b>[^\W\d_]{3,9})\.?"
# What has two more numbers behind it, and no third, is the hour of a time without a year.
_YEAR_OF_TWO = r"\d\d(?!:\d\d:\d\d(?!:))"
_DAY_NAME = r"(?:[^\W\d_]{2,9}\.?,? )"

# What may stand before the time: a container's or unit's name, a level, brackets, a pid. Quotes,
# parentheses and braces may not: there the line's own text has begun.
_BEFORE = (
    r"(?:(?![\s#])[^'\"(){}=\n]{0,70}?|(?:\w{1,20}=[^\s\"=]{1,60} ){1,5})?"
    r"(?:\b(?:time|ts|timestamp|t|at|date|datetime|asctime)=\"?)?(?<![\d.:/-])"
)

_ISO = re.compile(
    _BEFORE
    + r"(?P<y>(?:19|20)\d\d)(?P<sep>[-/.])(?P<m>\d\d?)(?P=sep)(?P<d>\d\d?)"
    + r"(?:[Tt_.;:]| [-|] |, |\s{1,2})"
    + _SHORT
    + _HALF
    + _ZONE
)
_COMPACT = re.compile(
    r"[^'\"(){}=\n]{0,40}?(?<![\d.])(?P<y>(?:19|20)\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)"
    r"[T:_ -]?(?P<H>[0-2]\d):?(?P<M>[0-5]\d):?(?P<S>[0-6]\d)(?:[.,](?P<f>\d{1,9}))?(?!\d)" + _ZONE
)
_NUMERIC = re.compile(
    r"(?:[^'\"(){}=\n]{0,40}?[\[\s|:-])??\[?(?P<a>\d\d?)(?P<sep>[-/.])(?P<b>\d\d?)(?P=sep)"
    r"(?P<c>(?:19|20)\d\d|\d\d)(?:T| [-|] |, ?| {1,2}|-|:)(?:at )?" + _SHORT + _HALF + _ZONE
)
_DAY_FIRST = re.compile(
    r"(?:=[A-Z ]{4,30}REPORT==== |(?:[^'\"(){}=\n]{0,70}?[\[\s|:-])??\[?)"
    + _DAY_NAME + r"?(?P<d>\d{1,2})[-/. ]{1,2}" + _NAME
    + r"[-/ ,](?P<y>(?:19|20)\d\d|" + _YEAR_OF_TWO + r")[ :T,]{1,2}(?:at )?"
    + _SHORT + _HALF + _ZONE
)  # fmt: skip
_MONTH_FIRST = re.compile(
    r"(?:[^'\"(){}=\n]{0,70}?[\[\s|:-])??\[?"
    + _DAY_NAME + r"?" + _NAME + r" {1,2}(?P<d>\d{1,2}),? (?P<y>(?:19|20)\d\d),? (?:at )?"
    + _SHORT + _HALF + _ZONE
)  # fmt: skip
_ASCTIME = re.compile(
    r"(?:[^'\"(){}=\n]{0,70}?[\[\s|:-])??\[?"
    + _DAY_NAME + _NAME + r" {1,2}(?P<d>\d{1,2}) " + _CLOCK
    + r"(?: (?P<z>(?:UTC|GMT|Z|[A-Z]{2,5}|[+-]\d{4})))?,? (?P<y>(?:19|20)\d\d)\b"
)  # fmt: skip
_CHINESE = re.compile(
    r"[^'\"(){}=\n]{0,40}?(?P<y>(?:19|20)\d\d)年(?P<m>\d\d?)月(?P<d>\d\d?)日 ?" + _SHORT + _ZONE
)
_SIX_DIGITS = re.compile(r"(?P<y>\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d) {1,2}" + _CLOCK)
_MONTH_AND_DAY = re.compile(r"(?P<m>[01]\d)-(?P<d>[0-3]\d) " + _CLOCK)
_KLOG = re.compile(r"[IWEF](?P<m>\d\d)(?P<d>\d\d) " + _CLOCK)
_SYSLOG = re.compile(
    r"(?:<\d{1,3}>)?\[?" + _NAME + r" {1,2}(?P<d>\d{1,2}) " + _CLOCK + _HALF + r"(?! \d{4}\b)"
)
_DAY_NO_YEAR = re.compile(r"(?:\d{1,7}:[A-Z] )?(?P<d>\d{1,2})[ -]" + _NAME + r"[ .]" + _SHORT)
_NAMED_YEAR_FIRST = re.compile(
    r"\[?(?P<y>(?:19|20)\d\d)(?P<sep>[-/ ])" + _NAME + r"(?P=sep)(?P<d>\d\d?)[ T,:]{1,2}" + _SHORT
)
_NAMED_MONTH_FIRST = re.compile(
    r"\[?" + _NAME + r"(?P<sep>[-/])(?P<d>\d\d?)(?P=sep)(?P<y>(?:19|20)\d\d)[ T,:]{1,2}" + _SHORT
)
_DATE_COMMAND = re.compile(
    r"\[?" + _DAY_NAME + r"(?P<d>\d{1,2})\.? " + _NAME + r" " + _CLOCK
    + r"(?: (?P<z>[A-Z]{2,5}|[+-]\d{4}))? (?P<y>(?:19|20)\d\d)\b"
)  # fmt: skip
_CLOCK_FIRST = re.compile(
    r"[\[(]?" + _CLOCK
    + r",? (?P<a>\d\d?)(?P<sep>[-/.])(?P<b>\d\d?)(?P=sep)(?P<c>(?:19|20)\d\d|\d\d)\b"
)  # fmt: skip
_CLOCK_BEFORE_ISO = re.compile(
    r"[\[(]?" + _CLOCK + r",? (?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)\b"
)
_EPOCH = re.compile(
    r"\[?@?(?:(?:ts|time|timestamp|t)=\"?)?(?P<e>\d{10}(?:\d{3}){0,3})(?:\.(?P<f>\d{1,9}))?(?=[\]\s:,|\"]|$)"
)
_TIME_ONLY = re.compile(
    r"[\[(<]?(?:[A-Z]{4,8} )?(?P<H>[0-2]?\d):(?P<M>[0-5]\d):(?P<S>[0-5]\d)(?:[.,](?P<f>\d{1,9}))?"
    + _HALF + r"(?=[\])>\s:|,]|$)"
)  # fmt: skip

FORMS: tuple[StampForm, ...] = (
    StampForm("iso", StampKind.FULL, _ISO, sortable=True),
    StampForm("day-first", StampKind.FULL, _DAY_FIRST),
    StampForm("asctime", StampKind.FULL, _ASCTIME),
    StampForm("month-first", StampKind.FULL, _MONTH_FIRST),
    StampForm("syslog", StampKind.NO_YEAR, _SYSLOG),
    StampForm("numeric", StampKind.NUMERIC, _NUMERIC),
    StampForm("compact", StampKind.FULL, _COMPACT, sortable=True),
    StampForm("chinese", StampKind.FULL, _CHINESE),
    StampForm("six-digits", StampKind.FULL, _SIX_DIGITS),
    StampForm("month-and-day", StampKind.NO_YEAR, _MONTH_AND_DAY),
    StampForm("klog", StampKind.NO_YEAR, _KLOG),
    StampForm("day-no-year", StampKind.NO_YEAR, _DAY_NO_YEAR),
    StampForm("named-year-first", StampKind.FULL, _NAMED_YEAR_FIRST),
    StampForm("named-month-first", StampKind.FULL, _NAMED_MONTH_FIRST),
    StampForm("date-command", StampKind.FULL, _DATE_COMMAND),
    StampForm("clock-first", StampKind.NUMERIC, _CLOCK_FIRST),
    StampForm("clock-before-iso", StampKind.FULL, _CLOCK_BEFORE_ISO),
    StampForm("epoch", StampKind.EPOCH, _EPOCH),
    StampForm("clock", StampKind.CLOCK, _TIME_ONLY),
)

_MAY_BE = re.compile(r"\d(?::\d\d|\d{8}|\d{5}[T_ -]\d{6})")
"""What every time has; a line without it is done with at once. The digit that each of these
begins with stands alone: the search then goes from digit to digit."""


def may_hold_time(head: str) -> bool:
    return _MAY_BE.search(head) is not None


def month(name: str) -> int | None:
    """The number of a month by its name or the beginning of it, in a dozen languages."""
    return MONTHS.get(name.lower().rstrip("."))
