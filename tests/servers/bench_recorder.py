"""What the recorder costs a busy server, and itself: `python -m tests.servers.bench_recorder`.

Statements a second of a server under load with and without a recorder, in turns; then its samples,
processor time and memory on a server with 2,000 sessions at rest. Part of `make bench`.
"""

import argparse
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pymysql

from tests.servers.bench_capture import Busy
from tests.servers.harness.server import ServerUnderTest
from tests.servers.harness.templates import PRODUCTS, data_templates, start_with

SESSIONS = 2000
TURNS = 24
TURN = 2.0
SECONDS = 20.0
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--product", nargs="+", default=list(PRODUCTS))
    parser.add_argument("--turns", type=int, default=TURNS, help="at least 2")
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    args = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with ExitStack() as stack:
        template = stack.enter_context(data_templates())
        for product in args.product:
            settings = {"max_connections": args.sessions + 200}
            server = start_with(stack, template, product, settings)
            print(f"{product}: {throughput(server, args.turns)}", flush=True)
            print(f"{product}: {many_sessions(server, args.sessions)}", flush=True)
            server.close()


def throughput(server: ServerUnderTest, turns: int) -> str:
    """The recorder is held (SIGSTOP) and let go on in turns of seconds, so that what else the
    machine does hits both alike; each turn is compared with its neighbour."""
    without, ratios = list[float](), list[float]()
    with Busy(server), recorder(server) as told:
        time.sleep(3.0)
        for number in range(turns):
            pair = {}
            for held in (True, False) if number % 2 else (False, True):
                os.kill(told.pid, signal.SIGSTOP if held else signal.SIGCONT)
                pair[held] = statements(server)
            without.append(pair[True])
            ratios.append(1 - pair[False] / pair[True])
        os.kill(told.pid, signal.SIGCONT)
    quarters = statistics.quantiles(ratios, n=4)
    return (
        f"{statistics.median(without):.0f} statements a second, with the recorder "
        f"{100 * statistics.median(ratios):.1f} % less (median of {turns} pairs of turns, "
        f"half of them from {100 * quarters[0]:.1f} to {100 * quarters[2]:.1f} %)"
    )


def statements(server: ServerUnderTest) -> float:
    """A second, over one turn."""
    began, first = time.monotonic(), server.status("Questions")
    time.sleep(TURN)
    return (server.status("Questions") - first) / (time.monotonic() - began)


def many_sessions(server: ServerUnderTest, count: int) -> str:
    """What a look takes, as the recorder prints it, and what it takes of this machine."""
    opened: list[pymysql.connections.Connection[pymysql.cursors.Cursor]] = []
    try:
        opened += [server.client() for _ in range(count)]
        alone = busy_share(server.pid)
        with recorder(server) as told:
            time.sleep(5.0)
            before, began = cpu_seconds(told.pid), time.monotonic()
            asked = busy_share(server.pid) - alone
            cpu = (cpu_seconds(told.pid) - before) / (time.monotonic() - began)
            memory, own = resident(told.pid), connections(server) - count
        return (
            f"with {count} sessions {100 * cpu:.1f} % of a core, {memory / (1 << 20):.0f} MiB, "
            f"{own} connection, of the server {1000 * asked:.1f} ms of processor a second; "
            f"{told.said}"
        )
    finally:
        for connection in opened:
            connection.close()


def busy_share(pid: int) -> float:
    """Of a core, over SECONDS: what a server with sessions at rest does is what it is asked."""
    before, began = cpu_seconds(pid), time.monotonic()
    time.sleep(SECONDS)
    return (cpu_seconds(pid) - before) / (time.monotonic() - began)


class Told:
    """A recorder's process, and what it said of its own cost at the end."""

    pid = 0
    said = ""


@contextmanager
def recorder(server: ServerUnderTest) -> Iterator[Told]:
    told = Told()
    with tempfile.TemporaryDirectory() as state:
        process = subprocess.Popen(
            [sys.executable, "-m", "wizard.cli", "watch", "--format", "json", "-S",
             str(server.socket), "-u", "root", "--dir", f"{state}/kept"],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "XDG_STATE_HOME": state},
        )  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        told.pid = process.pid
        try:
            yield told
        finally:
            process.terminate()
            lines = process.stdout.read().splitlines()
            process.wait(60)
            told.said = json.loads(lines[-1])["text"] if lines else ""


def cpu_seconds(pid: int) -> float:
    """User and system time (proc(5), stat), with that of the commands it ran."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(fields[n]) for n in (11, 12, 13, 14)) / _TICKS


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def connections(server: ServerUnderTest) -> int:
    """Without the one that asks."""
    return server.status("Threads_connected") - 1


if __name__ == "__main__":
    main()
