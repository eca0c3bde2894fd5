"""What a client's error text says: which signal, number, driver, idle time and size.

The texts are in `knowledge/signatures/client/`. One event has different numbers in different
client libraries, and one number covers different events, so the text counts first, then the
number as the server's flavour means it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from knowledge.model import Signature
from wizard.case.evidence import Phase
from wizard.logs.application.client_drivers import closer, driver_of, names_another, names_mysql
from wizard.logs.application.client_errno import errno_of, linux_errno
from wizard.logs.application.client_hints import idle_hint, size_hint
from wizard.logs.application.client_numbers import connect_signal, meaning, number_in
from wizard.logs.application.client_texts import KnownText, texts_in

T = TypeVar("T")

# A server's own log line may hold the same words; it is the error-log step's business.
_SERVER_LINE = re.compile(
    r"(?:\d{4}-\d\d-\d\d[T ] ?\d{1,2}:\d\d:\d\d[^\s\]]* \d+|\d{6} [ \d]\d:\d\d:\d\d(?: \d+)?)"
    r" \[(?:Note|Warning|ERROR|System)\](?! \[MY-\d+\] \[Xtrabackup\])"
)
_CONNECTION = re.compile(
    r"\(conn[=:] ?(?P<java>\d{1,19})[,)]| on \(\d+,[^,()\s]+,\d+,(?P<proxysql>\d{1,19})\)"
)

_REST = 60_000
"""Milliseconds since the last answer that are rather a rest than a statement: Connector/J 8
tells the same of both."""

_FRAME = "client-frame-no-connection"
"""What stands around any error of a connect, whose number then tells which."""

_SMALL = 65_536
"""Bytes that any server takes in one packet: less can be too large for nobody."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """What one error text says. `rank` is its place among the signatures: the lower, the more
    it tells. `idle_seconds` is the time since the last packet came in, `waited_seconds` for how
    long a statement sent after that rest had no answer; `size` is in bytes;
    `errno` is in Linux's numbers; `role` as in `knowledge.model.Signature`."""

    signature: str
    signal: str
    title: str
    rank: int
    role: str = ""
    number: int | None = None
    errno: int | None = None
    driver: str | None = None
    phase: Phase = Phase.UNKNOWN
    idle_seconds: float | None = None
    waited_seconds: float | None = None
    size: int | None = None
    account: str | None = None
    connection_id: int | None = None


def recognise(line: str, flavor: str = "unknown", near: bool = False) -> Recognised | None:
    """The MySQL or MariaDB client error in `line`, or None.

    `flavor` is the server's (`mysql`, `mariadb`, `percona`, `unknown`): some numbers differ.
    `near` says that the lines around it speak of MySQL, so that words which any socket's
    error has ("Broken pipe") count too. Pure; `line` should be bounded by the caller.
    """
    candidates = texts_in(line)
    if not candidates:
        return None
    named = names_mysql(line)
    best: Recognised | None = None
    for candidate in candidates:
        role = candidate.signature.role
        if role == "near" and (best is not None or not (near or named)):
            continue
        found = candidate.search(line)
        if found is None or (candidate.of_anybody and not named and names_another(line)):
            continue
        if role == "near" and names_another(line):
            continue
        told = _read(candidate, found, line, flavor)
        if told is None:
            continue
        if role != "near":
            # Words that any socket's error has tell more, once others say whose it is.
            driver = told.driver if best is None else best.driver or told.driver
            best = replace(best or told, role=role, driver=driver)
            break
        best = told
    if best is None or _SERVER_LINE.search(line):
        return None
    return _with_system_words(best, candidates, line)


def _with_system_words(error: Recognised, candidates: list[KnownText], line: str) -> Recognised:
    """The error with the number of the operating system's own words, in whatever language."""
    if error.errno is not None:
        return error
    words = (c for c in candidates if c.signature.errno is not None and c.search(line))
    errno = next((c.signature.errno for c in words), None)
    signal = connect_signal(errno) if error.signal == "client.refused" else None
    return error if errno is None else replace(error, errno=errno, signal=signal or error.signal)


def merge(errors: Iterable[Recognised]) -> Recognised:
    """One error from the several lines that tell of it.

    What tells most, completed by the others. Raises ValueError for none.
    """
    ordered = sorted(errors, key=lambda e: e.rank)
    if not ordered:
        raise ValueError("no error to merge")
    best = ordered[0]
    for other in ordered[1:]:
        best = replace(
            best,
            role=best.role if other.role == best.role else "",
            number=_first(best.number, other.number),
            errno=_first(best.errno, other.errno),
            driver=closer(best.driver, other.driver),
            phase=other.phase if best.phase is Phase.UNKNOWN else best.phase,
            idle_seconds=_first(best.idle_seconds, other.idle_seconds),
            waited_seconds=_first(best.waited_seconds, other.waited_seconds),
            size=_first(best.size, other.size),
            account=best.account or other.account,
            connection_id=_first(best.connection_id, other.connection_id),
        )
    if best.signal == "client.refused":
        best = replace(best, signal=connect_signal(best.errno) or best.signal)
    if best.signal == "client.read-timeout":
        # The last packet is old because the statement ran, not because nobody used the link.
        return replace(best, idle_seconds=None, phase=Phase.QUERY)
    return best


