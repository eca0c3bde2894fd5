"""Lines of a kernel log or journal: their time and sender, and what they say of a kill.

Pure functions; the reading is in `kernel_log`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cache
from itertools import chain

from knowledge.load import signatures
from knowledge.model import Signature
from wizard.hosts.protocol import SERVER_NAMES
from wizard.safety.sanitize import sanitize

_RING = re.compile(r"(?:<\d+>)?\[ *(\d{1,12}\.\d{1,9})\] (.*)")
_STAMPED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.,]?\d*(?:Z|[+-]\d\d:?\d\d)) (.*)")
_CLASSIC = re.compile(r"([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) (.*)")
_SENDER = re.compile(r"\S{1,255} ([\w.@-]{1,64})(?:\[\d+\])?: (?:\[ *\d+\.\d+\] ?)?(.*)")
_SERVER_UNIT = re.compile(r"(?:^|[/.])(?:mysql|mysqld|mariadb)(?:d?@[^/]*)?\.service(?:/|$)")


@dataclass(frozen=True, slots=True)
class KernelLine:
    """One line. `at` is None where its time could not be read; `sender` is the program."""

    at: datetime | None
    sender: str
    message: str


@dataclass(frozen=True, slots=True)
class Kill:
    """One process or unit that was killed for want of memory.

    `by` is who did it, `asker` whose request for memory woke it, `rss` in bytes. `firm` is
    false for the announcement of kernels before 5.2, which may name a thread or the parent of
    the real victim.
    """

    at: datetime | None
    by: str
    source: str
    raw: str
    pid: int | None = None
    name: str = ""
    unit: str = ""
    cgroup: str = ""
    limited: bool = False
    asker: str = ""
    rss: int | None = None
    firm: bool = True

    @property
    def is_server(self) -> bool:
        """Whether the victim is a database server, by its name or by its unit."""
        return self.name in SERVER_NAMES if self.name else is_server_unit(self.unit)


@dataclass(frozen=True, slots=True)
class KernelFault:
    """A program that crashed by itself, as the kernel saw it."""

    at: datetime | None
    name: str
    source: str
    raw: str


@dataclass(frozen=True, slots=True)
class Drop:
    """The kernel threw connects or packets away, and said so once for many. `port` is None where
    it concerns the whole machine."""

    at: datetime | None
    signal: str
    port: int | None
    source: str
    raw: str


def is_server_unit(unit: str) -> bool:
    """Whether a unit or cgroup path is a database server's."""
    return _SERVER_UNIT.search(unit) is not None


def ring_line(text: str, boot: datetime) -> KernelLine | None:
    """A line of dmesg, with seconds since boot or with `--time-format iso`."""
    if match := _RING.match(text):
        return KernelLine(boot + timedelta(seconds=float(match[1])), "kernel", match[2])
    if match := _STAMPED.match(text):
        return KernelLine(_moment(match[1]), "kernel", match[2])
    return None


def syslog_line(text: str, zone: tzinfo, now: datetime) -> KernelLine | None:
    """A line of syslog, or of journalctl with `-o short-iso-precise`.

    The classic format has no year and no zone: the year is the latest that is not in the
    future (a day of grace for clocks), the zone is the host's.
    """
    if match := _STAMPED.match(text):
        at = _moment(match[1])
    elif match := _CLASSIC.match(text):
        at = _without_year(match[1], zone, now)
    else:
        return None
    sender = _SENDER.match(match[2])
    return KernelLine(at, sender[1], sender[2]) if sender else None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _without_year(text: str, zone: tzinfo, now: datetime) -> datetime | None:
    local = now.astimezone(zone)
    for year in (local.year + 1, local.year, local.year - 1):
        try:
            at = datetime.strptime(f"{year} {text}", "%Y %b %d %H:%M:%S").replace(tzinfo=zone)
        except ValueError:
            continue
        if at <= local + timedelta(days=1):
            return at
    return None


KILLS = "kernel.oom-kill"
DROPS = ("kernel.conntrack-full", "kernel.listen-overflow")

SENDERS = {
    "kernel": "the kernel's OOM killer",
    "systemd": "the OOM killer",
    "systemd-oomd": "systemd-oomd",
    "earlyoom": "earlyoom",
}
"""Who may speak of a kill: any program may write the same words to syslog."""


def kills_in(lines: Iterable[KernelLine], source: str) -> tuple[Kill, ...]:
    """One record a kill, in the order of the log. Several lines about one kill are folded."""
    asker = ""
    found: list[Kill] = []
    for line in lines:
        if line.sender not in SENDERS:
            continue
        for signature, match in _matches(line.message):
            groups = match.groupdict()
            if signature.id == "kernel-oom-invoked":
                asker = sanitize(groups["asker"], 64)
            elif signature.signal == KILLS:
                found.append(_kill(line, signature, groups, source, asker))
    return fold(found)


def faults_in(lines: Iterable[KernelLine], source: str) -> tuple[KernelFault, ...]:
    """Server programs that the kernel saw crash."""
    return tuple(
        KernelFault(line.at, match["name"], source, sanitize(line.message))
        for line in lines
        if line.sender == "kernel"
        for signature, match in _matches(line.message)
        if signature.id == "kernel-fault" and match["name"] in SERVER_NAMES
    )


