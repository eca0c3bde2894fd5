"""What goes wrong on the server's machine is told once, and again only after it was over."""

import json
from datetime import UTC, datetime

from wizard.recorder.event import EventKind, as_json
from wizard.recorder.host_look import HostLook
from wizard.recorder.host_trouble import MOST_BESIDE, MOST_NAMED, HostTrouble
from wizard.recorder.sample import SessionSeen
from wizard.recorder.sockets import Unreached

AT = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
SESSIONS = {4000: SessionSeen(7, "app", "10.0.0.2", "", "Query", 3, port=4000)}
GIB = 1 << 30


def told(machine: HostTrouble, look: HostLook) -> list[str | None]:
    return [event.cause for event in machine.step(AT, look, SESSIONS)]


def test_a_client_that_no_packet_reaches_is_told_once_with_its_session() -> None:
    machine = HostTrouble()
    chance = HostLook(unreached={4000: Unreached(1, 0, 80)})
    silent = HostLook(unreached={4000: Unreached(4, 0, 80)})
    assert machine.step(AT, chance, SESSIONS) == []
    (event,) = machine.step(AT, silent, SESSIONS)
    assert event.kind is EventKind.SESSION_STALLED
    assert event.session is not None
    assert event.session.id == 7
    assert told(machine, silent) == []
    assert told(machine, HostLook()) == []
    assert told(machine, silent) == ["network-unstable"]


def test_keepalive_probes_without_an_answer_tell_it_of_a_client_at_rest() -> None:
    look = HostLook(unreached={4000: Unreached(0, 3, 0)})
    assert told(HostTrouble(), look) == ["network-unstable"]


def test_sockets_that_are_no_session_are_nobodys_trouble() -> None:
    look = HostLook(unreached={9: Unreached(9, 0, 80)})
    assert told(HostTrouble(), look) == []


def test_kills_for_want_of_memory_are_counted_from_the_first_look() -> None:
    machine = HostTrouble()
    assert told(machine, HostLook(oom_kills=5)) == []
    assert told(machine, HostLook(oom_kills=5)) == []
    assert told(machine, HostLook(oom_kills=6, stalled_percent=9.0)) == ["memory-pressure"]
    assert told(machine, HostLook()) == []


def test_a_kill_on_a_machine_with_memory_to_spare_accuses_no_shortage() -> None:
    machine = HostTrouble()
    assert told(machine, HostLook(oom_kills=5, stalled_percent=0.0)) == []
    (event,) = machine.step(AT, HostLook(oom_kills=7, stalled_percent=0.4), SESSIONS)
    assert (event.kind, event.cause, event.verdict) == (EventKind.HOST_TROUBLE, None, None)
    assert "killed 2 processes" in event.text


def test_a_kill_names_the_sessions_of_this_machine_that_were_lost_with_it() -> None:
    machine = HostTrouble()
    assert told(machine, HostLook(oom_kills=5)) == []
    lost = [
        SessionSeen(8, "shop", "localhost", "", "Query", 1),
        SessionSeen(9, "app", "10.0.0.2", "", "Query", 1, port=4000),
    ]
    (event,) = machine.step(AT, HostLook(oom_kills=6), SESSIONS, lost)
    assert "lost at the same look: shop@localhost (connection 8)" in event.text
    assert "10.0.0.2" not in event.text
    assert event.session is None
    assert [(s["id"], s["user"]) for s in json.loads(as_json(event))["beside"]] == [(8, "shop")]
    (event,) = machine.step(AT, HostLook(oom_kills=7), SESSIONS, lost[1:])
    assert "lost" not in event.text
    assert json.loads(as_json(event))["beside"] == []


def test_a_disk_that_runs_full_is_told_once_until_there_is_room_again() -> None:
    machine = HostTrouble()
    full, half = (HostLook(disk_free=free, disk_total=100 * GIB) for free in (GIB // 2, 50 * GIB))
    assert told(machine, full) == ["disk-full"]
    assert told(machine, HostLook(disk_free=2 * GIB, disk_total=100 * GIB)) == []
    assert told(machine, full) == []
    assert told(machine, half) == []
    assert told(machine, full) == ["disk-full"]


def test_a_machine_that_waits_for_memory() -> None:
    machine = HostTrouble()
    assert told(machine, HostLook(stalled_percent=19.0)) == []
    assert told(machine, HostLook(stalled_percent=40.0)) == ["memory-pressure"]
    assert told(machine, HostLook(stalled_percent=30.0)) == []


def test_each_trouble_of_the_machine_names_who_was_lost_at_the_same_look() -> None:
    lost = [SessionSeen(n, "app", "10.0.0.2", "", "Query", 1) for n in range(MOST_NAMED + 2)]
    full = HostLook(disk_free=GIB // 2, disk_total=100 * GIB, stalled_percent=40.0)
    events = HostTrouble().step(AT, full, SESSIONS, lost)
    assert [event.cause for event in events] == ["memory-pressure", "disk-full"]
    for event in events:
        assert "lost at the same look: app@10.0.0.2 (connection 0)" in event.text
        assert event.text.endswith(" and 2 more")
        assert len(json.loads(as_json(event))["beside"]) == MOST_NAMED + 2
    (event,) = HostTrouble().step(AT, HostLook(stalled_percent=40.0), SESSIONS, lost * 40)
    assert len(event.beside) == MOST_BESIDE
    assert all(not event.beside for event in HostTrouble().step(AT, full, SESSIONS))
