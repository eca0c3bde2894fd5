"""From one sample to the next: which sessions were lost, and to what. Pure.

A session that left is looked for in the error log first, which names it; then in what the
server counted by account (MySQL); then in KILL, which no log tells. What nothing speaks of
ended with COM_QUIT and is no event.

Sources: MySQL Reference Manual, "Communication Errors and Aborted Connections"; MariaDB
Knowledge Base, "Server Status Variables". KILL is never logged, at any verbosity.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from wizard.diagnosis.model import Verdict
from wizard.logs.error.scan_model import LogEvent
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.sample import AccountError, Sample, SessionSeen

GRACE = timedelta(seconds=2.5)
"""How long a session that left is kept until the log or a counter speaks: both may lag by a
sample, and the error log has whole seconds."""

LATE = timedelta(seconds=5)
"""How long a line of the log, or a count, waits for the session to leave the list: the server
counts a KILL before its victim is gone."""

BY_SIGNAL: Mapping[str, tuple[str, str]] = {
    "log.idle-timeout": ("idle-timeout", "idled longer than its wait_timeout"),
    "log.aborted-timeout": ("idle-timeout", "idled longer than its wait_timeout"),
    "log.aborted-packet": ("packet-too-large", "sent more than max_allowed_packet"),
    "log.aborted-read-error": ("client-not-closing", "its client vanished without COM_QUIT"),
    "log.aborted-write-error": ("client-not-closing", "its client was gone when it was answered"),
    "log.aborted-write-timeout": ("net-write-timeout", "its client read too slowly"),
    "log.aborted-killed": ("connection-killed", "was killed"),
    "log.memory-limit": ("connection-memory-limit", "used more memory than it may"),
}
"""What a line of the error log says of the session that it names."""

_KILL = ("connection-killed", "was killed")
_RESTING = 1
"""Seconds of rest from which a session is no client that is just about to quit."""


@dataclass(slots=True)
class Attributor:
    """Keeps what is not decided yet; `step` is given every sample in order."""

    limit: int
    """max_connections."""

    tells_sessions: bool = True
    """Whether the error log names sessions that ended (verbosity), and can be read."""

    _before: Sample | None = None
    _left: dict[int, tuple[datetime, SessionSeen]] = field(default_factory=dict)
    _lines: list[tuple[datetime, LogEvent]] = field(default_factory=list)
    _aborted: list[datetime] = field(default_factory=list)
    _killed: list[datetime] = field(default_factory=list)
    _errors: dict[AccountError, list[datetime]] = field(default_factory=dict)
    _killers: dict[str, int] = field(default_factory=dict)
    _told: set[int] = field(default_factory=set)

    def step(
        self, sample: Sample, lines: Iterable[LogEvent], killers: Mapping[int, str]
    ) -> list[RecorderEvent]:
        """The events of this moment. `killers` is who killed which connection, where known."""
        before, self._before = self._before, sample
        if before is None:
            return []
        self._take_in(before, sample, lines)
        events = [*self._from_log(sample.at), *self._from_killers(sample.at, killers)]
        events += self._from_errors(sample.at)
        events += self._from_counters(sample.at)
        events += _refused(before, sample, self.limit)
        self._forget(sample.at)
        return events

    def forget(self) -> None:
        """The server or the view of it was lost: nothing is carried over such a gap."""
        self._before = None
        self._left.clear()
        self._lines.clear()
        self._aborted.clear()
        self._killed.clear()
        self._errors.clear()
        self._killers.clear()

    def _take_in(self, before: Sample, sample: Sample, lines: Iterable[LogEvent]) -> None:
        for number, session in before.sessions.items():
            if number not in sample.sessions and number not in self._told:
                passed = round((sample.at - before.at).total_seconds())
                aged = replace(session, seconds=session.seconds + passed)
                self._left[number] = (sample.at, aged)
        self._lines += [(sample.at, line) for line in lines if line.signal in BY_SIGNAL]
        self._aborted += [sample.at] * _grown(before, sample, "Aborted_clients")
        self._killed += [sample.at] * max(sample.kill_count - before.kill_count, 0)
        for key, total in sample.errors.items():
            grown = total - before.errors.get(key, 0)
            self._errors.setdefault(key, []).extend([sample.at] * grown)
        for account, total in sample.kills.items():
            if total > before.kills.get(account, 0):
                self._killers[account] = total - before.kills.get(account, 0)

    def _from_log(self, now: datetime) -> list[RecorderEvent]:
        """Lines that name a connection, with the session where it was seen."""
        events, waiting = [], []
        for came, line in self._lines:
            number = line.connection_id
            if number is None or number in self._told:
                continue
            seen = self._left.pop(number, None)
            if seen is None and now - came < LATE and self._still_listed(number):
                waiting.append((came, line))
                continue
            cause, how = BY_SIGNAL[line.signal]
            session = seen[1] if seen is not None else _unseen(number, line)
            events.append(self._ended(line.at or now, session, cause, how, Verdict.CONFIRMED))
            self._take_counts(session.account, cause)
        self._lines = waiting
        return events

    def _still_listed(self, number: int) -> bool:
        return self._before is not None and number in self._before.sessions

    def _from_killers(self, now: datetime, killers: Mapping[int, str]) -> list[RecorderEvent]:
        """Sessions of which the server remembers the very KILL (MySQL)."""
        events = []
        for number in [n for n in self._left if n in killers]:
            _, session = self._left.pop(number)
            how = f"was killed by {killers[number]}"
            events.append(self._ended(now, session, "connection-killed", how, Verdict.CONFIRMED))
            self._take_counts(session.account, "connection-killed")
        return events

    def _from_errors(self, now: datetime) -> list[RecorderEvent]:
        """What MySQL counted for an account, put to the session of it that fits best."""
        events = []
        for key in list(self._errors):
            cause_and_words = self._meaning(key)
            if cause_and_words is None:
                continue
            while self._errors.get(key):
                session = self._best_of(key.account, rests=key.number in (4031, 1158))
                if session is None:
                    break
                cause, how = cause_and_words
                alone = self._count_of(key.account) == 0
                verdict = Verdict.CONFIRMED if alone else Verdict.LIKELY
                events.append(self._ended(now, session, cause, how, verdict))
                self._take_counts(key.account, cause)
        return events

    def _meaning(self, key: AccountError) -> tuple[str, str] | None:
        """The cause that an error counted for an account means, with its words.

        KILL of an idle session counts 1158 with 1160, of a busy one 1317 with 1160; a client that
        vanished counts 1158 alone.
        """
        written = self._errors.get(AccountError(key.account, 1160))
        match key.number:
            case 4031:
                return BY_SIGNAL["log.idle-timeout"]
            case 1153:
                return BY_SIGNAL["log.aborted-packet"]
            case 1161:
                return BY_SIGNAL["log.aborted-write-timeout"]
            case 1158 | 1317 if written and self._killed:
                return "connection-killed", f"was killed{self._by_whom()}"
            case 1158:
                return BY_SIGNAL["log.aborted-read-error"]
            case _:
                return None

    def _by_whom(self) -> str:
        accounts = sorted(self._killers)
        return f" by {accounts[0]}" if len(accounts) == 1 else ""

    def _from_counters(self, now: datetime) -> list[RecorderEvent]:
        """Aborted sessions that nothing above named. With KILL counted it is that."""
        ripe = [n for n, (left, _) in self._left.items() if now - left >= GRACE]
        if not ripe or not self._aborted:
            return []
        events: list[RecorderEvent] = []
        while self._killed and self._aborted and self._left:
            count = min(len(self._killed), len(self._aborted))
            sure = len(self._left) <= count
            session = self._longest_at_rest()
            how = f"was killed{self._by_whom()}"
            if not sure:
                how += f" (one of {len(self._left)} that left in the same second)"
            verdict = Verdict.CONFIRMED if sure else Verdict.LIKELY
            events.append(self._ended(now, session, *(_KILL[0], how), verdict))
            self._aborted.pop(0)
            self._killed.pop(0)
        while self._aborted and self._left and not self.tells_sessions:
            session = self._longest_at_rest()
            how = "ended without COM_QUIT, and no log that can be read says why"
            events.append(self._ended(now, session, None, how, None))
            self._aborted.pop(0)
        return events

    def _longest_at_rest(self) -> SessionSeen:
        number = max(self._left, key=lambda n: (self._left[n][1].seconds, -n))
        return self._left.pop(number)[1]

    def _best_of(self, account: str, rests: bool) -> SessionSeen | None:
        """The session of this account that left and fits: at rest the longest, or at work."""
        user = account.partition("@")[0]
        fitting = [n for n, (_, s) in self._left.items() if s.user == user]
        if not fitting:
            return None
        best = max(
            fitting, key=lambda n: (self._left[n][1].rests is rests, self._left[n][1].seconds, -n)
        )
        return self._left.pop(best)[1]

    def _count_of(self, account: str) -> int:
        user = account.partition("@")[0]
        return sum(s.user == user for _, s in self._left.values())

    def _take_counts(self, account: str, cause: str) -> None:
        """What was counted for a session that is told already must not be told again."""
        del self._aborted[:1]
        numbers = {
            "idle-timeout": (4031,),
            "packet-too-large": (1153,),
            "net-write-timeout": (1161, 1160),
            "client-not-closing": (1158,),
            "connection-killed": (1158, 1160, 1317),
        }.get(cause, ())
        if cause == "connection-killed":
            del self._killed[:1]
        user = account.partition("@")[0]
        for number in numbers:
            for key in [k for k in self._errors if k.number == number]:
                if key.account.partition("@")[0] == user and self._errors[key]:
                    self._errors[key].pop(0)
                    break

    def _ended(
        self,
        at: datetime,
        session: SessionSeen,
        cause: str | None,
        how: str,
        verdict: Verdict | None,
    ) -> RecorderEvent:
        self._told.add(session.id)
        text = f"{session.account} (connection {session.id}) {how}; {_last_seen(session)}"
        return RecorderEvent(at, EventKind.SESSION_ENDED, text, session, cause, verdict)

    def _forget(self, now: datetime) -> None:
        """Those of whom nothing was said ended with COM_QUIT."""
        self._left = {n: seen for n, seen in self._left.items() if now - seen[0] < GRACE}
        self._aborted = [at for at in self._aborted if now - at < LATE]
        self._killed = [at for at in self._killed if now - at < LATE]
        self._errors = {
            key: kept
            for key, times in self._errors.items()
            if (kept := [at for at in times if now - at < LATE])
        }
        if not self._killed:
            self._killers.clear()
        if len(self._told) > 10_000:
            self._told = set(sorted(self._told)[-5_000:])


def _grown(before: Sample, after: Sample, name: str) -> int:
    """By how much a counter rose; 0 where it was set back (FLUSH STATUS)."""
    return max(after.counter(name) - before.counter(name), 0)


def _unseen(number: int, line: LogEvent) -> SessionSeen:
    """A session that came and went between two samples, as the log names it."""
    user, _, host = (line.account or "").partition("@")
    return SessionSeen(number, user, host, "", "", round(line.seconds or 0))


def _last_seen(session: SessionSeen) -> str:
    if not session.command:
        return "it came and went between two looks"
    if session.rests:
        inside = ", in a transaction" if session.transaction_seconds is not None else ""
        return f"it had rested for {session.seconds} s{inside}"
    size = f" of {session.statement_bytes} bytes" if session.statement_bytes else ""
    doing = session.statement or session.command
    return f"it had worked for {session.seconds} s on a statement{size}: {doing}"


def _refused(before: Sample, after: Sample, limit: int) -> Sequence[RecorderEvent]:
    """Logins that failed: at max_connections, or for another reason."""
    full = _grown(before, after, "Connection_errors_max_connections")
    failed = _grown(before, after, "Aborted_connects")
    at_limit = max(before.counter("Threads_connected"), after.counter("Threads_connected")) >= limit
    if full > 0 or (failed > 0 and at_limit):
        count = max(full, failed)
        text = f"{count} logins were refused: all {limit} connections are taken"
        return (_failed_logins(after.at, text, count, "too-many-connections", Verdict.CONFIRMED),)
    if failed > 0 and _grown(before, after, "Access_denied_errors") > 0:
        text = f"{failed} logins failed, access denied"
        return (_failed_logins(after.at, text, failed, "access-denied", Verdict.LIKELY),)
    if failed > 0:
        return (_failed_logins(after.at, f"{failed} logins failed", failed, None, None),)
    return ()


def _failed_logins(
    at: datetime, text: str, count: int, cause: str | None, verdict: Verdict | None
) -> RecorderEvent:
    return RecorderEvent(at, EventKind.LOGIN_FAILED, text, None, cause, verdict, count)
