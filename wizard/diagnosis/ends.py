"""Ended sessions, indexed by time and identity: the nearest free one in one look-up.

An end is taken once, whoever takes it: several pieces of evidence, and several causes, may
hold the same occurrence. What is taken is told by one shared set, and each line of ends passes
over it by path compression, so that a whole attribution stays linear in failures and ends.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache

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


class _Line:
    """Ends in order of time. `_earlier` and `_later` lead past those that are taken."""

    __slots__ = ("_earlier", "_later", "_numbers", "_taken", "ends", "times")

    def __init__(self, ends: Sequence[tuple[float, Occurrence]], taken: Taken) -> None:
        self.times = [time for time, _ in ends]
        self.ends = [end for _, end in ends]
        self._numbers = [id(end) for end in self.ends]
        self._earlier = list(range(len(ends) + 1))
        self._later = list(range(len(ends) + 1))
        self._taken = taken.ids

    def latest(self, since: float, until: float) -> tuple[float, Occurrence] | None:
        """The latest free end from `since` to `until`, both included."""
        numbers, taken, lead = self._numbers, self._taken, self._earlier
        start = place = bisect_right(self.times, until)
        while place and (lead[place] != place or numbers[place - 1] in taken):
            if lead[place] == place:
                lead[place] = place - 1
            place = lead[place]
        while start != place:
            lead[start], start = place, lead[start]
        if not place or self.times[place - 1] < since:
            return None
        return self.times[place - 1], self.ends[place - 1]

    def earliest(self, since: float, until: float) -> tuple[float, Occurrence] | None:
        """The earliest free end from `since` to `until`, both included."""
        numbers, taken, lead, last = self._numbers, self._taken, self._later, len(self.ends)
        start = place = bisect_left(self.times, since)
        while place < last and (lead[place] != place or numbers[place] in taken):
            if lead[place] == place:
                lead[place] = place + 1
            place = lead[place]
        while start != place:
            lead[start], start = place, lead[start]
        if place >= last or self.times[place] > until:
            return None
        return self.times[place], self.ends[place]


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
        timed.sort(key=lambda pair: pair[0])
        self._timed = timed
        self._times = [time for time, _ in timed]
        self.count = len(timed) + sum(len(ends) for ends in self._by_id.values())
        self._lines: dict[bool, dict[str | None, _Line]] = {}
        self._chosen: dict[tuple[str | None, bool], tuple[_Line, ...]] = {}

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

    def latest(
        self, account: str | None, number: int | None, since: float, until: float
    ) -> tuple[float, Occurrence] | None:
        """The latest free end in that span of a fitting connection.

        It can be of `account` and the id `number`; None for what is not known of it.
        """
        lines = self._of(account, number is not None)
        if len(lines) == 1:
            return lines[0].latest(since, until)
        best: tuple[float, Occurrence] | None = None
        for line in lines:
            found = line.latest(since, until)
            if found is not None and (best is None or found[0] > best[0]):
                best = found
        return best

    def earliest(
        self, account: str | None, number: int | None, since: float, until: float
    ) -> tuple[float, Occurrence] | None:
        """The earliest one, as `latest`."""
        lines = self._of(account, number is not None)
        if len(lines) == 1:
            return lines[0].earliest(since, until)
        best: tuple[float, Occurrence] | None = None
        for line in lines:
            found = line.earliest(since, until)
            if found is not None and (best is None or found[0] < best[0]):
                best = found
        return best

    def around(self, moment: float, within: float) -> int:
        """How many sessions ended so in that moment, taken or not."""
        times = self._times
        return bisect_right(times, moment + within) - bisect_left(times, moment - within)

    def first_free(self) -> Occurrence | None:
        return next((end for _, end in self._timed if end not in self._taken), None)

    def _of(self, account: str | None, named: bool) -> tuple[_Line, ...]:
        """The lines whose ends can be meant.

        Of that account or of an untold one, and where the failure names its connection, of none
        that is known to be another.
        """
        key = account, named
        found = self._chosen.get(key)
        if found is None:
            lines = self._lines.get(named)
            if lines is None:
                lines = self._lines[named] = self._sorted_out(named)
            user = user_of(account)
            if user is None:
                found = (lines[_ANY],)
            else:
                found = tuple(lines[k] for k in (user, None) if k in lines)
            self._chosen[key] = found
        return found

    def _sorted_out(self, named: bool) -> dict[str | None, _Line]:
        timed = [p for p in self._timed if not named or p[1].connection_id is None]
        users: dict[str | None, list[tuple[float, Occurrence]]] = {}
        for pair in timed:
            users.setdefault(user_of(pair[1].account), []).append(pair)
        lines: dict[str | None, _Line] = {u: _Line(ends, self._taken) for u, ends in users.items()}
        lines[_ANY] = _Line(timed, self._taken)
        return lines
