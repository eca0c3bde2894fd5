"""What a client's error text says: which signal, number, driver, idle time and size.

The texts are in `knowledge/signatures/client.toml`. One event has different numbers in different
client libraries, and one number covers different events, so the text counts first, then the
number as the server's flavour means it.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeVar

from knowledge.load import signatures
from knowledge.model import Signature
from wizard.case.evidence import Phase
from wizard.logs.application.client_drivers import driver_of, names_another, names_mysql
from wizard.logs.application.client_hints import idle_hint, size_hint
from wizard.logs.application.client_numbers import connect_signal, linux_errno, meaning

T = TypeVar("T")

# A server's own log line may hold the same words; it is the error-log step's business.
_SERVER_LINE = re.compile(
    r"(?:\d{4}-\d\d-\d\d[T ] ?\d{1,2}:\d\d:\d\d\S*|\d{6} [ \d]\d:\d\d:\d\d)(?: \d+)?"
    r" \[(?:Note|Warning|ERROR|System)\]"
)
_NUMBER = re.compile(
    r"\((?P<tuple>\d{4}), ?[\"']|\bERROR (?P<cli>\d{4}) \(|SQLSTATE\[\w{5}\]:? ?\[(?P<pdo>\d{4})\]"
    r"|SQLSTATE\[\w{5}\]: [A-Za-z ]{5,40}: (?P<general>\d{4})\b|\b(?P<connector>\d{4}) \(\w{5}\): "
    r"|Error: (?P<connector2>\d{4}): |\((?:HY000|\d\dS?\d{2,3})/(?P<mysqli>\d{4})\)"
    r"|\bError:? (?:Code: )?(?P<other>\d{4})\b|\berrno\]?: (?P<errno>\d{4})\b"
    r"|rror: (?P<dotnet>[12]\d{3}): ",
)
_ERRNO = re.compile(
    r"system error: (?:Errno )?(-?\d{1,5})|\[?\bErrno (-?\d{1,5})|Error\((\d{1,3}),|"
    r"(?:server|socket) [^\n]{0,100}'(?:[^']*)' \((\d{1,5})\)|os error (\d{1,3})"
)
_ERRNO_WORDS = (
    ("connection reset", 104),
    ("econnreset", 104),
    ("broken pipe", 32),
    ("epipe", 32),
    ("connection refused", 111),
    ("econnrefused", 111),
    ("no route to host", 113),
    ("ehostunreach", 113),
    ("network is unreachable", 101),
    ("connection timed out", 110),
    ("operation timed out", 110),
    ("etimedout", 110),
    ("i/o timeout", 110),
    ("eof occurred", 0),
    ("connection: eof", 0),
    ("closed by server", 0),
    ("unexpected eof", 0),
)
_CONNECTION = re.compile(r"\(conn=(\d{1,19})\)")
# Connector/J tells the time since the last packet went out too: far less than since the last
# one came in means that the connection had been idle and a new statement was just sent.
_IDLE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Recognised:
    """What one error text says. `rank` is its place among the signatures: the lower, the more
    it tells. `idle_seconds` is the time since the last packet came in; `size` is in bytes;
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
    size: int | None = None
    account: str | None = None
    connection_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Compiled:
    rank: int
    signature: Signature
    pattern: re.Pattern[str]


def recognise(line: str, flavor: str = "unknown", near: bool = False) -> Recognised | None:
    """The MySQL or MariaDB client error in `line`, or None.

    `flavor` is the server's (`mysql`, `mariadb`, `percona`, `unknown`): some numbers differ.
    `near` says that the lines around it speak of MySQL, so that words which any socket's
    error has ("Broken pipe") count too. Pure; `line` should be bounded by the caller.
    """
    folded = line.lower()
    candidates = [
        candidate
        for stem, literals in _by_stem()
        if stem in folded
        for literal, group in literals
        if literal in folded
        for candidate in group
    ]
    if not candidates:
        return None
    candidates.sort(key=lambda c: c.rank)
    near = (near or names_mysql(line)) and not names_another(line)
    for candidate in candidates:
        if candidate.signature.role == "near" and not near:
            continue
        found = candidate.pattern.search(line)
        if found is not None and (told := _read(candidate, found, line, flavor)) is not None:
            return None if _SERVER_LINE.search(line) else told
    return None


