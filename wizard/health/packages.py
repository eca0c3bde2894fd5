"""Package managers' own logs: was the server installed, upgraded or removed in the window?

An unattended upgrade restarts the server, and nobody remembers it.
"""

import re
from datetime import datetime, timedelta, tzinfo

from wizard.case import Window
from wizard.hosts.base import Host, HostError
from wizard.sanitize import sanitize

LIMIT = 512 << 10
"""Bytes from the end of a log: months of package history."""

SLACK = timedelta(minutes=10)
"""A transaction is logged at its start; the server restarts near its end."""

MAX_NOTES = 5

_PACKAGE = re.compile(r"\b(?:mysql|mariadb|percona)[\w.+-]*server[\w.+-]*|\bMariaDB-server\S*")
_DPKG = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:install|upgrade|remove) (.*)")
_RPM = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}) \S+ (?:Upgraded|Upgrade|Installed|Erased): (.*)"
)


def package_notes(host: Host, window: Window, zone: tzinfo) -> tuple[str, ...]:
    """One note for each change of a server package near the window, at most MAX_NOTES."""
    found = [
        note
        for path, pattern in (("/var/log/dpkg.log", _DPKG), ("/var/log/dnf.rpm.log", _RPM))
        for note in _changes(_tail(host, path), path, pattern, window, zone)
    ]
    return tuple(found[-MAX_NOTES:])


def _changes(
    text: str, path: str, pattern: re.Pattern[str], window: Window, zone: tzinfo
) -> list[str]:
    """dpkg writes the host's local time, dnf an offset."""
    found: list[str] = []
    for line in text.splitlines():
        match = pattern.match(line)
        if match is None or not _PACKAGE.search(match[2]):
            continue
        at = datetime.fromisoformat(match[1])
        aware = at if at.tzinfo else at.replace(tzinfo=zone)
        if window.holds(aware, SLACK):
            found.append(f"a server package changed: {sanitize(line, 200)} ({path})")
    return found


def _tail(host: Host, path: str) -> str:
    try:
        length = host.stat(path).size
        return host.read(path, max(0, length - LIMIT), LIMIT).decode("utf-8", "replace")
    except HostError:
        return ""
