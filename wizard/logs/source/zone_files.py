"""Time zones by their names, for Pythons without zoneinfo.

From the files of the zone database (RFC 8536). The rule at a file's end, for times after its last
change, is not read: files of distributions go on until 2037.
"""

import struct
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from wizard.logs.source.zone_steps import SteppedZone

PLACES = ("/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo")

_HEAD = struct.Struct(">4s1s15x6I")
_MOST = 1 << 18
_EPOCH = datetime(1970, 1, 1)
_EARLIEST = -(1 << 35)
"""Seconds: a change before the year 882 is none of a log."""


def zone_of_file(name: str) -> SteppedZone:
    """The zone of that name. Raises KeyError."""
    if name.startswith("/") or ".." in name:
        raise KeyError(name)
    for place in PLACES:
        try:
            with (Path(place) / name).open("rb") as file:
                return zone_of(file.read(_MOST))
        except (OSError, ValueError, struct.error):
            continue
    raise KeyError(name)


def zone_of(data: bytes) -> SteppedZone:
    """What a file of the database tells. Raises ValueError, struct.error."""
    magic, version, *counts = _HEAD.unpack_from(data)
    if magic != b"TZif" or version < b"2":
        raise ValueError("no file of a zone")
    at = _HEAD.size + _length(counts, 4)
    _magic, _version, *counts = _HEAD.unpack_from(data, at)
    changes, types = counts[3], counts[4]
    at += _HEAD.size
    moments = struct.unpack_from(f">{changes}q", data, at)
    numbers = struct.unpack_from(f"{changes}B", data, at + 8 * changes)
    at += 9 * changes
    offsets = [struct.unpack_from(">i", data, at + 6 * number)[0] for number in range(types)]
    steps = list(_steps(moments, [offsets[number] for number in numbers], offsets[0]))
    return SteppedZone([start for start, _ in steps], [offset for _, offset in steps])


def _length(counts: Sequence[int], width: int) -> int:
    """Bytes of a block's data, with so many bytes of a moment."""
    ut, standard, leaps, changes, types, letters = counts
    return changes * (width + 1) + types * 6 + letters + leaps * (width + 4) + standard + ut


def _steps(
    moments: Sequence[int], offsets: Sequence[int], first: int
) -> Iterator[tuple[str, float]]:
    """Each offset with the first local time that has it and had no other before."""
    before = first
    yield "0001-01-01T00:00:00", float(first)
    for moment, offset in zip(moments, offsets, strict=True):
        if moment > _EARLIEST:
            start = _EPOCH + timedelta(seconds=moment + max(before, offset))
            yield start.isoformat(), float(offset)
        before = offset
