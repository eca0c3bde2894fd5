"""The shapes of an error log's lines, and what stands before them.

MySQL writes ISO 8601 with an offset (`log_timestamps`), MariaDB the server's local time with a
space-padded hour and no zone, both `yymmdd` in places; a signal handler writes UTC. Supervisors
(journald, syslog, docker, kubectl) put their own prefix before all of it.
"""

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from wizard.logs.engine.stamps import Clock, located, parse_stamp, short_time
from wizard.logs.error.wrapped import inner_text, unwrapped

MAX_PARSED = 4096
"""Bytes of one line that are looked at; longer ones are cut."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One stamped line. `level` is lower case or "", `code` is `MY-nnnnnn` or "".

    `thread` is the column after the time: the connection id on MySQL and current MariaDB, a
    pthread id on MariaDB 10.1 and older, so a connection's id is taken from the message.
    """

    at: datetime | None
    text: str
    level: str = ""
    code: str = ""
    subsystem: str = ""
    thread: int | None = None


_ISO = r"\d{4}-\d\d-\d\d[T ](?:[ \d]\d|\d):\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
_TAGS = (
    r"\[(?P<level>[A-Za-z]+)\]"
    r"(?: \[(?P<code>MY-\d+)\] \[(?P<subsystem>\w+)\]| \[(?P<script>Entrypoint)\]:)? ?"
)
_HEAD = rf"(?P<stamp>{_ISO})(?: +(?P<thread>\d+))? {_TAGS}"
_STAMPED = re.compile(rf"{_HEAD}(?P<text>.*)", re.S)
OWN_HEAD = re.compile(_HEAD.encode())
"""What stands before the message of a line in ASCII that no other program has put a prefix to:
behind a time and a thread none of the prefixes has a bracket."""

_SHORT = re.compile(
    rf"(?P<day>\d{{6}}) +(?P<clock>\d{{1,2}}:\d\d:\d\d) +(?:{_TAGS})?(?P<text>.*)", re.S
)
_INNODB = re.compile(rf"(?P<stamp>{_ISO}) (?:0x)?[\da-f]{{4,16}} +(?=InnoDB: )(?P<text>.*)", re.S)
"""InnoDB's own lines on stderr, with a thread in hexadecimal (ut_print_timestamp, ut0dbg.cc)."""

_SIGNAL = re.compile(rf"(?P<stamp>{_ISO}|\d\d:\d\d:\d\d) UTC - (?P<text>.*)", re.S)
_TRIMMED = re.compile(rf"{_TAGS}(?P<text>Aborted connection \d+ to db: .*)", re.S)
"""The line that people show of a log most often, without the time before it."""

_PREFIX = re.compile(
    r"(?:[\w.-]+/[\w.-]+\[[\w.-]+\]: ?"  # kubectl / stern: ns/pod[container]:
    r"|\[pod/[\w.-]+/[\w.-]+\] "  # kubectl logs --prefix
    r"|[\w.-]+ +\| "  # docker compose
    rf"|(?P<iso>{_ISO}) [\w.-]+ [\w@.()/-]+(?:\[\d+\])?: "  # journalctl -o short-iso[-precise]
    r"|(?P<syslog>\w{3,5}\.? +\d{1,2} \d\d:\d\d:\d\d) [\w.-]+ [\w@.()/-]+(?:\[\d+\])?: "
    rf"|(?P<cri>{_ISO}) std(?:out|err) [FP] "  # the files of Kubernetes
    rf"|(?P<docker>{_ISO}) (?=\d{{4}}-\d\d-\d\d[T ]|\d{{6}} +\d+:"  # docker logs -t
    r"|container \w+ [0-9a-f]{6,64} \())"  # docker events
)
_TIMES = ("time", "timestamp", "@timestamp", "ts", "receiveTimestamp")
_MONTHS = {
    m: i
    for i, m in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}


def parse_line(
    raw: bytes | str, zone: tzinfo | None = None, after: datetime | None = None
) -> LogLine | None:
    """`raw` as a line of an error log, or None where it has neither stamp nor prefix.

    `zone` is the server's zone, for stamps that have none (None: this machine's). `after` is
    the time of the line before; it gives a time without a date its day.
    """
    line = _decoded(raw)
    if line.startswith("{"):
        return _json_line(line, zone, after)
    outer, exact, line = _without_prefixes(line, zone, after)
    inner = _bare_line(line, zone, after)
    if inner is None and (bare := unwrapped(line)) != line:
        inner = _bare_line(_without_prefixes(bare, zone, after)[2], zone, after)
    if inner is None:
        return None if outer is None else LogLine(outer, line)
    return replace(inner, at=outer) if outer and (exact or inner.at is None) else inner


