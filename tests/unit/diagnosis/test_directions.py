"""The cause of a loop beats the loop, and where little can be known, what can be is said."""

from dataclasses import replace

import pytest

from tests.unit.diagnosis.test_diagnosis import LOG, at, case, ended, finding, lost, outage, step
from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure, Occurrence, Phase
from wizard.diagnosis.diagnose import diagnose
from wizard.diagnosis.model import Diagnosis, Verdict

DEATHS = ("14:00:00", "14:03:00", "14:06:00")


def ends(signal: str) -> Evidence:
    spans = tuple(Occurrence(at=at(t), until=at(t[:-2] + "40")) for t in DEATHS)
    return Evidence(
        signal, signal, "error log", 3, at(DEATHS[0]), at(DEATHS[-1]), occurrences=spans
    )


def told(*times: str) -> tuple[Failure, ...]:
    return tuple(lost(t) for t in times)


# ---- loops -------------------------------------------------------------------------------------


def test_three_oom_kills_are_oom_and_not_a_crash_loop() -> None:
    log = step("error-log", ends("log.unclean-end"), ends("log.crash-loop"), looked=LOG)
    kills = [
        Evidence("kernel.oom-kill", f"mariadbd {t}", "dmesg", first=at(t), value=None)
        for t in DEATHS
    ]
    failures = told("14:00:02", "14:03:02", "14:06:02")
    diagnosis = diagnose(case(step("symptom", failures=failures), log, step("health", *kills)))
    assert {a.cause for a in diagnosis.attributions} == {"server-oom-killed"}
    assert diagnosis.findings[0].cause == "server-oom-killed"
    assert "crash-loop" not in [f.cause for f in diagnosis.accused]


def test_deaths_after_damaged_pages_are_corruption() -> None:
    damage = ended("log.corruption", *(f"{t[:-2]}01" for t in DEATHS))
    log = step("error-log", damage, ends("log.crash"), ends("log.crash-loop"), looked=LOG)
    diagnosis = diagnose(case(step("symptom", failures=told("14:00:02", "14:03:05")), log))
    assert {a.cause for a in diagnosis.attributions} == {"table-corruption"}
    assert diagnosis.findings[0].cause == "table-corruption"
    assert diagnosis.findings[0].verdict is Verdict.CONFIRMED


def test_a_loop_of_crashes_without_a_cause_of_their_own_stays_a_loop() -> None:
    log = step("error-log", ends("log.crash"), ends("log.crash-loop"), looked=LOG)
    diagnosis = diagnose(case(step("symptom", failures=told("14:00:02")), log))
    assert diagnosis.findings[0].cause == "crash-loop"


# ---- directions --------------------------------------------------------------------------------


def weak(diagnosis: Diagnosis) -> set[str]:
    return {f.cause for f in diagnosis.findings if f.verdict is Verdict.POSSIBLE}


def test_a_rest_without_any_server_points_at_what_closes_resting_connections() -> None:
    rested = lost("14:00:00", idle=700)
    diagnosis = diagnose(case(step("symptom", failures=(rested,)), reachable=False))
    assert {"idle-timeout", "network-idle-drop", "proxy-timeout"} <= weak(diagnosis)
    assert not diagnosis.accused


def test_a_server_that_knows_how_sessions_ended_is_not_guessed_at() -> None:
    log = step("error-log", looked=LOG, facts={"can_tell_aborted": True})
    diagnosis = diagnose(case(step("symptom", failures=(lost("14:00:00", idle=700),)), log))
    assert "idle-timeout" not in weak(diagnosis)


def test_an_operator_without_privileges_is_told_of_pauses_that_reach_the_timeout() -> None:
    settings = step("settings", facts={"wait_timeout": 3})
    said = told("14:00:00", "14:00:04", "14:00:09", "14:00:13")
    assert "idle-timeout" in weak(diagnose(case(step("symptom", failures=said), settings)))
    rested = tuple(replace(f, idle_seconds=4.5) for f in said)
    diagnosis = diagnose(case(step("symptom", failures=rested), settings))
    assert [f.cause for f in diagnosis.accused] == ["idle-timeout"]
    assert "3 s" in " ".join(r.text for r in diagnosis.findings[0].supports)


def test_connections_lost_in_one_moment_have_something_in_common() -> None:
    together = told("14:00:00", "14:00:00", "14:00:01", "14:00:01")
    found = weak(diagnose(case(step("symptom", failures=together))))
    assert {"tunnel-dropped", "proxy-timeout"} <= found
    log = step("error-log", outage("log.crash", "14:00:00", "14:00:20"), looked=LOG)
    found = weak(diagnose(case(step("symptom", failures=together), log)))
    assert "tunnel-dropped" not in found, "the server went"


@pytest.mark.parametrize(
    ("text", "signal", "cause"),
    [
        ("dial tcp 127.0.0.1:13306: connection refused", "client.refused", "tunnel-dropped"),
        (
            "HikariPool-1 - Thread starvation or clock leap detected (housekeeper delta=2m7s)",
            "client.lost",
            "client-frozen",
        ),
        (
            "Can't connect to MySQL server on 'shop.c1.eu-west-1.rds.amazonaws.com' (111)",
            "client.refused",
            "managed-maintenance",
        ),
        (
            "mydumper: Could not read data from shop.orders: Lost connection to MySQL server",
            "client.lost",
            "net-write-timeout",
        ),
    ],
)
def test_what_a_text_gives_away_is_said_with_what_would_decide(
    text: str, signal: str, cause: str
) -> None:
    failure = replace(lost("14:00:00", signal=signal), text=text)
    found = finding(diagnose(case(step("symptom", failures=(failure,)))), cause)
    assert found.verdict is Verdict.POSSIBLE
    assert found.missing, "the one thing that would decide"


