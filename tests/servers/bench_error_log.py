"""`make bench`: what it costs to read the window of an error log of 2 GB, here and over SSH.

The log is written to a temporary directory, which is removed in any case, and served by an sshd of
the bench's own on the loopback interface. A wall clock says little on a busy machine, so this is no
test; the bytes and round trips are held by `test_ssh_logs.py`.
"""

import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from knowledge.load import signatures
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import SshDaemon
from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host
from wizard.hosts.remote.host import SshHost
from wizard.logs.error.read_log import read_file
from wizard.logs.error.reading import Reading

SIZE = 2 << 30
DAYS = 30
LIMIT = 1 << 20
"""Bytes that may cross for one window."""

_BLOCK = 64 << 10
_NOTE = (
    b"@ 9 [Note] InnoDB: page_cleaner: 1000ms intended loop took 4013ms, flushed=200, evicted=0\n"
)
_NOISE = (
    b"@ 7 [Warning] Aborted connection 7 to db: 'shop' user: 'app' host: '10.0.0.7' "
    b"(Got timeout reading communication packets)\n"
)
_START = b"@ 0 [Note] Starting MariaDB 10.11.19-MariaDB as process 4711\n"


@dataclass(frozen=True, slots=True)
class Cost:
    seconds: float
    received: int
    sent: int
    commands: int
    reading: Reading


def main() -> int:
    """0 where no more than LIMIT bytes crossed for any window, and both sides agree."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="goneaway-bench-")))
        if shutil.disk_usage(place).free < 2 * SIZE:
            print(f"{place} has not {2 * SIZE >> 30} GiB free: the log is not written")
            return 1
        now = datetime.now(UTC).replace(microsecond=0)
        log = write_log(place / "error.log", now)
        host = _served(place, stack)
        signatures("error-log")  # loaded once a run, whatever is read
        print(f"an error log of {log.stat().st_size / 1e9:.2f} GB over {DAYS} days")
        fits = True
        for name, hours in (("last 2 h", 2.0), ("last 6 days", 144.0)):
            window = Window(now - timedelta(hours=hours), now)
            here, there = measured(LocalHost(), log, window), measured(host, log, window)
            size = here.reading.scan.bytes_scanned
            print(f"{name}: {size / 1e6:.1f} MB of the log")
            print(f"  here      {here.seconds:6.2f} s")
            print(
                f"  over SSH  {there.seconds:6.2f} s, {there.received} bytes received, "
                f"{there.sent} sent, {there.commands} commands"
            )
            fits = fits and there.received + there.sent < LIMIT
            fits = fits and counts(here.reading) == counts(there.reading)
        print("within 1 MiB each, and the same counts" if fits else "TOO MUCH, OR NOT THE SAME")
    return 0 if fits else 1


def write_log(path: Path, end: datetime, size: int = SIZE) -> Path:
    """`size` bytes that end at `end`: a session in ten was ended, many lines share a second."""
    ten = _NOTE * 9 + _NOISE
    lines = ten * (_BLOCK // len(ten))
    blocks = size // len(lines.replace(b"@", b"2026-11-26 17:00:00"))
    with path.open("wb") as log:
        for number, at in enumerate(_moments(end, blocks)):
            stamp = f"{at:%Y-%m-%d} {at.hour:>2}:{at:%M:%S}".encode()
            first = _START if number == blocks // 2 else b""
            log.write((first + lines).replace(b"@", stamp))
    return path


def _moments(end: datetime, count: int) -> Iterator[datetime]:
    step = timedelta(days=DAYS) / count
    return (end - step * (count - 1 - number) for number in range(count))


def _served(place: Path, stack: ExitStack) -> SshHost:
    client = ClientHome(place / "client")
    (place / "sshd").mkdir()
    daemon = SshDaemon(place / "sshd", authorized=(client.key(),))
    stack.callback(daemon.stop)
    daemon.start()
    client.knows(daemon)
    host = client.host(daemon)
    stack.callback(host.close)
    host.run(("true",))
    return host


def measured(host: Host, log: Path, window: Window) -> Cost:
    link = host.link if isinstance(host, SshHost) else None
    received, sent = link.bytes_crossed if link else (0, 0)
    commands = link.commands if link else 0
    began = time.monotonic()
    reading = read_file(host, str(log), window, UTC)
    seconds = time.monotonic() - began
    if link is None:
        return Cost(seconds, 0, 0, 0, reading)
    now_received, now_sent = link.bytes_crossed
    return Cost(
        seconds, now_received - received, now_sent - sent, link.commands - commands, reading
    )


def counts(reading: Reading) -> dict[str, int]:
    return {t.signature.id: t.count for t in reading.scan.tallies}


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
