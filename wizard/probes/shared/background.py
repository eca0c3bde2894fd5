"""Slow logins and questions beside a loop that must not wait."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

AT_ONCE = 4
"""Things done at the same time, along all ways together."""

_ROOM = threading.Semaphore(AT_ONCE)
Result = TypeVar("Result")


def in_background(work: Callable[[], Result]) -> "Future[Result]":
    """Do it in a thread that keeps no process from ending."""
    future: Future[Result] = Future()

    def run() -> None:
        with _ROOM:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - for who waits for it
                future.set_exception(error)

    threading.Thread(target=run, name="probe", daemon=True).start()
    return future


def drop(future: "Future[Result]", close: Callable[[Result], None]) -> None:
    """Nobody waits for it any more: what it brings is closed at once."""

    def late(done: "Future[Result]") -> None:
        if not done.cancelled() and done.exception() is None:
            close(done.result())

    if not future.cancel():
        future.add_done_callback(late)
