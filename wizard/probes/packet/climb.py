"""Sends growing packets along one way, and keeps what became of each."""

import contextlib
import random
import socket
import string
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from wizard.case.own_traces import server_name
from wizard.probes.packet.exchange import OutOfTime, PacketAnswer, exchange
from wizard.probes.packet.handshake import LOGIN_SECONDS, HungHandshake, after_a_hang, hangs
from wizard.probes.packet.ladder import (
    LARGEST_FRAME,
    TOO_LARGE,
    By,
    Direction,
    PacketLadder,
    PacketVerdict,
    Try,
    next_size,
    verdict,
)
from wizard.probes.shared.way import Way
from wizard.safety.sanitize import sanitize
from wizard.server.answers import amount_of, number_of
from wizard.server.connection_end import ConnectionEnd
from wizard.server.login_stages import LoginStages
from wizard.server.pymysql_session import TAG, PyMySqlConnector, PyMySqlSession
from wizard.server.session import CannotConnect, ServerError
from wizard.target.model import SslMode

TOTAL_SECONDS = 60.0
"""For one way, both directions together."""

MOST_LOGINS = 60
LOGIN_TRIES = 3

SHORT_WAIT, LONG_WAIT = 3.2, 25.0
"""Seconds without a byte moving, for a packet of one frame and at most. Linux sends a lost packet
again after 0.2, 0.6, 1.4 and 3 s."""

_ORDER = (Direction.DOWN, Direction.UP)
"""A large statement that a router calls too big teaches this kernel the path's MTU, which it then
tells the server at each connect: answers that vanished for the application would pass."""

_SLOW_RATE = 1 << 20
_LOGGED_BOUND = 1 << 20
"""Bytes of a statement that may enter a log of statements."""

_BLOCK = "".join(random.Random(0).choices(string.ascii_letters, k=64 << 10)).encode()
"""No tunnel can compress it; letters alone need no quoting."""

_BEFORE, _AFTER = f"{TAG}SELECT LENGTH('".encode(), b"')"
_WORD = _BLOCK[:64].decode()


@dataclass(slots=True)
class Climb:
    """What was tried along one way. Only `climb` changes it.

    `lost` are the ids of sessions that did not end with COM_QUIT, from `began` on (monotonic);
    `counted` of them are errors to MySQL, which takes a reset between two statements for no error.
    `server` and `user` are how traces name the server and the account that lost them. Where it
    `is_proxied`, the number in the greeting is a proxy's, which keeps its own sessions.
    """

    way: Way
    bound: int
    ladders: dict[Direction, PacketLadder] = field(default_factory=dict)
    tries: dict[Direction, list[Try]] = field(
        default_factory=lambda: {direction: [] for direction in Direction}
    )
    limit: int | None = None
    logins: int = 0
    began: float = field(default_factory=time.monotonic)
    lost: list[int] = field(default_factory=list)
    counted: int = 0
    server: str = ""
    user: str = ""
    is_proxied: bool = False
    handshake: HungHandshake | None = None
    remarks: list[str] = field(default_factory=list)
    stopped: str = ""

    def verdict(self, direction: Direction) -> PacketVerdict:
        ladder = self.ladders.get(direction)
        if ladder is None:
            return PacketVerdict(By.UNKNOWN)
        return verdict(ladder, self.tries[direction])

    def rate(self, direction: Direction) -> float | None:
        """Bytes a second of the largest packet that passed."""
        passed = [t for t in self.tries[direction] if t.passed and t.seconds > 0]
        best = max(passed, key=lambda t: t.size, default=None)
        return best.size / best.seconds if best is not None else None


def climb(
    state: Climb,
    checkpoint: Callable[[], None],
    advanced: Callable[[Climb], None],
    lost: Callable[[int], None],
) -> None:
    """Both ladders, no packet above the bound. `advanced` hears of every try, `lost` of the id of
    each session that will not end with COM_QUIT, before it is given up.

    Raises Cancelled (from `checkpoint`), and CannotConnect where not even the first session
    comes about.
    """
    line = _Line(state, checkpoint, lost)
    try:
        _learn(state, line)
        for direction in _ORDER:
            _climb_one(state, direction, line, advanced)
    except OutOfTime:
        state.stopped = f"cut after {TOTAL_SECONDS:.0f} s"
    except CannotConnect as refused:
        if not state.ladders and not line.no_login_passes():
            raise
        state.stopped = f"no further login: {refused}"
    finally:
        line.close()


def _learn(state: Climb, line: "_Line") -> None:
    session = line.session()
    row = session.rows(
        "SELECT CONNECTION_ID() AS id, @@max_allowed_packet AS packet, @@general_log AS general,"
        " @@slow_query_log AS slow, @@long_query_time AS seconds, @@hostname AS host,"
        " @@port AS port, USER() AS user_name"
    )[0]
    state.limit = limit = number_of(row["packet"])
    # A greeting has room for four bytes of the number.
    state.is_proxied = number_of(row["id"]) & 0xFFFFFFFF != session.connection_id
    state.server = server_name(row["host"], row["port"])
    state.user = str(row["user_name"]).rpartition("@")[0]
    top = state.bound
    logged = "general log" if row["general"] else ""
    if row["slow"] and amount_of(row["seconds"]) < 1:
        logged = logged or "slow log"
    if logged and top > _LOGGED_BOUND:
        top = _LOGGED_BOUND
        state.remarks.append(
            f"the {logged} is on and would keep each statement, so none above 1 MiB went there"
        )
    # The server refuses a packet of max_allowed_packet bytes, and REPEAT gives NULL above it.
    state.ladders[Direction.UP] = PacketLadder(min(top, limit - 1), limit)
    state.ladders[Direction.DOWN] = PacketLadder(min(state.bound, limit - 16), limit)


