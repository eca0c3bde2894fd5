"""Error logs that are no plain files: systemd's journal, a container's, and MySQL's table."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo

from wizard.case import clocks
from wizard.case.case import Window
from wizard.hosts.protocol import Host, HostError, NotFound
from wizard.logs.engine.block import Block, cut
from wizard.logs.error.picking import wanted
from wizard.logs.error.places import ContainerLog, SystemdJournal
from wizard.logs.error.read_blocks import read_blocks, reading_of
from wizard.logs.error.reading import Reading
from wizard.safety.sanitize import sanitize
from wizard.server.answers import time_of
from wizard.server.session import ServerSession

JOURNAL_LINES = 200_000
"""The newest lines of the journal that are read."""

OUTPUT_LIMIT = 48 << 20
OUTPUT_SECONDS = 30.0

LOOK_BACK = timedelta(hours=24)
"""How long before the window the journal is read, for the previous run's end."""

TABLE_ROWS = 50_000

_JOINED = 'command -v "$1" >/dev/null || { echo "there is no $1"; exit 127; }; exec "$@" 2>&1'

_ERROR_TABLE = (
    "SELECT UNIX_TIMESTAMP(LOGGED) AS at, THREAD_ID AS thread, PRIO AS prio,"
    " ERROR_CODE AS code, SUBSYSTEM AS subsystem, DATA AS data"
    " FROM performance_schema.error_log ORDER BY LOGGED DESC LIMIT "
)


def words(
    source: SystemdJournal | ContainerLog, since: datetime, until: datetime
) -> tuple[str, ...]:
    """The command that writes a log's lines of that time."""
    start, end = since.astimezone(UTC), until.astimezone(UTC)
    match source:
        case SystemdJournal(units):
            return (
                "journalctl", "--no-pager", "--quiet", "--utc", "-o", "short-iso-precise",
                *(word for unit in units for word in ("-u", unit)),
                "--since", f"{start:%Y-%m-%d %H:%M:%S} UTC",
                "--until", f"{end:%Y-%m-%d %H:%M:%S} UTC", "-n", str(JOURNAL_LINES),
            )  # fmt: skip
        case ContainerLog(client, container):
            return (
                client, "logs", "--since", f"{start:%Y-%m-%dT%H:%M:%SZ}",
                "--until", f"{end:%Y-%m-%dT%H:%M:%SZ}", container,
            )  # fmt: skip


def read_output(
    host: Host,
    source: SystemdJournal | ContainerLog,
    window: Window,
    zone: tzinfo | None = None,
    checkpoint: Callable[[], None] = lambda: None,
) -> Reading:
    """What the journal or a container's log says about the window. Over SSH only the lines of
    interest cross. Raises HostError."""
    now = datetime.now(UTC)
    end = window.until + clocks.WHOLE_SECONDS
    checkpoint()
    inside = host.sift_output(words(source, window.since, end), False, wanted())
    if inside is None:
        since = window.since - LOOK_BACK
        data, cuts = _output(host, source, words(source, since, max(end, now)))
        blocks = cut(data, source.label)
        reading = read_blocks(blocks, source.label, window, zone, checkpoint)
        return replace(reading, cuts=cuts)
    checkpoint()
    before = words(source, window.since - LOOK_BACK, window.since)
    earlier = host.sift_output(before, True, wanted())
    if not inside.bytes_read and not (earlier and earlier.bytes_read):
        raise NotFound(source.empty)
    reading = reading_of(source.label, earlier, inside, zone, checkpoint, end >= now)
    return replace(reading, cuts=reading.cuts + _cut_lines(source, inside.lines))


def _output(
    host: Host, source: SystemdJournal | ContainerLog, command: tuple[str, ...]
) -> tuple[bytes, tuple[str, ...]]:
    """All lines, and what was cut. A container's server writes to standard error, which is
    joined."""
    result = host.run(("sh", "-c", _JOINED, "sh", *command), OUTPUT_SECONDS, OUTPUT_LIMIT)
    if result.exit_code != 0 and not result.truncated:
        said = sanitize(result.stdout.strip().rpartition("\n")[2], 300)
        raise HostError(f"{command[0]} failed: {said or result.exit_code}")
    if not result.stdout.strip():
        raise NotFound(source.empty)
    cuts = _cut_lines(source, result.stdout.count("\n"))
    if result.truncated:
        cuts += (
            f"{source.label}: only the first {OUTPUT_LIMIT >> 20} MiB of the window and of the "
            "day before it were read; a shorter --since shows what came later",
        )
    return result.stdout.encode(), cuts


def _cut_lines(source: SystemdJournal | ContainerLog, lines: int) -> tuple[str, ...]:
    if not isinstance(source, SystemdJournal) or lines < JOURNAL_LINES:
        return ()
    return (f"{source.label}: only the newest {JOURNAL_LINES} lines were read",)


def table_blocks(server: ServerSession) -> Iterator[Block]:
    """performance_schema.error_log as the lines that the file would hold."""
    rows = server.rows(f"{_ERROR_TABLE}{TABLE_ROWS}")
    lines = []
    for row in reversed(rows):
        at = time_of(row["at"])
        lines.append(
            f"{at:%Y-%m-%dT%H:%M:%S.%f}Z {row['thread']} [{row['prio']}] [{row['code']}] "
            f"[{row['subsystem']}] " + str(row["data"]).replace("\n", " ")
        )
    yield from cut("\n".join(lines).encode(), "performance_schema.error_log")
