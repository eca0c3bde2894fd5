"""`make bench`: a log of 1 GB here, and over SSH through a line of 20 ms each way.

With the oldest Python at hand on the other side, and with none. The answers must be the same, and
what crosses less than 1 MB. `--size` takes other sizes, in MB; `--kind` a general or a slow log,
which are fetched where there is no Python, and so are not read without it here.
"""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

from tests.benches.delay_proxy import DelayProxy
from tests.benches.planted import DAYS, END, Planted, error_log, general_log, slow_log
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import SshDaemon
from tests.servers.sshd.pythons import commands, oldest
from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host
from wizard.hosts.remote.host import SshHost
from wizard.hosts.ssh.link import SshLink
from wizard.logs.error.in_place import read_in_place
from wizard.logs.error.reading import Reading
from wizard.logs.general.read import read_general_logs
from wizard.logs.slow.read import read_slow_logs
from wizard.logs.source.ask import read_at_source
from wizard.target.model import SshPlace

DELAY = 0.02
LIMIT = 1_000_000
MORE_SECONDS = 3.0


@dataclass(frozen=True)
class Kind:
    """How a log is planted and read; `counts` are what has to fit what was planted."""

    plant: Callable[[Path, int], Planted]
    reader: Callable[..., Any]
    counts: Callable[[Any], object]
    planted: Callable[[Planted], object]
    without_python: bool = False


def _error_counts(reading: Reading) -> dict[str, int]:
    return {t.signature.id: t.count for t in reading.scan.tallies}


KINDS = {
    "error": Kind(
        error_log, read_in_place, _error_counts, lambda planted: dict(planted.signatures), True
    ),
    "general": Kind(general_log, read_general_logs, lambda r: r.work.size > 0, lambda _: True),
    "slow": Kind(
        slow_log, read_slow_logs, lambda r: r.digest.entries, lambda planted: planted.statements
    ),
}


def main() -> int:
    """0 where the answers are the same and little crosses where there is Python."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1000, help="MB of the log")
    parser.add_argument("--kind", choices=list(KINDS), default="error")
    asked = parser.parse_args()
    size, kind = asked.size * 1_000_000, KINDS[asked.kind]
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="goneaway-bench-")))
        if shutil.disk_usage(place).free < 2 * size:
            print(f"{place} has not {2 * size / 1e9:.0f} GB free: the log is not written")
            return 1
        planted = kind.plant(log := place / "host.log", size)
        window = Window(END - timedelta(days=2 * DAYS), END + timedelta(days=DAYS))
        print(f"{asked.kind} log of {planted.size / 1e6:.0f} MB, {planted.lines} lines", flush=True)
        here, ours = _timed(kind, LocalHost(), log, window)
        print(f"  here                      {here:6.2f} s, {planted.size / here / 1e6:.0f} MB/s")
        fits = kind.planted(planted) == kind.counts(ours)
        pythons = [("oldest", oldest()), ("same", sys.executable)]
        for name, python in (*pythons, *([("none", "")] if kind.without_python else [])):
            host = _far(place / name, python, stack)
            received, sent = host.link.bytes_crossed
            before = host.link.commands
            seconds, theirs = _timed(kind, host, log, window)
            now_received, now_sent = host.link.bytes_crossed
            crossed = now_received - received + now_sent - sent
            print(
                f"  over SSH, Python {name:<8} {seconds:6.2f} s, {seconds - here:+.2f} s, "
                f"{now_received - received} bytes received, {now_sent - sent} sent, "
                f"{host.link.commands - before} commands, {(len(python) and python) or 'shell'}",
                flush=True,
            )
            fits = fits and kind.counts(theirs) == kind.counts(ours)
            if python:
                fits = fits and crossed < LIMIT and theirs == ours and _more(theirs) == _more(ours)
                if seconds > here + MORE_SECONDS:
                    print(f"    more than {MORE_SECONDS:.0f} s longer than here")
        print("the same answers, below 1 MB with Python" if fits else "TOO MUCH, OR NOT THE SAME")
    return 0 if fits else 1


def _far(place: Path, python: str, stack: ExitStack) -> SshHost:
    client = ClientHome(place)
    path = commands(place / "bin", python)
    daemon = SshDaemon(place / "sshd", {"SetEnv": f"PATH={path}"}, authorized=(client.key(),))
    stack.callback(daemon.stop)
    daemon.start()
    proxy = DelayProxy((daemon.address, daemon.port), DELAY)
    stack.callback(proxy.close)
    known = daemon.known_host.replace(str(daemon.port), str(proxy.port))
    client.known_hosts.write_text(known + "\n", encoding="ascii")
    host = SshHost(SshLink(SshPlace("127.0.0.1", "root", proxy.port), client.files, None))
    stack.callback(host.close)
    host.run(("true",))
    return host


def _timed(kind: Kind, host: Host, log: Path, window: Window) -> tuple[float, Any]:
    began = time.monotonic()
    reading = read_at_source(kind.reader, host, str(log), window, UTC)
    return time.monotonic() - began, reading


def _more(reading: Any) -> object:
    """What the comparison of two tallies leaves out."""
    if not isinstance(reading, Reading):
        return None
    return [(t.minutes, t.accounts, t.places) for t in reading.scan.tallies]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
