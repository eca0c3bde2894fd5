"""Reads `[USER@]HOST[:PORT]`."""

from wizard.target.model import SshPlace
from wizard.units import LAST_PORT, whole_number

_NEVER_IN_A_NAME = frozenset("'`\"$\\;&<>|(){}")
"""ProxyCommand hands the name to a shell; OpenSSH refuses these too since 9.6."""


def ssh_place(text: str) -> SshPlace:
    """An IPv6 address with a port stands in brackets. Raises ValueError with one line."""
    user, at, rest = text.rpartition("@")
    if at and not user:
        raise ValueError(f"{text[:60]!r} names no user before the @")
    host, port = _split(rest)
    if not host or host.startswith("-") or _is_unsafe(text):
        raise ValueError(f"{text[:60]!r} is no [USER@]HOST[:PORT]")
    number = whole_number(port, LAST_PORT) if port is not None else None
    if port is not None and not number:
        raise ValueError(f"{port[:20]!r} is no port: give 1 to {LAST_PORT}")
    return SshPlace(host, user or None, number)


def _is_unsafe(text: str) -> bool:
    return any(c.isspace() or not c.isprintable() or c in _NEVER_IN_A_NAME for c in text)


def _split(rest: str) -> tuple[str, str | None]:
    if rest.startswith("["):
        host, bracket, after = rest[1:].partition("]")
        if not bracket or (after and not after.startswith(":")):
            return "", None
        return host, after[1:] if after else None
    if rest.count(":") > 1:
        return rest, None
    host, colon, port = rest.partition(":")
    return host, port if colon else None
