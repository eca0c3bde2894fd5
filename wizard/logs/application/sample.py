"""What the ends of an application's log tell of all of it, before it is read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import IO

from wizard.logs.application.line_heads import LineHeads, line_heads
from wizard.logs.application.lines import Lines
from wizard.logs.application.open_file import BROKEN, PACKED
from wizard.logs.application.raw_lines import bounded
from wizard.logs.application.stamps import FileClock, StampReader
from wizard.logs.application.survey import Direction, Survey, direction_of
from wizard.logs.engine.progress import Progress, telling

_SAMPLE = 1 << 17
"""Bytes at each end of a file by which its times are judged."""

SAMPLED = 400
"""Lines by which its direction is."""

_MOST_DAYS = 4000

PHASE = "its times"


@dataclass(frozen=True, slots=True)
class Sample:
    """`heads` is how records begin, where the log can be skimmed; `size` its bytes, None where
    only unpacking it would tell; `twice` the days on which the clocks of a log without zones
    may show an hour two times."""

    clock: FileClock
    direction: Direction
    heads: LineHeads | None
    size: int | None
    twice: tuple[date, ...] = ()


def sampled(
    stream: IO[bytes],
    path: Path,
    zone: tzinfo | None,
    checkpoint: Callable[[], None],
    say: Callable[[str], None] = lambda _: None,
) -> Sample:
    """From both ends of the file, from all of it where they do not settle its times.

    The stream is at its start again afterwards. `say` is told how far a long look is.
    """
    written = _written(path)
    survey = Survey(zone, written, datetime.now(UTC))
    head = Lines(stream, checkpoint)
    lines: list[str] = []
    for _number, line in head:
        lines.append(line)
        survey.take(line)
        if head.taken >= _SAMPLE:
            break
    longer = head.taken >= _SAMPLE
    size: int | None = head.taken
    tail: list[str] = []
    try:
        if longer:
            size = None if isinstance(stream, PACKED) else stream.seek(0, 2)
        if longer and size is not None:
            stream.seek(max(_SAMPLE, size - _SAMPLE))
            tail = _decoded(stream.read(_SAMPLE))[1:]
            for line in tail:
                survey.take(line)
        if longer and survey.unsettled:
            survey = Survey(zone, written, datetime.now(UTC))
            stream.seek(0)
            passed = telling(checkpoint, Progress(size or 0, what=PHASE), say)
            whole = Lines(stream, lambda: passed(whole.taken))
            for _number, line in whole:
                survey.take(line)
        stream.seek(0)
    except BROKEN:
        stream.seek(0)
    clock = survey.file_clock()
    direction = direction_of(lines[:SAMPLED], StampReader(zone, None, clock))
    if direction is not Direction.FORWARD or clock.first_day is not None:
        return Sample(clock, direction, None, size)
    heads = line_heads([*lines, *tail[:-1]], StampReader(zone, None, clock))
    twice = _told_twice([*lines, *tail], StampReader(zone, None, clock), zone)
    return Sample(clock, direction, heads, size, twice)


def _told_twice(lines: list[str], reader: StampReader, zone: tzinfo | None) -> tuple[date, ...]:
    """The days between the first and the last line on which clocks are put back."""
    moments = (moment for line in lines if (moment := reader.moment(line)) is not None)
    first = next(moments, None)
    last = next((m for line in reversed(lines) if (m := reader.moment(line)) is not None), None)
    if first is None or last is None or not reader.assumed:
        return ()
    day = min(first, last).date() - timedelta(days=1)
    end = max(first, last, datetime.now(UTC)).date() + timedelta(days=1)
    days: list[date] = []
    while day < end and len(days) < _MOST_DAYS:
        if _offset(day + timedelta(days=1), zone) < _offset(day, zone):
            days += [day, day + timedelta(days=1)]
        day += timedelta(days=1)
    return tuple(days)


def _offset(day: date, zone: tzinfo | None) -> timedelta:
    noon = datetime(day.year, day.month, day.day, 12)
    told = noon.astimezone() if zone is None else noon.replace(tzinfo=zone)
    return told.utcoffset() or timedelta()


def as_written(days: tuple[date, ...]) -> tuple[bytes, ...]:
    """Days as those times write them that can be compared as texts."""
    forms = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d")
    return tuple(day.strftime(form).encode() for day in days for form in forms)


def _written(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None


def _decoded(raw: bytes) -> list[str]:
    return [bounded(line) for line in raw.decode("utf-8", "replace").split("\n")]
