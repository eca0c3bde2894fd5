"""Ended sessions, indexed by time and identity: the nearest free one in one look-up.

An end is taken once, whoever takes it: several pieces of evidence, and several causes, may
hold the same occurrence. What is taken is told by one shared set. Each line of ends marks those
that it has met, a byte for each, and steps over a hundred thousand of these in a microsecond.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

from wizard.case.evidence import Occurrence

Thing = TypeVar("Thing")

_ANY = "\0any"
"""The line of all accounts; no account has such a name."""

_NEVER, _FOREVER = float("-inf"), float("inf")

AHEAD = 1.0
"""What an end of the very moment after the failure is worth as a distance, in seconds."""


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


def in_order(times: list[float], things: list[Thing]) -> tuple[list[float], list[Thing]]:
    """Both by time, most often as they are; those of one moment stay as they were."""
    ordered = sorted(times)
    if ordered == times:
        return times, things
    places = sorted(range(len(times)), key=times.__getitem__)
    return ordered, [things[place] for place in places]


class Line:
    """Ends in order of time. `gone` has a 1 for each that was met and is taken."""

    __slots__ = ("ends", "gone", "taken", "times")

    def __init__(self, times: list[float], ends: list[Occurrence], taken: Taken) -> None:
        self.times = times
        self.ends = ends
        self.taken = taken.ids
        self.gone = bytearray(len(ends))

    def free_before(self, place: int) -> int:
        """The place after the latest free end before `place`; 0 where there is none."""
        ends, taken, gone = self.ends, self.taken, self.gone
        while (place := gone.rfind(0, 0, place)) >= 0 and id(ends[place]) in taken:
            gone[place] = 1
        return place + 1

    def free_from(self, place: int) -> int:
        """The place of the earliest free end from `place` on; past the last where there is none."""
        ends, taken, gone = self.ends, self.taken, self.gone
        while (place := gone.find(0, place)) >= 0 and id(ends[place]) in taken:
            gone[place] = 1
        return place if place >= 0 else len(ends)


def latest(lines: Sequence[Line], since: float, until: float) -> tuple[float, Occurrence] | None:
    """The latest free end of all these lines from `since` to `until`, both included."""
    best: tuple[float, Occurrence] | None = None
    for line in lines:
        times = line.times
        place = bisect_right(times, until)
        if place and times[place - 1] >= since:
            if id(line.ends[place - 1]) in line.taken:
                place = line.free_before(place)
            if place and times[place - 1] >= since and (best is None or times[place - 1] > best[0]):
                best = times[place - 1], line.ends[place - 1]
    return best


def earliest(lines: Sequence[Line], since: float, until: float) -> Occurrence | None:
    """The earliest one, as `latest`."""
    first: Occurrence | None = None
    for line in lines:
        times, gone = line.times, line.gone
        place = gone.find(0, bisect_left(times, since))
        while place >= 0 and times[place] <= until:
            end = line.ends[place]
            if id(end) not in line.taken:
                if first is None or times[place] < until:
                    first, until = end, times[place]
                break
            gone[place] = 1
            place = gone.find(0, place)
    return first


def ahead(seconds: float) -> float:
    """What an end after the failure is worth as a distance. The log's stamps are cut, never
    rounded up, so that it is a doubtful one."""
    return AHEAD + 2.0 * seconds


def nearest(
    lines: Sequence[Line], moment: float, since: float, until: float, enough: float
) -> tuple[float, Occurrence] | None:
    """The latest free end up to `moment`, or the earliest one after it where that is nearer.

    From `since` to `until`; none after it where the other is no further away than `enough`.
    """
    search = bisect_right if since <= moment else bisect_left
    early, late = _NEVER, _FOREVER
    before: Occurrence | None = None
    after: Occurrence | None = None
    for line in lines:
        times, ends, taken = line.times, line.ends, line.taken
        here = place = search(times, moment)
        if place and times[place - 1] >= since:
            if id(ends[place - 1]) in taken:
                place = line.free_before(place)
            if place and since <= times[place - 1] > early:
                early, before = times[place - 1], ends[place - 1]
        if moment - early <= enough and before is not None:
            continue
        if here < len(times) and times[here] <= until:
            if id(ends[here]) in taken:
                here = line.free_from(here)
            if here < len(times) and until >= times[here] < late:
                late, after = times[here], ends[here]
    if before is not None and (
        after is None or moment - early <= enough or moment - early <= ahead(late - moment)
    ):
        return early, before
    return None if after is None else (late, after)


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
        times: list[float] = []
        ends: list[Occurrence] = []
        for end in occurrences:
            if end.connection_id is not None and end.connection_id in reserved:
                self._by_id.setdefault(end.connection_id, []).append(end)
            elif end.at is not None:
                times.append(end.at.timestamp())
                ends.append(end)
        self._times, self._ends = in_order(times, ends)
        self.count = len(ends) + sum(len(known) for known in self._by_id.values())
        self.of_named = _Lines(self, named=True)
        self.of_unnamed = _Lines(self, named=False)

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

    def around(self, moment: float, within: float) -> int:
        """How many sessions ended so in that moment, taken or not."""
        times = self._times
        return bisect_right(times, moment + within) - bisect_left(times, moment - within)

    def first_free(self, by: float) -> Occurrence | None:
        return earliest(self.of_unnamed[None], float("-inf"), by)

    def sorted_out(self, named: bool) -> dict[str | None, Line]:
        """The ends by user, and all of them; for `named` those alone whose id is not known."""
        times, ends = self._times, self._ends
        if named:
            kept = [place for place, end in enumerate(ends) if end.connection_id is None]
            times, ends = [times[place] for place in kept], [ends[place] for place in kept]
        users: dict[str | None, tuple[list[float], list[Occurrence]]] = {}
        of_account: dict[str | None, tuple[list[float], list[Occurrence]]] = {}
        for time, end in zip(times, ends, strict=True):
            column = of_account.get(end.account)
            if column is None:
                column = users.setdefault(user_of(end.account), ([], []))
                of_account[end.account] = column
            column[0].append(time)
            column[1].append(end)
        lines: dict[str | None, Line] = {u: Line(*c, self._taken) for u, c in users.items()}
        lines[_ANY] = Line(times, ends, self._taken)
        return lines


class _Lines(dict[str | None, tuple[Line, ...]]):
    """By account the lines whose ends can be meant, made at the first look.

    Of that account or of an untold one, and where the failure names its connection (`named`),
    of none that is known to be another.
    """

    def __init__(self, ends: Ends, named: bool) -> None:
        super().__init__()
        self._ends, self._named = ends, named
        self._of_user: dict[str | None, Line] = {}

    def __missing__(self, account: str | None) -> tuple[Line, ...]:
        lines = self._of_user = self._of_user or self._ends.sorted_out(self._named)
        user = user_of(account)
        keys = (_ANY,) if user is None else (user, None)
        found = self[account] = tuple(lines[key] for key in keys if key in lines)
        return found
