"""What takes a whole server away, or has it let nobody in."""

import time
from collections.abc import Callable, Mapping

from tests.servers.harness.faults import grow
from tests.servers.harness.memory_group import limited_memory
from tests.servers.harness.server import ServerUnderTest
from tests.servers.recorder_soak.crowd import COMING_AND_GOING, Crowd
from tests.servers.recorder_soak.score import Score
from tests.servers.recorder_soak.told import SEEN, TOLD_SECONDS, Ways, caused, told

_HEADROOM = 64 << 20

Outage = tuple[frozenset[str], float]


def outages(server: ServerUnderTest, ways: Ways, rounds: int, names: tuple[str, ...]) -> Score:
    """No session of those was lost for itself. The time runs from the server's end."""
    score, crowd = Score(), Crowd(server)
    with told(server, ways.home, way=ways.by_socket(server)) as seen, crowd.at_work():
        for _ in range(rounds):
            for name in names:
                time.sleep(SEEN + TOLD_SECONDS)
                before = len(seen.events)
                causes, at = STAGES[name](server)
                found = seen.first(caused(causes), before, 4 * TOLD_SECONDS)
                said = [f"{e['event']}: {e['text']}" for _, e in seen.events[before:]]
                score.add(name, None if found is None else found[0] - at, said[-4:])
        time.sleep(TOLD_SECONDS)
        score.false = [e["text"] for e in seen.ended()]
        score.clean = crowd.clean
    return score


def _refused(server: ServerUnderTest) -> Outage:
    with server.client("admin") as held, held.cursor() as cursor:
        cursor.execute("SET @most = @@GLOBAL.max_connections")
        at = time.monotonic()
        cursor.execute("SET GLOBAL max_connections = %s", (COMING_AND_GOING // 2,))
        time.sleep(1)
        cursor.execute("SET GLOBAL max_connections = @most")
    return frozenset({"too-many-connections"}), at


def _sigkill(server: ServerUnderTest) -> Outage:
    server.kill9()
    at = time.monotonic()
    server.start()
    return frozenset({"server-killed", "server-crash"}), at


def _restart(server: ServerUnderTest) -> Outage:
    server.stop()
    at = time.monotonic()
    server.start()
    return frozenset({"server-restarted"}), at


def _for_want_of_memory(server: ServerUnderTest) -> Outage:
    with limited_memory(server.pid, _HEADROOM):
        grow(server)
        server.wait_until_gone(120)
        at = time.monotonic()
    server.start()
    return frozenset({"server-oom-killed"}), at


STAGES: Mapping[str, Callable[[ServerUnderTest], Outage]] = {
    "refused": _refused,
    "sigkill": _sigkill,
    "restart": _restart,
    "oom": _for_want_of_memory,
}
