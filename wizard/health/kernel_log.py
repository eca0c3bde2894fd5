"""Finds the kernel log and reads it: the journal, the ring buffer, the files of syslog.

How far back it was seen matters as much as what it holds: a ring buffer that has wrapped says
nothing of what it has lost.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from wizard.case import clocks
from wizard.case.case import Window
from wizard.health.host_zone import COMMANDS as ZONE
from wizard.health.host_zone import host_zone
from wizard.health.kernel_lines import (
    Drop,
    KernelFault,
    KernelLine,
    Kill,
    drops_in,
    faults_in,
    fold,
    kills_in,
    ring_line,
    syslog_line,
)
from wizard.hosts.protocol import Command, File, Host, HostError, NotPermitted, Prefetch
from wizard.hosts.small_files import tail_of

LIMIT = 8 << 20
"""Bytes read of one source: several times the largest usual ring buffer."""

TIMEOUT = 5.0
"""Seconds for one command; a journal of many gigabytes is slow to open."""

FILES = ("/var/log/kern.log", "/var/log/messages", "/var/log/syslog")

_JOURNAL = ("journalctl", "--no-pager", "-o", "short-iso-precise")
_RING_ISO = Command(("dmesg", "--time-format", "iso"), LIMIT)
# BusyBox takes as much as the buffer holds, of which its own stamps would crowd the oldest out.
_RING = Command(("dmesg", "-s", str(LIMIT)), LIMIT, instead=True)
"""BusyBox knows no formats of time."""


_BOOT_WORDS = ("Linux version ", "Booting Linux ")


@dataclass(frozen=True, slots=True)
class KernelLog:
    """What was seen. `reaches_back_to` is the oldest moment from which nothing is missing, None
    where no source could be read; `from_boot` says that it is the very beginning of this boot.
    `problems` tell, a line each, why a source could not be read."""

    kills: tuple[Kill, ...] = ()
    faults: tuple[KernelFault, ...] = ()
    drops: tuple[Drop, ...] = ()
    reaches_back_to: datetime | None = None
    from_boot: bool = False
    sources: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def readable(self) -> bool:
        return self.reaches_back_to is not None

    def covers(self, since: datetime) -> bool:
        """Whether nothing after `since` can have been missed."""
        return self.reaches_back_to is not None and self.reaches_back_to <= since


@dataclass(frozen=True, slots=True)
class _Clock:
    boot: datetime
    now: datetime
    zone: tzinfo


def commands(window: Window) -> tuple[Command, ...]:
    """What is asked on the way to the kernel log, but for the files of syslog."""
    return (_journal_of(window), _journal_before(window), _RING_ISO, _RING, *ZONE)


def read_kernel_log(
    host: Host, window: Window, boot: datetime, now: datetime, checkpoint: Callable[[], None]
) -> KernelLog:
    """The kernel log of `host` over `window`. Sources are read, best first, until one reaches
    back to the window's start. Never raises HostError."""
    clock = _Clock(boot, now, host_zone(host, now))
    log = KernelLog()
    for read in (_journal, _ring, _files):
        checkpoint()
        if read is _files:
            _bring_files(host)
        try:
            log = _with(log, read(host, window, clock))
        except HostError as problem:
            log = replace(log, problems=(*log.problems, str(problem)))
        if log.covers(window.since):
            break
    return log


def _bring_files(host: Host) -> None:
    """The first of FILES that is there, and the one before it."""
    for path in FILES:
        try:
            host.stat(path)
        except HostError:
            continue
        with suppress(HostError):
            host.bring(Prefetch(files=(File(path, LIMIT), File(f"{path}.1", LIMIT))))
        return


def _journal_of(window: Window) -> Command:
    """`journalctl -k` would stop at this boot; the field match sees earlier ones as well.
    `_COMM` is set by the kernel, so that no other program can speak as earlyoom."""
    since, until = window.since - clocks.KERNEL_LOG, window.until + clocks.KERNEL_LOG
    span = ("--since", f"@{int(since.timestamp())}", "--until", f"@{int(until.timestamp()) + 1}")
    senders = ("_TRANSPORT=kernel", "+", "_COMM=earlyoom", "+", "_COMM=systemd-oomd")
    return Command((*_JOURNAL, *span, *senders), LIMIT)


def _journal_before(window: Window) -> Command:
    until = int(window.since.timestamp())
    words = (*_JOURNAL, "-n", "1", "--until", f"@{until}", "_TRANSPORT=kernel")
    return Command(words, 1 << 16)


