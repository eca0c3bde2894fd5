"""What follows from several steps together: which timeout, who cut, what nobody logged."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.diagnosis.test_diagnosis import LOG, at, case, ended, finding, lost, outage, step
from wizard.case.evidence import Evidence, Failure, Phase, StepResult
from wizard.diagnosis.diagnose import diagnose
from wizard.diagnosis.model import Verdict

TELLS = {"can_tell_aborted": True}
LIMITS: dict[str, str | int | float | bool | None] = {
    "wait_timeout": 28800,
    "interactive_timeout": 28800,
}
UP_SINCE_13 = step("connection", facts={"started_at": at("13:00:00").isoformat()})


def log(*evidence: Evidence) -> StepResult:
    return step("error-log", *evidence, looked=LOG, facts={**TELLS})


def application(*failures: Failure) -> StepResult:
    return step("symptom", failures=failures)


def closed(time: str) -> Failure:
    return Failure(
        "client.closed-object", "InterfaceError (0, '')", "app.log:2", at(time), phase=Phase.QUERY
    )


# ---- which timeout -----------------------------------------------------------------------------


def test_a_timeout_that_wait_timeout_cannot_have_been_confirms_nothing() -> None:
    seen = log(ended("log.aborted-timeout", "14:00:00", "14:10:00"))
    diagnosis = diagnose(case(UP_SINCE_13, seen, step("settings", facts=LIMITS)))
    idle = finding(diagnosis, "idle-timeout")
    assert idle.verdict is Verdict.POSSIBLE, "a session may have a timeout of its own"
    assert "derived.timeout-too-early" in [r.signal for r in idle.against]
    fits = step("settings", facts={"wait_timeout": 600, "interactive_timeout": 28800})
    diagnosis = diagnose(case(UP_SINCE_13, seen, fits))
    assert finding(diagnosis, "idle-timeout").verdict is Verdict.CONFIRMED


def test_the_pause_tells_that_it_was_not_wait_timeout_on_a_server_up_for_long() -> None:
    old = step("connection", facts={"started_at": (at("13:00:00") - timedelta(days=9)).isoformat()})
    seen = log(ended("log.aborted-timeout", "14:00:00"))
    told = application(lost("14:00:20", idle=80))
    diagnosis = diagnose(case(told, old, seen, step("settings", facts=LIMITS)))
    assert finding(diagnosis, "idle-timeout").verdict is Verdict.LIKELY
    longer = application(lost("14:00:20", idle=28850))
    diagnosis = diagnose(case(longer, old, seen, step("settings", facts=LIMITS)))
    assert finding(diagnosis, "idle-timeout").verdict is Verdict.CONFIRMED


def test_the_limit_inside_a_transaction_is_named_where_it_alone_fits() -> None:
    limits = {**LIMITS, "idle_transaction_timeout": 60}
    rule = Evidence("setting.idle-transaction", "idle_transaction_timeout is 60", "variables")
    seen = log(ended("log.aborted-timeout", "14:00:00", "14:10:00"))
    diagnosis = diagnose(case(UP_SINCE_13, seen, step("settings", rule, facts=limits)))
    assert diagnosis.findings[0].cause == "idle-transaction-timeout"
    assert [f.cause for f in diagnosis.accused] == ["idle-transaction-timeout"]
    short = application(lost("14:00:01", idle=20))
    diagnosis = diagnose(case(short, UP_SINCE_13, seen, step("settings", rule, facts=limits)))
    fits = next(
        r.count
        for r in finding(diagnosis, "idle-transaction-timeout").supports
        if r.signal == "derived.idle-in-transaction"
    )
    assert fits == 1, "20 s are not 60"


def test_a_timeout_in_the_middle_of_an_upload_is_not_called_idling() -> None:
    seen = log(ended("log.aborted-timeout", "14:00:00", "14:10:00"))
    loads = step("counters", facts={"com_load": 2})
    diagnosis = diagnose(case(UP_SINCE_13, seen, loads, step("settings", facts=LIMITS)))
    assert diagnosis.findings[0].cause == "net-read-timeout"
    assert not diagnosis.accused, "the log has the same words for both"
    none = step("counters", facts={"com_load": 0}, looked=("count.load-data",))
    diagnosis = diagnose(case(UP_SINCE_13, seen, none, step("settings", facts=LIMITS)))
    assert diagnosis.findings[0].cause == "idle-timeout"


# ---- what nobody logged ------------------------------------------------------------------------


def test_losses_that_the_log_does_not_know_are_kills_where_kill_was_used() -> None:
    told = application(lost("14:00:00", idle=5), lost("14:20:00", idle=5))
    total = Evidence("count.killed", "killed", "Com_kill", count=7, weak=True)
    kills = step("counters", total, facts={"com_kill": 7})
    diagnosis = diagnose(case(told, log(), kills))
    assert diagnosis.findings[0].cause == "connection-killed"
    assert diagnosis.findings[0].verdict is Verdict.LIKELY
    assert diagnosis.findings[0].explains == 2


def test_a_kill_since_the_start_says_nothing_of_losses_before_it() -> None:
    told = application(lost("12:00:00", idle=5), lost("12:20:00", idle=5))
    total = Evidence("count.killed", "killed", "Com_kill", count=7, weak=True)
    kills = step("counters", total, facts={"com_kill": 7})
    diagnosis = diagnose(case(UP_SINCE_13, told, log(), kills))
    signals = {r.signal for f in diagnosis.findings for r in f.supports}
    assert "derived.lost-before-start" in signals
    assert "derived.lost-and-killed" not in signals
    assert not diagnosis.accused


def test_without_any_kill_since_the_start_nobody_killed() -> None:
    told = application(lost("14:00:00", idle=5))
    none = step("counters", looked=("count.killed",), facts={"com_kill": 0})
    diagnosis = diagnose(case(told, log(), none))
    assert finding(diagnosis, "connection-killed").explains == 0
    assert finding(diagnosis, "connection-killed").verdict is Verdict.RULED_OUT
    assert finding(diagnosis, "shared-connection").verdict is Verdict.POSSIBLE
    assert not diagnosis.accused


@pytest.mark.parametrize("counted", [2, 3])
def test_ends_that_mysql_counted_one_too_few_of_are_no_kills(counted: int) -> None:
    """Its error summary may lose one of two that come in the same moment."""
    told = application(*(lost(f"14:00:0{second}", idle=5) for second in range(3)))
    packets = Evidence("count.packet-too-large", "1153", "the error summary", count=counted)
    looked = ("count.lost-client", "count.packet-too-large")
    counters = step("counters", packets, looked=looked, facts={"com_kill": 7})
    signals = {r.signal for f in diagnose(case(told, counters)).findings for r in f.supports}
    assert "count.packet-too-large" in signals
    assert "derived.lost-unlogged" not in signals
    none = step("counters", looked=looked, facts={"com_kill": 7})
    signals = {r.signal for f in diagnose(case(told, none)).findings for r in f.supports}
    assert "derived.lost-unlogged" in signals


def test_a_log_that_cannot_tell_proves_no_silence() -> None:
    told = application(lost("14:00:00", idle=5))
    mute = step("error-log", looked=("log.shutdown", "log.crash", "log.unclean-end"))
    total = Evidence("count.killed", "killed", "Com_kill", count=7, weak=True)
    diagnosis = diagnose(case(told, mute, step("counters", total, facts={"com_kill": 7})))
    assert not diagnosis.accused


def test_losses_at_a_restart_are_not_silent() -> None:
    told = application(lost("14:00:05", idle=5), lost("14:30:00", idle=2000))
    seen = log(outage("log.shutdown", "14:00:00", "14:00:20"))
    total = Evidence("count.killed", "killed", "Com_kill", count=7, weak=True)
    diagnosis = diagnose(case(told, seen, step("counters", total, facts={"com_kill": 7})))
    assert [f.cause for f in diagnosis.accused] == ["server-restarted"]
    signals = {r.signal for f in diagnosis.findings for r in f.supports}
    assert "derived.lost-unlogged" not in signals


# ---- who cut -----------------------------------------------------------------------------------


def test_both_ends_saw_the_other_leave_so_something_between_them_cut() -> None:
    told = application(
        lost("14:00:30", idle=90), lost("14:10:50", idle=110), lost("14:20:10", idle=70)
    )
    seen = log(ended("log.aborted-read-error", "14:00:00", "14:10:00", "14:20:00"))
    diagnosis = diagnose(case(told, seen))
    assert diagnosis.findings[0].cause == "proxy-timeout"
    assert diagnosis.findings[0].verdict is Verdict.LIKELY
    assert diagnosis.findings[0].explains == 3
    regular = next(r for r in diagnosis.findings[0].supports if r.signal == "derived.cut-regular")
    assert "60 s" in regular.text


def test_a_client_that_leaves_in_the_moment_of_its_failure_was_not_cut() -> None:
    told = application(lost("14:00:01", idle=1), lost("14:10:00", idle=1))
    seen = log(ended("log.aborted-read-error", "14:00:00", "14:10:00"))
    signals = {r.signal for f in diagnose(case(told, seen)).findings for r in f.supports}
    assert "derived.cut-between" not in signals


def test_what_was_lost_in_one_moment_before_a_quiet_restart_was_lost_to_something_between() -> None:
    back = outage("log.shutdown", "14:01:00", "14:01:03")
    told = application(*(lost("14:00:20") for _ in range(4)))
    diagnosis = diagnose(case(told, log(back)))
    assert not diagnosis.accused
    together = {f.cause for f in diagnosis.findings for r in f.supports if "together" in r.signal}
    assert "proxy-timeout" in together
    assert diagnosis.findings[0].cause != "server-restarted"


def test_losses_after_work_since_a_restart_are_not_of_the_restart() -> None:
    """The server knows of no end, and KILL was used: that is what is left."""
    back = outage("log.shutdown", "14:00:00", "14:00:03")
    kills = step("counters", facts={"com_kill": 2})
    told = [replace(lost("14:00:20"), worked=at("14:00:15"), phase=Phase.QUERY) for _ in range(2)]
    diagnosis = diagnose(case(application(*told), log(back), kills))
    assert {a.cause for a in diagnosis.attributions} == {"connection-killed"}
    assert [f.cause for f in diagnosis.accused] == ["connection-killed"]


def test_clients_of_another_account_that_go_all_the_time_are_not_cut_off() -> None:
    """Three kills among them stay kills, and nothing between client and server is accused."""
    leaving = ended("log.aborted-read-error", *(f"14:0{m}:00" for m in range(9)), account="bi@x")
    kills = step(
        "counters", Evidence("count.killed", "KILL", "Com_kill", count=3, weak=True),
        facts={"com_kill": 3},
    )  # fmt: skip
    told = application(*(lost(f"14:0{m}:02", idle=8) for m in (1, 4, 7)))
    diagnosis = diagnose(case(told, log(leaving), kills))
    assert [f.cause for f in diagnosis.accused] == ["connection-killed"]
    assert {a.cause for a in diagnosis.attributions} == {"connection-killed"}


def test_a_client_that_gave_up_is_the_one_whose_going_the_server_saw() -> None:
    seen = log(ended("log.aborted-read-error", "14:00:03", "14:00:13"))
    gave_up = [lost(t, signal="client.read-timeout") for t in ("14:00:01", "14:00:11")]
    told = application(*gave_up, lost("14:00:20"), lost("14:00:30"))
    assert "derived.cut-between" not in {
        r.signal for f in diagnose(case(told, seen)).findings for r in f.supports
    }


def test_timeouts_that_meet_no_failure_of_ours_are_anothers() -> None:
    theirs = ended("log.aborted-timeout", *(f"14:0{m}:00" for m in range(9)), account="bi@x")
    covered = {"log_from": at("13:59:00").isoformat(), "log_to": at("14:10:00").isoformat()}
    one = step("symptom", failures=(lost("14:04:03"),), facts=covered)
    idle = finding(diagnose(case(one, log(theirs))), "idle-timeout")
    assert idle.verdict is Verdict.POSSIBLE
    each = tuple(lost(f"14:0{m}:03") for m in range(9))
    all_met = diagnose(case(step("symptom", failures=each, facts=covered), log(theirs)))
    assert finding(all_met, "idle-timeout").verdict is Verdict.CONFIRMED


def test_a_session_that_ended_before_the_connections_last_use_explains_nothing() -> None:
    told = application(lost("14:10:00", idle=30))
    seen = log(ended("log.aborted-timeout", "14:00:00"))
    assert diagnose(case(told, seen)).attributions[0].cause is None


def test_a_broken_login_that_both_ends_saw() -> None:
    failed = lost("14:00:05", signal="client.connect-lost")
    said = Evidence("client.connect-lost", "2013 reading authorization packet", "app.log:1")
    seen = log(ended("log.preauth", "14:00:00"))
    diagnosis = diagnose(case(step("symptom", said, failures=(failed,)), seen))
    assert diagnosis.findings[0].cause == "connect-timeout"
    assert diagnosis.findings[0].verdict is Verdict.LIKELY


def test_who_did_not_read_notices_later_and_who_gave_up_notices_at_once() -> None:
    seen = log(ended("log.aborted-write-error", "14:00:00"))
    later = diagnose(case(application(lost("14:01:00")), seen))
    assert later.findings[0].cause == "net-write-timeout"
    assert later.findings[0].verdict is Verdict.LIKELY
    at_once = diagnose(case(application(lost("14:00:00")), seen))
    assert at_once.findings[0].cause == "client-packet-limit"
    assert not at_once.accused


# ---- what the application's own words imply ----------------------------------------------------


def test_a_closed_connection_that_nobody_lost_was_closed_by_the_program() -> None:
    diagnosis = diagnose(case(application(closed("14:00:00"), closed("14:00:01")), log()))
    assert diagnosis.findings[0].cause == "use-after-close"
    assert diagnosis.findings[0].explains == 2


def killed(time: str) -> Failure:
    return replace(lost(time, signal="client.killed"), number=1927, text="(1927, 'was killed')")


def test_killed_and_then_refused_was_a_shutdown_and_no_kill() -> None:
    said = Evidence("client.killed", "1927", "app.log:1", count=2)
    at_once = (killed("14:00:00"), killed("14:00:00"), lost("14:00:01", signal="client.refused"))
    told = step("symptom", said, failures=at_once)
    down = step("connection", Evidence("state.refused", "refused", "connect"))
    gone = diagnose(case(told, down, reachable=False))
    assert [f.cause for f in gone.accused] == ["server-unreachable"]
    assert gone.findings[0].explains == 3
    back = diagnose(case(told, step("connection", Evidence("state.answers", "up", "connect"))))
    assert [f.cause for f in back.accused] == ["server-restarted"]
    later = (killed("14:00:00"), lost("14:20:00", signal="client.refused"))
    kill = diagnose(case(step("symptom", said, failures=later)))
    assert kill.findings[0].cause == "connection-killed"
    assert kill.findings[0].verdict is Verdict.CONFIRMED


def test_a_pool_that_keeps_connections_too_long_stands_beside_the_timeout() -> None:
    text = "HikariPool-1 - Failed to validate connection (No operations allowed after ...)"
    pooled = replace(lost("14:00:30"), text=text)
    seen = log(ended("log.aborted-timeout", "14:00:00"))
    diagnosis = diagnose(case(application(pooled), seen))
    assert diagnosis.findings[0].cause == "idle-timeout"
    assert finding(diagnosis, "stale-pooled-connection").verdict is Verdict.POSSIBLE
    unpooled = diagnose(case(application(lost("14:00:30")), seen))
    assert "stale-pooled-connection" not in [f.cause for f in unpooled.findings]


def test_later_uses_of_a_lost_connection_have_the_cause_of_its_loss() -> None:
    seen = log(ended("log.aborted-timeout", "14:00:00"))
    told = application(lost("14:00:30"), closed("14:00:31"), closed("14:00:40"), closed("14:00:50"))
    diagnosis = diagnose(case(told, seen))
    assert {a.cause for a in diagnosis.attributions} == {"idle-timeout"}
    assert finding(diagnosis, "driver-does-not-recover").verdict is Verdict.POSSIBLE
    assert "use-after-close" not in [f.cause for f in diagnosis.findings]


def test_a_login_refused_where_mariadb_wants_tls_is_not_confirmed_as_a_wrong_password() -> None:
    denied = log(ended("log.access-denied", "14:00:00", "14:00:05"))
    wants = step("settings", facts={"require_secure_transport": "ON"})
    diagnosis = diagnose(case(denied, wants))
    assert not diagnosis.accused
    assert finding(diagnosis, "tls-failure").verdict is Verdict.POSSIBLE
    diagnosis = diagnose(case(denied, wants, flavor="mysql"))
    assert "tls-failure" not in [f.cause for f in diagnosis.findings], "MySQL says 3159"


# ---- how the verdict is reached ----------------------------------------------------------------


def test_a_trouble_of_the_machine_goes_before_the_crash_that_it_led_to() -> None:
    full = ended("log.disk-full", "14:00:00", "14:00:30")
    seen = log(full, outage("log.crash", "14:00:31", "14:01:00"))
    told = application(lost("14:00:32"), lost("14:00:40", signal="client.refused"))
    diagnosis = diagnose(case(told, seen))
    assert diagnosis.findings[0].cause == "disk-full"
    assert diagnosis.findings[0].explains == 2
    much_later = diagnose(case(application(lost("14:40:00")), log(full)))
    assert much_later.attributions[0].cause is None


def test_one_client_that_leaves_is_no_cause_and_a_healthy_log_clears_many() -> None:
    one = log(ended("log.aborted-read-error", "14:00:00"))
    assert not diagnose(case(one)).accused
    two = log(ended("log.aborted-read-error", "14:00:00", "14:00:05"))
    assert [f.cause for f in diagnose(case(two)).accused] == ["client-not-closing"]
    assert not diagnose(case(application(), two)).accused, "no application felt it"


def test_a_timeout_that_the_server_saw_is_told_although_the_log_has_no_failure() -> None:
    seen = log(ended("log.aborted-timeout", "14:00:00", "14:10:00"))
    assert [f.cause for f in diagnose(case(application(), seen)).accused] == ["idle-timeout"]


def test_a_start_that_failed_is_told_before_the_stop_that_went_before_it() -> None:
    seen = log(
        outage("log.shutdown", "14:00:00", None),
        outage("log.startup-failed", "14:00:10", None),
    )
    down = step("connection", Evidence("state.refused", "refused", "connect"))
    told = application(lost("14:00:01"), lost("14:05:00", signal="client.refused"))
    diagnosis = diagnose(case(told, down, seen, reachable=False))
    assert diagnosis.findings[0].cause == "start-failure"
    assert diagnosis.findings[0].explains == 2
    up_again = diagnose(case(told, seen))
    assert "start-failure" not in [f.cause for f in up_again.accused]
