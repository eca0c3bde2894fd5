"""What each pattern looks like in a log, and that a healthy log shows none of them."""

from datetime import UTC, datetime, timedelta

from wizard.case.evidence import Evidence, Occurrence
from wizard.logs.general.beside import beside_error_log
from wizard.logs.general.limits import GeneralLimits
from wizard.logs.general.lines import entries
from wizard.logs.general.patterns import looked_for, patterns
from wizard.logs.general.sessions import Workload, read_sessions
from wizard.logs.general.tables import tables

START = datetime(2026, 3, 1, 10, tzinfo=UTC)
LIMITS = GeneralLimits(60, 28800, 1 << 20, frozenset())


def log(*said: tuple[float, int, str, str]) -> Workload:
    lines = [
        f"{START + timedelta(seconds=at):%Y-%m-%dT%H:%M:%S.%f}Z\t{number:>5} {command}\t{text}"
        for at, number, command, text in said
    ]
    return read_sessions(entries(["\n".join(lines).encode() + b"\n"]))


def session(number: int, at: float = 0.0, *texts: str) -> list[tuple[float, int, str, str]]:
    return [
        (at, number, "Connect", "app@web1 on shop using TCP/IP"),
        *((at, number, "Query", text) for text in texts),
        (at, number, "Quit", ""),
    ]


def signals(work: Workload, limits: GeneralLimits = LIMITS) -> dict[str, str]:
    return {e.signal: e.text for e in patterns(work, limits, "a log")}


def test_sessions_that_work_and_say_quit_show_nothing() -> None:
    work = log(*session(1, 0, *["select 1"] * 5), *session(2, 1, "begin", "update t", "commit"))
    assert signals(work) == {}


def test_who_is_gone_without_quit_has_vanished_with_the_last_thing_said() -> None:
    work = log(*session(1)[:-1], (1, 1, "Query", "select 'a secret' from t"))
    (found,) = patterns(work, LIMITS, "a log")
    assert found.signal == "general.vanished"
    assert "app@web1" in found.text
    assert found.excerpt.endswith("Query select ? from t")
    assert "secret" not in str(found)


def test_who_is_still_connected_has_not_vanished_nor_was_a_refused_login_ever_there() -> None:
    work = log(*session(1)[:-1], (2, 9, "Connect", "Access denied for user 'x'@'y'"))
    assert signals(work, GeneralLimits(60, 60, 1 << 20, frozenset({1}))) == {}


def test_without_a_server_it_is_not_known_who_vanished() -> None:
    work = log(*session(1)[:-1])
    unknown = GeneralLimits()
    assert signals(work, unknown) == {}
    assert not {"general.vanished", "general.idle-gap"} & set(looked_for(unknown))


def test_a_rest_as_long_as_the_timeout_before_vanishing() -> None:
    work = log(*session(1)[:-1], *session(2, 61.0))
    assert "wait_timeout (60 s)" in signals(work)["general.idle-gap"]
    short = log(*session(1)[:-1], *session(2, 59.0))
    assert "general.idle-gap" not in signals(short)


def test_the_sessions_own_timeout_counts() -> None:
    work = log(*session(1, 0, "SET SESSION wait_timeout=5")[:-1], *session(2, 6.0))
    found = signals(work)
    assert "wait_timeout (5 s)" in found["general.idle-gap"]
    assert "wait_timeout = 5 s" in found["general.session-timeout"]
    assert "general.session-timeout" not in signals(
        log(*session(1, 0, "SET GLOBAL wait_timeout=5"))
    )


def test_a_statement_near_the_packet_limit() -> None:
    assert "general.large-statement" in signals(log(*session(1, 0, "select '" + "x" * 900_000)))
    assert "general.large-statement" not in signals(log(*session(1, 0, "x" * 500_000)))


