"""Which recipes a case gets, what is measured for them, and how a report shows them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.report.samples import finding, full_case, full_diagnosis
from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import Evidence, StepResult, StepStatus
from wizard.diagnosis.model import Attribution, Diagnosis, Verdict
from wizard.logs.application.read import scan_text
from wizard.recipes import RecipeFigures, fitting, measure
from wizard.report import render
from wizard.report.formats import json as json_report

NOW = datetime(2026, 8, 5, 15, 0, tzinfo=UTC)

LARAVEL = (
    "[2026-08-05 14:41:07] production.ERROR: SQLSTATE[HY000]: General error: 2006 MySQL server has"
    " gone away (Connection: mysql, SQL: select * from `jobs` where `queue` = default)"
    ' {"exception":"[object] (Illuminate\\\\Database\\\\QueryException(code: HY000)'
)
HIKARI = (
    "2026-08-05 14:41:07,123 WARN [main] com.zaxxer.hikari.pool.PoolBase - HikariPool-1 - Failed to"
    " validate connection com.mysql.cj.jdbc.ConnectionImpl@4d3167f4 (No operations allowed after"
    " connection closed.). Possibly consider using a shorter maxLifetime value."
)
SPRING = (
    "2026-08-05T14:41:07.123Z  WARN 1 --- [nio-8080-exec-1] com.zaxxer.hikari.pool.PoolBase :"
    " HikariPool-1 - Failed to validate connection com.mysql.cj.jdbc.ConnectionImpl@4d3167f4 (No"
    " operations allowed after connection closed.). Possibly consider using a shorter maxLifetime"
    " value."
)
PDO = (
    "PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000]: General error: 2006 MySQL server has"
    " gone away in /srv/import.php:12"
)
SQLALCHEMY = (
    'sqlalchemy.exc.OperationalError: (pymysql.err.OperationalError) (2006, "MySQL server has gone'
    " away (ConnectionResetError(104, 'Connection reset by peer'))\")"
)
DJANGO = "django.db.utils.OperationalError: (2006, 'MySQL server has gone away')"
GO = "[mysql] 2026/08/05 14:41:07 packets.go:122: closing bad idle connection: unexpected EOF"
RUBY = "ActiveRecord::StatementInvalid: Mysql2::Error: MySQL server has gone away: SELECT 1"
DOCTRINE = (
    "[2026-08-05T14:41:07.000000+00:00] request.CRITICAL: Uncaught PHP Exception"
    ' Doctrine\\DBAL\\Exception\\ConnectionLost: "An exception occurred while executing a query:'
    ' SQLSTATE[HY000]: General error: 2006 MySQL server has gone away" at Driver.php line 128'
)
WORDPRESS = (
    "[05-Aug-2026 14:41:07 UTC] WordPress database error MySQL server has gone away for query"
    " SELECT option_value FROM wp_options"
)
NODE = (
    "Error: Connection lost: The server closed the connection.\n"
    "    at Socket.<anonymous> (/app/node_modules/mysql2/lib/connection.js:116:31)"
)


def case_of(text: str, **facts: Any) -> Case:
    window = Window(NOW - timedelta(hours=2), NOW, False)
    settings: dict[str, Any] = {"wait_timeout": 600, "max_allowed_packet": 16 << 20}
    read = scan_text(text)
    assert not text or read.failures, "the text is no client error"
    symptom = StepResult("symptom", StepStatus.DONE, failures=read.failures)
    known = StepResult("settings", StepStatus.DONE, facts={**settings, **facts})
    return Case(NOW, window, TargetFacts("db1:3306", "db1"), (symptom, known))


def accusing(*causes: str, verdict: Verdict = Verdict.CONFIRMED) -> Diagnosis:
    return Diagnosis(tuple(finding(c, verdict) for c in causes), (), "application", 1, 1)


def ids(case: Case, diagnosis: Diagnosis) -> list[str]:
    return [recipe.id for recipe in fitting(case, diagnosis)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LARAVEL, ["laravel"]),
        (HIKARI, ["hikaricp"]),
        (SPRING, ["spring-boot"]),
        (PDO, ["php-pdo"]),
        (SQLALCHEMY, ["sqlalchemy"]),
        (DJANGO, ["django"]),
        (GO, ["go-database-sql"]),
        (RUBY, ["rails"]),
        (DOCTRINE, ["symfony-doctrine"]),
        (WORDPRESS, ["wordpress"]),
        (NODE, ["node-mysql2"]),
        ("ERROR 2006 (HY000): MySQL server has gone away", ["any-pool"]),
        ("", ["any-pool"]),
    ],
)
def test_an_idle_connection_gets_the_recipe_of_its_own_library(
    text: str, expected: list[str]
) -> None:
    assert ids(case_of(text), accusing("idle-timeout")) == expected


@pytest.mark.parametrize(
    "cause",
    ["server-crash", "server-oom-killed", "server-killed", "crash-loop", "disk-full",
     "access-denied", "host-blocked", "connection-killed"],
)  # fmt: skip
@pytest.mark.parametrize("text", [LARAVEL, HIKARI, ""])
def test_no_pool_advice_for_what_no_pool_can_help(cause: str, text: str) -> None:
    case, diagnosis = case_of(text), accusing(cause)
    assert ids(case, diagnosis) == []
    assert "FOR THE APPLICATION" not in render(case, diagnosis, "text")


def test_what_is_only_possible_or_noise_gets_no_recipe() -> None:
    possible = accusing("idle-timeout", verdict=Verdict.POSSIBLE)
    noise = replace(possible, findings=(finding("idle-timeout", Verdict.LIKELY, noise=True),))
    assert ids(case_of(LARAVEL), possible) == []
    assert ids(case_of(LARAVEL), noise) == []


def test_a_large_packet_gets_chunks_and_no_pool_settings() -> None:
    case, diagnosis = case_of(LARAVEL), accusing("packet-too-large")
    text = render(case, diagnosis, "text")
    assert ids(case, diagnosis) == ["laravel"]
    assert "array_chunk" in text
    assert "--max-time=" not in text


def test_a_restart_gets_the_test_before_use_and_no_lifetimes() -> None:
    text = render(case_of(SQLALCHEMY), accusing("server-restarted"), "text")
    assert "pool_pre_ping=True" in text
    assert "pool_recycle=5" not in text


def test_a_shared_connection_gets_the_fork_servers_for_any_client() -> None:
    assert "fork-servers" in ids(case_of(""), accusing("shared-connection"))
    assert ids(case_of(SQLALCHEMY), accusing("shared-connection")) == ["sqlalchemy", "fork-servers"]


def test_a_forgotten_flow_gets_keepalive_beside_the_pool() -> None:
    found = ids(case_of(GO), accusing("network-idle-drop"))
    assert found[:2] == ["go-database-sql", "tcp-keepalive"]
    assert {"aws", "azure", "gcp"} <= set(found)


def test_the_cloud_is_known_by_the_server_s_name() -> None:
    case = case_of(GO)
    host = "shop.cluster-x.eu-west-1.rds.amazonaws.com"
    case = replace(case, target=replace(case.target, host=host))
    found = ids(case, accusing("network-idle-drop"))
    assert found[:2] == ["go-database-sql", "aws"]


def test_a_proxy_that_cuts_gets_the_proxies() -> None:
    found = ids(case_of(PDO), accusing("proxy-timeout"))
    assert found == ["php-pdo", "haproxy", "proxysql", "maxscale"]


def test_the_shortest_timeout_is_the_server_s() -> None:
    found = measure(case_of(PDO), accusing("idle-timeout"))
    assert (found.shortest, found.wait_timeout, found.packet_limit) == (600, 600, 16 << 20)
    assert found.because == "the server's wait_timeout is 600 s"


def test_the_command_line_s_timeout_is_not_the_application_s() -> None:
    found = measure(case_of(PDO, interactive_timeout=30), accusing("idle-timeout"))
    assert found.shortest == 600


def test_sessions_with_a_shorter_timeout_count() -> None:
    case = case_of(PDO)
    step = case.step("settings")
    assert step is not None
    shorter = Evidence("setting.session-timeout", "", "", value=120.0)
    case = case.with_step(replace(step, evidence=(shorter,)))
    assert measure(case, accusing("idle-timeout")).shortest == 120


def gap(seconds: float, cause: str | None) -> tuple[Case, Diagnosis]:
    case = case_of(PDO, wait_timeout=28800)
    failure = replace(case.failures[0], idle_seconds=seconds)
    diagnosis = replace(
        accusing("network-idle-drop"), attributions=(Attribution(failure, cause, ""),)
    )
    return case, diagnosis


def test_a_connection_that_was_gone_sooner_proves_a_shorter_timeout() -> None:
    assert measure(*gap(351.4, "network-idle-drop")).shortest == 351
    assert measure(*gap(40_000.0, "network-idle-drop")).shortest == 28800


def test_a_gap_before_another_kind_of_failure_proves_nothing() -> None:
    assert measure(*gap(30.0, "server-restarted")).shortest == 28800
    assert measure(*gap(30.0, None)).shortest == 28800


def test_the_largest_statement_and_the_longest_pause_are_told() -> None:
    case = case_of(PDO)
    step = case.step("symptom")
    assert step is not None
    failures = tuple(
        replace(case.failures[0], size=size, idle_seconds=idle)
        for size, idle in ((5_000_000, 700.0), (9_000_000, None), (None, 650.0))
    )
    text = render(case.with_step(replace(step, failures=failures)), accusing("idle-timeout"), "md")
    assert "9000000 bytes" in text
    assert "before a failure was 11 min 40 s" in text


def test_nothing_known_is_nothing_measured() -> None:
    case = replace(case_of(""), steps=())
    assert measure(case, accusing("idle-timeout")) == RecipeFigures()


def with_laravel() -> tuple[Case, Diagnosis]:
    case, symptom = full_case(), full_case().step("symptom")
    assert symptom is not None
    return case.with_step(replace(symptom, failures=scan_text(LARAVEL).failures)), full_diagnosis()


@pytest.mark.parametrize("format", ["text", "md", "html", "jira"])
def test_a_report_shows_the_filled_snippet(format: str) -> None:
    shown = render(*with_laravel(), format)
    assert "For the application" in shown or "FOR THE APPLICATION" in shown
    assert "--max-time=540" in shown
    assert "@lifetime@" not in shown
    assert "wait_timeout is 600 s" in shown.replace("\\", "")


def test_a_text_report_keeps_a_snippet_as_it_is_pasted() -> None:
    lines = render(*with_laravel(), "text").splitlines()
    start = lines.index("[program:laravel-worker]")
    assert lines[start - 1] == ""
    assert lines[start + 1].startswith("command=php /srv/app/artisan queue:work ")
    assert all(len(line) <= 80 for line in lines)


def test_a_timeout_too_short_for_the_pool_is_said() -> None:
    text = render(case_of(HIKARI, wait_timeout=20), accusing("idle-timeout"), "text")
    assert "takes no less than 30000 ms" in text
    assert "maxLifetime=" not in text


def test_without_settings_the_assumption_is_said() -> None:
    case = case_of(HIKARI)
    case = replace(case, steps=case.steps[:1])
    text = " ".join(render(case, accusing("idle-timeout"), "text").split())
    assert "wait_timeout is not known; its default of 28800 s is assumed." in text
    assert "maxLifetime=1800000" in text


def test_many_recipes_are_named_rather_than_written_out() -> None:
    text = " ".join(render(case_of(GO), accusing("network-idle-drop"), "text").split())
    assert "More with goneaway-wizard explain:" in text
    assert "azure" in text
    assert "az network lb rule update" not in text


def test_json_names_the_recipes() -> None:
    assert json_report.as_data(case_of(LARAVEL), accusing("idle-timeout"))["recipes"] == ["laravel"]
    assert json_report.as_data(case_of(LARAVEL), accusing("server-crash"))["recipes"] == []


@pytest.mark.parametrize(("ladder", "limit"), [(300_000, 300_000), (64 << 20, 16 << 20)])
def test_what_a_proxy_takes_is_the_limit_where_it_is_less(ladder: int, limit: int) -> None:
    path = StepResult("path", StepStatus.DONE, facts={"proxy_timeout": 240})
    packet = StepResult("packet", StepStatus.DONE, facts={"packet_limit_measured": ladder})
    case = case_of(PDO).with_step(path).with_step(packet)
    found = measure(case, accusing("packet-too-large"))
    assert (found.packet_limit, found.proxy_timeout) == (limit, 240)