def merge(errors: Iterable[Recognised]) -> Recognised:
    """One error from the several lines that tell of it: what tells most, completed by the
    others. Raises ValueError for none."""
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
            driver=best.driver if best.driver not in (None, "PHP") else other.driver or best.driver,
            phase=other.phase if best.phase is Phase.UNKNOWN else best.phase,
            idle_seconds=_first(best.idle_seconds, other.idle_seconds),
            size=_first(best.size, other.size),
            account=best.account or other.account,
            connection_id=_first(best.connection_id, other.connection_id),
        )
    if best.signal == "client.read-timeout":
        # The last packet is old because the statement ran, not because nobody used the link.
        return replace(best, idle_seconds=None, phase=Phase.QUERY)
    return best


def _first(one: T | None, other: T | None) -> T | None:
    return other if one is None else one


_STEM = 4
_Group = tuple[str, tuple[_Compiled, ...]]


@cache
def _by_stem() -> tuple[tuple[str, tuple[_Group, ...]], ...]:
    """The signatures by literal, and the literals by a few characters that they share: nearly
    every line is done with after a look for some twenty short stems."""
    groups: dict[str, list[_Compiled]] = {}
    for rank, signature in enumerate(signatures("client")):
        compiled = _Compiled(rank, signature, re.compile(signature.pattern, re.IGNORECASE))
        groups.setdefault(signature.literal.lower(), []).append(compiled)
    left, stems = set(groups), []
    while left:
        shares = Counter(stem for literal in left for stem in _grams(literal))
        stem = max(shares, key=lambda s: (shares[s], s))
        holders = sorted(literal for literal in left if stem in literal)
        stems.append((stem, tuple((literal, tuple(groups[literal])) for literal in holders)))
        left.difference_update(holders)
    return tuple(stems)


def _grams(literal: str) -> set[str]:
    return {literal[i : i + _STEM] for i in range(max(1, len(literal) - _STEM + 1))}


def _read(candidate: _Compiled, found: re.Match[str], line: str, flavor: str) -> Recognised | None:
    signature, groups = candidate.signature, _groups(found)
    number = _number(groups, line)
    signal, phase = signature.signal, Phase(signature.phase or "unknown")
    if not signal:
        meant = meaning(number, flavor) if number is not None else None
        if meant is None:
            return None
        signal, phase = meant
    errno = _errno(groups, line)
    if signal == "client.refused":
        signal = connect_signal(errno) or signal
    idle, phase = _idle(groups, phase, line)
    return Recognised(
        signature=signature.id,
        signal=signal,
        title=signature.title,
        rank=candidate.rank,
        role=signature.role,
        number=signature.number if number is None else number,
        errno=errno,
        driver=driver_of(line) or signature.driver or None,
        phase=phase,
        idle_seconds=idle_hint(line) if idle is None else idle,
        size=_integer(groups.get("size")) or size_hint(line),
        account=_account(groups),
        connection_id=_integer(groups.get("conn")) or _connection_id(line),
    )


def _groups(found: re.Match[str]) -> dict[str, str]:
    """The groups that took part, with the digits that make a name unique taken off."""
    return {k.rstrip("0123456789"): v for k, v in found.groupdict().items() if v is not None}


def _number(groups: dict[str, str], line: str) -> int | None:
    if "number" in groups:
        return int(groups["number"])
    found = _NUMBER.search(line)
    return None if found is None else int(next(g for g in found.groups() if g is not None))


def _errno(groups: dict[str, str], line: str) -> int | None:
    told = groups.get("errno")
    if told is None and (found := _ERRNO.search(line)) is not None:
        told = next(g for g in found.groups() if g is not None)
    folded = line.lower()
    # Python's ssl module puts its own code where others put the errno.
    if told is not None and "sslerror" not in folded and "eof occurred" not in folded:
        return linux_errno(int(told))
    return next((errno for word, errno in _ERRNO_WORDS if word in folded), None)


def _idle(groups: dict[str, str], phase: Phase, line: str) -> tuple[float | None, Phase]:
    received = _integer(groups.get("ms"))
    if received is None:
        return None, phase
    sent = _integer(groups.get("sent"))
    idled = "configured value of 'wait_timeout'" in line or (
        sent is not None and sent < received * _IDLE_SHARE
    )
    return received / 1000, Phase.IDLE if idled else phase


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
    return None if found is None else int(found.group(1))
