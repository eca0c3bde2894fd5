"""`make bench`: a dense error log of 1 GB here, and over SSH through a line of 20 ms each way.

With the oldest Python at hand on the other side, and with none. The answers must be the same, and
what crosses less than 1 MB. `--size` takes other sizes, in MB.
"""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, timedelta
from pathlib import Path

from tests.benches.delay_proxy import DelayProxy
from tests.benches.planted import DAYS, END, error_log
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import SshDaemon
from tests.servers.sshd.pythons import commands, oldest
from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host
from wizard.hosts.remote.host import SshHost
from wizard.hosts.ssh.link import SshLink
from wizard.logs.error.read_log import read_file
from wizard.logs.error.reading import Reading
from wizard.target.model import SshPlace

DELAY = 0.02
LIMIT = 1_000_000
MORE_SECONDS = 3.0


def main() -> int:
    """0 where the answers are the same and little crosses where there is Python."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1000, help="MB of the log")
    size = parser.parse_args().size * 1_000_000
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="goneaway-bench-")))
        if shutil.disk_usage(place).free < 2 * size:
            print(f"{place} has not {2 * size / 1e9:.0f} GB free: the log is not written")
            return 1
        planted = error_log(log := place / "error.log", size)
        window = Window(END - timedelta(days=2 * DAYS), END + timedelta(days=1))
        print(f"a dense error log of {planted.size / 1e6:.0f} MB, {planted.lines} lines")
        here, ours = _timed(LocalHost(), log, window)
        print(f"  here                      {here:6.2f} s, {planted.size / here / 1e6:.0f} MB/s")
        fits = dict(planted.signatures) == counts(ours)
        for name, python in (("oldest", oldest()), ("same", sys.executable), ("none", "")):
            host = _far(place / name, python, stack)
            received, sent = host.link.bytes_crossed
            asked = host.link.commands
            seconds, theirs = _timed(host, log, window)
            now_received, now_sent = host.link.bytes_crossed
            crossed = now_received - received + now_sent - sent
            print(
                f"  over SSH, Python {name:<8} {seconds:6.2f} s, {seconds - here:+.2f} s, "
                f"{now_received - received} bytes received, {now_sent - sent} sent, "
                f"{host.link.commands - asked} commands, {(len(python) and python) or 'shell'}"
            )
            fits = fits and counts(theirs) == counts(ours)
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


def _timed(host: Host, log: Path, window: Window) -> tuple[float, Reading]:
    began = time.monotonic()
    reading = read_file(host, str(log), window, UTC)
    return time.monotonic() - began, reading


def counts(reading: Reading) -> dict[str, int]:
    return {t.signature.id: t.count for t in reading.scan.tallies}


def _more(reading: Reading) -> object:
    return [(t.minutes, t.accounts, t.places) for t in reading.scan.tallies]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
