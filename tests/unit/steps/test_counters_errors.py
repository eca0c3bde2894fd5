"""From error summaries and totals to evidence: what falls into the window, and who did it."""

from datetime import UTC, datetime, timedelta
from functools import partial

from tests.cpu_time import lines_run
from wizard.case.case import Window
from wizard.case.evidence import Evidence
from wizard.server.status import StatusCounters
from wizard.steps.counters import own_note
from wizard.steps.counters_errors import evidence_from_errors, proves_nothing
from wizard.steps.counters_rows import ErrorCount, KillCount, others
from wizard.steps.counters_totals import evidence_from_totals, signals_of_totals

NOON = datetime(2026, 11, 23, 12, 0, 0, 400_000, tzinfo=UTC)
WINDOW = Window(NOON, NOON + timedelta(hours=1))
LATER = NOON.replace(microsecond=0) + timedelta(minutes=5)
APP = "app@10.1.2.3"


def status(**values: int) -> StatusCounters:
    return StatusCounters({"Uptime": 86400, **values}, 151)


def errors(*rows: tuple[int, str | None, int], at: datetime = LATER) -> tuple[ErrorCount, ...]:
    return tuple(ErrorCount(n, who, count, at, at) for n, who, count in rows)


def counted(*rows: ErrorCount, kills: int = 0) -> dict[str, Evidence]:
    killed = (KillCount(kills, LATER, LATER),) if kills else ()
    return {e.signal: e for e in evidence_from_errors(rows, killed, status(), WINDOW)}


def test_a_time_of_whole_seconds_may_seem_to_lie_before_the_window() -> None:
    edge = NOON.replace(microsecond=0)
    assert counted(*errors((4031, APP, 1), at=edge))["count.idle-timeout"].occurrences
    before = edge - timedelta(seconds=2)
    assert not counted(*errors((4031, APP, 1), at=before))


def test_a_count_that_began_before_the_window_proves_one() -> None:
    row = ErrorCount(1153, APP, 40, NOON - timedelta(days=3), LATER)
    found = counted(row)["count.packet-too-large"]
    assert found.count == 1
    assert "40" in found.text


def test_killed_sessions_are_not_counted_as_vanished_clients_too() -> None:
    ends = errors((1158, APP, 4), (1160, APP, 5))
    assert counted(*ends)["count.lost-client"].count == 5
    found = counted(*ends, kills=3)
    assert (found["count.killed"].count, found["count.lost-client"].count) == (3, 2)
    assert "count.lost-client" not in counted(*ends, kills=5)


def unproven(*rows: ErrorCount, kills: int = 0, unsettled: tuple[int, ...] = ()) -> set[str]:
    killed = (KillCount(kills, LATER, LATER),) if kills else ()
    return set(proves_nothing(rows, killed, unsettled, WINDOW))


def test_what_a_difference_of_counts_hides_is_not_called_absent() -> None:
    """The error summary may lose one of two, and a count that began earlier tells of one only."""
    lost = {"count.lost-client"}
    assert unproven(*errors((1158, APP, 3), (1160, APP, 3)), kills=3) == set()
    assert unproven(*errors((1158, APP, 3), (1160, APP, 3)), kills=4) == lost
    earlier = ErrorCount(1158, APP, 40, NOON - timedelta(days=3), LATER)
    assert unproven(earlier, kills=5) == lost
    assert unproven(*errors((1158, APP, 9)), kills=3) == set()
    assert unproven(kills=3) == set()
    assert unproven(unsettled=(1160,)) == set()
    assert unproven(unsettled=(1158, 1160)) == lost
    assert unproven(unsettled=(4031, 1159)) == {"count.idle-timeout", "count.read-timeout"}


def test_sessions_dropped_by_offline_mode_did_not_vanish() -> None:
    found = counted(*errors((1158, APP, 4), (1160, APP, 4), (3032, APP, 2)))
    assert "count.lost-client" not in found
    assert found["count.offline-mode"].count == 2
    other = counted(*errors((3032, APP, 2), (1158, "job@10.1.2.4", 1)))
    assert other["count.lost-client"].count == 1


def test_an_upload_that_stalls_raises_its_error_twice_and_a_slow_login_has_no_account() -> None:
    found = counted(*errors((1159, APP, 4), (1159, None, 3)))
    assert found["count.read-timeout"].count == 2
    assert found["count.handshake-timeout"].count == 3


def test_totals_of_an_old_server_are_weak_and_of_a_young_one_are_not() -> None:
    seen = status(Aborted_connects_preauth=9, Com_kill=2, Connection_errors_internal=1)
    old = {e.signal: e.weak for e in evidence_from_totals(seen, inside=False)}
    assert old == {"count.killed": True, "count.preauth": True, "count.no-thread": True}
    young = {e.signal: e.weak for e in evidence_from_totals(seen, inside=True)}
    assert young == {"count.killed": True, "count.preauth": False, "count.no-thread": False}


def test_mariadb_counts_a_refusal_for_want_of_a_slot_in_what_is_left() -> None:
    seen = status(
        Aborted_connects=12, Aborted_connects_preauth=4, Access_denied_errors=3,
        Connection_errors_internal=1, Max_used_connections=152,
    )  # fmt: skip
    found = {e.signal: e for e in evidence_from_totals(seen, inside=True)}
    assert found["count.refused-connections"].count == 4
    assert not found["count.refused-connections"].weak


def test_denied_statements_may_hide_who_was_refused_for_want_of_a_slot() -> None:
    """MariaDB counts a statement without its privilege in Access_denied_errors, as a login."""
    refused = "count.refused-connections"
    hidden = status(Aborted_connects=3, Access_denied_errors=40, Max_used_connections=152)
    assert evidence_from_totals(hidden, inside=True) == ()
    assert refused not in signals_of_totals(hidden)
    free = status(Aborted_connects=3, Access_denied_errors=40, Max_used_connections=90)
    assert refused in signals_of_totals(free)
    nobody = status(Aborted_connects=0, Access_denied_errors=40, Max_used_connections=152)
    assert refused in signals_of_totals(nobody)


def test_a_full_server_that_nobody_was_too_many_for_is_not_what_refused_a_login() -> None:
    """It met an account's limit or lock: who is too many takes a slot for a moment himself."""
    seen = status(Aborted_connects=4, Access_denied_errors=0, Max_used_connections=151)
    (refused,) = evidence_from_totals(seen, inside=True)
    assert refused.weak


def test_sessions_that_were_ended_on_the_operators_word_are_not_called_the_wizards() -> None:
    assert "were sessions that the wizard was told to end, or its own" in own_note(3, 3)
    assert "was a session of the wizard's own" in own_note(1, 0)
    assert "told to end" not in own_note(2, 0)


def test_the_time_grows_with_the_number_of_accounts_and_not_with_its_square() -> None:
    rows = [ErrorCount(1158, f"u{n}@h", 1, LATER, LATER) for n in range(2000)]
    few, many = (lines_run(partial(others, rows[:n], (), NOON)) for n in (500, 2000))
    assert many < 5 * few, (few, many)


def test_of_many_hosts_the_first_are_named_and_the_rest_counted() -> None:
    rows = errors(*((1045, f"pod@10.0.0.{n}", 2) for n in range(1, 9)))
    found = counted(*rows)["count.access-denied"]
    assert found.count == 16
    assert found.text == (
        "logins refused (1045): pod@10.0.0.1, pod@10.0.0.2, pod@10.0.0.3, pod@10.0.0.4,"
        " pod@10.0.0.5 and 3 more"
    )
