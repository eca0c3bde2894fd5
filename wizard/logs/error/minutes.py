"""The minutes of a log's lines as they are written, and the moments at which they begin.

A log of a month has 43,200 of them, and to read a time takes long: only the first and the last
minute of an hour are read, and those between where no clock was put forward or back in it.
"""

from datetime import tzinfo

from wizard.logs.engine.stamps import parse_stamp, short_time

_MOST_HOURS = 20_000
_FIRST, _LAST = 0, 59


class Minutes:
    """Knows the epoch second at which a minute begins; bounded."""

    def __init__(self, zone: tzinfo | None) -> None:
        self._zone = zone
        self._hours: dict[tuple[bytes, bytes], int | None] = {}

    def second(self, minute: bytes, offset: bytes) -> int | None:
        """None for a text that is no time."""
        hour, number = minute[:-2], minute[-2:]
        begin = self.hour(hour, offset)
        if begin is None or not number.isdigit() or int(number) > _LAST:
            return minute_of(minute, offset, self._zone)
        return begin + int(number) * 60

    def hour(self, hour: bytes, offset: bytes) -> int | None:
        """When an hour begins; None for one whose minutes have to be read one by one."""
        if (hour, offset) not in self._hours:
            if len(self._hours) >= _MOST_HOURS:
                self._hours.clear()
            self._hours[hour, offset] = self._begin(hour, offset)
        return self._hours[hour, offset]

    def _begin(self, hour: bytes, offset: bytes) -> int | None:
        first, last = (
            minute_of(hour + b"%02d" % number, offset, self._zone) for number in (_FIRST, _LAST)
        )
        steady = first is not None and last is not None and last - first == (_LAST - _FIRST) * 60
        return first if steady else None


def minute_of(text: bytes, offset: bytes, zone: tzinfo | None) -> int | None:
    """The epoch second at which a minute as it is written begins."""
    word = text.decode("ascii", "replace")
    if word[4:5] == "-":
        at = parse_stamp(f"{word}:00{offset.decode('ascii', 'replace')}", zone)
    else:
        day, _, clock = word.partition(" ")
        at = short_time(day, f"{clock.strip()}:00", zone)
    return None if at is None else int(at.timestamp())