def _first(one: T | None, other: T | None) -> T | None:
    return other if one is None else one


def _read(candidate: KnownText, found: re.Match[str], line: str, flavor: str) -> Recognised | None:
    signature, groups = candidate.signature, _groups(found)
    number = _number(groups, line)
    signal, phase = signature.signal, Phase(signature.phase or "unknown")
    if not signal:
        meant = meaning(number, flavor) if number is not None else None
        if meant is None:
            return None
        signal, phase = meant
    elif signal == "client.lost" and (candidate.of_anybody or _is_class(signature)) and number:
        # The server's number tells why, where the words only tell that it is lost.
        meant = meaning(number, flavor)
        if meant is not None and meant[0] != signal:
            signal, phase = meant
    errno = _errno(groups, signature, line)
    if signal == "client.refused" or signature.id.startswith(_FRAME):
        signal = connect_signal(errno) or signal
    size = _integer(groups.get("size")) or size_hint(line)
    if signal == "client.sending-packet" and size is not None and size < _SMALL:
        # A small write fails only where the connection had ended before it.
        signal, phase = "client.lost", Phase.IDLE
    idle, phase = _idle(groups, phase, line)
    return Recognised(
        signature=signature.id,
        signal=signal,
        title=signature.title,
        rank=candidate.rank,
        role=signature.role,
        number=signature.number if number is None else number,
        errno=errno,
        driver=closer(driver_of(line), signature.driver or None),
        phase=phase,
        idle_seconds=idle,
        waited_seconds=_waited(groups, phase),
        size=size,
        account=_account(groups),
        connection_id=_integer(groups.get("conn")) or _connection_id(line),
    )


def _is_class(signature: Signature) -> bool:
    """Whether it knows no more than the SQL state, of which a driver's number tells more."""
    return signature.id == "client-lost-sqlstate"


def _groups(found: re.Match[str]) -> dict[str, str]:
    """The groups that took part, with the digits that make a name unique taken off."""
    return {k.rstrip("0123456789"): v for k, v in found.groupdict().items() if v is not None}


def _number(groups: dict[str, str], line: str) -> int | None:
    if "low" in groups:
        return int(groups["low"]) + 256 * int(groups["high"])
    return int(groups["number"]) if "number" in groups else number_in(line)


def _errno(groups: dict[str, str], signature: Signature, line: str) -> int | None:
    told = errno_of(line)
    if told is None and "errno" in groups:
        return linux_errno(int(groups["errno"]))
    return signature.errno if told is None else told


def _idle(groups: dict[str, str], phase: Phase, line: str) -> tuple[float | None, Phase]:
    """How long nothing had been sent, and the phase that this tells.

    Connector/J counts back from now to the last answer and to the last statement. A statement
    that went out after the last answer ended the rest; without one the rest goes on until now.
    """
    received, sent = _integer(groups.get("ms")), _integer(groups.get("sent"))
    if received is None:
        told = idle_hint(line)
        return told, Phase.IDLE if told is not None and phase is Phase.UNKNOWN else phase
    if "configured value of 'wait_timeout'" in line or "value of 'interactive_timeout'" in line:
        return received / 1000, Phase.IDLE
    if sent is None or sent >= received:
        rest = sent is not None and sent > received >= _REST
        return received / 1000, Phase.IDLE if rest else phase
    rested, waited = received - sent, sent
    return rested / 1000, Phase.IDLE if rested > waited else phase


def _waited(groups: dict[str, str], phase: Phase) -> float | None:
    """For how long a statement that ended a rest had no answer, as Connector/J tells it."""
    received, sent = _integer(groups.get("ms")), _integer(groups.get("sent"))
    if phase is not Phase.IDLE or received is None or sent is None or sent >= received:
        return None
    return sent / 1000


def _integer(text: str | None) -> int | None:
    """A count with any thousands separators; None for nothing or for more than 18 digits."""
    digits = re.sub(r"\D", "", text or "")
    return int(digits) if 0 < len(digits) <= 18 else None


def _account(groups: dict[str, str]) -> str | None:
    user, host = groups.get("user"), groups.get("host")
    if user is None:
        return None
    return user if host is None else f"{user}@{host}"


def _connection_id(line: str) -> int | None:
    found = _CONNECTION.search(line)
    return None if found is None else int(found["java"] or found["proxysql"])
