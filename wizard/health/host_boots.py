"""Starts and ends of the host as wtmp knows them (last(1))."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from wizard.case.case import Window
from wizard.hosts.protocol import Command, Host, HostError
from wizard.units import moment

LAST = Command(("last", "-x", "-F", "-n", "50", "reboot", "shutdown"), 1 << 16)
"""Of util-linux; BusyBox's knows none of it, and Debian 13 has none."""

_LINE = re.compile(
    r"(reboot|shutdown) +system (?:boot|down) +\S+ +"
    r"\w{3} (\w{3} +\d{1,2} \d\d:\d\d:\d\d \d{4})(?: - (crash)?)?"
)


@dataclass(frozen=True, slots=True)
class Boot:
    """`kind` is `reboot` (the host started) or `shutdown` (an orderly end); `crashed`: no
    orderly end came after this start."""

    at: datetime
    kind: str
    crashed: bool = False


def read_boots(host: Host) -> tuple[Boot, ...] | None:
    """The newest first; None where nobody keeps them."""
    try:
        told = host.run(LAST.words, timeout=5.0, limit=LAST.limit)
    except HostError:
        return None
    return parse_last(told.stdout) if told.exit_code == 0 else None


def parse_last(text: str) -> tuple[Boot, ...]:
    return tuple(_boots(text))


def _boots(text: str) -> Iterator[Boot]:
    for line in text.splitlines():
        if match := _LINE.match(line):
            at = datetime.strptime(match[2], "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
            yield Boot(at, match[1], match[3] is not None)


def notes(boots: tuple[Boot, ...] | None, window: Window) -> Iterator[str]:
    """What wtmp says of the window."""
    for boot in boots or ():
        if not window.holds(boot.at):
            continue
        if boot.kind == "shutdown":
            yield f"the host was shut down in order, {moment(boot.at)} (last -x)"
        else:
            crash = ", and ended without an orderly shutdown" if boot.crashed else ""
            yield f"the host was started, {moment(boot.at)}{crash} (last -x)"
