"""From sample to sample: who was lost to what, and who only said goodbye."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from wizard.diagnosis.model import Verdict
from wizard.logs.error.scan_model import LinePlace, LogEvent
from wizard.recorder.attributor import Attributor
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.sample import AccountError, Sample, SessionSeen

COUNTERS = {"aborted_clients": 5, "max_connections": 100}
TICK = timedelta(seconds=1)
BEGAN = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
FIRST = SessionSeen(7, "app", "web1", "", "Sleep", 40)
SECOND = SessionSeen(8, "app", "web2", "", "Sleep", 3)


class Server:
    """Samples a second apart, given to one attributor."""

    def __init__(self, *sessions: SessionSeen, tells_sessions: bool = True) -> None:
        self.told: list[RecorderEvent] = []
        self._attributor = Attributor(tells_sessions)
        self._sample = Sample(BEGAN, "s", {s.id: s.at(BEGAN) for s in sessions}, COUNTERS)
        self._attributor.step(self._sample, (), {})

    def after(
        self,
        *sessions: SessionSeen,
        lines: tuple[LogEvent, ...] = (),
        killers: Mapping[int, str] | None = None,
        closed: frozenset[int] = frozenset(),
        errors: Mapping[AccountError, int] | None = None,
        **counters: int,
    ) -> None:
        """A second later there are these sessions, and the counters have grown by so much."""
        grown = {n: self._sample.counters.get(n, 0) + by for n, by in counters.items()}
        self._sample = replace(
            self._sample,
            at=self._sample.at + TICK,
            sessions={s.id: s.at(self._sample.at + TICK) for s in sessions},
            counters={**self._sample.counters, **grown},
            errors=errors if errors is not None else self._sample.errors,
        )
        self.told += self._attributor.step(self._sample, lines, killers or {}, closed)

    def seconds_pass(self, *sessions: SessionSeen, count: int = 8) -> None:
        for _ in range(count):
            self.after(*sessions)


def line(signal: str, number: int) -> LogEvent:
    place = LinePlace("error.log", 1, 0)
    return LogEvent("x", signal, BEGAN, place, "Aborted connection", number, "'app'@'web1'")


def test_a_session_that_quits_is_no_event() -> None:
    server = Server(FIRST, SECOND)
    server.after(SECOND)
    server.seconds_pass(SECOND)
    assert server.told == []


def test_the_logs_line_names_the_session_also_where_it_comes_late() -> None:
    server = Server(FIRST, SECOND)
    server.after(SECOND, aborted_clients=1)
    server.after(SECOND, lines=(line("log.aborted-timeout", 7),))
    (event,) = server.told
    assert event.session is not None
    assert (event.session.id, event.session.seconds) == (7, 41)
    assert event.cause == "idle-timeout"


def test_a_kill_that_is_counted_before_its_victim_is_gone_is_found() -> None:
    server = Server(FIRST, SECOND)
    server.after(FIRST, SECOND, com_kill=1, aborted_clients=1)
    server.after(SECOND)
    server.seconds_pass(SECOND)
    (event,) = server.told
    assert event.session == replace(FIRST, seconds=41)
    assert (event.cause, event.verdict) == ("connection-killed", Verdict.CONFIRMED)


def test_of_two_that_left_the_one_at_rest_is_only_likely_the_killed_one() -> None:
    server = Server(FIRST, SECOND)
    server.after(com_kill=1, aborted_clients=1)
    server.seconds_pass()
    (event,) = server.told
    assert event.session is not None
    assert event.session.id == FIRST.id
    assert event.verdict is Verdict.LIKELY


def test_the_server_that_remembers_the_kill_names_the_killer() -> None:
    server = Server(FIRST, SECOND)
    server.after(com_kill=1, aborted_clients=1, killers={8: "ops@db1"})
    server.seconds_pass()
    (event,) = server.told
    assert event.session is not None
    assert event.session.id == 8
    assert "by ops@db1" in event.text


def test_errors_by_account_tell_idle_from_vanished_without_any_log() -> None:
    server = Server(FIRST, SECOND, tells_sessions=False)
    server.after(SECOND, aborted_clients=1, errors={AccountError("app@web1", 4031): 1})
    server.seconds_pass(SECOND)
    assert [event.cause for event in server.told] == ["idle-timeout"]
    server.told.clear()
    server.after(aborted_clients=1, errors={AccountError("app@web1", 4031): 1,
                                            AccountError("app@web2", 1158): 1})  # fmt: skip
    server.seconds_pass()
    assert [event.cause for event in server.told] == ["client-not-closing"]


def quitting(*numbers: int) -> tuple[SessionSeen, ...]:
    return tuple(SessionSeen(n, "app", "web1", "", "Sleep", 50) for n in numbers)


KILL_OF_IDLE = {AccountError("app@web1", 1158): 1, AccountError("app@web1", 1160): 1}


def test_one_that_quit_before_the_kill_is_not_taken_for_its_victim() -> None:
    server = Server(FIRST, *quitting(20, 21))
    server.after(FIRST)
    server.after(FIRST)
    server.after(FIRST, com_kill=1, aborted_clients=1, errors=KILL_OF_IDLE)
    server.after()
    server.seconds_pass()
    assert [e.session.id for e in server.told if e.session] == [FIRST.id]


def test_a_named_victim_that_is_still_listed_is_waited_for() -> None:
    server = Server(FIRST, *quitting(20, 21))
    server.after(
        FIRST, com_kill=1, aborted_clients=1, errors=KILL_OF_IDLE, killers={FIRST.id: "ops@db1"}
    )
    server.after()
    server.seconds_pass()
    (event,) = server.told
    assert event.session is not None
    assert (event.session.id, event.verdict) == (FIRST.id, Verdict.CONFIRMED)


def test_a_session_that_is_listed_as_killed_at_its_work_is_the_victim() -> None:
    server = Server(FIRST, *quitting(20, 21))
    server.after(replace(FIRST, command="Killed", statement="SELECT SLEEP(?)"), com_kill=1)
    server.after(aborted_clients=1)
    server.seconds_pass()
    (event,) = server.told
    assert event.session is not None
    assert (event.session.id, event.cause) == (FIRST.id, "connection-killed")


def test_one_that_is_listed_as_killed_while_it_quits_is_no_victim() -> None:
    """As MariaDB lists it, with a KILL of another session counted or without."""
    server = Server(FIRST, *quitting(20, 21))
    quits = replace(quitting(20)[0], command="Killed", seconds=1)
    server.after(FIRST, quits)
    server.seconds_pass(FIRST)
    assert server.told == []
    server.after(FIRST, quits, com_kill=1, aborted_clients=1, closed=frozenset({4000}))
    server.after(quits)
    server.after()
    server.seconds_pass()
    assert [e.session.id for e in server.told if e.session] == [FIRST.id]


def test_a_socket_that_the_server_closed_first_tells_the_victim_among_those_that_quit() -> None:
    server = Server(replace(FIRST, seconds=1, port=4000), *quitting(20, 21))
    server.after(com_kill=1, aborted_clients=1, closed=frozenset({4000}))
    server.seconds_pass()
    (event,) = server.told
    assert event.session is not None
    assert (event.session.id, event.verdict) == (FIRST.id, Verdict.CONFIRMED)


def test_one_that_left_in_the_middle_of_its_work_is_the_victim_among_those_that_rested() -> None:
    busy = SessionSeen(9, "app", "web1", "", "Query", 4, statement="SELECT SLEEP(60)")
    server = Server(busy, *quitting(20, 21, 22))
    server.after(com_kill=1, aborted_clients=1)
    server.seconds_pass()
    (event,) = server.told
    assert event.session is not None
    assert (event.session.id, event.verdict) == (9, Verdict.LIKELY)


def test_a_count_that_comes_after_its_end_was_told_is_not_told_again() -> None:
    server = Server(FIRST, *quitting(20))
    server.after(*quitting(20), lines=(line("log.aborted-read-error", FIRST.id),))
    server.after(aborted_clients=1, errors={AccountError("app@web1", 1158): 1})
    server.seconds_pass()
    assert [e.session.id for e in server.told if e.session] == [FIRST.id]


def test_two_clients_on_one_connection() -> None:
    server = Server(FIRST, SECOND)
    server.after(SECOND, aborted_clients=1, errors={AccountError("app@web1", 1156): 1})
    server.seconds_pass(SECOND)
    assert [e.cause for e in server.told] == ["shared-connection"]


def failed_logins(
    connected: int = 100, **counters: Any
) -> list[tuple[str | None, Verdict | None, int]]:
    """What is told of logins that failed while all slots are taken, or so many of the 100."""
    server = Server(FIRST)
    server.after(FIRST, threads_connected=connected, **counters)
    assert all(event.kind is EventKind.LOGIN_FAILED for event in server.told)
    return [(event.cause, event.verdict, event.count) for event in server.told]


def test_refused_logins_at_the_limit() -> None:
    full = "too-many-connections"
    mariadb = failed_logins(aborted_connects=3, access_denied_errors=0)
    assert mariadb == [(full, Verdict.LIKELY, 3)]
    mysql = failed_logins(aborted_connects=2, connection_errors_max_connections=3)
    assert mysql == [(full, Verdict.CONFIRMED, 3)]


def test_a_login_that_is_denied_while_all_slots_are_taken_is_not_refused_for_that() -> None:
    denied = ("access-denied", Verdict.LIKELY, 2)
    assert failed_logins(aborted_connects=2, access_denied_errors=2) == [denied]
    both = failed_logins(aborted_connects=3, access_denied_errors=2)
    assert both == [("too-many-connections", Verdict.LIKELY, 1), denied]
    assert failed_logins(aborted_connects=2) == [(None, None, 2)]
    closed = failed_logins(aborted_connects=1, aborted_connects_preauth=1, access_denied_errors=0)
    assert closed == [(None, None, 1)]


def test_a_statement_without_a_privilege_is_no_login_that_was_denied() -> None:
    """MariaDB counts both in Access_denied_errors, and only the login in Aborted_connects."""
    assert failed_logins(access_denied_errors=5) == []
    one = failed_logins(99, aborted_connects=1, access_denied_errors=5)
    assert one == [("access-denied", Verdict.LIKELY, 1)]
    closed = failed_logins(aborted_connects=1, aborted_connects_preauth=1, access_denied_errors=5)
    assert closed == [(None, None, 1)]


def test_statements_without_a_privilege_may_hide_who_found_no_free_slot() -> None:
    assert failed_logins(aborted_connects=3, access_denied_errors=5) == [(None, None, 3)]


def test_no_count_is_carried_over_a_gap() -> None:
    server = Server(FIRST)
    server._attributor.forget()
    server.after(aborted_clients=1, com_kill=1)
    server.seconds_pass()
    assert server.told == []


def test_what_the_log_told_in_a_gap_is_told_after_it_once() -> None:
    server = Server(FIRST, SECOND)
    server._attributor.forget()
    lines = (line("log.aborted-timeout", FIRST.id), line("log.aborted-packet", 44))
    server.after(SECOND, lines=lines, aborted_clients=2)
    first, unseen = server.told
    assert (first.cause, first.session, first.verdict) == (
        "idle-timeout", FIRST.at(BEGAN), Verdict.CONFIRMED,
    )  # fmt: skip
    assert unseen.session is not None
    assert (unseen.cause, unseen.session.id) == ("packet-too-large", 44)
    assert unseen.session.account == "app@web1"
    server.told.clear()
    server.after(SECOND, lines=lines)
    server.seconds_pass(SECOND)
    assert server.told == []


def test_one_whose_number_comes_again_after_a_restart_is_told_too() -> None:
    server = Server(FIRST, SECOND)
    server._attributor.forget()
    server.after(FIRST, lines=(line("log.aborted-timeout", FIRST.id),))
    server.after(lines=(line("log.aborted-packet", FIRST.id),), aborted_clients=1)
    server.seconds_pass()
    assert [e.cause for e in server.told] == ["idle-timeout", "packet-too-large"]


def test_an_account_that_is_shown_no_kills_tells_one_by_the_logs_silence() -> None:
    """The log names every other end without COM_QUIT; its line may come a look later."""
    server = Server(FIRST, SECOND)
    server.after(SECOND, aborted_clients=1)
    assert server.told == []
    server.seconds_pass(SECOND)
    (event,) = server.told
    assert (event.cause, event.verdict) == ("connection-killed", Verdict.LIKELY)
    named = Server(FIRST, SECOND)
    named.after(SECOND, aborted_clients=1)
    named.after(SECOND, lines=(line("log.idle-timeout", 7),))
    named.seconds_pass(SECOND)
    assert [event.cause for event in named.told] == ["idle-timeout"]


def test_where_kills_are_counted_the_logs_silence_tells_nothing() -> None:
    server = Server(FIRST, SECOND)
    server.after(FIRST, SECOND, com_kill=0)
    server.after(SECOND, aborted_clients=1)
    server.seconds_pass(SECOND)
    assert server.told == []