def _climb_one(
    state: Climb, direction: Direction, line: "_Line", advanced: Callable[[Climb], None]
) -> None:
    ladder, tries = state.ladders[direction], state.tries[direction]
    while (size := next_size(ladder, tries)) is not None:
        rate = state.rate(direction)
        if rate is not None and size / rate > line.seconds_left():
            raise OutOfTime
        answer = line.attempt(direction, size, rate)
        number = answer.number
        tries.append(Try(size, answer.ending, number, answer.seconds))
        if answer.ending is ConnectionEnd.TOLD and number != TOO_LARGE:
            text = sanitize(answer.text, 120)
            state.remarks.append(f"{direction}, {size} bytes: the other side says {number} {text}")
        advanced(state)


class _Line:
    """The session that is in use, and a fresh one after each that was lost."""

    def __init__(
        self, state: Climb, checkpoint: Callable[[], None], lost: Callable[[int], None]
    ) -> None:
        self._state = state
        self._connector: PyMySqlConnector = state.way.connector
        self._checkpoint = checkpoint
        self._lost = lost
        self._deadline = time.monotonic() + TOTAL_SECONDS
        self._session: PyMySqlSession | None = None

    def seconds_left(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    def session(self) -> PyMySqlSession:
        """Raises CannotConnect, OutOfTime, Cancelled."""
        while self._session is None:
            self._session = self._login()
        return self._session

    def attempt(self, direction: Direction, size: int, rate: float | None) -> PacketAnswer:
        opened = self.session().raw_socket
        if opened is None:
            raise CannotConnect("the session is closed")
        length, texts = _statement(direction, size)
        wait = _wait(size, rate)
        try:
            answer = exchange(opened, length, texts, wait, self._deadline, self._checkpoint)
        except BaseException:
            self._note_loss(counted=True)
            _reset(opened)
            raise
        if answer.ending is not None:
            whole = direction is Direction.DOWN and answer.ending is ConnectionEnd.SILENT
            self._note_loss(counted=not whole)
            if answer.ending is ConnectionEnd.SILENT:
                _reset(opened)
            self.close()
        elif direction is Direction.DOWN and answer.received != size:
            raise ServerError(f"REPEAT gave {answer.received} bytes instead of {size}")
        return answer

    def _note_loss(self, counted: bool) -> None:
        """The server will log this session as one that went away."""
        self._state.counted += counted
        number = self.session().connection_id
        self._state.lost.append(number)
        self._lost(number)

    def close(self) -> None:
        held, self._session = self._session, None
        if held is not None:
            held.close()

    def _login(self) -> PyMySqlSession | None:
        """None where another try is worth it: a packet of a login may be lost as well."""
        for left in reversed(range(LOGIN_TRIES)):
            self._checkpoint()
            if time.monotonic() > self._deadline or self._state.logins >= MOST_LOGINS:
                raise OutOfTime
            laps = LoginStages()
            self._state.logins += 1
            try:
                return self._connector.login(LOGIN_SECONDS, laps, self._checkpoint)
            except CannotConnect:
                if hangs(laps) and self._goes_without_tls():
                    return None
                if not left or self.no_login_passes():
                    raise
        return None

    def no_login_passes(self) -> bool:
        """Known once a handshake hung, passed in small segments, and hung again."""
        handshake = self._state.handshake
        return handshake is not None and handshake.is_black_hole

    def _goes_without_tls(self) -> bool:
        """After the first hang: what it means, and whether the target takes a line without TLS."""
        state = self._state
        if state.handshake is not None:
            return False
        state.handshake = after_a_hang(state.way, self._checkpoint)
        if state.way.target.tls.mode is not SslMode.PREFERRED:
            return False
        self._connector = self._connector.without_tls()
        return True


def _reset(opened: socket.socket) -> None:
    """COM_QUIT would wait behind what does not pass; a reset is small, and frees the server."""
    with contextlib.suppress(OSError):
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(OSError):
        opened.close()


def _statement(direction: Direction, size: int) -> tuple[int, Iterator[bytes]]:
    """Its size with the command byte, and its text."""
    if direction is Direction.UP:
        filler = size - 1 - len(_BEFORE) - len(_AFTER)
        return size, _text(filler)
    repeats, rest = divmod(size, len(_WORD))
    # The column's name travels in the same segment: it is kept short.
    sql = f"{TAG}SELECT CONCAT(REPEAT('{_WORD}', {repeats}), '{_WORD[:rest]}') AS a".encode()
    return len(sql) + 1, iter((sql,))


def _text(filler: int) -> Iterator[bytes]:
    yield _BEFORE
    while filler > 0:
        yield _BLOCK[:filler]
        filler -= len(_BLOCK[:filler])
    yield _AFTER


def _wait(size: int, rate: float | None) -> float:
    """Seconds without a byte moving after which the packet counts as lost. The server needs
    time of its own for a large one, and SSH takes more than the path has carried."""
    if size <= LARGEST_FRAME:
        return SHORT_WAIT
    return min(LONG_WAIT, 5.0 + 2.0 * size / (rate or _SLOW_RATE))
