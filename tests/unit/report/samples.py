"""Cases and diagnoses by hand, as the reports' tests want them."""

from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from wizard.case.case import BeforeAfter, Case, Change, TargetFacts, Window
from wizard.case.evidence import (
    Evidence,
    Failure,
    Occurrence,
    StepResult,
    StepStatus,
    Table,
)
from wizard.diagnosis.model import Attribution, Diagnosis, Finding, Missing, Reason, Verdict

ZONE = timezone(timedelta(hours=2))
NOON = datetime(2026, 8, 5, 13, 0, tzinfo=ZONE)
HOSTILE = (
    "[/x] [ERROR] | \x1b]52;c;eA==\x1b\\ <script>alert(1)</script> @everyone {code} {noformat}"
    " ``` **b** [l](http://evil) \u202e #1\n# h\n|| x"
)


def window() -> Window:
    return Window(NOON, NOON + timedelta(hours=2), True)


def target(reachable: bool | None = True) -> TargetFacts:
    return TargetFacts(
        "db1:3306", "db1", 3306, None, "monitor", "mariadb", "10.11.19-MariaDB", reachable, 353_460
    )


def failure(index: int, at: datetime | None = None, **more: Any) -> Failure:
    return Failure(
        "client.lost",
        "SQLSTATE[HY000]: General error: 2006 MySQL server has gone away (SQL: select * from"
        f" `users` where `email` = user{index}@example.org)",
        f"/var/www/app.log:{812 + index}",
        at,
        2006,
        **more,
    )


def idle_reason() -> Reason:
    return Reason(
        "log.aborted-timeout",
        "sessions ended: timeout reading communication packets",
        "/var/log/mysql/error.log, line 812",
        "error-log",
        31,
        NOON,
        NOON + timedelta(minutes=101),
        "2026-08-05 13:00:00 9 [Warning] Aborted connection 9 to db: 'shop' user: 'app' host:"
        " 'web3' (Got timeout reading communication packets)",
    )


def finding(cause: str, verdict: Verdict, explains: int = 0, **more: Any) -> Finding:
    base: dict[str, Any] = {
        "title": f"Title of {cause}",
        "confidence": 0.97,
        "supports": (),
        "against": (),
        "missing": (),
        "remedies": (),
    }
    return Finding(cause=cause, verdict=verdict, explains=explains, **(base | more))


def steps() -> tuple[StepResult, ...]:
    return (
        StepResult("symptom", StepStatus.DONE, 0.02, headline="37 failures in the window"),
        StepResult("connection", StepStatus.DONE, 0.1, headline="the server answers"),
        StepResult(
            "health", StepStatus.SKIPPED, 0.0, reason="needs the server's machine: give --ssh"
        ),
        StepResult(
            "error-log",
            StepStatus.DONE,
            0.4,
            headline="31 sessions ended by a timeout",
            evidence=(
                Evidence(
                    "log.aborted-timeout",
                    "sessions ended: timeout reading communication packets",
                    "/var/log/mysql/error.log, line 812",
                    31,
                    NOON,
                    NOON + timedelta(minutes=101),
                    "two lines\nof a log",
                    600.0,
                    False,
                    (
                        Occurrence(NOON, None, 9, "app@web3", None, 600.5, 812),
                        Occurrence(NOON + timedelta(minutes=1), NOON + timedelta(minutes=2)),
                    ),
                ),
            ),
            looked_for=("log.aborted-timeout", "log.crash"),
            tables=(Table("Lines", ("COUNT", "WHAT"), (("31", "aborted"),), "a note"),),
            notes=("The log can tell: log_warnings = 2.",),
            facts={"can_tell_aborted": True, "dead_pids": "1,2", "share": 0.5, "none": None},
        ),
        StepResult(
            "settings",
            StepStatus.DONE,
            0.1,
            headline="wait_timeout is 600 s",
            facts={"wait_timeout": 600, "max_allowed_packet": 16777216, "max_connections": 151},
        ),
        StepResult("latency", StepStatus.FAILED, 1.0, reason="the server went away: 2013"),
    )


