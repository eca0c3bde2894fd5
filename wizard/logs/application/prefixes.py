"""What a container, syslog, journald, Kubernetes or a platform puts in front of each line.

The prefix says where a line comes from and when it was taken; the text behind it is what the
program wrote. Sources: Docker's, swarm's and compose's log drivers, the Kubernetes CRI logging
format, RFC 3164 and 5424, systemd's journalctl, Heroku's, Cloud Foundry's and Fly's log streams,
CloudWatch's and Loki's command lines, fluentd, PHP-FPM, pm2, the Java Service Wrapper, the
processes of Kamailio and OpenSIPS.
"""

import re
from dataclasses import dataclass

_NO_LEVEL = r"(?!(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE|STATUS)\b)"
_COMPOSE = re.compile(_NO_LEVEL + r"(?P<source>[A-Za-z][\w.@-]{0,90}?|\d{1,4}\|[\w.-]{1,60}) *\| ?")
_WRAPPER = re.compile(
    r"(?:STATUS|INFO|ERROR|WARN|DEBUG|FATAL|ADVICE) +\| (?P<source>jvm \d+|wrapper|wrapperp) +\| "
    r"(?P<outer>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)(?:\.\d+)? \| ?"
)
_KUBECTL = re.compile(r"\[(?P<source>pod/[\w./-]+)\] ")
_CRI = re.compile(
    r"(?P<outer>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) "
    r"(?P<source>stdout|stderr) (?P<part>[FP])(?: |$)"
)
_TAG = (
    _NO_LEVEL + r"(?!Caused by:)(?P<source>\S{1,80} (?![\w.]{0,58}(?:Error|Exception):)"
    r"[\w./@-]{1,60}(?:\[\d+\])?):(?!:) ?"
)
_SYSLOG = re.compile(
    r"(?:<\d{1,3}>)?(?P<outer>[^\W\d_]{3,4}\.? {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d{1,9})?) " + _TAG
)
_ISO_SYSLOG = re.compile(
    r"(?:<\d{1,3}>)?(?P<outer>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)) "
    r"(?P<source>[\w.-]{1,80} [\w./@-]{1,60}\[\d+\]): ?"
)
_RSYSLOG = re.compile(
    r"(?P<outer>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?[+-]\d\d:\d\d) " + _TAG
)
_JOURNAL = re.compile(
    r"(?P<outer>[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? [A-Z+-][\w:+-]{1,5}) "
    + _TAG
)
_UNIX = re.compile(r"(?P<outer>\d{10}\.\d{6}) (?P<source>\S{1,80} [\w./@-]{1,60}\[\d+\]): ?")
_RFC5424 = re.compile(
    r"<\d{1,3}>1 (?P<outer>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) "
    r"(?P<source>\S+ \S+ \S+) \S+ (?:-|(?:\[[^\]]*\])+) ?(?:\ufeff|BOM)?"
)
_PLATFORM = re.compile(
    r" {0,2}(?P<outer>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)) "
    r"(?P<source>(?:app|heroku)\[[\w./-]+\]:|\[[A-Z]+/[\w./-]+\] (?:OUT|ERR)"
    r"|(?:app|runner|proxy)\[\w+\] [a-z]{3} \[[a-z]+\]) ?"
)
_STREAM = re.compile(
    r"(?P<outer>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d))"
    r"(?: (?P<source>[A-Za-z][\w.-]*/[\w./$\[\]-]+) | +(?P<labels>\{[^{}]{1,300}=[^{}]{1,300}\}) "
    r"|\t(?P<tag>[\w.*-]{1,80})\t)"
)
_DOCKER_T = re.compile(
    r"(?P<outer>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d\d:\d\d))(?: |\t|$)"
)
_FPM = re.compile(
    r"\[(?P<outer>[^\]]{20,40})\] (?:WARNING|NOTICE): \[pool (?P<source>[^\]]+)\] child \d+"
    r" said into std(?:err|out): \"(?P<inner>.*?)\"?(?:, pipe is closed)?$"
)
_SIP = re.compile(r" {0,2}(?P<source>\d{1,3}\(\d{1,8}\)) (?=[A-Z]{4,8}: )")
_LIST_MARK = re.compile(r"(?:[-*•] |>+ ?|\| (?=[\[\d<\"A-Z]))")
_COLOURS = re.compile(r"\x1b\[[0-9;]{0,20}m")


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """`text` is the program's own line; `outer` the time of the prefix as it was written, or
    empty; `source` names where the line comes from, the same for all lines of one program;
    `partial` says that the line goes on in the next one of its source."""

    text: str
    outer: str = ""
    source: str = ""
    partial: bool = False


def unwrap(line: str) -> Unwrapped:
    """`line` without what was put in front of it, at most three layers deep."""
    text, outer, source, partial = _plain(line), "", "", False
    for _ in range(3):
        found = _layer(text)
        if found is None:
            break
        groups = found.groupdict()
        outer = groups.get("outer") or outer
        place = groups.get("source") or groups.get("labels") or groups.get("tag") or ""
        source = f"{source}|{place}"
        partial = partial or groups.get("part") == "P"
        text = groups["inner"] if groups.get("inner") is not None else text[found.end() :]
    return Unwrapped(text, outer, source, partial)


def may_be_wrapped(shape: str) -> bool:
    """Whether a line whose digits are zeros here can have anything in front of it."""
    if shape[:1] == "<" or _plain(shape) != shape:
        return True
    return _layer(shape) is not None or _JOURNAL.match(shape) is not None


def _plain(line: str) -> str:
    """`line` without colours and without a list's or quotation's mark in front of it."""
    text = _COLOURS.sub("", line) if "\x1b[" in line else line
    if text[:1] in "-*•>|":
        found = _LIST_MARK.match(text)
        if found is not None:
            return text[found.end() :]
    return text


def _layer(text: str) -> re.Match[str] | None:
    first = text[:1]
    if first == "<":
        return _RFC5424.match(text) or _SYSLOG.match(text) or _ISO_SYSLOG.match(text)
    if first == "[":
        return _KUBECTL.match(text) or (_FPM.match(text) if "] child " in text[:90] else None)
    if first.isdecimal() or first == " ":
        if "T" not in text[10:13]:
            if "|" in text[1:5]:
                return _COMPOSE.match(text)
            if "(" in text[1:6]:
                return _SIP.match(text)
            return _UNIX.match(text) if text[10:11] == "." else None
        return (
            _CRI.match(text)
            or _PLATFORM.match(text)
            or _ISO_SYSLOG.match(text)
            or _STREAM.match(text)
            or _RSYSLOG.match(text)
            or _DOCKER_T.match(text)
        )
    if " |" in text[:64] or "| " in text[:64]:
        if text[:8].isupper() or "| jvm" in text[:16] or "| wrapper" in text[:20]:
            wrapped = _WRAPPER.match(text)
            if wrapped is not None:
                return wrapped
        compose = _COMPOSE.match(text)
        if compose is not None:
            return compose
    if first.isalpha():
        return _SYSLOG.match(text) or (_JOURNAL.match(text) if text[4:6] == "20" else None)
    return None