def test_a_transaction_inside_a_transaction_is_two_clients_on_one_connection() -> None:
    work = log(*session(1, 0, "BEGIN", "insert into t", "START TRANSACTION", "commit"))
    assert "general.shared-connection" in signals(work)


def test_many_connects_at_once_are_a_storm() -> None:
    storm = [line for n in range(40) for line in session(n, n / 10, "a", "b", "c")]
    assert "40 times" in signals(log(*storm))["general.reconnect-storm"]
    calm = [line for n in range(40) for line in session(n, n * 5.0, "a", "b", "c")]
    assert signals(log(*calm)) == {}


def test_a_kill_names_who_did_it_and_of_whom() -> None:
    work = log(*session(1, 0, "KILL 7", "KILL QUERY 8", "/* x */ select 1"))
    (found,) = patterns(work, LIMITS, "a log")
    assert (found.signal, found.count) == ("general.kill", 1)
    assert found.occurrences[0].connection_id == 7
    assert "app@web1" in found.text


def test_a_kill_of_a_number_that_no_connection_has_is_no_kill() -> None:
    """Any client may say so; int() takes no more than 4,300 digits."""
    work = log(*session(7, 0.0, "KILL " + "9" * 5_000))
    assert not any(one.kills for one in work.sessions)


def test_a_long_rest_with_and_without_a_ping_before_the_next_use() -> None:
    base = session(1)[:-1]
    used = log(*base, (40, 1, "Query", "select a from t"), (41, 1, "Quit", ""))
    assert "general.rest-without-ping" in signals(used)
    pinged = log(*base, (40, 1, "Ping", ""), (40, 1, "Query", "select a"), (41, 1, "Quit", ""))
    assert "general.rest-without-ping" not in signals(pinged)


def test_a_connection_for_every_statement() -> None:
    work = log(*(line for n in range(30) for line in session(n, n * 5.0, "select a")))
    assert "30 of 30" in signals(work)["general.connection-per-statement"]


def test_a_rest_inside_a_transaction() -> None:
    work = log(*session(1, 0, "BEGIN")[:-1], (9, 1, "Query", "commit"), (9, 1, "Quit", ""))
    assert "9 s" in signals(work)["general.open-transaction"]


def test_our_own_sessions_are_left_out() -> None:
    work = log(*session(1, 0, "/* goneaway-wizard */ SELECT 1"))
    assert work.sessions == ()
    assert work.entries == 1


def test_the_tables_name_who_and_how_it_ended_without_a_literal() -> None:
    work = log(*session(1, 0, "select 'hush'"), *session(2, 0, "select 'hush'")[:-1])
    who, connections = tables(work, LIMITS)
    assert who.rows[0][:4] == ("app@web1", "-", "2", "2")
    assert [row[6] for row in connections.rows] == ["vanished", "Quit"]
    assert "hush" not in str(connections)


def aborted(number: int, at: float, signal: str = "log.aborted-timeout") -> Evidence:
    end = Occurrence(START + timedelta(seconds=at), connection_id=number, account="app@web1")
    return Evidence(signal, "aborted", "error.log", occurrences=(end,))


def test_an_abnormal_end_of_the_error_log_stands_beside_what_the_connection_did() -> None:
    work = log(*session(1)[:-1], (2, 1, "Query", "select 'a secret' from t"), *session(2, 3))
    (table,) = beside_error_log(work, [aborted(1, 62)])
    ((ended, number, account, says, rest, last),) = table.rows
    assert (ended, number, account, rest) == ("2026-03-01 10:01:02", "1", "app@web1", "60 s")
    assert "timed out" in says or "timeout" in says
    assert last == "Query select ? from t"


def test_an_end_of_another_connection_or_from_before_it_stands_beside_nothing() -> None:
    work = log(*session(1, 10)[:-1], *session(2, 12))
    others = (aborted(7, 20), aborted(2, 20), aborted(1, 3), aborted(1, 20, "log.access-denied"))
    assert beside_error_log(work, others) == ()
