"""What a server's sessions did while they were watched. Pure: samples in, findings out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

LOCK_STATES = (
    "waiting for table metadata lock",
    "waiting for table level lock",
    "waiting for global read lock",
    "waiting for table flush",
    "waiting for backup lock",
    "waiting for commit lock",
    "waiting for schema metadata lock",
    "waiting for handler commit",
    "waiting for semi-sync ack",
    "user lock",
)
"""States of SHOW PROCESSLIST in which a statement waits for somebody else (MySQL Reference
Manual, "General Thread States"). A wait for a row lock has no state of its own."""

BLOCKED_SECONDS = 3.0
"""How long a session must have waited before it counts; short waits are daily business."""

_SYSTEM = frozenset({"system user", "event_scheduler"})


@dataclass(frozen=True, slots=True)
class Session:
    """A row of the process list. `seconds` is how long it has been in its state."""

    id: int
    account: str
    command: str
    seconds: float
    state: str
    statement: str = ""

    @property
    def sleeps(self) -> bool:
        return self.command == "Sleep"

    @property
    def waits_for_lock(self) -> bool:
        return not self.sleeps and self.state.lower().startswith(LOCK_STATES)


@dataclass(frozen=True, slots=True)
class Sample:
    """One look: the sessions, without the watcher's own, and counters since the server's
    start. `at` is monotonic seconds."""

    at: float
    sessions: tuple[Session, ...]
    counters: Mapping[str, int]


def sessions_of(rows: Sequence[Mapping[str, object]], own: frozenset[int]) -> tuple[Session, ...]:
    """Rows of the process list as sessions of clients, without those in `own`."""
    return tuple(_session(row) for row in rows if _is_client(row) and _number(row, "Id") not in own)


def _is_client(row: Mapping[str, object]) -> bool:
    return str(row.get("User")) not in _SYSTEM and row.get("Command") not in ("Daemon", "Connect")


def _session(row: Mapping[str, object]) -> Session:
    host = str(row.get("Host") or "").rpartition(":")[0] or str(row.get("Host") or "")
    return Session(
        _number(row, "Id"),
        f"{row.get('User')}@{host}",
        str(row.get("Command") or ""),
        float(_number(row, "Time")),
        str(row.get("State") or ""),
        str(row.get("Info") or ""),
    )


def _number(row: Mapping[str, object], name: str) -> int:
    value = row.get(name)
    return value if isinstance(value, int) else 0


def rise(samples: Sequence[Sample], name: str) -> int:
    """By how much a counter rose while it was watched; 0 where the server has it not."""
    first, last = samples[0].counters, samples[-1].counters
    return max(0, last.get(name, 0) - first.get(name, 0))


def blocked(samples: Sequence[Sample]) -> tuple[Session, ...]:
    """Sessions that waited for another's lock, the longest wait first.

    For BLOCKED_SECONDS or longer, each as it was seen last.
    """
    found = {
        s.id: s
        for sample in samples
        for s in sample.sessions
        if s.waits_for_lock and s.seconds >= BLOCKED_SECONDS
    }
    return tuple(sorted(found.values(), key=lambda s: -s.seconds))


def busiest(samples: Sequence[Sample], most: int) -> tuple[Session, ...]:
    """The sessions whose statements ran longest, each as it was seen last."""
    found = {s.id: s for sample in samples for s in sample.sessions if not s.sleeps}
    return tuple(sorted(found.values(), key=lambda s: -s.seconds)[:most])


def sleepers(samples: Sequence[Sample]) -> Iterator[tuple[str, int, float]]:
    """Each account with sleeping sessions: how many, and the longest rest in seconds."""
    by_account: dict[str, list[float]] = {}
    for session in samples[-1].sessions:
        if session.sleeps:
            by_account.setdefault(session.account, []).append(session.seconds)
    for account, rests in sorted(by_account.items(), key=lambda item: -max(item[1])):
        yield account, len(rests), max(rests)
