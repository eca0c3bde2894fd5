"""What a piece of work costs this process, whatever else the test run has in its memory."""

import gc
import time
from collections.abc import Callable


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
