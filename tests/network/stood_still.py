"""For how long the machine of a test stood still while something was measured on it."""

import threading
import time

_STEP = 0.05


class StoodStill:
    """`seconds` is by how much the latest of short sleeps came late, inside `with`."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "StoodStill":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        last = time.monotonic()
        while not self._over.wait(_STEP):
            now = time.monotonic()
            self.seconds = max(self.seconds, now - last - _STEP)
            last = now
