"""Package managers' own logs: was the server installed, upgraded or removed in the window?

An unattended upgrade restarts the server, and nobody remembers it.
"""

import re
from datetime import UTC, datetime, tzinfo

from wizard.case import clocks
from wizard.case.case import Window
from wizard.hosts.protocol import File, Host, HostError
from wizard.hosts.small_files import tail_of
from wizard.safety.sanitize import sanitize
from wizard.units import moment

LIMIT = 256 << 10
"""Bytes from the end of a log: weeks of package history."""

MAX_NOTES = 5

_PACKAGE = re.compile(r"\b(?:mysql|mariadb|percona)[\w.+-]*server[\w.+-]*|\bMariaDB-server\S*")
_DPKG = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:install|upgrade|remove) (.*)")
_YUM = re.compile(r"([A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d) (?:Installed|Updated|Erased): (.*)")
_ZYPP = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\|(?:install|remove *)\|(.*)")
_RPM = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}) \S+ (?:Upgraded|Upgrade|Installed|Erased): (.*)"
)


_LOGS = (
    ("/var/log/dpkg.log", _DPKG),
    ("/var/log/dnf.rpm.log", _RPM),
    ("/var/log/yum.log", _YUM),
    ("/var/log/zypp/history", _ZYPP),
)
"""Debian and Ubuntu; Fedora and RHEL from 8 on; RHEL 7; SUSE."""

APK_DATABASE = "/lib/apk/db/installed"
"""Alpine keeps no log: its list of packages changes with each transaction."""

FILES = tuple(File(path, LIMIT) for path, _pattern in _LOGS)


def package_notes(host: Host, window: Window, zone: tzinfo) -> tuple[str, ...]:
    """One note for each change of a server package near the window, at most MAX_NOTES."""
    found = [
        note
        for path, pattern in _LOGS
        for note in _changes(tail_of(host, path, LIMIT) or "", path, pattern, window, zone)
    ]
    return (*found[-MAX_NOTES:], *_alpine(host, window))


def _alpine(host: Host, window: Window) -> tuple[str, ...]:
    try:
        at = datetime.fromtimestamp(host.stat(APK_DATABASE).mtime, UTC)
    except HostError:
        return ()
    if not window.holds(at, clocks.PACKAGE_LOG):
        return ()
    return (f"packages changed, {moment(at)}; apk keeps no log of which ({APK_DATABASE})",)


def _changes(
    text: str, path: str, pattern: re.Pattern[str], window: Window, zone: tzinfo
) -> list[str]:
    found: list[str] = []
    for line in text.splitlines():
        match = pattern.match(line)
        if match is None or not _PACKAGE.search(match[2]):
            continue
        aware = _moment(match[1], window, zone)
        if aware is not None and window.holds(aware, clocks.PACKAGE_LOG):
            found.append(f"a server package changed: {sanitize(line, 200)} ({path})")
    return found


def _moment(text: str, window: Window, zone: tzinfo) -> datetime | None:
    """dnf writes an offset, the others the host's local time, and yum no year: the nearest."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return _nearest(text, window, zone)
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _nearest(text: str, window: Window, zone: tzinfo) -> datetime | None:
    """A moment without a year, in the year that brings it nearest to the window's end.

    A line of December may be read in January, and where clocks differ the other way round.
    """
    found = []
    for year in range(window.until.year - 1, window.until.year + 2):
        try:
            found.append(datetime.strptime(f"{year} {text}", "%Y %b %d %H:%M:%S"))
        except ValueError:
            continue
    dated = (at.replace(tzinfo=zone) for at in found)
    return min(dated, key=lambda at: abs(at - window.until), default=None)
