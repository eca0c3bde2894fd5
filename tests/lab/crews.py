"""Faults that meet a crew of workers which never rests and tells no rest, among others' noise."""

import threading
import time
from datetime import timedelta

from tests.lab.bench import Bench
from tests.lab.clients import application
from tests.lab.crew import Crew
from tests.lab.relay import Relay
from tests.lab.scenario import decoy, fault
from tests.lab.several_faults import account_of_another, bots, idlers, in_background
from tests.lab.stamps import rewrite
from wizard.demo.binaries import Flavor
from wizard.demo.faults import kill_sessions
from wizard.diagnosis.model import Verdict

_POOL = ("stale-pooled-connection",)
_LATER = 12.0
"""Seconds between two faults: longer than a crew needs to have worked again."""


@fault("server-restarted", "connection-killed", beside=("access-denied",))
def crew_restarted_then_killed(place: Bench) -> None:
    """A restart under work; a little later all sessions are killed, among bots and idlers."""
    account_of_another(place, "reporting")
    application(place).close()
    with Crew(place) as crew, bots(place), idlers(place, "reporting"):
        with place.due("server-restarted"):
            place.server.restart()
            crew.all_well()
        time.sleep(_LATER)
        with place.due("connection-killed"):
            kill_sessions(place.server)
            crew.all_well()


@fault("server-crash", "packet-too-large")
def crew_crash_then_packets(place: Bench) -> None:
    """A crash under work; a little later a program of its own sends statements above the limit."""
    application(place).close()
    with Crew(place) as crew:
        with place.due("server-crash"):
            place.server.segv()
            time.sleep(1.0)
            place.server.start()
            crew.all_well()
        place.server.set_global("max_allowed_packet", 1 << 20)
        time.sleep(_LATER)
        with application(place) as shop, place.due("packet-too-large"):
            for _ in range(2):
                shop.upload(3 << 20)
        crew.all_well()


@fault("connection-killed", least=Verdict.POSSIBLE, least_alone=Verdict.POSSIBLE,
       alone=("connection-killed", "server-restarted"), flavors=(Flavor.MARIADB,))  # fmt: skip
def crew_killed_then_quiet_restart(place: Bench) -> None:
    """Sessions are killed; later the server is restarted while nobody works.

    MySQL's counters, which alone would know, are gone then.
    """
    application(place).close()
    with Crew(place) as crew:
        with place.due("connection-killed", known=False):
            kill_sessions(place.server)
            crew.all_well()
        time.sleep(4.0)
    place.server.restart()
    with Crew(place):
        time.sleep(4.0)


@fault("packet-too-large", alone=("packet-too-large", "server-restarted"))
def crew_packets_after_quiet_restart(place: Bench) -> None:
    """The server is restarted while nobody works; seconds later statements are too large."""
    application(place).close()
    with Crew(place):
        time.sleep(2.0)
    place.server.restart()
    place.server.set_global("max_allowed_packet", 1 << 20)
    with Crew(place) as crew, application(place) as shop:
        time.sleep(3.0)
        with place.due("packet-too-large"):
            for _ in range(2):
                shop.upload(3 << 20)
        crew.all_well()


@fault("idle-timeout", beside=(*_POOL, "access-denied"), alone=("idle-timeout", "access-denied"))
def crew_idles_among_idlers(place: Bench) -> None:
    """A crew pauses for longer than its timeout, among bots and another account's idlers."""
    account_of_another(place, "reporting")
    application(place).close()
    with (
        Crew(place, init_command="SET SESSION wait_timeout = 2") as crew,
        bots(place),
        idlers(place, "reporting"),
    ):
        for _ in range(2):
            with place.due("idle-timeout"):
                with crew.paused():
                    time.sleep(3.5)
                crew.all_well()
            time.sleep(2.0)


@fault("proxy-timeout", "network-idle-drop", least=Verdict.POSSIBLE, beside=("client-not-closing",),
       alone=("client-not-closing", "server-restarted"), least_alone=Verdict.POSSIBLE,
       flavors=(Flavor.MARIADB,))  # fmt: skip
def crew_cut_then_quiet_restart(place: Bench) -> None:
    """A relay cuts whoever pauses; later the server is restarted while nobody works."""
    application(place).close()
    target = (place.server.host, place.server.port)
    with Relay(target, idle_limit=2.0) as relay, Crew(place, port=relay.port) as crew:
        for _ in range(2):
            with place.due("proxy-timeout", "network-idle-drop", known=False):
                with crew.paused():
                    time.sleep(4.0)
                crew.all_well()
    time.sleep(4.0)
    place.server.restart()
    with Crew(place):
        time.sleep(4.0)


@fault("server-crash", "connection-killed")
def crew_in_another_zone(place: Bench) -> None:
    """A crash and kills; the crew's stamps are three hours behind and tell no zone."""
    application(place).close()
    with Crew(place) as crew:
        with place.due("server-crash"):
            place.server.segv()
            time.sleep(1.0)
            place.server.start()
            crew.all_well()
        time.sleep(_LATER)
        with place.due("connection-killed"):
            kill_sessions(place.server)
            crew.all_well()
    rewrite(
        place.log.path,
        lambda at, rest: f"{(at - timedelta(hours=3)).strftime('%Y-%m-%d %H:%M:%S')} {rest}",
    )


@fault("server-restarted")
def crew_restarted_by_a_clock_behind(place: Bench) -> None:
    """A restart under work; the crew's clock is 70 s behind, and it has gone home since."""
    place.since = None  # an operator would name the application's time
    application(place).close()
    with Crew(place) as crew:
        time.sleep(3.0)
        with place.due("server-restarted"):
            place.server.restart()
            crew.all_well()
    rewrite(
        place.log.path,
        lambda at, rest: (
            f"{(at - timedelta(seconds=70)).isoformat(timespec='milliseconds')} {rest}"
        ),
    )


@decoy(alone=("server-crash",))
def crash_nobody_felt(place: Bench) -> None:
    """A crash in a quiet moment; the crew's log covers it and is silent."""
    application(place).close()
    with Crew(place):
        time.sleep(2.0)
    place.server.segv()
    time.sleep(1.0)
    place.server.start()
    with Crew(place):
        time.sleep(4.0)


@decoy(alone=("connection-killed",), least_alone=Verdict.POSSIBLE)
def kills_of_others(place: Bench) -> None:
    """Another account's sessions are killed all the time; the crew works all the while."""
    account_of_another(place, "reporting")
    application(place).close()

    def kill(stop: threading.Event) -> None:
        while not stop.wait(0.7):
            session = place.server.client("reporting")
            place.server.sql(f"KILL {session.thread_id()}")  # type: ignore[no-untyped-call]
            session._force_close()  # type: ignore[attr-defined]

    with Crew(place), in_background(kill):
        time.sleep(6.0)
