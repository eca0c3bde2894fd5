"""Error logs that are no plain files: systemd's journal, and MySQL's table."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from wizard.case import Window
from wizard.hosts.base import Host, HostError, NotFound
from wizard.logs.events import Chunk
from wizard.logs.find import Journal
from wizard.logs.seek import CHUNK
from wizard.server.session import ServerSession

JOURNAL_LINES = 200_000
"""The newest lines of the journal that are read."""

JOURNAL_LIMIT = 48 << 20
JOURNAL_SECONDS = 30.0

LOOK_BACK = timedelta(hours=24)
"""How long before the window the journal is read, for the previous run's end."""

TABLE_ROWS = 50_000

_ERROR_TABLE = (
    "SELECT UNIX_TIMESTAMP(LOGGED) AS at, THREAD_ID AS thread, PRIO AS prio,"
    " ERROR_CODE AS code, SUBSYSTEM AS subsystem, DATA AS data"
    " FROM performance_schema.error_log ORDER BY LOGGED DESC LIMIT "
)


def journal_chunks(host: Host, journal: Journal, window: Window) -> Iterator[Chunk]:
    """The journal's lines from LOOK_BACK before the window. Raises HostError."""
    units = [word for unit in journal.units for word in ("-u", unit)]
    since = (window.since - LOOK_BACK).astimezone(UTC)
    result = host.run(
        [
            "journalctl", "--no-pager", "--quiet", "--utc", "-o", "short-iso-precise", *units,
            "--since", f"{since:%Y-%m-%d %H:%M:%S} UTC", "-n", str(JOURNAL_LINES),
        ],
        timeout=JOURNAL_SECONDS,
        limit=JOURNAL_LIMIT,
    )  # fmt: skip
    if result.exit_code != 0:
        raise HostError(f"journalctl failed: {result.stderr.strip()[:200] or result.exit_code}")
    data = result.stdout.encode()
    if not data.strip():
        raise NotFound("the journal has no lines of " + ", ".join(journal.units))
    yield from cut(data, "journal")


def table_chunks(server: ServerSession) -> Iterator[Chunk]:
    """performance_schema.error_log as the lines that the file would hold."""
    rows = server.rows(f"{_ERROR_TABLE}{TABLE_ROWS}")
    lines = []
    for row in reversed(rows):
        at = datetime.fromtimestamp(float(row["at"]), UTC)
        lines.append(
            f"{at:%Y-%m-%dT%H:%M:%S.%f}Z {row['thread']} [{row['prio']}] [{row['code']}] "
            f"[{row['subsystem']}] " + str(row["data"]).replace("\n", " ")
        )
    yield from cut("\n".join(lines).encode(), "performance_schema.error_log")


def cut(data: bytes, path: str) -> Iterator[Chunk]:
    """`data` as chunks of whole lines."""
    offset, line = 0, 1
    while offset < len(data):
        end = data.rfind(b"\n", offset, offset + CHUNK) + 1
        if not end or offset + CHUNK >= len(data):
            end = len(data)
        part = data[offset:end]
        yield Chunk(part, path, offset, line)
        offset, line = end, line + part.count(b"\n")