def full_case() -> Case:
    change = Change(
        "c1", "raise-wait-timeout", NOON + timedelta(hours=2), "SET GLOBAL wait_timeout = 28800",
        "applied", "a new session that idled 620 s still answers",
        (BeforeAfter("a session that idles 620 s", "is closed: 2006", "answers"),),
    )  # fmt: skip
    return Case(NOON + timedelta(hours=2), window(), target(), steps(), (change,), "0.1.0")


def full_diagnosis() -> Diagnosis:
    idle = [
        Attribution(
            failure(i, NOON + timedelta(minutes=3 * i)),
            "idle-timeout",
            "a session ended so at 13:00:00",
        )
        for i in range(31)
    ]
    restart = [
        Attribution(
            failure(40 + i, NOON + timedelta(minutes=74, seconds=i)),
            "server-restarted",
            "while the server was gone (14:14:02)",
        )
        for i in range(4)
    ]
    unknown = [
        Attribution(failure(90), None, "nothing that was looked at explains it"),
        Attribution(
            failure(91, NOON + timedelta(minutes=110)),
            None,
            "nothing that was looked at explains it",
        ),
    ]
    findings = (
        finding(
            "idle-timeout",
            Verdict.CONFIRMED,
            31,
            title="The server closed an idle connection (wait_timeout)",
            supports=(idle_reason(),),
            missing=(Missing("count.idle-timeout", "counters", "error 4031", "connect"),),
            remedies=("shorten-pool-lifetime", "raise-wait-timeout"),
        ),
        finding(
            "server-restarted",
            Verdict.LIKELY,
            4,
            title="The server was restarted in order",
            confidence=0.8,
            supports=(Reason("log.shutdown", "an orderly shutdown", "line 900", "error-log", 1),),
        ),
        finding(
            "packet-too-large",
            Verdict.RULED_OUT,
            against=(
                Reason("log.aborted-packet", "looked for, none: packets", "error-log", "error-log"),
            ),
        ),
        finding("health-check-noise", Verdict.POSSIBLE, noise=True),
        finding(
            "network-idle-drop",
            Verdict.NOT_CHECKED,
            missing=(
                Missing("probe.idle-cut", "network", "who cuts an idle flow", "--probe idle"),
            ),
        ),
    )
    return Diagnosis(
        findings, (*idle, *restart, *unknown), "application", 37, 35,
        "the network probe would tell a firewall from the server",
    )  # fmt: skip


def quiet_case() -> Case:
    return Case(NOON + timedelta(hours=2), window(), target(), steps()[1:], (), "0.1.0")


def quiet_diagnosis() -> Diagnosis:
    return Diagnosis((full_diagnosis().findings[2],), (), "server", 0, 0, "")


def unreachable_case() -> Case:
    ended = (
        StepResult(
            "connection",
            StepStatus.FAILED,
            10.0,
            reason="db1:3306 does not answer within 10 s; is it the right host?",
        ),
        StepResult("settings", StepStatus.SKIPPED, reason="needs a connection to the server"),
    )
    return Case(NOON + timedelta(hours=2), window(), target(False), ended, (), "0.1.0")


def many_failures(count: int = 2000) -> Diagnosis:
    attributions = tuple(
        Attribution(
            failure(i, NOON + timedelta(seconds=3 * i)),
            None if i % 100 == 0 else "idle-timeout",
            "a session ended so",
        )
        for i in range(count)
    )
    known = sum(1 for a in attributions if a.cause)
    return Diagnosis(
        (finding("idle-timeout", Verdict.CONFIRMED, known, supports=(idle_reason(),)),),
        attributions,
        "application",
        count,
        known,
        "",
    )


def poisoned(value: Any, text: str = HOSTILE) -> Any:
    """`value` with `text` at the end of each text in it, enums apart."""
    from wizard.case.json_codec import map_text

    assert is_dataclass(value)
    assert fields(value)
    return map_text(value, lambda _name, old: f"{old} {text}")
