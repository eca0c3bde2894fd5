"""What the wizard's own work leaves in the server's log and counters.

A session that it ended when it was told to is logged and counted as a killed one, and a
connection that the server ended while a probe let it rest as any other. It writes down which
ones those were, so that no later look, also one from another process, takes them for the fault.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from wizard.case import clocks
from wizard.case.json_codec import CodecError, decode, encode
from wizard.safety.file_lock import take_lock
from wizard.safety.plain_file import read_plain
from wizard.safety.private_file import CannotWriteError, write_private
from wizard.safety.state_directory import make_private

KEPT = 500
"""Traces that the file holds at most; older ones are dropped."""

_MOST_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Trace:
    """One probe's traces on one server (`host:port` by its own names). `connections` are the
    ids of sessions that were ended under it, `errors` how often the server raised which number
    for `user` because of it. `kills` are the sessions of `user` that the wizard was told to end.
    `aborted` are the ids of those that ended without COM_QUIT, which Aborted_clients counts;
    `logins` those that were given up before the login, and `refused` the logins that the server
    refused, which Aborted_connects counts."""

    server: str
    user: str
    began: datetime
    ended: datetime
    connections: tuple[int, ...] = ()
    errors: Mapping[str, int] = field(default_factory=dict)
    kills: int = 0
    aborted: tuple[int, ...] = ()
    logins: int = 0
    refused: int = 0

    def left(self, connection_id: int | None, at: datetime | None) -> bool:
        """Whether a line of the log about a session is of this probe."""
        if connection_id not in self.connections or at is None:
            return False
        return self.began - clocks.OWN_TRACES <= at <= self.ended + clocks.OWN_TRACES


def server_name(hostname: object, port: object) -> str:
    """How traces name a server."""
    return f"{hostname or 'unknown'}:{port or 0}"


class OwnTraces:
    """The file of traces, mode 0600, in this account's state directory (XDG).

    A file that cannot be read counts as empty.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or _default_path()

    def of(self, server: str) -> tuple[Trace, ...]:
        return tuple(trace for trace in self._all() if trace.server == server)

    def add(self, trace: Trace) -> None:
        """One wizard at a time: of a fleet many have something to write down at once. Raises
        CannotWriteError."""
        with self._alone():
            kept = [*self._all(), trace][-KEPT:]
            text = "".join(json.dumps(encode(t)) + "\n" for t in kept)
            write_private(self._path, text.encode("ascii"), overwrite=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold flock(2) on the folder: the file itself is replaced by each."""
        folder = self._path.parent
        try:
            make_private(folder)
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise CannotWriteError(f"{self._path} cannot be written: {error.strerror}") from None
        try:
            try:
                take_lock(held)
            except TimeoutError as error:
                raise CannotWriteError(f"{self._path} is not written: {error.strerror}") from None
            except OSError:
                pass  # a network's file system may have no locks
            yield
        finally:
            os.close(held)

    def _all(self) -> Iterator[Trace]:
        try:
            lines = read_plain(self._path, _MOST_BYTES).splitlines()
        except OSError:
            return
        for line in lines:
            with suppress(ValueError, CodecError):
                yield decode(Trace, json.loads(line))


def errors_of(traces: Iterable[Trace], user: str, number: int) -> int:
    """How many of a user's errors the traces account for."""
    return sum(t.errors.get(str(number), 0) for t in traces if t.user == user)


def of_life(traces: Iterable[Trace], started: datetime) -> tuple[Trace, ...]:
    """Those of the server's present life: what it counted of the others it has forgotten."""
    return tuple(trace for trace in traces if trace.began >= started - clocks.STARTED)


def kills_of(traces: Iterable[Trace], started: datetime) -> int:
    """How many of the KILLs since the server's start were the wizard's."""
    return sum(trace.kills for trace in of_life(traces, started))


def aborted_of(traces: Iterable[Trace], since: datetime) -> frozenset[int]:
    """Ids of the wizard's sessions that ended without COM_QUIT since then."""
    return frozenset(number for trace in of_life(traces, since) for number in trace.aborted)


def logins_of(traces: Iterable[Trace], since: datetime) -> int:
    """How many of the logins that were broken off since then the wizard had given up."""
    return sum(trace.logins for trace in of_life(traces, since))


def refused_of(traces: Iterable[Trace], since: datetime) -> int:
    """How many of the logins that were refused since then were the wizard's."""
    return sum(trace.refused for trace in of_life(traces, since))


def denied_of(traces: Iterable[Trace], since: datetime) -> int:
    """How many of those were denied the account: Access_denied_errors counts these."""
    denied = [trace.errors for trace in of_life(traces, since) if trace.refused]
    return sum(errors.get(number, 0) for errors in denied for number in ("1044", "1045", "1698"))


def _default_path() -> Path:
    base = os.environ.get("XDG_STATE_HOME", "")
    root = Path(base) if base.startswith("/") else Path.home() / ".local" / "state"
    return root / "goneaway-wizard" / "own-traces.jsonl"