def _with(log: KernelLog, more: KernelLog) -> KernelLog:
    """Both together; the one that reaches further back says how far."""
    starts = [s for s in (log, more) if s.reaches_back_to is not None]
    oldest = min(starts, key=lambda s: s.reaches_back_to or datetime.max, default=log)
    return KernelLog(
        kills=fold((*log.kills, *more.kills)),
        faults=log.faults or more.faults,
        drops=log.drops or more.drops,
        reaches_back_to=oldest.reaches_back_to,
        from_boot=oldest.from_boot,
        sources=(*log.sources, *more.sources),
        problems=(*log.problems, *more.problems),
    )


def _journal(host: Host, window: Window, clock: _Clock) -> KernelLog:
    ask, before = _journal_of(window), _journal_before(window)
    result = host.run(ask.words, timeout=TIMEOUT, limit=ask.limit)
    if result.truncated:
        raise HostError(f"the journal holds more than {LIMIT >> 20} MiB of kernel messages")
    lines = tuple(_parsed(result.stdout, lambda t: syslog_line(t, clock.zone, clock.now)))
    earlier = host.run(before.words, timeout=TIMEOUT, limit=before.limit)
    first = next((line for line in lines if line.sender == "kernel" and line.at), None)
    if any(_parsed(earlier.stdout, lambda t: syslog_line(t, clock.zone, clock.now))):
        start, from_boot = window.since, False
    elif first is not None and first.at is not None:
        # A late journald stamps what the ring buffer held with the time of its own start, so
        # that the boot's first words are believed near the boot only.
        near = abs(first.at - clock.boot) <= clocks.KERNEL_LOG
        from_boot = near and first.message.startswith(_BOOT_WORDS)
        start = clock.boot if from_boot else first.at
    elif "No journal files" in result.stderr:
        raise HostError("this host keeps no journal")
    else:
        raise HostError(
            "the journal shows this account no kernel messages; "
            "run as root or join the group systemd-journal"
        )
    return _log(lines, "journal", start, from_boot)


def _ring(host: Host, _window: Window, clock: _Clock) -> KernelLog:
    result = host.run(_RING_ISO.words, timeout=TIMEOUT, limit=LIMIT)
    if result.exit_code != 0 and "not permitted" not in result.stderr.lower():
        result = host.run(_RING.words, timeout=TIMEOUT, limit=LIMIT)
    if result.exit_code != 0 and not result.truncated:
        if "not permitted" in result.stderr.lower():
            raise NotPermitted(
                "this account may not read the kernel's ring buffer (kernel.dmesg_restrict); "
                "run as root"
            )
        raise HostError("dmesg failed on this host")
    lines = tuple(_parsed(result.stdout, lambda t: ring_line(t, clock.boot)))
    first = next((line for line in lines if line.at), None)
    if first is None or first.at is None or result.truncated:
        raise HostError("the kernel's ring buffer shows no lines with a time")
    from_boot = first.message.startswith(_BOOT_WORDS)
    return _log(lines, "dmesg", first.at, from_boot)


def _files(host: Host, window: Window, clock: _Clock) -> KernelLog:
    """The first log that reaches back.

    With the one that was rotated before it where that is needed. Only a file that holds kernel
    messages counts: a syslog may be set up without them.
    """
    log = KernelLog()
    for path in FILES:
        lines = _lines_of(host, path, clock)
        start = _first_time(lines)
        if start is None or start > window.since:
            lines = (*_lines_of(host, f"{path}.1", clock), *lines)
            start = _first_time(lines)
        if start is None or not any(line.sender == "kernel" for line in lines):
            continue
        near = tuple(line for line in lines if window.holds(line.at, clocks.KERNEL_LOG))
        log = _with(log, _log(near, path, start, from_boot=False))
        break
    if not log.readable:
        raise HostError("no readable file of syslog holds kernel messages")
    return log


def _lines_of(host: Host, path: str, clock: _Clock) -> tuple[KernelLine, ...]:
    return tuple(
        _parsed(tail_of(host, path, LIMIT) or "", lambda t: syslog_line(t, clock.zone, clock.now))
    )


def _first_time(lines: tuple[KernelLine, ...]) -> datetime | None:
    return next((line.at for line in lines if line.at), None)


def _parsed(text: str, parse: Callable[[str], KernelLine | None]) -> Iterator[KernelLine]:
    for row in text.splitlines():
        line = parse(row)
        if line is not None:
            yield line


def _log(lines: tuple[KernelLine, ...], source: str, start: datetime, from_boot: bool) -> KernelLog:
    return KernelLog(
        kills_in(lines, source),
        faults_in(lines, source),
        drops_in(lines, source),
        start,
        from_boot,
        (source,),
    )
