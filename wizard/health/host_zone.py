"""The time zone of the server's machine, for files that write local times without an offset.

Its rules where the machine tells their name, for a line of before the clocks were changed has
another offset than now; else the offset of now.
"""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from wizard.hosts.protocol import Command, Host, HostError

TIMEOUT = 10.0

_OFFSET = Command(("env", "-u", "TZ", "date", "+%z"), 1 << 12)
_RULES = Command(("readlink", "-f", "/etc/localtime"), 1 << 12)
_ROOM = "zoneinfo/"

COMMANDS = (_OFFSET, _RULES)


def host_zone(host: Host, now: datetime) -> tzinfo:
    """The machine's own time zone; UTC where it cannot be asked.

    Rules that give another offset for `now` than the machine's own clock has are not its own.
    """
    fixed = fixed_zone(_said(host, _OFFSET))
    rules = _rules(_said(host, _RULES))
    if rules is None or fixed is None:
        return fixed or UTC
    return rules if now.astimezone(rules).utcoffset() == fixed.utcoffset(now) else fixed


def _said(host: Host, command: Command) -> str:
    try:
        return host.run(command.words, timeout=TIMEOUT).stdout.strip()
    except HostError:
        return ""


def fixed_zone(text: str) -> timezone | None:
    """The zone of what `date +%z` says; None where it is no offset, which is less than a day."""
    if len(text) != 5 or text[0] not in "+-" or not (text.isascii() and text[1:].isdecimal()):
        return None
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[3:]))
    if offset >= timedelta(days=1):
        return None
    return timezone(-offset if text[0] == "-" else offset)


def _rules(path: str) -> ZoneInfo | None:
    """The zone that a path like /usr/share/zoneinfo/Europe/Paris names."""
    _, found, name = path.rpartition(_ROOM)
    if not found:
        return None
    try:
        return ZoneInfo(name.removeprefix("posix/"))
    except (ValueError, OSError, LookupError):
        return None