@pytest.mark.parametrize(
    "text",
    [
        "packets.go:37: read tcp 127.0.0.1:47730->127.0.0.1:3306: EOF",
        "write tcp 127.0.0.1:3306->127.0.0.1:40756: write: broken pipe",
    ],
)
def test_a_programs_own_end_of_a_connection_is_no_forwarded_port(text: str) -> None:
    failure = replace(lost("14:00:00"), text=text)
    assert "tunnel-dropped" not in weak(diagnose(case(step("symptom", failures=(failure,)))))


def test_small_statements_that_are_reset_again_and_again_may_be_filtered() -> None:
    reset = tuple(
        replace(lost(f"14:0{m}:00", size=5000), errno=104, phase=Phase.QUERY) for m in range(3)
    )
    settings = step("settings", facts={"max_allowed_packet": 1 << 24})
    found = finding(diagnose(case(step("symptom", failures=reset), settings)), "content-filter")
    assert found.verdict is Verdict.POSSIBLE


def test_rests_far_below_every_timeout_speak_against_a_timeout() -> None:
    """Hints of a rest may add up, but not against what the rests themselves disprove."""
    unknown = step("error-log", ended("log.aborted-unknown", "14:00:00", "14:05:00"))
    gaps = step("general-log", Evidence("general.idle-gap", "gaps", "general log", count=2))
    settings = step("settings", facts={"wait_timeout": 28800, "interactive_timeout": 28800})

    def idle_timeout(*rests: float | None) -> Verdict:
        failures = tuple(lost(f"14:0{5 * n}:01", idle=rest) for n, rest in enumerate(rests))
        told = case(step("symptom", failures=failures), unknown, gaps, settings)
        return finding(diagnose(told), "idle-timeout").verdict

    assert not idle_timeout(60, 60).accuses
    assert idle_timeout(60, 20_000).accuses, "not far below"
    assert "derived.rest-below-timeout" not in _against(
        case(step("symptom", failures=(lost("14:00:01", idle=60), lost("14:05:01"))), settings)
    ), "one rest is not told"
    timed_out = step("error-log", ended("log.aborted-timeout", "14:00:00"))
    own = case(step("symptom", failures=(lost("14:00:01", idle=60),)), timed_out, settings)
    assert "derived.rest-below-timeout" not in _against(own), (
        "a timeout was seen: the session's own"
    )


def _against(of: Case) -> set[str]:
    return {r.signal for f in diagnose(of).findings for r in f.against}


def test_a_statement_that_got_not_even_an_end_points_at_the_way_and_not_at_the_server() -> None:
    rested = lost("14:00:00", idle=700)
    for silent in (replace(lost("14:00:00"), errno=110), replace(rested, waited_seconds=5.0)):
        seen = diagnose(case(step("symptom", failures=(silent,)), reachable=False))
        assert seen.findings[0].cause == "network-idle-drop"
        assert {"network-idle-drop", "network-unstable"} <= weak(seen)
    closed = diagnose(case(step("symptom", failures=(rested,)), reachable=False))
    assert closed.findings[0].cause == "idle-timeout"
    assert "network-unstable" not in weak(closed)


def test_a_script_that_breaks_off_at_a_statement_may_have_sent_too_much() -> None:
    text = "ERROR 2006 (HY000) at line 572: MySQL server has gone away"
    broken = replace(lost("14:00:00"), text=text)
    assert "packet-too-large" in weak(
        diagnose(case(step("symptom", failures=(broken,)), reachable=False))
    )


def test_a_lost_majority_of_the_cluster_explains_what_failed_then() -> None:
    lost_it = ended("log.cluster-lost", "14:00:00", "14:00:20")
    failures = told("14:00:05", "14:40:00")
    diagnosis = diagnose(case(step("symptom", failures=failures), step("error-log", lost_it)))
    assert [a.cause for a in diagnosis.attributions] == ["cluster-not-ready", None]


def test_a_kernel_log_that_does_not_reach_back_clears_nobody() -> None:
    def verdict(begins: str) -> Verdict:
        health = step(
            "health", looked=("kernel.oom-kill",), facts={"kernel_log_from": at(begins).isoformat()}
        )
        return finding(
            diagnose(case(step("symptom", failures=told("13:30:00")), health)), "server-oom-killed"
        ).verdict

    assert verdict("13:20:00") is Verdict.RULED_OUT
    with pytest.raises(StopIteration):
        verdict("13:40:00")


def test_a_shard_that_serves_nothing_confirms_no_cluster_that_is_not_ready() -> None:
    serving = replace(lost("14:00:02"), signal="client.not-serving")
    told_it = Evidence("client.not-serving", "1105", "app.log", first=at("14:00:02"))
    diagnosis = diagnose(case(step("symptom", told_it, failures=(serving,))))
    assert diagnosis.findings[0].cause == "cluster-not-ready"
    assert diagnosis.findings[0].verdict is not Verdict.CONFIRMED
    assert "failover" in weak(diagnosis) | {f.cause for f in diagnosis.accused}
