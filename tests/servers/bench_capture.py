"""Statements a second with and without the general log, beside the estimate that was shown.

`python -m tests.servers.bench_capture`; part of `make bench`.
"""

import re
import threading
import time
from contextlib import ExitStack

from tests.servers import capture_lab as lab
from tests.servers.harness.server import ServerUnderTest
from tests.servers.harness.templates import PRODUCTS, data_templates, start_with

CLIENTS = 4
SECONDS = 5.0


def main() -> None:
    with ExitStack() as stack:
        template = stack.enter_context(data_templates())
        for product in PRODUCTS:
            server = start_with(stack, template, product, {})
            busy = Busy(server)
            with busy:
                before = busy.rate()
                wizard = lab.start(server, "general", "--for", "15s", "--max", "512M")
                lab.wait_until(lambda: lab.is_on(server))  # noqa: B023 - called at once
                during = busy.rate()
                _out, err = wizard.communicate(timeout=180)
                after = busy.rate()
            told = re.search(r"about (\d+) statements and (.*?) a second", err)
            print(
                f"{product}: {before:.0f} statements a second without, {during:.0f} with the "
                f"general log ({before / during:.1f} times slower), {after:.0f} afterwards; "
                f"estimated: {told[0] if told else err}"
            )
            server.close()


class Busy:
    """Clients that say SELECT 1 as fast as they can."""

    def __init__(self, server: ServerUnderTest) -> None:
        self._server = server
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work) for _ in range(CLIENTS)]

    def __enter__(self) -> "Busy":
        for thread in self._threads:
            thread.start()
        time.sleep(1.0)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def rate(self) -> float:
        began, first = time.monotonic(), self._server.status("Questions")
        time.sleep(SECONDS)
        return (self._server.status("Questions") - first) / (time.monotonic() - began)

    def _work(self) -> None:
        with self._server.client() as client, client.cursor() as cursor:
            while not self._stop.is_set():
                cursor.execute("SELECT 1")


if __name__ == "__main__":
    main()