def _decoded(raw: bytes | str) -> str:
    text = raw[:MAX_PARSED]
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return text.rstrip("\r\n")


def _without_prefixes(
    line: str, zone: tzinfo | None, after: datetime | None
) -> tuple[datetime | None, bool, str]:
    """The time that a supervisor wrote, and the line behind all prefixes.

    With whether that time has year and zone.
    """
    at, exact = None, False
    for _ in range(3):
        if (found := _PREFIX.match(line)) is None:
            break
        if stamp := found["iso"] or found["cri"] or found["docker"]:
            at, exact = parse_stamp(stamp, zone), True
        elif found["syslog"]:
            at = _syslog_time(found["syslog"], zone, after)
        line = line[found.end() :]
    return at, exact, line


def _bare_line(line: str, zone: tzinfo | None, after: datetime | None) -> LogLine | None:
    if found := _STAMPED.match(line):
        code = found["code"] or ""
        return LogLine(
            parse_stamp(found["stamp"], zone),
            _own_words(found["text"], code),
            found["level"].lower(),
            code,
            found["subsystem"] or found["script"] or "",
            int(found["thread"]) if found["thread"] else None,
        )
    if found := _SIGNAL.match(line):
        stamp = found["stamp"]
        at = parse_stamp(stamp, UTC) if "-" in stamp else _clock_after(stamp, after)
        return LogLine(at, found["text"], "error")
    if found := _INNODB.match(line):
        return LogLine(parse_stamp(found["stamp"], zone), found["text"], "error")
    if found := _SHORT.match(line):
        at = short_time(found["day"], found["clock"], zone)
        return LogLine(at, found["text"], (found["level"] or "").lower(), found["code"] or "")
    if found := _TRIMMED.match(line):
        return LogLine(None, found["text"], found["level"].lower(), found["code"] or "")
    return None


def _own_words(text: str, code: str) -> str:
    """What MySQL repeats of a crash at the next start (MY-013951) keeps its first stamp."""
    again = _SIGNAL.match(text) if code == "MY-013951" else None
    return again["text"] if again else text


def _json_line(line: str, zone: tzinfo | None, after: datetime | None) -> LogLine | None:
    """A line of MySQL's log_sink_json, or one that docker, a cloud or a collector wrapped."""
    try:
        data: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    if not isinstance(data.get("msg"), str) or "err_code" not in data:
        return _wrapped_json(data, zone, after)
    thread, number = data.get("thread"), data.get("err_code")
    code = f"MY-{number:06d}" if isinstance(number, int) else ""
    return LogLine(
        parse_stamp(str(data.get("time", "")), zone),
        _own_words(data["msg"], code),
        str(data.get("label", "")).lower(),
        code,
        str(data.get("subsystem", "")),
        thread if isinstance(thread, int) else None,
    )


def _wrapped_json(
    data: dict[str, Any], zone: tzinfo | None, after: datetime | None
) -> LogLine | None:
    """A line that another program put into a field of its own record."""
    text = inner_text(data)
    if text is None:
        return None
    inner = parse_line(text[:MAX_PARSED], zone, after)
    if inner is not None:
        return inner
    stamps = (parse_stamp(str(data.get(name, "")), UTC) for name in _TIMES)
    at = next((stamp for stamp in stamps if stamp is not None), None)
    return LogLine(at, text.rstrip())


def _clock_after(clock: str, after: datetime | None) -> datetime | None:
    """A UTC time of day, on the first day that is not before `after`."""
    if after is None:
        return None
    try:
        at = datetime.combine(after.astimezone(UTC).date(), time.fromisoformat(clock), UTC)
    except ValueError:
        return None
    return at if at >= after - timedelta(minutes=5) else at + timedelta(days=1)


def _syslog_time(text: str, zone: tzinfo | None, after: datetime | None) -> datetime | None:
    """A syslog stamp has no year: it is the latest one that is not in the future."""
    month, day, clock = text.split()
    number = _MONTHS.get(month.lower().rstrip("."))
    if number is None:
        return None
    latest = (after or datetime.now(UTC)) + timedelta(days=1)
    for year in (latest.year, latest.year - 1):
        try:
            at = located(
                datetime.combine(date(year, number, int(day)), time.fromisoformat(clock)), zone
            )
        except ValueError:
            continue
        if at is not None and at <= latest:
            return at
    return None


def error_clock(zone: tzinfo | None = None) -> Clock:
    """The clock of an error log."""

    def told(line: bytes) -> datetime | None:
        parsed = parse_line(line, zone)
        return None if parsed is None else parsed.at

    return told
