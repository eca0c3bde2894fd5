"""A log line that is one JSON object: its time, level, and the texts that tell of an error.

Loggers agree on little: the message may be `msg`, `message`, `event`, `log` or `textPayload`,
the stack `stack`, `stack_trace`, `exc_info` or inside `err`, `error` or `exception`. So every
string of the object is read, the message first; only the time and the level go by name.
Sources: pino, bunyan, winston, zap, zerolog, Monolog, Serilog, logstash, GELF, ECS, Docker's
json-file driver, journalctl -o json, Google Cloud Logging.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_TIMES = (
    "@timestamp", "timestamp", "time", "ts", "datetime", "date", "asctime", "eventTime", "@t", "t",
    "Timestamp", "Time", "written_at", "created", "__REALTIME_TIMESTAMP", "_time", "at", "instant",
)  # fmt: skip
_MESSAGES = (
    "message", "msg", "log", "MESSAGE", "event", "textPayload", "short_message", "full_message",
    "@message", "@m", "@mt", "Message", "text", "line", "body", "description",
)  # fmt: skip
_LEVELS = (
    "level", "level_name", "levelname", "log.level", "severity", "lvl", "loglevel", "@l", "Level",
)  # fmt: skip
_IDS = (
    "request_id", "requestId", "req_id", "reqId", "trace_id", "traceId", "trace", "correlation_id",
    "correlationId", "thread", "thread_name", "threadName", "goroutine", "job_id", "task_id",
)  # fmt: skip
_QUIET_NUMBERS = frozenset((10, 20, 30, 100, 200))
"""Trace, debug and info: pino and bunyan (10, 20, 30), Monolog (100, 200)."""

_MOST_TEXTS = 40
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class JsonLine:
    """`time` is as it was written, in a form that a stamp reader knows, or empty. `wrapper`
    says that the object only carries a program's own line; then its level says nothing of it."""

    time: str
    level: str
    texts: tuple[str, ...]
    ids: frozenset[str]
    wrapper: bool
    source: str = ""
    bare: bool = False
    """Whether it tells neither a time, nor a level, nor a message: an error's own fields."""


def json_line(text: str) -> JsonLine | None:
    """The object in `text`; None where there is none, or it was cut."""
    body = text.strip().rstrip(",")
    if body[:1] != "{" or body[-1:] != "}":
        return None
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or not told:
        return None
    return _read(told)


def _read(told: Mapping[str, Any]) -> JsonLine:
    inner = told.get("jsonPayload")
    fields = {**told, **inner} if isinstance(inner, dict) else told
    wrapper = "textPayload" in told or ("log" in told and "stream" in told) or "MESSAGE" in told
    message = next((k for k in _MESSAGES if isinstance(fields.get(k), str)), None)
    texts = [fields[message]] if message else []
    texts += [t for t in _strings(fields, 0) if t not in texts]
    time, level = _time(fields), _level(fields)
    return JsonLine(
        time=time,
        level=level,
        texts=tuple(texts[:1] if wrapper and message else texts[:_MOST_TEXTS]),
        ids=frozenset(str(fields[k]) for k in _IDS if isinstance(fields.get(k), str | int)),
        wrapper=wrapper,
        source=_source(told),
        bare=not (time or level or message or wrapper),
    )


def _strings(value: object, depth: int) -> Iterator[str]:
    """All texts in `value` that could tell of an error, with their keys where those matter."""
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        if len(value) > 3:
            yield value
    elif isinstance(value, Mapping):
        yield from _numbered(value)
        for key, inner in value.items():
            if key not in _TIMES:
                yield from _strings(inner, depth + 1)
    elif isinstance(value, list):
        # .NET, Bugsnag and others tell a stack as a list of lines.
        if value and all(isinstance(v, str) for v in value[:50]):
            yield "\n".join(value[:200])
        else:
            for inner in value[:50]:
                yield from _strings(inner, depth + 1)


def _numbered(value: Mapping[str, Any]) -> Iterator[str]:
    """An error's fields that are no text: `errno: 2006` beside its message."""
    for key in ("errno", "code", "number", "errorCode", "sqlState", "fatal", "syscall"):
        told = value.get(key)
        if isinstance(told, int | bool) or (isinstance(told, str) and key != "sqlState" and told):
            yield f"{key}: {str(told).lower() if isinstance(told, bool) else told}"


def _time(fields: Mapping[str, Any]) -> str:
    """The object's own time, or that of an object in it (Loguru's record, Datadog's content)."""
    own = _named_time(fields)
    inner = (_named_time(v) for v in fields.values() if isinstance(v, Mapping))
    return own or next((t for t in inner if t), "")


def _named_time(fields: Mapping[str, Any]) -> str:
    for name in _TIMES:
        told = fields.get(name)
        if isinstance(told, Mapping):
            told = _time_object(told)
        if isinstance(told, bool) or told is None:
            continue
        text = f"{told:.6f}" if isinstance(told, float) else str(told)
        if 8 <= len(text) <= 48 and any(c.isdecimal() for c in text):
            return text
    return ""


def _time_object(told: Mapping[str, Any]) -> str | None:
    """PHP's serialized DateTime, Loguru's, log4j's Instant, MongoDB's extended JSON."""
    if isinstance(told.get("date"), str):
        return f"{told['date'].split('.')[0]} {told.get('timezone', '')}".strip()
    if isinstance(told.get("repr"), str):
        return str(told["repr"])
    if isinstance(told.get("epochSecond"), int):
        return f"{told['epochSecond']}.{int(told.get('nanoOfSecond', 0)):09}"
    inner = told.get("$date")
    return str(inner) if isinstance(inner, str | int) else None


def _level(fields: Mapping[str, Any]) -> str:
    for name in _LEVELS:
        told = fields.get(name)
        if isinstance(told, bool):
            continue
        if isinstance(told, int):
            return "info" if told in _QUIET_NUMBERS else "error"
        if isinstance(told, str) and told:
            return told.lower()
    log = fields.get("log")
    return _level(log) if isinstance(log, Mapping) else ""


def _source(told: Mapping[str, Any]) -> str:
    for name in ("container_name", "_SYSTEMD_UNIT", "_PID", "hostname", "logger", "stream", "pod"):
        if isinstance(told.get(name), str):
            return str(told[name])
    return ""
