"""From one sample to the next: which sessions were lost, and to what. Pure.

A session that left is looked for in the error log first, which names it; then among those that
are known to be killed; then in what the server counted by account (MySQL); then in the bare
counters. Where several sessions left at once, one whose socket the server closed first goes
before one that rested long: a client that quits closes its own end. What nothing speaks of
ended with COM_QUIT and is no event.

Sources: MySQL Reference Manual, "Communication Errors and Aborted Connections"; MariaDB
Knowledge Base, "Server Status Variables". KILL is never logged, at any verbosity.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from wizard.diagnosis.model import Verdict
from wizard.logs.error.scan_model import LogEvent
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.pending import Pending
from wizard.recorder.refusals import refused_logins
from wizard.recorder.sample import AccountError, Sample, SessionSeen
from wizard.units import duration

BY_SIGNAL: Mapping[str, tuple[str, str]] = {
    "log.idle-timeout": ("idle-timeout", "idled longer than its wait_timeout"),
    "log.aborted-timeout": ("idle-timeout", "idled longer than its wait_timeout"),
    "log.aborted-packet": ("packet-too-large", "sent more than max_allowed_packet"),
    "log.aborted-read-error": ("client-not-closing", "lost its client, which sent no COM_QUIT"),
    "log.aborted-write-error": ("client-not-closing", "lost its client before its answer was sent"),
    "log.aborted-write-timeout": ("net-write-timeout", "was read from too slowly by its client"),
    "log.aborted-killed": ("connection-killed", "was killed"),
    "log.memory-limit": ("connection-memory-limit", "used more memory than it may"),
}
"""What a line of the error log says of the session that it names."""

AT_WORK = 2
"""Seconds on one statement, the one since the last sample with them."""

NAMED_WITHIN = 2
"""Samples after which the log would have named a session that was not killed."""

_KILL = "connection-killed"
_SHARED = "shared-connection", "got packets out of order: two programs use one connection"
_AT_REST = frozenset((4031, 1158, 1159))
"""Errors of a session that was waited for, not of one at work."""


@dataclass(slots=True)
class Attributor:
    """Keeps what is not decided yet; `step` is given every sample in order."""

    tells_sessions: bool = True
    """Whether the error log names sessions that ended (verbosity), and can be read."""

    _counts_kills: bool = True
    _before: Sample | None = None
    _open: Pending = field(default_factory=Pending)
    _closed: frozenset[int] = frozenset()
    _earlier: Mapping[int, SessionSeen] = field(default_factory=dict)
    """Who was there before a gap, for the lines of the log that name them after it."""

    def step(
        self,
        sample: Sample,
        lines: Iterable[LogEvent],
        killers: Mapping[int, str],
        closed: frozenset[int] = frozenset(),
    ) -> list[RecorderEvent]:
        """The events of this moment. `killers` is who killed which connection, where known;
        `closed` are client ports whose connection the server closed and the client has not."""
        before, self._before = self._before, sample
        told = [line for line in lines if line.signal in BY_SIGNAL]
        if before is None:
            return self._after_gap(sample, told)
        self._closed |= closed
        self._counts_kills = sample.counts_kills
        self._open.take_in(before, sample, told, killers)
        events = [*self._from_log(sample.at), *self._from_victims(sample.at)]
        events += self._from_errors(sample.at)
        events += self._from_counters(sample.at)
        events += refused_logins(before, sample)
        self._open.forget_old()
        self._closed = closed
        return events

    def forget(self, own: int = 0) -> None:
        """The server or the view of it was lost: no count is carried over such a gap. `own` is
        our own connection that ended with it, of which the log may tell as well."""
        self._earlier = self._before.sessions if self._before is not None else {}
        self._before = None
        self._open = Pending(told={own})
        self._closed = frozenset()

    def _after_gap(self, sample: Sample, lines: Iterable[LogEvent]) -> list[RecorderEvent]:
        """What the log told while nothing was seen. Nothing else that happened then is known, so
        no count is settled; after a restart the same number is another session."""
        events = []
        for line in lines:
            number = line.connection_id
            if number is None or number in self._open.told:
                continue
            session = self._earlier.get(number) or _unseen(number, line)
            at = line.at or sample.at
            events.append(_lost(at, session.at(at), *BY_SIGNAL[line.signal], Verdict.CONFIRMED))
            if number not in sample.sessions:
                self._open.told.add(number)
        self._earlier = {}
        return events

    def _from_log(self, now: datetime) -> list[RecorderEvent]:
        """Lines that name a connection, with the session where it was seen."""
        events, waiting = [], []
        listed = self._before.sessions if self._before is not None else {}
        for tick, line in self._open.lines:
            number = line.connection_id
            if number is None or number in self._open.told:
                continue
            if number in listed:
                waiting.append((tick, line))
                continue
            left = self._open.left.pop(number, None)
            session = left.session if left is not None else _unseen(number, line)
            cause, how = BY_SIGNAL[line.signal]
            if number in self._open.victims:
                cause, how = _KILL, _killed(self._open.victims[number][1])
            events.append(self._ended(line.at or now, session, cause, how, Verdict.CONFIRMED))
        self._open.lines = waiting
        return events

    def _from_victims(self, now: datetime) -> list[RecorderEvent]:
        """Sessions of which the server remembers the very KILL, or which it listed as killed."""
        events = []
        for number, (_, who) in list(self._open.victims.items()):
            if number in self._open.left:
                how = _killed(who or self._only_killer())
                session = self._open.take(number)
                events.append(self._ended(now, session, _KILL, how, Verdict.CONFIRMED))
        return events

    def _from_errors(self, now: datetime) -> list[RecorderEvent]:
        """What MySQL counted for an account, put to the session of it that fits best."""
        events = []
        for key in list(self._open.errors):
            while meant := self._meaning(key):
                cause, how = meant
                tick = self._open.errors[key][0]
                among = self._open.near_of(tick, key.account)
                if not among:
                    break
                session, sure = self._choose(among, 1, rests=key.number in _AT_REST)
                verdict = Verdict.CONFIRMED if sure else Verdict.LIKELY
                events.append(self._ended(now, session, cause, how, verdict, key))
        return events

    def _meaning(self, key: AccountError) -> tuple[str, str] | None:
        """The cause that the oldest count of an error means, once it is old enough to decide.

        KILL of an idle session counts 1158 with 1160, of a busy one 1317 with 1160; a client that
        vanished counts 1158 alone. A kill whose victim is known waits for that one to leave.
        """
        ticks = self._open.errors.get(key)
        if not ticks or ticks[0] >= self._open.tick:
            return None
        written = self._open.errors.get(AccountError(key.account, 1160))
        match key.number:
            case 4031:
                return BY_SIGNAL["log.idle-timeout"]
            case 1153:
                return BY_SIGNAL["log.aborted-packet"]
            case 1156:
                return _SHARED
            case 1161:
                return BY_SIGNAL["log.aborted-write-timeout"]
            case 1158 | 1317 if written and self._open.killed:
                return None if self._open.victims else (_KILL, _killed(self._only_killer()))
            case 1158:
                return BY_SIGNAL["log.aborted-read-error"]
            case _:
                return None

    def _only_killer(self) -> str:
        accounts = sorted(self._open.killers)
        return accounts[0] if len(accounts) == 1 else ""

    def _from_counters(self, now: datetime) -> list[RecorderEvent]:
        """Aborted sessions that nothing above named. With KILL counted it is that; and where this
        account is shown no such count, and the log names those who ended otherwise."""
        events = []
        ripe = [tick for tick in self._open.aborted if tick < self._open.tick]
        for tick in ripe:
            among = self._open.near(tick)
            if not among or self._open.victims:
                break
            if self._open.killed:
                kills = min(len(self._open.killed), len(ripe))
                session, sure = self._choose(among, kills, rests=self._none_works(among))
                how = _killed(self._only_killer())
                if not sure:
                    how += f" (one of {len(among)} that left in the same second)"
                verdict = Verdict.CONFIRMED if sure else Verdict.LIKELY
                events.append(self._ended(now, session, _KILL, how, verdict))
            elif not self.tells_sessions:
                session, sure = self._choose(among, len(ripe), rests=True)
                how = "ended without COM_QUIT, and no log that can be read says why"
                events.append(self._ended(now, session, None, how, None))
            elif not self._counts_kills and tick <= self._open.tick - NAMED_WITHIN:
                session, _ = self._choose(among, len(ripe), rests=True)
                how = "was killed, it seems: the log names every other end without COM_QUIT"
                events.append(self._ended(now, session, _KILL, how, Verdict.LIKELY))
            else:
                break
        return events

    def _none_works(self, among: list[int]) -> bool:
        """Whether all of them rested. One that had worked for a second and is gone the next did
        hardly end its statement and quit in between: it is the victim of a KILL."""
        sessions = [self._open.left[n].session for n in among]
        return all(s.rests or s.seconds < AT_WORK for s in sessions)

    def _choose(self, among: list[int], lost: int, rests: bool) -> tuple[SessionSeen, bool]:
        """The likeliest of those that left, and whether it can be no other. `lost` of them did
        not quit."""
        left = self._open.left
        shut = [n for n in among if left[n].session.port in self._closed]
        best = max(
            shut or among,
            key=lambda n: (left[n].session.rests is rests, left[n].session.seconds, -n),
        )
        sure = len(among) <= lost or 0 < len(shut) <= lost
        return self._open.take(best), sure

    def _ended(
        self,
        at: datetime,
        session: SessionSeen,
        cause: str | None,
        how: str,
        verdict: Verdict | None,
        counted: AccountError | None = None,
    ) -> RecorderEvent:
        self._open.settle(session, cause or "", counted)
        return _lost(at, session, cause, how, verdict)


def _lost(
    at: datetime, session: SessionSeen, cause: str | None, how: str, verdict: Verdict | None
) -> RecorderEvent:
    text = f"{session.account} (connection {session.id}) {how}; {_last_seen(session)}"
    if session.program:
        text += f"; its program is {session.program}"
    return RecorderEvent(at, EventKind.SESSION_ENDED, text, session, cause, verdict)


def _killed(who: str) -> str:
    return f"was killed by {who}" if who else "was killed"


def _unseen(number: int, line: LogEvent) -> SessionSeen:
    """A session that came and went between two samples, as the log names it."""
    user, _, host = (line.account or "").replace("'", "").partition("@")
    return SessionSeen(number, user, host, "", "", round(line.seconds or 0))


def _last_seen(session: SessionSeen) -> str:
    if not session.command:
        return "it came and went between two looks"
    if session.rests:
        inside = ", in a transaction" if session.transaction_seconds is not None else ""
        return f"it had rested for {duration(session.seconds)}{inside}"
    size = f" of {session.statement_bytes} bytes" if session.statement_bytes else ""
    doing = session.statement or session.command
    return f"it had worked for {duration(session.seconds)} on a statement{size}: {doing}"
