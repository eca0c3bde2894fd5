"""Ended sessions, indexed by time and identity: the nearest free one in one look-up.

An end is taken once, whoever takes it: several pieces of evidence, and several causes, may
hold the same occurrence. What is taken is told by one shared set, and each line of ends passes
over it by path compression, so that a whole attribution stays linear in failures and ends.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import itemgetter

from wizard.case.evidence import Occurrence

_ANY = "\0any"
"""The line of all accounts; no account has such a name."""


@lru_cache(maxsize=4096)
def user_of(account: str | None) -> str | None:
    """The user of `'user'@'host'` or user@host: server and client know hosts by other names."""
    if not account:
        return None
    user = account.rpartition("@")[0] if "@" in account else account
    return user.strip("'\"` ") or None


class Taken:
    """Which ends have explained a failure already."""

    def __init__(self) -> None:
        self.ids: set[int] = set()

    def take(self, end: Occurrence) -> None:
        self.ids.add(id(end))

    def __contains__(self, end: object) -> bool:
        return id(end) in self.ids


class Line:
    """Ends in order of time. `_earlier` and `_later` lead past those that are taken."""

    __slots__ = ("_earlier", "_later", "ends", "numbers", "taken", "times")

    def __init__(self, ends: Sequence[tuple[float, Occurrence]], taken: Taken) -> None:
        self.times = [time for time, _ in ends]
        self.ends = [end for _, end in ends]
        self.numbers = [id(end) for end in self.ends]
        self._earlier = list(range(len(ends) + 1))
        self._later = list(range(len(ends) + 1))
        self.taken = taken.ids

    def free_before(self, place: int) -> int:
        """The place after the latest free end before `place`; 0 where there is none."""
        numbers, taken, lead = self.numbers, self.taken, self._earlier
        start = place
        while place and (lead[place] != place or numbers[place - 1] in taken):
            if lead[place] == place:
                lead[place] = place - 1
            place = lead[place]
        while start != place:
            lead[start], start = place, lead[start]
        return place

    def free_from(self, place: int) -> int:
        """The place of the earliest free end from `place` on; past the last where there is none."""
        numbers, taken, lead, last = self.numbers, self.taken, self._later, len(self.times)
        start = place
        while place < last and (lead[place] != place or numbers[place] in taken):
            if lead[place] == place:
                lead[place] = place + 1
            place = lead[place]
        while start != place:
            lead[start], start = place, lead[start]
        return place


def latest(lines: Sequence[Line], since: float, until: float) -> tuple[float, Occurrence] | None:
    """The latest free end of all these lines from `since` to `until`, both included."""
    best: tuple[float, Occurrence] | None = None
    for line in lines:
        times = line.times
        place = bisect_right(times, until)
        if place and times[place - 1] >= since:
            if line.numbers[place - 1] in line.taken:
                place = line.free_before(place)
            if place and times[place - 1] >= since and (best is None or times[place - 1] > best[0]):
                best = times[place - 1], line.ends[place - 1]
    return best


def earliest(lines: Sequence[Line], since: float, until: float) -> tuple[float, Occurrence] | None:
    """The earliest one, as `latest`."""
    best: tuple[float, Occurrence] | None = None
    for line in lines:
        times = line.times
        place, last = bisect_left(times, since), len(times)
        if place < last and times[place] <= until:
            if line.numbers[place] in line.taken:
                place = line.free_from(place)
            if place < last and times[place] <= until and (best is None or times[place] < best[0]):
                best = times[place], line.ends[place]
    return best


class Ends:
    """The ends of one kind. `reserved` are connection ids that some failure names itself: their
    ends are of that failure, and found by id alone."""

    def __init__(
        self,
        occurrences: Iterable[Occurrence],
        taken: Taken,
        reserved: frozenset[int] = frozenset(),
    ) -> None:
        self._taken = taken
        self._by_id: dict[int, list[Occurrence]] = {}
        timed: list[tuple[float, Occurrence]] = []
        for end in occurrences:
            if end.connection_id is not None and end.connection_id in reserved:
                self._by_id.setdefault(end.connection_id, []).append(end)
            elif end.at is not None:
                timed.append((end.at.timestamp(), end))
        timed.sort(key=itemgetter(0))
        self._timed = timed
        self._times = [time for time, _ in timed]
        self.count = len(timed) + sum(len(ends) for ends in self._by_id.values())
        self._lines: dict[bool, dict[str | None, Line]] = {}
        self._chosen: dict[tuple[str | None, bool], tuple[Line, ...]] = {}

    def of_connection(self, number: int, moment: float | None) -> Occurrence | None:
        """The free end of that very connection, the nearest one in time.

        Ids begin anew with each start of the server.
        """
        known = self._by_id.get(number)
        if known is None:
            return None
        free = [e for e in known if e not in self._taken]
        if moment is None or len(free) < 2:
            return free[0] if free else None
        apart = [abs(e.at.timestamp() - moment) if e.at else 0.0 for e in free]
        return free[apart.index(min(apart))]

    def lines(self, account: str | None, named: bool) -> "tuple[Line, ...]":
        """The lines whose ends can be meant.

        Of that account or of an untold one, and where the failure names its connection (`named`),
        of none that is known to be another.
        """
        found = self._chosen.get((account, named))
        if found is None:
            found = self._chosen[account, named] = self._choose(user_of(account), named)
        return found

    def around(self, moment: float, within: float) -> int:
        """How many sessions ended so in that moment, taken or not."""
        times = self._times
        return bisect_right(times, moment + within) - bisect_left(times, moment - within)

    def first_free(self, by: float) -> Occurrence | None:
        found = earliest(self.lines(None, False), float("-inf"), by)
        return None if found is None else found[1]

    def _choose(self, user: str | None, named: bool) -> "tuple[Line, ...]":
        lines = self._lines.get(named)
        if lines is None:
            lines = self._lines[named] = self._sorted_out(named)
        if user is None:
            return (lines[_ANY],)
        return tuple(lines[k] for k in (user, None) if k in lines)

    def _sorted_out(self, named: bool) -> dict[str | None, Line]:
        timed = [p for p in self._timed if not named or p[1].connection_id is None]
        users: dict[str | None, list[tuple[float, Occurrence]]] = {}
        for pair in timed:
            users.setdefault(user_of(pair[1].account), []).append(pair)
        lines: dict[str | None, Line] = {u: Line(ends, self._taken) for u, ends in users.items()}
        lines[_ANY] = Line(timed, self._taken)
        return lines
