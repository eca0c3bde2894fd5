"""What a piece of work costs this process, whatever else the test run has in its memory."""

import gc
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import TraceFunction


def cpu_seconds(work: Callable[[], object]) -> float:
    """Without garbage collections: one of them goes through all that every test before has left,
    which takes half a second and says nothing of the work."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        began = time.process_time()
        work()
        return time.process_time() - began
    finally:
        if was_on:
            gc.enable()


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of Python it runs, a line of a loop as often as it comes round.

    The same at each run, however busy the machine is. What C does inside a line is not seen.
    """
    count = 0

    def of_frame(_frame: FrameType, event: str, _value: Any) -> "TraceFunction":
        nonlocal count
        count += event == "line"
        return of_frame

    before = sys.gettrace()
    sys.settrace(lambda *_: of_frame)
    try:
        work()
    finally:
        sys.settrace(before)
    return count
