"""Where the times of a log go back: the clock was set, or put back from summer time.

A step forward cannot be told from silence. A search by time takes times to rise, so what lies
around such a step may be missed, and has to be said.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from operator import lt

from wizard.logs.error.line import parse_line
from wizard.logs.error.line_places import Places
from wizard.logs.error.scan_model import ClockStep, LinePlace
from wizard.units import duration

SLACK = timedelta(seconds=90)
"""Threads write their lines a little out of order."""

MOST = 20
"""Steps that are kept of one log."""

_SAID = 3
_SUMMER_TIME = (timedelta(minutes=28), timedelta(minutes=62))
"""What clocks are put back by at the end of summer time, less what passed between two lines."""

_MINUTE = slice(0, 16)


class ClockSteps:
    """Watches the times of lines as they are written, and reads only those that fall."""

    def __init__(self, zone: tzinfo | None) -> None:
        self.steps: list[ClockStep] = []
        self._zone = zone
        self._minute = b""
        self._line = b""

    def watch(self, lines: Sequence[bytes], places: Places) -> None:
        """Take the next lines of the log."""
        minutes = [line[_MINUTE] for line in lines]
        falls = any(map(lt, minutes, [self._minute, *minutes]))
        if minutes and not falls and _is_time(minutes[-1]):
            self._minute, self._line = minutes[-1], lines[-1]
            return
        for number, minute in enumerate(minutes):
            if minute == self._minute or not _is_time(minute):
                continue
            if minute < self._minute and len(self.steps) < MOST:
                self._look(lines[number], places, number)
            self._minute, self._line = minute, lines[number]

    def goes_on(self, first: bytes, last: bytes) -> bool:
        """Take lines whose minutes do not fall, by the first and the last of them.

        False where the log's time may go back before them, or they end without one.
        """
        minute = last[_MINUTE]
        if first[_MINUTE] < self._minute or not _is_time(minute):
            return False
        self._minute, self._line = minute, last
        return True

    def _look(self, line: bytes, places: Places, number: int) -> None:
        before, after = self._time(self._line), self._time(line)
        if before is not None and after is not None and before - after > SLACK:
            self.steps.append(ClockStep(before, after, places.of(number)))

    def _time(self, line: bytes) -> datetime | None:
        parsed = parse_line(line, self._zone)
        return None if parsed is None else parsed.at


def _is_time(minute: bytes) -> bool:
    return minute[4:5] == b"-" and minute[13:14] == b":"


def between(
    last: datetime | None, first: datetime | None, place: LinePlace | None
) -> tuple[ClockStep, ...]:
    """A step from one stretch of a log to the one that follows."""
    if last is None or first is None or place is None or last - first <= SLACK:
        return ()
    return (ClockStep(last, first, place),)


def step_remarks(steps: Iterable[ClockStep]) -> tuple[str, ...]:
    """What is to be said of them, the first ones in full."""
    told = list(steps)
    said = [_words(step) for step in told[:_SAID]]
    if len(told) > _SAID:
        more = f"{len(told) - _SAID}" if len(told) < MOST else f"at least {MOST - _SAID}"
        said.append(f"the log's time goes back at {more} more places")
    return tuple(said)


def _words(step: ClockStep) -> str:
    back = step.before - step.after
    or_summer = _SUMMER_TIME[0] <= back <= _SUMMER_TIME[1]
    why = "clocks were put back from summer time, or the clock was set" if or_summer else ""
    return (
        f"{step.place}: the log's time goes back by {duration(back.total_seconds())} here, from "
        f"{step.before:%Y-%m-%d %H:%M:%S} to {step.after:%H:%M:%S}: "
        f"{why or 'the clock was set'}; what lies around may be missed or counted to the wrong time"
    )
