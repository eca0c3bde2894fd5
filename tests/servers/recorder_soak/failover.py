"""Behind one address another server answers."""

import time
from contextlib import ExitStack

from tests.lab.relay import Relay
from tests.servers.check_run import password_file
from tests.servers.harness.server import ServerUnderTest
from tests.servers.recorder_soak.crowd import Crowd
from tests.servers.recorder_soak.score import Score
from tests.servers.recorder_soak.told import SEEN, TOLD_SECONDS, Ways, told


def _as_another(server: ServerUnderTest) -> None:
    """MySQL keeps its own number in the data directory, which is a copy here; it makes another."""
    server.stop()
    (server.data / "auto.cnf").unlink(missing_ok=True)
    server.start()


def failovers(servers: tuple[ServerUnderTest, ServerUnderTest], ways: Ways, rounds: int) -> Score:
    """From the first to the second and back. The crowds stay with their servers."""
    score = Score()
    first, second = servers
    _as_another(second)
    second.sql("ALTER USER admin IDENTIFIED BY %s", first.passwords["admin"])
    crowds = [Crowd(server) for server in servers]
    with ExitStack() as stack:
        for crowd in crowds:
            stack.enter_context(crowd.at_work())
        relay = Relay((first.host, first.port))
        relay.__enter__()
        way = ways.by_port(relay.port, password_file(first, "admin"))
        seen = stack.enter_context(told(first, ways.home, way=way))
        for number in range(rounds):
            time.sleep(SEEN)
            before, after = len(seen.events), servers[1 - number % 2]
            relay.__exit__()
            relay = Relay((after.host, after.port), port=relay.port)
            relay.__enter__()
            at = time.monotonic()
            found = seen.first(lambda e: e["cause"] == "failover", before, 4 * TOLD_SECONDS)
            said = [f"{e['event']}: {e['text']}" for _, e in seen.events[before:]]
            score.add("failover", None if found is None else found[0] - at, said[-3:])
        relay.__exit__()
        score.false = [e["text"] for e in seen.ended()]
    score.clean = sum(crowd.clean for crowd in crowds)
    return score
