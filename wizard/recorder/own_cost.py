"""What the recorder itself costs: processor time, memory, and its statements on the server."""

import os
import resource
import time
from dataclasses import dataclass, field
from pathlib import Path

from wizard.recorder.sample import Sample
from wizard.units import size


@dataclass(slots=True)
class OwnCost:
    """Counted since the recorder began."""

    began: float = field(default_factory=time.monotonic)
    cpu_before: float = field(default_factory=time.process_time)
    samples: int = 0
    seconds: float = 0.0
    longest: float = 0.0

    def add(self, sample: Sample) -> None:
        """Take over what one look took on the server, the way there included."""
        self.samples += 1
        self.seconds += sample.seconds
        self.longest = max(self.longest, sample.seconds)

    @property
    def cpu_seconds(self) -> float:
        return time.process_time() - self.cpu_before

    @property
    def cpu_percent(self) -> float:
        """Of one core, since the recorder began."""
        return 100.0 * self.cpu_seconds / max(time.monotonic() - self.began, 0.001)

    @property
    def memory(self) -> int:
        """Resident bytes at this moment (proc(5), statm); the most there were elsewhere."""
        try:
            pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        except (OSError, ValueError, IndexError):
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return pages * os.sysconf("SC_PAGE_SIZE")

    def told(self) -> str:
        """`3600 looks of 4 ms (longest 31 ms) over one connection, 0.6 % of a core, 42 MB`."""
        each = 1000 * self.seconds / max(self.samples, 1)
        return (
            f"{self.samples} looks of {each:.0f} ms (longest {1000 * self.longest:.0f} ms) over "
            f"one connection, {self.cpu_percent:.1f} % of a core, {size(self.memory)} of memory"
        )
