"""The diagnosis as a pure function: cases made by hand, verdicts asserted."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import Evidence, Failure, Occurrence, Phase, StepResult, StepStatus
from wizard.diagnosis.diagnose import diagnose
from wizard.diagnosis.model import Diagnosis, Finding, Verdict

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(hours=2), NOW)


def at(text: str) -> datetime:
    hour, minute, second = (int(part) for part in text.split(":"))
    return NOW.replace(hour=hour, minute=minute, second=second)


def case(*steps: StepResult, flavor: str = "mariadb", reachable: bool = True) -> Case:
    target = TargetFacts("127.0.0.1:3306", flavor=flavor, reachable=reachable)
    return Case(NOW, WINDOW, target, steps)


def step(
    step_id: str,
    *evidence: Evidence,
    looked: tuple[str, ...] = (),
    facts: Mapping[str, str | int | float | bool | None] | None = None,
    failures: tuple[Failure, ...] = (),
) -> StepResult:
    return StepResult(
        step_id,
        StepStatus.DONE,
        evidence=evidence,
        looked_for=(*looked, *(e.signal for e in evidence)),
        facts=facts or {},
        failures=failures,
    )


def ended(signal: str, *times: str, account: str = "app@web") -> Evidence:
    occurrences = tuple(Occurrence(at=at(t), account=account) for t in times)
    return Evidence(
        signal,
        signal,
        "error log, line 1",
        count=len(times),
        first=occurrences[0].at,
        last=occurrences[-1].at,
        occurrences=occurrences,
    )


def outage(signal: str, down: str, up: str | None) -> Evidence:
    occurrence = Occurrence(at=at(down), until=at(up) if up else None)
    return Evidence(signal, signal, "error log", first=occurrence.at, occurrences=(occurrence,))


def lost(
    time: str, idle: float | None = None, signal: str = "client.lost", size: int | None = None
) -> Failure:
    phase = Phase.CONNECT if signal == "client.refused" else Phase.UNKNOWN
    return Failure(
        signal, "gone away", "app.log:1", at(time), 2006, phase=phase, idle_seconds=idle, size=size
    )


def finding(diagnosis: Diagnosis, cause: str) -> Finding:
    return next(f for f in diagnosis.findings if f.cause == cause)


LOG = (
    "log.shutdown", "log.crash", "log.unclean-end", "log.aborted-timeout", "log.aborted-packet",
    "log.aborted-read-error",
)  # fmt: skip


def test_nothing_seen_accuses_nobody() -> None:
    healthy = case(
        step("connection", looked=("state.recent-start",)), step("error-log", looked=LOG)
    )
    diagnosis = diagnose(healthy)
    assert not diagnosis.accused
    assert finding(diagnosis, "server-crash").verdict is Verdict.RULED_OUT
    assert diagnosis.total == 0


def test_each_ended_session_explains_one_failure() -> None:
    log = step("error-log", ended("log.aborted-timeout", "14:00:00", "14:10:00"), looked=LOG)
    symptom = step("symptom", failures=tuple(lost(f"14:{m}:30") for m in ("00", "10", "12")))
    diagnosis = diagnose(case(symptom, log))
    assert diagnosis.findings[0].cause == "idle-timeout"
    assert diagnosis.findings[0].verdict is Verdict.CONFIRMED
    assert (diagnosis.total, diagnosis.explained, diagnosis.unexplained) == (3, 2, 1)


def test_a_failure_before_the_session_ended_is_not_its_consequence() -> None:
    log = step("error-log", ended("log.aborted-packet", "14:30:00"), looked=LOG)
    diagnosis = diagnose(case(step("symptom", failures=(lost("14:00:00"),)), log))
    assert diagnosis.explained == 0
    assert not diagnosis.accused


def test_a_restart_explains_only_the_failures_near_it() -> None:
    log = step("error-log", outage("log.shutdown", "14:00:00", "14:00:20"), looked=LOG)
    near, refused, far = (
        lost("14:00:05"),
        lost("14:00:10", signal="client.refused"),
        lost("14:40:00"),
    )
    diagnosis = diagnose(case(step("symptom", failures=(near, refused, far)), log))
    assert [a.cause for a in diagnosis.attributions] == [
        "server-restarted", "server-restarted", None,
    ]  # fmt: skip


def test_a_pooled_connection_older_than_the_restart_is_its_victim_whenever_it_is_used() -> None:
    log = step("error-log", outage("log.shutdown", "14:00:00", "14:00:20"), looked=LOG)
    diagnosis = diagnose(case(step("symptom", failures=(lost("14:40:00", idle=3600),)), log))
    assert diagnosis.attributions[0].cause == "server-restarted"


def test_shutdown_without_a_start_is_unreachable_not_restarted() -> None:
    log = step("error-log", outage("log.shutdown", "14:00:00", None), looked=LOG)
    connection = step("connection", Evidence("state.refused", "refused", "connect"))
    diagnosis = diagnose(case(connection, log, reachable=False))
    assert diagnosis.findings[0].cause == "server-unreachable"
    assert "server-restarted" not in [f.cause for f in diagnosis.accused]


def test_an_idle_gap_above_the_timeout_is_conclusive_without_a_log() -> None:
    settings = step("settings", facts={"wait_timeout": 600})
    gaps = (lost("14:00:00", idle=601.2), lost("14:20:00", idle=900))
    short = lost("14:30:00", idle=30)
    diagnosis = diagnose(case(step("symptom", failures=(*gaps, short)), settings))
    assert diagnosis.findings[0].cause == "idle-timeout"
    assert diagnosis.findings[0].explains == 2
    told = [reason.text for reason in diagnosis.findings[0].supports]
    assert "idle for 10 min 1 s to 15 min, while wait_timeout is 600 s" in told
    assert diagnosis.attributions[2].cause is None


def test_a_limit_that_was_read_of_a_server_that_is_gone_is_not_older_than_it() -> None:
    """As where it is there: what it was set to before that start nobody knows."""
    known: dict[str, str | int | float | bool | None] = {
        "wait_timeout": 600,
        "of_server_started_at": at("14:10:00").isoformat(),
    }
    gaps = (lost("14:00:00", idle=601.2), lost("14:20:00", idle=900))
    symptom = step("symptom", failures=gaps)
    diagnosis = diagnose(case(symptom, step("settings", facts=known), reachable=False))
    assert [a.cause for a in diagnosis.attributions] == [None, "idle-timeout"]


def test_sigkill_and_oom_are_told_apart_by_the_kernel() -> None:
    log = step(
        "error-log",
        outage("log.unclean-end", "14:00:00", "14:00:20"),
        looked=LOG,
        facts={"dead_pids": "4711"},
    )
    silent = case(log, step("health", looked=("kernel.oom-kill",)))
    assert diagnose(silent).findings[0].cause == "server-killed"
    kill = Evidence("kernel.oom-kill", "mariadbd 4711", "dmesg", first=at("14:00:01"), value=4711)
    oom = case(log, step("health", kill))
    assert diagnose(oom).findings[0].cause == "server-oom-killed"
    assert not finding(diagnose(oom), "server-killed").verdict.accuses


def test_the_oom_record_of_another_server_does_not_count() -> None:
    log = step(
        "error-log",
        outage("log.unclean-end", "14:00:00", "14:00:20"),
        looked=LOG,
        facts={"dead_pids": "4711"},
    )
    other = Evidence("kernel.oom-kill", "mysqld 99", "dmesg", first=at("14:00:01"), value=99999)
    assert diagnose(case(log, step("health", other))).findings[0].cause == "server-killed"


def test_without_the_kernel_log_a_silent_death_stays_open() -> None:
    log = step("error-log", outage("log.unclean-end", "14:00:00", "14:00:20"), looked=LOG)
    diagnosis = diagnose(case(log))
    killed = finding(diagnosis, "server-killed")
    assert killed.verdict is not Verdict.CONFIRMED
    assert any(m.signal == "derived.died-without-trace" for m in killed.missing)


def test_kills_on_mariadb_are_what_the_log_does_not_know() -> None:
    log = step(
        "error-log",
        ended("log.aborted-timeout", "14:00:00"),
        looked=LOG,
        facts={"can_tell_aborted": True},
    )
    counters = step(
        "counters", facts={"aborted_clients": 3, "com_kill": 2, "started_inside_window": True}
    )
    diagnosis = diagnose(case(log, counters))
    assert finding(diagnosis, "connection-killed").explains == 2
    logged = case(
        log,
        step(
            "counters", facts={"aborted_clients": 1, "com_kill": 1, "started_inside_window": True}
        ),
    )
    assert "connection-killed" not in [f.cause for f in diagnose(logged).accused]


def test_probes_are_noise_and_never_a_cause() -> None:
    log = step("error-log", ended("log.preauth", "14:00:00", "14:00:05"), looked=LOG)
    diagnosis = diagnose(case(log))
    assert not diagnosis.accused
    assert finding(diagnosis, "health-check-noise").noise


def test_the_errors_own_words_win() -> None:
    log = step("error-log", outage("log.crash", "14:00:00", "14:00:20"), looked=LOG)
    denied = lost("14:00:10", signal="client.access-denied")
    diagnosis = diagnose(case(step("symptom", Evidence(
        "client.access-denied", "1045", "app.log:1"), failures=(denied,)), log))  # fmt: skip
    assert diagnosis.attributions[0].cause == "access-denied"


def test_a_cause_that_explains_no_failure_is_at_most_possible() -> None:
    log = step(
        "error-log",
        outage("log.crash", "13:10:00", "13:10:20"),
        ended("log.aborted-packet", "14:30:00"),
        looked=LOG,
    )
    diagnosis = diagnose(case(step("symptom", failures=(lost("14:30:00"),)), log))
    assert diagnosis.findings[0].cause == "packet-too-large"
    assert finding(diagnosis, "server-crash").verdict is Verdict.POSSIBLE


def test_counters_since_boot_never_confirm() -> None:
    old = Evidence("count.refused-connections", "1040", "SHOW GLOBAL STATUS", count=900, weak=True)
    diagnosis = diagnose(case(step("counters", old)))
    assert not finding(diagnosis, "too-many-connections").verdict.accuses


def test_the_same_failure_is_not_explained_twice_by_log_and_counter() -> None:
    log = step("error-log", ended("log.aborted-timeout", "14:00:00"), looked=LOG)
    counters = step("counters", ended("count.idle-timeout", "14:00:00"))
    diagnosis = diagnose(case(log, counters, flavor="mysql"))
    assert finding(diagnosis, "idle-timeout").explains == 1


def test_an_oom_kill_while_this_server_ran_was_of_another() -> None:
    kill = Evidence("kernel.oom-kill", "mysqld 99", "dmesg", first=at("14:00:01"), value=99)
    since_one = step("connection", facts={"started_at": at("13:05:00").isoformat()})
    assert not diagnose(case(step("health", kill), since_one)).accused
    after = step("connection", facts={"started_at": at("14:00:20").isoformat()})
    verdict = finding(diagnose(case(step("health", kill), after)), "server-oom-killed").verdict
    assert verdict is Verdict.POSSIBLE, "a host may run several servers"


def test_one_refused_login_is_no_cause_but_two_are() -> None:
    one = diagnose(case(step("error-log", ended("log.access-denied", "14:00:00"))))
    assert one.findings[0].cause == "access-denied"
    assert not one.accused
    two = diagnose(case(step("error-log", ended("log.access-denied", "14:00:00", "14:00:05"))))
    assert [f.cause for f in two.accused] == ["access-denied"]


def test_what_is_so_now_is_accused_although_no_failure_shows_it_yet() -> None:
    log = step(
        "error-log",
        ended("log.aborted-packet", "14:00:00"),
        outage("log.unclean-end", "14:50:00", None),
        looked=LOG,
    )
    down = step("connection", Evidence("state.refused", "refused", "connect"))
    health = step("health", looked=("kernel.oom-kill",))
    symptom = step("symptom", failures=(lost("14:00:01"),))
    diagnosis = diagnose(case(symptom, down, health, log, reachable=False))
    accused = [f.cause for f in diagnosis.accused]
    assert accused == ["packet-too-large", "server-killed", "server-unreachable"]


def test_words_that_a_shutdown_says_too_are_put_down_to_it_while_it_lasts() -> None:
    log = step("error-log", outage("log.shutdown", "14:00:00", "14:00:20"), looked=LOG)
    during, later = (lost(t, signal="client.killed") for t in ("14:00:02", "14:40:00"))
    told = Evidence("client.killed", "1927", "app.log:1", count=2)
    diagnosis = diagnose(case(step("symptom", told, failures=(during, later)), log))
    assert [a.cause for a in diagnosis.attributions] == ["server-restarted", "connection-killed"]
