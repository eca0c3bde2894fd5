"""What `check` costs a server under load: `python -m tests.servers.bench_conditions`.

2,000 sessions, 20,000 tables, and a server that is held nine tenths of the time (SIGSTOP), each on
its own, and then all together with what a bare server lacks. The promise: one connection, no
statement over 50 ms on the server's side, about 3 s. Part of `make bench`; the figures are of the
machine that it runs on.
"""

import argparse
import os
import resource
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.servers.harness.server import ServerUnderTest
from tests.servers.harness.templates import PRODUCTS, Templates, data_templates, start_with
from tests.servers.held import SETTINGS, held

SESSIONS = 2000
TABLES = 20_000
_FAST_TABLES = {"innodb_flush_log_at_trx_commit": 0, "innodb_file_per_table": "OFF"}

_BARE = {"performance_schema": "OFF", "skip_name_resolve": "ON"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--product", nargs="+", default=list(PRODUCTS))
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--tables", type=int, default=TABLES)
    args = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with ExitStack() as stack:
        template = stack.enter_context(data_templates())
        for product in args.product:
            settings = {**SETTINGS, **_FAST_TABLES, "max_connections": args.sessions + 200}
            server = start_with(stack, template, product, settings)
            print(f"{product}, quiet: {held(server).told()}", flush=True)
            with starved(server):
                print(f"{product}, starved: {held(server).told()}", flush=True)
            with ExitStack() as sessions:
                for _ in range(args.sessions):
                    sessions.enter_context(server.client())
                print(f"{product}, {args.sessions} sessions: {held(server).told()}", flush=True)
            make_tables(server, args.tables)
            print(f"{product}, {args.tables} tables: {held(server).told()}", flush=True)
            server.close()
            together(stack, template, product, args.sessions, args.tables)


def together(
    stack: ExitStack, template: Templates, product: str, sessions: int, tables: int
) -> None:
    """All at once: bare, read-only, full of tables and sessions, held back, the last slot taken."""
    settings = {**SETTINGS, **_FAST_TABLES, **_BARE, "max_connections": sessions}
    server = start_with(stack, template, product, settings)
    make_tables(server, tables)
    server.set_global("read_only", "ON")
    with ExitStack() as held_open:
        for _ in range(sessions):
            held_open.enter_context(server.client())
        print(f"{product}, together, the spare slot: {held(server).told()}", flush=True)
        with starved(server):
            print(f"{product}, together, starved: {held(server).told()}", flush=True)
        shut_out = held(server, user="app")
        print(f"{product}, together, no slot: {shut_out.told()}, {shut_out.run.first}", flush=True)
    server.close()


def make_tables(server: ServerUnderTest, count: int) -> None:
    with server.client() as session, session.cursor() as cursor:
        for number in range(count):
            cursor.execute(f"CREATE TABLE shop.t{number} (id INT PRIMARY KEY)")


@contextmanager
def starved(server: ServerUnderTest) -> Iterator[None]:
    """The server runs 5 ms of each 50 ms."""
    over, pid = threading.Event(), server.pid

    def hold() -> None:
        while not over.is_set():
            os.kill(pid, signal.SIGSTOP)
            time.sleep(0.045)
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.005)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        yield
    finally:
        over.set()
        holder.join()


if __name__ == "__main__":
    main()
