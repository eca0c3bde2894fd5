"""The times of application log lines, in the formats that loggers really use.

A time without a zone is in the zone that the caller names, by default this machine's. A syslog
time without a year is the latest that is not after now.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HEAD = 160
"""Characters at the start of a line in which its time is looked for."""

# Clocks differ a little between hosts; a time further ahead than this is another year's.
_AHEAD = timedelta(days=1)
_OLDEST_EPOCH = 946684800  # 2000-01-01; a smaller number at a line's start is no time.

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan janv ene gen",
            "feb févr fev",
            "mar mär mrz mars mrt",
            "apr avr abr",
            "may mai mag mei",
            "jun juin giu",
            "jul juil lug",
            "aug août ago",
            "sep sept set",
            "oct okt ott",
            "nov",
            "dec dez déc dic",
        ),
        start=1,
    )
    for name in names.split()
}

_CLOCK = r"(?P<H>\d\d):(?P<M>\d\d):(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?"
_ZONE = r"(?: ?(?P<z>Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d\b))?"
# What may stand before the time: a container's or unit's name, a level, brackets. Quotes,
# parentheses and braces may not: there the line's own text has begun.
_BEFORE = r"(?![\s#])[^'\"(){}=\n]{0,70}?(?:\b(?:time|ts|timestamp|t|at)=\"?)?(?<![\d.:-])"

_ISO = re.compile(
    _BEFORE + r"(?P<y>\d{4})[-/](?P<m>\d\d)[-/](?P<d>\d\d)(?:T| - | )\s?"
    r"(?P<H>\d{1,2}):(?P<M>\d\d):(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?" + _ZONE
)
_DAY_FIRST = re.compile(
    r"\[?(?P<d>\d{1,2})[-/](?P<b>[^\W\d_]{3,4})\.?[-/](?P<y>\d{4})[ :T]"
    + _CLOCK
    + r"(?: (?P<z>[+-]\d{4}|[A-Za-z]+(?:/[A-Za-z_+-]+){0,2}))?"
)
_APACHE = re.compile(
    r"(?:[^'\"(){}\n]{0,70}?)?\[?(?:[A-Z][a-z]{2}) (?P<b>[A-Z][a-z]{2}) {1,2}(?P<d>\d{1,2}) "
    + _CLOCK
    + r" (?:(?P<z>[A-Z]{3,4}) )?(?P<y>\d{4})\b"
)
_US = re.compile(
    r"(?P<b>[A-Z][a-z]{2}) (?P<d>\d{1,2}), (?P<y>\d{4}),? (?P<H>\d{1,2}):(?P<M>\d\d):(?P<S>\d\d)"
    r"(?: (?P<p>[AP]M))?"
)
_KLOG = re.compile(r"[IWEF](?P<m>\d\d)(?P<d>\d\d) " + _CLOCK)
_SYSLOG = re.compile(r"(?:<\d{1,3}>)?(?P<b>[^\W\d_]{3,4})\.? {1,2}(?P<d>\d{1,2}) " + _CLOCK)
_EPOCH = re.compile(r"\[?(?P<e>\d{10}(?:\d{3}){0,3})(?:\.(?P<f>\d{1,9}))?(?=[\]\s:,|])")
_JSON = re.compile(
    r"\"(?:@timestamp|timestamp|time|ts|datetime|date|asctime|eventTime)\"\s*:\s*"
    r"(?:\{\s*\"date\"\s*:\s*)?(?:\"(?P<text>[^\"]{10,40})\"(?:\s*,\s*\"timezone(?:_type\"\s*:\s*\d\s*,\s*\"timezone)?\"\s*:\s*\"(?P<z>[^\"]{1,40})\")?|(?P<e>\d{10,19})(?:\.(?P<f>\d{1,9}))?)"
)

_NEVER = (" ", "\t", "#", "")
_Builder = Callable[[re.Match[str]], datetime | None]
_Format = tuple[re.Pattern[str], _Builder]


class StampReader:
    """Reads the times of one log's lines; remembers the log's format, which seldom changes.

    `zone` is for times that name none (None: this machine's); `now` places times that have no
    year.
    """

    def __init__(self, zone: tzinfo | None = None, now: datetime | None = None) -> None:
        self.assumed = False
        """Whether a time was read that names no zone."""
        self._zone = zone
        self._now = now or datetime.now(UTC)
        self._formats: list[_Format] = [
            (_ISO, lambda f: self._built(f, int(f["y"]), int(f["m"]))),
            (_DAY_FIRST, lambda f: self._built(f, int(f["y"]), _month(f["b"]))),
            (_APACHE, lambda f: self._built(f, int(f["y"]), _month(f["b"]))),
            (_SYSLOG, lambda f: self._without_year(f, _month(f["b"]))),
            (_US, lambda f: self._built(f, int(f["y"]), _month(f["b"]))),
            (_KLOG, lambda f: self._without_year(f, int(f["m"]))),
            (_EPOCH, lambda f: self._from_epoch(f["e"], f["f"])),
        ]

    def begins(self, line: str) -> bool:
        """Whether `line` begins with a time; cheaper than reading it."""
        if line[:1] == "{":
            return _JSON.search(line) is not None
        return self._find(line) is not None

    def read(self, line: str) -> datetime | None:
        """The time at the start of `line`, aware; None if it has none."""
        if line[:1] == "{":
            return self._json(line)
        found = self._find(line)
        return None if found is None else found[1](found[0])

    def _find(self, line: str) -> tuple[re.Match[str], _Builder] | None:
        if line[:1] in _NEVER:
            return None
        head = line[:HEAD]
        for place, (pattern, builder) in enumerate(self._formats):
            found = pattern.match(head)
            if found is not None:
                if place:
                    self._formats.insert(0, self._formats.pop(place))
                return found, builder
        return None

    def _json(self, line: str) -> datetime | None:
        found = _JSON.search(line)
        if found is None:
            return None
        text = found["text"]
        if text is None:
            return self._from_epoch(found["e"], found["f"])
        if found["z"] is not None:
            text = f"{text.split('.')[0]} {found['z']}"
        inner = self._find(text)
        return None if inner is None else inner[1](inner[0])

    def _from_epoch(self, digits: str, fraction: str | None) -> datetime | None:
        seconds = int(digits) / 10 ** (len(digits) - 10) + float(f"0.{fraction or 0}")
        if not _OLDEST_EPOCH <= seconds <= (self._now + _AHEAD).timestamp():
            return None
        return datetime.fromtimestamp(seconds, UTC)

    def _without_year(self, found: re.Match[str], month: int | None) -> datetime | None:
        year = self._now.astimezone(self._zone).year
        for candidate in (year + 1, year, year - 1, year - 2, year - 3, year - 4):
            at = self._built(found, candidate, month)
            if at is not None and at <= self._now + _AHEAD:
                return at
        return None

    def _built(self, found: re.Match[str], year: int, month: int | None) -> datetime | None:
        if month is None:
            return None
        groups = found.groupdict()
        hour, half = int(groups["H"]), groups.get("p")
        if half is not None:
            hour = hour % 12 + (12 if half == "PM" else 0)
        micro = int((groups.get("f") or "0").ljust(6, "0")[:6])
        # A leap second is told as :60, which datetime cannot hold.
        second = min(int(groups["S"]), 59)
        try:
            naive = datetime(year, month, int(groups["d"]), hour, int(groups["M"]), second, micro)
            zone = self._named_zone(groups.get("z"))
            return naive.astimezone() if zone is None else naive.replace(tzinfo=zone)
        except (ValueError, OverflowError):
            return None

    def _named_zone(self, name: str | None) -> tzinfo | None:
        if not name:
            self.assumed = True
            return self._zone
        if name in ("Z", "UTC", "GMT"):
            return UTC
        if name[0] in "+-":
            digits = name[1:].replace(":", "")
            offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
            return timezone(-offset if name[0] == "-" else offset)
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return self._zone


def _month(name: str) -> int | None:
    return _MONTHS.get(name.lower())
