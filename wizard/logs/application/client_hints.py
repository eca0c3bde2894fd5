"""The idle time and statement size that an application adds to a driver's error.

In its own words. Pure.
"""

import re

_IDLE = re.compile(
    r"\bidl(?:e|ed|ing)(?: time)?\s*(?:for|of|since|:|=)?\s*(?P<n>\d[\d,]*(?:\.\d+)?)\s*"
    r"(?P<unit>milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|hours?|hrs?|h)\b",
    re.IGNORECASE,
)
_SIZE = re.compile(
    r"\b(?:send of|statement|query|packet|upload|payload|insert|blob|document|row|body|size)s?\b"
    r"[^\d(]{0,24}(?P<n>\d[\d,]*(?:\.\d+)?)\s*(?P<unit>bytes?|B|KiB|KB|kB|MiB|MB|GiB|GB)\b"
)
_SECONDS = {"ms": 0.001, "mi": 60.0, "h": 3600.0, "s": 1.0}
_BYTES = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "b": 1}


def idle_hint(text: str) -> float | None:
    """Seconds that `text` says the connection had idled: `idle for 3.2 s`, `idle: 90 min`."""
    found = _IDLE.search(text)
    if found is None:
        return None
    unit = found["unit"].lower()
    scale = 0.001 if unit.startswith("milli") else _SECONDS.get(unit[:2]) or _SECONDS[unit[0]]
    return _number(found["n"]) * scale


def size_hint(text: str) -> int | None:
    """Bytes of the statement that `text` tells: `upload of 2097152 bytes`, `packet of 17 MB`."""
    found = _SIZE.search(text)
    if found is None:
        return None
    return int(_number(found["n"]) * _BYTES[found["unit"][0].lower()])


def _number(text: str) -> float:
    return float(text.replace(",", ""))
