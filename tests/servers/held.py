"""What one `check` costs the server that it looks at, as the server itself tells it."""

import re
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql

from tests.servers.check_run import CheckRun, check
from tests.servers.harness.server import ServerUnderTest

SETTINGS = {"slow_query_log": "ON", "long_query_time": 0, "log_output": "FILE"}
"""With these a server writes down each statement, and how long it took."""

MOST_SECONDS = 0.05
"""A statement of ours takes no longer on the server's side."""

ER_CON_COUNT_ERROR = 1040
_TRIES = 1000

_WHO = re.compile(r"# User@Host: (\w+)\[")
_TOOK = re.compile(r"# Query_time: ([\d.]+)")


def quick(look: Callable[[], "Held"], tries: int = 3) -> "Held":
    """The look whose longest statement took least: what else the machine does only adds."""
    looks = [look()]
    while looks[-1].longest[0] >= MOST_SECONDS * 10 and len(looks) < tries:
        looks.append(look())
    return min(looks, key=lambda seen: seen.longest)


@dataclass(frozen=True)
class Held:
    """`longest` is the longest statement with its seconds; `connections` are all that came; `cpu`
    are the processor's seconds of the wizard itself."""

    run: CheckRun
    seconds: float
    cpu: float
    connections: int
    longest: tuple[float, str]
    statements: int

    def told(self) -> str:
        return (
            f"{self.seconds:.1f} s ({self.cpu:.1f} s of processor), {self.connections} connection, "
            f"{self.statements} statements, "
            f"the longest {1000 * self.longest[0]:.1f} ms: {self.longest[1][:90]}"
        )


def held(server: ServerUnderTest, *more: str, user: str = "admin") -> Held:
    """Check the server, which was started with `SETTINGS`."""
    row, _ = _asked(server, "SELECT @@GLOBAL.slow_query_log_file AS path")
    path = server.data / Path(str(row["path"])).name
    since = path.stat().st_size
    before, _ = _connections(server)
    began, used = time.monotonic(), _children()
    run = check(server, *more, user=user)
    seconds, cpu = time.monotonic() - began, _children() - used
    after, refused = _connections(server)
    came = after - before - 1 - refused  # this very question is one, too
    with path.open(encoding="utf-8", errors="replace") as log:
        log.seek(since)
        took = _statements(log.read(), user)
    return Held(run, seconds, cpu, came, max(took, default=(0.0, "")), len(took))


def _connections(server: ServerUnderTest) -> tuple[int, int]:
    """How many came since the start, this one too, and how often it was refused before."""
    row, refused = _asked(server, "SHOW GLOBAL STATUS LIKE 'Connections'")
    return int(row["Value"]), refused


def _asked(server: ServerUnderTest, sql: str) -> tuple[dict[str, Any], int]:
    """The row, and how often the only slot was not given back yet by who had it before."""
    for refused in range(_TRIES):
        try:
            return server.sql(sql)[0], refused
        except pymysql.err.OperationalError as error:
            if error.args[0] != ER_CON_COUNT_ERROR:
                raise
            time.sleep(0.05)
    raise AssertionError("no slot is given back")


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _statements(text: str, user: str) -> list[tuple[float, str]]:
    found = []
    for entry in re.split(r"(?m)^(?=# User@Host: )", text):
        who, took = _WHO.match(entry), _TOOK.search(entry)
        if who and took and who[1] == user:
            said = [line for line in entry.splitlines() if line[:1] != "#"]
            words = [line for line in said if not line.startswith(("SET timestamp", "use "))]
            found.append((float(took[1]), " ".join(words)))
    return found
