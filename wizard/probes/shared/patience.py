"""A blocking call run in a thread, so that it can be cancelled."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Result = TypeVar("Result")

_SLICE = 0.1
"""Seconds between two looks at whether to stop."""


def patiently(call: Callable[[], Result], seconds: float, checkpoint: Callable[[], None]) -> Result:
    """What `call` returns or raises; TimeoutError once `seconds` are over, and what `checkpoint`
    raises. The call itself then ends unheard: its own time limit must bound it."""
    future: Future[Result] = Future()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)
            if not isinstance(error, Exception):
                raise

    threading.Thread(target=work, daemon=True).start()
    deadline = time.monotonic() + seconds
    while not future.done() and (left := deadline - time.monotonic()) > 0:
        checkpoint()
        try:
            return future.result(min(left, _SLICE))
        except TimeoutError:
            continue
    return future.result(0)
