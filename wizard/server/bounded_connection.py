"""A driver's connection that reads no more than it may: bytes, rows and time of each answer.

The driver itself waits for as long as a byte comes within each read timeout, and keeps whatever
comes: a server that drips holds it for ever, one that never stops takes all memory.
"""

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import DictCursor

from wizard.server.answers import AnswerRow
from wizard.server.session import AnswerTooLarge
from wizard.units import size

if TYPE_CHECKING:
    _Connection = Connection[DictCursor]
else:
    # Generic in its type stubs only.
    _Connection = Connection

MOST_BYTES = 32 << 20
"""Bytes of one answer. The largest that the wizard asks for is some megabytes."""

MOST_PACKETS = 100_000
"""Packets of one answer: a row is one."""

ANSWER_SECONDS = 30.0
"""Seconds from a question to the last byte of its answer, unless the session waits longer."""


@dataclass(frozen=True, slots=True)
class AnswerBounds:
    """Other bounds for one answer that is known to be large."""

    rows: int
    size: int
    seconds: float


MULTI_FACTOR = 1 << 28
"""The capability to be asked for a second factor (Connection Phase, "Capabilities Flags")."""

_NEXT_FACTOR = b"\x02"
"""How that question begins ("Protocol::AuthNextFactorRequest"); the plugin's name follows."""

NOT_SPOKEN = 2059
"""CR_AUTH_PLUGIN_CANNOT_LOAD, as the mysql client says that it lacks a plugin."""

NEEDS_SECURE = 2061
"""CR_AUTH_PLUGIN_ERR, as the mysql client says that a plugin wants a secure connection."""


IN_CLEAR = "in clear text"
"""That the plugin would send the password as it is, which no key of the server's can help."""


class AnswerCursor(DictCursor):
    """Gives rows that tell of a column that is missing."""

    dict_type = AnswerRow


class BoundedConnection(_Connection):
    """PyMySQL's connection. What exceeds a bound ends the connection."""

    _packets = 0
    _received = 0
    _answer_ends: float | None = None
    _all_ends: float | None = None
    _bounds: AnswerBounds | None = None

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Everything that is read in here has to come within `seconds` together."""
        self._all_ends = time.monotonic() + seconds
        try:
            yield
        finally:
            self._all_ends = None

    @contextmanager
    def taking(self, bounds: AnswerBounds) -> Iterator[None]:
        """Questions that are asked in here may have such answers."""
        self._bounds = bounds
        try:
            yield
        finally:
            self._bounds = None

    def _execute_command(self, command: int, sql: str | bytes) -> None:
        super()._execute_command(command, sql)  # type: ignore[misc]
        self._packets = self._received = 0
        seconds = ANSWER_SECONDS if self._bounds is None else self._bounds.seconds
        patience = max(seconds, self._read_timeout or 0.0)  # type: ignore[attr-defined]
        self._answer_ends = time.monotonic() + patience

    def _read_packet(self, *kind: Any) -> Any:
        self._packets += 1
        most = MOST_PACKETS if self._bounds is None else self._bounds.rows
        if self._packets > most:
            self._too_large(f"more than {most:,} rows")
        packet = super()._read_packet(*kind)  # type: ignore[no-untyped-call]
        is_login = self._answer_ends is None
        if is_login and (said := packet.get_all_data())[:1] == _NEXT_FACTOR:
            plugin = said[1:].split(b"\0")[0].decode("utf-8", "replace")
            raise pymysql.err.OperationalError(
                NOT_SPOKEN, f"it asks for a second factor ({plugin}) after the password"
            )
        return packet

    def _read_bytes(self, num_bytes: int) -> bytes:
        self._received += num_bytes
        most = MOST_BYTES if self._bounds is None else self._bounds.size
        if self._received > most:
            self._too_large(f"more than {size(most)}")
        parts: list[bytes] = []
        left = num_bytes
        try:
            while left:
                self._set_timeout()
                part = self._rfile.read1(left)  # type: ignore[attr-defined]
                if not part:
                    break
                parts.append(part)
                left -= len(part)
        except OSError as error:
            self._force_close()  # type: ignore[attr-defined]
            raise pymysql.err.OperationalError(
                2013, f"Lost connection to MySQL server during query ({error})"
            ) from error
        if left:
            self._force_close()  # type: ignore[attr-defined]
            raise pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query")
        return b"".join(parts)

    def _set_timeout(self) -> None:
        """The read timeout, or what is left until the answer has to be there. Raises OSError."""
        silence: float | None = self._read_timeout  # type: ignore[attr-defined]
        if self._bounds is not None:
            silence = self._bounds.seconds
        ends = [end for end in (self._answer_ends, self._all_ends) if end is not None]
        left = min(ends) - time.monotonic() if ends else silence
        if left is not None and left <= 0:
            raise TimeoutError(errno.ETIMEDOUT, "timed out")
        timeout = left if silence is None else silence if left is None else min(silence, left)
        if timeout != self._current_timeout:  # type: ignore[has-type]
            self._sock.settimeout(timeout)  # type: ignore[attr-defined]
            self._current_timeout = timeout

    def _too_large(self, what: str) -> NoReturn:
        self._force_close()  # type: ignore[attr-defined]
        raise AnswerTooLarge(f"the server's answer is too large to be looked at: {what}")


class OpenLineConnection(BoundedConnection):
    """A connection whose bytes others may read or answer.

    The password is encrypted only to a key that the operator knows, or told us to ask for.

    `caching_sha2_password` and `sha256_password` encrypt it to whatever key the other side
    sends. The mysql client refuses that too (Reference Manual, "Caching SHA-2 Pluggable
    Authentication").
    """

    _known_key: bytes | None = None
    _may_ask = False

    def allow_asking(self) -> None:
        """Take the other side's word for its key (--get-server-public-key)."""
        self._may_ask = True

    @property
    def server_public_key(self) -> bytes | None:
        if self._known_key is None and self.password and not self._may_ask:
            self._refuse()
        return self._known_key

    @server_public_key.setter
    def server_public_key(self, key: bytes | None) -> None:
        is_received = getattr(self, "_sock", None) is not None
        if is_received and self._known_key is None and not self._may_ask:
            self._refuse()
        if not is_received or self._known_key is None:
            self._known_key = key

    def _refuse(self) -> NoReturn:
        raise pymysql.err.OperationalError(NEEDS_SECURE, "the account needs a secure connection")
