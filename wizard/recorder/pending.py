"""What was seen of sessions' ends and is not put together yet, by the sample that saw it. Pure.

What belongs to one end (the session's leaving, the count, the line of the log) is seen in one
sample or in two that follow each other: the server counts a KILL before its victim is gone, and
a sample reads its tables one after the other. So nothing is decided before the next sample.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from wizard.logs.error.scan_model import LogEvent
from wizard.recorder.sample import AccountError, Sample, SessionSeen, grown

LEFT = 3
"""Samples for which a session that left is kept until the log or a counter speaks."""

COUNTED = 5
"""Samples for which a count or a line of the log waits for its session to leave the list."""

OWED = 2
"""Samples in which a count may come after the end that it belongs to was told."""

_REMEMBERED = 10_000
_ERRORS_OF: Mapping[str, tuple[int, ...]] = {
    "idle-timeout": (4031,),
    "packet-too-large": (1153,),
    "net-write-timeout": (1161, 1160),
    "client-not-closing": (1158,),
    "shared-connection": (1156,),
}
"""The errors that MySQL counts for an end of that cause."""


@dataclass(frozen=True, slots=True)
class Left:
    """A session that is no longer listed, since the sample `tick`."""

    tick: int
    session: SessionSeen


@dataclass(slots=True)
class Pending:
    """`tick` numbers the samples; every time here is such a number."""

    tick: int = 0
    left: dict[int, Left] = field(default_factory=dict)
    lines: list[tuple[int, LogEvent]] = field(default_factory=list)
    aborted: list[int] = field(default_factory=list)
    killed: list[int] = field(default_factory=list)
    errors: dict[AccountError, list[int]] = field(default_factory=dict)
    killers: dict[str, int] = field(default_factory=dict)
    """How many KILLs each account has issued lately (MySQL)."""

    victims: dict[int, tuple[int, str]] = field(default_factory=dict)
    """Sessions that are known to be killed, and by whom (or ""), until they leave."""

    told: set[int] = field(default_factory=set)
    owed: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    """Counts of ends that are told already, by user and error; error 0 is Aborted_clients."""

    def take_in(
        self,
        before: Sample,
        sample: Sample,
        lines: Iterable[LogEvent],
        killers: Mapping[int, str],
    ) -> None:
        """What a new sample shows against the one before it."""
        self.tick += 1
        for number, session in before.sessions.items():
            if number not in sample.sessions and number not in self.told:
                self.left[number] = Left(self.tick, session.at(sample.at))
        self.lines += [(self.tick, line) for line in lines]
        for number, who in killers.items():
            if number in self.left or number in sample.sessions:
                self.victims[number] = (self.tick, who)
        self._count(before, sample)
        for number, session in sample.sessions.items():
            if _dies_of_kill(session) and (self.killed or number in self.victims):
                self.victims[number] = (self.tick, self.victims.get(number, (0, ""))[1])

    def _count(self, before: Sample, sample: Sample) -> None:
        aborted = grown(before, sample, "Aborted_clients")
        self.aborted += [self.tick] * self._unpaid("", 0, aborted)
        self.killed += [self.tick] * max(sample.kill_count - before.kill_count, 0)
        for key, total in sample.errors.items():
            more = max(total - before.errors.get(key, 0), 0)
            unpaid = self._unpaid(user_of(key.account), key.number, more)
            if unpaid:
                self.errors.setdefault(key, []).extend([self.tick] * unpaid)
        for account, total in sample.kills.items():
            if total > before.kills.get(account, 0):
                self.killers[account] = total - before.kills.get(account, 0)

    def _unpaid(self, user: str, number: int, count: int) -> int:
        owed = self.owed.get((user, number), [])
        paid = min(len(owed), count)
        del owed[:paid]
        return count - paid

    def near(self, tick: int) -> list[int]:
        """The sessions that left in the sample `tick` or in one beside it."""
        return [number for number, left in self.left.items() if abs(left.tick - tick) <= 1]

    def near_of(self, tick: int, account: str) -> list[int]:
        """Those of that account; of its user where no host of theirs has the same name."""
        near = [n for n in self.near(tick) if self.left[n].session.user == user_of(account)]
        exact = [n for n in near if self.left[n].session.account == account]
        return exact or near

    def take(self, number: int) -> SessionSeen:
        """The session, of whom it is known now why it left."""
        return self.left.pop(number).session

    def settle(self, session: SessionSeen, cause: str, counted: AccountError | None = None) -> None:
        """What was counted for a session that is told must not be told again. `counted` is the
        error that told of it."""
        self.told.add(session.id)
        self.victims.pop(session.id, None)
        self._settle_one(self.aborted, ("", 0))
        if cause == "connection-killed":
            del self.killed[:1]
        if counted is not None:
            del self.errors[counted][:1]
        for number in _errors_of(cause, session.rests):
            if counted is not None and counted.number == number:
                continue
            ticks = next(
                (
                    ticks
                    for key, ticks in self.errors.items()
                    if ticks and key.number == number and user_of(key.account) == session.user
                ),
                [],
            )
            self._settle_one(ticks, (session.user, number))

    def _settle_one(self, counted: list[int], key: tuple[str, int]) -> None:
        if counted:
            del counted[0]
        else:
            self.owed.setdefault(key, []).append(self.tick)

    def forget_old(self) -> None:
        """Those of whom nothing was said ended with COM_QUIT."""
        now = self.tick
        self.left = {n: left for n, left in self.left.items() if now - left.tick < LEFT}
        self.lines = [(tick, line) for tick, line in self.lines if now - tick < COUNTED]
        self.aborted = [tick for tick in self.aborted if now - tick < COUNTED]
        self.killed = [tick for tick in self.killed if now - tick < COUNTED]
        self.victims = {n: v for n, v in self.victims.items() if now - v[0] < COUNTED}
        self.errors = _young(self.errors, now, COUNTED)
        self.owed = _young(self.owed, now, OWED)
        if not self.killed:
            self.killers.clear()
        if len(self.told) > _REMEMBERED:
            self.told = set(sorted(self.told)[-_REMEMBERED // 2 :])


def _dies_of_kill(session: SessionSeen) -> bool:
    """Whether it was at work when it was killed. MariaDB lists one that quits as Killed too, for
    the moment in which it is taken down, and with no statement."""
    return session.command == "Killed" and bool(session.statement)


def _errors_of(cause: str, rested: bool) -> tuple[int, ...]:
    if cause == "connection-killed":
        return (1158, 1160) if rested else (1317, 1160)
    return _ERRORS_OF.get(cause, ())


_Key = TypeVar("_Key")


def _young(counted: Mapping[_Key, list[int]], now: int, most: int) -> dict[_Key, list[int]]:
    kept = {key: [tick for tick in ticks if now - tick < most] for key, ticks in counted.items()}
    return {key: ticks for key, ticks in kept.items() if ticks}


def user_of(account: str) -> str:
    """The user of user@host: the server's tables name hosts in more than one way."""
    return account.rpartition("@")[0] or account
