"""Remedies in their order; text for services, for code and for the developers."""

from datetime import UTC, datetime, timedelta

import pytest

from knowledge.load import load
from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import Failure, StepResult, StepStatus
from wizard.diagnosis.model import Diagnosis, Finding, Verdict
from wizard.recipes.handout import handout
from wizard.remedies.doable import HandOn
from wizard.remedies.managed import handed_on, service_of
from wizard.remedies.offers import in_order, is_founded, leading, offers
from wizard.server.variables import Setting, Settings

AT = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def finding(cause: str, verdict: Verdict = Verdict.CONFIRMED) -> Finding:
    known = load().causes[cause]
    return Finding(cause, known.title, verdict, 0.9, 3, (), (), (), known.remedies, known.noise)


def diagnosis(*findings: Finding) -> Diagnosis:
    return Diagnosis(findings, (), "application", 3, 3)


def test_the_pool_comes_before_the_server() -> None:
    found = [o.remedy.id for o in offers(diagnosis(finding("idle-timeout")))]
    assert found.index("shorten-pool-lifetime") < found.index("raise-wait-timeout")
    assert [r.id for r in in_order(("raise-wait-timeout", "shorten-pool-lifetime"))] == [
        "shorten-pool-lifetime",
        "raise-wait-timeout",
    ]


def test_every_forerunner_exists_and_none_goes_in_a_circle() -> None:
    known = load().remedies
    for remedy in known.values():
        assert set(remedy.after) <= set(known)
    assert len(in_order(tuple(known))) == len(known)


def test_possible_causes_come_last_and_found_nothing() -> None:
    both = diagnosis(
        finding("idle-timeout", Verdict.LIKELY), finding("packet-too-large", Verdict.POSSIBLE)
    )
    found = [o.finding.cause for o in offers(both)]
    assert found == sorted(found)
    first = leading(both)
    assert first is not None
    assert first.cause == "idle-timeout"
    assert is_founded(load().remedies["raise-wait-timeout"], both)
    assert not is_founded(load().remedies["raise-max-allowed-packet"], both)
    assert leading(diagnosis(finding("health-check-noise"))) is None


@pytest.mark.parametrize(
    ("variables", "version", "host", "service"),
    [
        ({"aurora_version": "3.05.2", "basedir": "/rdsdbbin/x/"}, "8.0.32", None, HandOn.AURORA),
        ({"basedir": "/rdsdbbin/mysql-8.0.35/"}, "8.0.35", None, HandOn.RDS),
        ({"basedir": "/usr/"}, "8.0.31-google", None, HandOn.CLOUD_SQL),
        ({"basedir": "/usr/"}, "8.0.37-azure", "10.0.0.4", HandOn.AZURE),
        ({"basedir": "/usr/"}, "8.0.37", "x.mysql.database.azure.com", HandOn.AZURE),
        ({"basedir": "/usr/"}, "9.7.0", "db.example.org", None),
    ],
)
def test_a_service_is_recognised_from_the_server(
    variables: dict[str, str], version: str, host: str | None, service: HandOn | None
) -> None:
    settings = Settings({n: Setting(n, v) for n, v in variables.items()})
    assert service_of(settings, version, host) is service


@pytest.mark.parametrize("form", list(HandOn))
def test_every_form_holds_the_name_and_the_value(form: HandOn) -> None:
    text = "\n".join(
        handed_on(form, [("wait_timeout", "900"), ("max_connections", "230")], "mysqld")
    )
    for value in ("900", "230"):
        assert value in text
    assert "wait_timeout" in text.replace("-", "_")


def _case(driver: str) -> Case:
    failures = tuple(
        Failure(
            "client.lost", "gone away", "app.log:1", AT, 2006, driver=driver, idle_seconds=700.0
        )
        for _ in range(3)
    )
    symptom = StepResult("symptom", StepStatus.DONE, failures=failures)
    settings = StepResult("settings", StepStatus.DONE, facts={"wait_timeout": 600})
    target = TargetFacts("127.0.0.1:3306", flavor="mysql", version="9.7.0")
    return Case(AT, Window(AT - timedelta(hours=1), AT), target, (symptom, settings))


def test_the_handout_has_the_recognised_driver_and_its_figures() -> None:
    text = handout(_case("PyMySQL"), diagnosis(finding("idle-timeout")))
    assert text.startswith("# Lost database connections")
    assert "PyMySQL" in text
    assert "600" in text
    assert "```" in text
    assert text.count("```") % 2 == 0
    assert "goneaway-wizard fix raise-wait-timeout" in text


def test_the_handout_says_where_the_application_has_nothing_to_do() -> None:
    text = handout(_case("pymysql"), diagnosis(finding("disk-full")))
    assert "nothing here is to be done there" in text


def test_a_case_from_outside_is_no_markdown_of_its_own() -> None:
    case = _case("pymysql")
    hostile = Case(case.created, case.window, TargetFacts("[x](http://evil) <b>`y`"), case.steps)
    text = handout(hostile, diagnosis(finding("idle-timeout")))
    assert "[x](http" not in text
    assert "<b>" not in text.replace("\\<b", "")
