"""Reads an application's log, or pasted text, for the failures that it tells of.

Any size and any content: files are streamed, long lines are cut before anything looks at them,
and only the newest failures are kept.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import IO

from wizard.case.case import Window
from wizard.case.evidence import PASTED, Failure
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host, HostError
from wizard.logs.application.backward import in_order
from wizard.logs.application.dense import DenseReader
from wizard.logs.application.failures import FailureReader
from wizard.logs.application.lines import Lines, SkimmedLines
from wizard.logs.application.open_file import BROKEN, open_log
from wizard.logs.application.raw_lines import bounded
from wizard.logs.application.sample import SAMPLED, as_written, sampled
from wizard.logs.application.skim import Skim
from wizard.logs.application.stamps import StampReader
from wizard.logs.application.successes import may_have_gone_well
from wizard.logs.application.survey import Direction, Survey, direction_of
from wizard.logs.application.triggers import triggers
from wizard.logs.engine.log_file import EMPTIED
from wizard.logs.engine.progress import Progress, telling
from wizard.logs.not_text import HEAD, no_text

LARGE = 2 << 20
"""Bytes from which on a log is skimmed: what that needs takes longer than to read a small one."""

Opener = Callable[[Path], IO[bytes]]


@dataclass(frozen=True, slots=True)
class AppLogScan:
    """What one log told. `failures` are the newest, at most `MAX_KEPT`; `counts` has all of
    them by signal; `outside` counts those that lie outside the window; `not_understood`
    the lines inside it that speak of a connection's trouble in words that are not known.
    `first` and `last` are the log's own first and last time, `zone_assumed` that they name no
    zone, and `away` how far that zone was found to be from this machine's; `written` is when the
    file was. `truncated` says why not all was read, or is empty."""

    path: str
    failures: tuple[Failure, ...]
    counts: Mapping[str, int]
    lines: int
    bytes_scanned: int
    first: datetime | None = None
    last: datetime | None = None
    outside: int = 0
    not_understood: int = 0
    zone_assumed: bool = False
    away: timedelta = timedelta(0)
    written: datetime | None = None
    truncated: str = ""

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def scan_application_log(
    path: Path,
    window: Window | None = None,
    zone: tzinfo | None = None,
    flavor: str = "unknown",
    checkpoint: Callable[[], None] = lambda: None,
    opener: Opener = open_log,
    endpoints: Iterable[str] = (),
    say: Callable[[str], None] = lambda _: None,
) -> AppLogScan:
    """The failures in the log at `path`, those outside `window` left out.

    `zone` is for times without one (None: this machine's); `flavor` is the server's, for
    numbers that differ. `endpoints` are the database's places, as `endpoints_of` has them.
    `checkpoint` is called often and may raise; `say` is told how far a long reading is. Of a large
    log only those lines are read closely that can matter. Raises HostError where it cannot be read.
    """
    with opener(path) as stream:
        head = _head(stream)
        sample = sampled(stream, path, zone, checkpoint, say)
        reader = FailureReader(
            f"{path.name}:", window, zone, flavor, clock=sample.clock, endpoints=endpoints
        )
        lines: Lines | SkimmedLines
        so_far = telling(checkpoint, Progress(sample.size or 0), say)

        def passed() -> None:
            so_far(lines.taken)

        if sample.heads is not None and (sample.size is None or sample.size >= LARGE):
            skim = Skim(sample.heads, triggers(), may_have_gone_well(), as_written(sample.twice))
            lines = SkimmedLines(stream, passed, skim)
            ordered = iter(lines)
        else:
            lines = Lines(stream, passed)
            ordered = _ordered(lines, sample.direction, StampReader(zone, None, sample.clock))
        takes = DenseReader(reader) if isinstance(lines, SkimmedLines) else reader
        for number, line in ordered:
            takes.feed(number, line)
        takes.finish()
        emptied = not _head(stream).startswith(head)
    if (told := no_text(head)) and not (reader.counts or reader.outside):
        raise HostError(f"{path}{told}")
    cut = lines.truncated or (f"it {EMPTIED}" if emptied else "")
    return _scan(str(path), reader, lines.number, lines.taken, cut)


def scan_where_it_lies(
    host: Host,
    path: str,
    window: Window | None,
    zone: tzinfo | None = None,
    checkpoint: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
) -> AppLogScan:
    """The failures in a log of the machine that this runs on. Raises HostError."""
    if not isinstance(host, LocalHost):
        raise HostError(
            f"{path}: an application's log is read where it lies, by Python 3.6 or newer: there is "
            "none, or the account may not read the file; copy the log here"
        )
    return scan_application_log(Path(path), window, zone, checkpoint=checkpoint, say=say)


def scan_text(
    text: str,
    window: Window | None = None,
    zone: tzinfo | None = None,
    flavor: str = "unknown",
    endpoints: Iterable[str] = (),
) -> AppLogScan:
    """The failures in a pasted text."""
    lines = [bounded(line) for line in text.splitlines()]
    survey = Survey(zone, None, datetime.now(UTC))
    for line in lines:
        survey.take(line)
    clock = survey.file_clock()
    reader = FailureReader(
        f"{PASTED}, line ", window, zone, flavor, clock=clock, endpoints=endpoints
    )
    numbered = list(enumerate(lines, start=1))
    stamps = StampReader(zone, None, clock)
    direction = direction_of(lines[:SAMPLED], stamps)
    if direction is not Direction.FORWARD:
        numbered.reverse()
    for number, line in (
        in_order(numbered, stamps) if direction is Direction.RECORDS_BACK else numbered
    ):
        reader.feed(number, line)
    reader.finish()
    return _scan(PASTED, reader, len(lines), len(text.encode("utf-8", "replace")), "")


def _head(stream: IO[bytes]) -> bytes:
    """What a file begins with, unpacked; it is at its start again afterwards."""
    try:
        stream.seek(0)
        return stream.read(HEAD)
    except BROKEN:
        return b""
    finally:
        stream.seek(0)


def _ordered(lines: Lines, direction: Direction, stamps: StampReader) -> Iterator[tuple[int, str]]:
    """The lines from the oldest to the newest."""
    if direction is Direction.FORWARD:
        return iter(lines)
    if direction is Direction.RECORDS_BACK:
        return in_order(lines.backward(), stamps)
    return lines.backward()


def _scan(path: str, reader: FailureReader, lines: int, taken: int, truncated: str) -> AppLogScan:
    return AppLogScan(
        path=path,
        failures=reader.failures,
        counts=dict(reader.counts),
        lines=lines,
        bytes_scanned=taken,
        first=reader.first,
        last=reader.last,
        outside=reader.outside,
        not_understood=reader.not_understood,
        zone_assumed=reader.zone_assumed,
        away=reader.clock.away,
        written=reader.clock.written,
        truncated=truncated,
    )