def drops_in(lines: Iterable[KernelLine], source: str) -> tuple[Drop, ...]:
    """Where the kernel says that it had no room for connections."""
    return tuple(
        Drop(line.at, signature.signal, _port(match), source, sanitize(line.message))
        for line in lines
        if line.sender == "kernel"
        for signature, match in _matches(line.message)
        if signature.signal in DROPS
    )


def _port(match: re.Match[str]) -> int | None:
    port = match.groupdict().get("port")
    return int(port) if port else None


@cache
def _compiled() -> tuple[tuple[Signature, re.Pattern[str]], ...]:
    return tuple((s, re.compile(s.pattern)) for s in signatures("kernel"))


def _matches(message: str) -> Iterator[tuple[Signature, re.Match[str]]]:
    for signature, pattern in _compiled():
        if signature.literal in message and (match := pattern.search(message)):
            yield signature, match


def _kill(
    line: KernelLine, signature: Signature, groups: dict[str, str | None], source: str, asker: str
) -> Kill:
    pid, rss = groups.get("pid"), groups.get("rss")
    cgroup = sanitize(groups.get("cgroup") or "", 300)
    by_systemd = signature.id in ("systemd-oomd-killed", "systemd-oomd-unit")
    return Kill(
        at=line.at,
        by="systemd-oomd" if by_systemd else SENDERS[line.sender],
        source=source,
        raw=sanitize(line.message),
        pid=int(pid) if pid else None,
        name=sanitize(groups.get("name") or "", 64),
        unit=sanitize(groups.get("unit") or "", 300) or (cgroup if by_systemd else ""),
        cgroup=cgroup,
        limited="Memory cgroup" in line.message or groups.get("constraint") == "CONSTRAINT_MEMCG",
        asker=asker if line.sender == "kernel" else "",
        rss=int(rss) * 1024 if rss else None,
        firm=signature.id != "kernel-oom-chosen",
    )


SAME_KILL = timedelta(minutes=2)
"""Lines about one kill are this near: systemd reports after a core dump or a slow exit, and
the ring buffer's clock may lag the journal's."""


def fold(kills: Iterable[Kill]) -> tuple[Kill, ...]:
    """Records of one kill made one.

    By pid first; a record without a pid joins a kill of the same unit's server near it; an
    announcement gives way to the victim's own line after it.
    """
    folded: list[Kill] = []
    places = _Places()
    for kill in sorted(kills, key=lambda k: (not k.firm, k.pid is None)):
        twin = next((i for i in places.of(kill) if _same(folded[i], kill)), None)
        if twin is None:
            twin = len(folded)
            folded.append(kill)
        else:
            folded[twin] = _joined(folded[twin], kill)
        places.put(twin, folded[twin])
    return tuple(sorted(folded, key=lambda k: k.at.timestamp() if k.at else 0.0))


class _Places:
    """Where the records stand that a kill may be one with, by pid and by time.

    A machine short of memory kills thousands.
    """

    def __init__(self) -> None:
        self._by_pid: dict[int, list[int]] = {}
        self._by_time: dict[int | None, list[int]] = {}

    def put(self, place: int, kill: Kill) -> None:
        if kill.pid is not None:
            _add(self._by_pid.setdefault(kill.pid, []), place)
        _add(self._by_time.setdefault(_cell(kill), []), place)

    def of(self, kill: Kill) -> Iterator[int]:
        if kill.pid is not None:
            yield from self._by_pid.get(kill.pid, ())
            if kill.firm:
                return
        cell = _cell(kill)
        if cell is None:
            yield from chain.from_iterable(self._by_time.values())
            return
        for near in (cell - 1, cell, cell + 1, None):
            yield from self._by_time.get(near, ())


def _add(places: list[int], place: int) -> None:
    if not places or places[-1] != place:
        places.append(place)


def _cell(kill: Kill) -> int | None:
    return None if kill.at is None else int(kill.at.timestamp() // SAME_KILL.total_seconds())


def _same(one: Kill, other: Kill) -> bool:
    if one.pid is not None and (one.pid, one.raw) == (other.pid, other.raw):
        return True
    if one.at is not None and other.at is not None and abs(one.at - other.at) > SAME_KILL:
        return False
    if one.pid is not None and other.pid is not None and other.firm:
        return one.pid == other.pid
    if one.pid is not None and not other.firm:
        return one.source == other.source or one.pid == other.pid
    if one.pid is None and other.pid is None:
        return one.unit == other.unit
    return one.is_server and other.is_server


def _joined(first: Kill, second: Kill) -> Kill:
    """Two records of one kill as one.

    The victim's own line (the one with a size) is the excerpt; the earliest time is the kill's,
    since a log may be written late but never early.
    """
    main, extra = (second, first) if second.rss and not first.rss else (first, second)
    return Kill(
        at=min((k.at for k in (main, extra) if k.at is not None), default=None),
        by=main.by,
        source=main.source,
        raw=main.raw,
        pid=main.pid if main.pid is not None else extra.pid,
        name=main.name or extra.name,
        unit=main.unit or extra.unit,
        cgroup=main.cgroup or extra.cgroup,
        limited=main.limited or extra.limited,
        asker=main.asker or extra.asker,
        rss=main.rss or extra.rss,
        firm=main.firm,
    )
