"""A client whose packets stop on the way, in a network of namespaces."""

import threading
import time
from contextlib import suppress
from typing import Any

import pymysql

from tests.network.filters import staged
from tests.network.lab import NetworkLab
from tests.servers.recorder_soak.crowd import Crowd
from tests.servers.recorder_soak.score import Score
from tests.servers.recorder_soak.told import SEEN, TOLD_SECONDS, Ways, told

_WORKS = 1.5
"""Seconds after which the server answers into the void: before that nobody can notice."""


def dropped(lab: NetworkLab, ways: Ways, rounds: int) -> Score:
    """Packets of one client are dropped while the server works for it. The time runs from the
    server's answer. Once they pass again the client gets it, and quits."""
    score, server = Score(), lab.database
    crowd = Crowd(server, lab.client.entered)
    known = set[int]()
    with told(server, ways.home, way=ways.by_socket(server)) as seen, crowd.at_work():
        time.sleep(SEEN)
        for _ in range(rounds):
            with lab.client.entered():
                victim: Any = server.client(read_timeout=60)
            number = int(victim.thread_id())
            known.add(number)
            time.sleep(SEEN)
            before = len(seen.events)
            worker = threading.Thread(target=_asks, args=(victim,), daemon=True)
            worker.start()
            at = time.monotonic() + _WORKS
            time.sleep(0.3)
            port = victim._sock.getsockname()[1]
            rules = (f"tcp dport {port} counter drop", f"tcp sport {port} counter drop")
            with staged(lab.router, server.port, *rules):
                found = seen.first(
                    lambda e, n=number: (  # type: ignore[misc]
                        e["cause"] == "network-unstable" and (e["session"] or {}).get("id") == n
                    ),
                    before,
                    _WORKS + 3 * TOLD_SECONDS,
                )
            said = [f"{e['event']}: {e['text']}" for _, e in seen.events[before:]]
            score.add("dropped", None if found is None else found[0] - at, said[-3:])
            worker.join(60)
            with suppress(pymysql.MySQLError):
                victim.close()
        time.sleep(TOLD_SECONDS)
        score.false = [
            e["text"]
            for _, e in seen.events
            if e["event"] == "session-ended"
            or (e["event"] == "session-stalled" and e["session"]["id"] not in known)
        ]
        score.clean = crowd.clean
    return score


def _asks(victim: Any) -> None:
    with suppress(pymysql.MySQLError):
        victim.query(f"SELECT SLEEP({_WORKS})")
