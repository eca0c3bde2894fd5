"""`check --format json`, schema version 1: the contract, key by key."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from tests.unit.report.samples import (
    full_case,
    full_diagnosis,
    many_failures,
    poisoned,
    quiet_case,
    quiet_diagnosis,
    unreachable_case,
)
from wizard.diagnosis.model import Diagnosis
from wizard.report import render

CONTRACT = {
    "": {"schema_version", "tool", "target", "window", "diagnosis", "failures", "steps", "changes"},
    "tool": {"name", "version"},
    "target": {"flavor", "version", "host", "port", "socket", "reachable"},
    "window": {"since", "until"},
    "failures": {"total", "explained", "unexplained"},
}
FINDING = {
    "cause", "verdict", "confidence", "explains", "for", "against", "missing", "remedies",
}  # fmt: skip
REASON = {"signal", "text", "source", "count", "first", "last", "excerpt"}


def data(case: Any = None, diagnosis: Any = None) -> Any:
    return json.loads(render(case or full_case(), diagnosis or full_diagnosis(), "json"))


@pytest.mark.parametrize(
    ("case", "diagnosis"),
    [
        (full_case(), full_diagnosis()),
        (quiet_case(), quiet_diagnosis()),
        (unreachable_case(), Diagnosis((), (), "server", 0, 0, "")),
        (full_case(), many_failures()),
        (poisoned(full_case()), poisoned(full_diagnosis())),
    ],
)
def test_every_key_of_the_contract_is_there(case: Any, diagnosis: Any) -> None:
    report = data(case, diagnosis)
    assert report["schema_version"] == 1
    for place, keys in CONTRACT.items():
        assert keys <= set(report[place] if place else report)
    for found in report["diagnosis"]:
        assert set(found) >= FINDING
        for reason in (*found["for"], *found["against"]):
            assert set(reason) >= REASON
        for missing in found["missing"]:
            assert set(missing) >= {"signal", "text"}
    for step in report["steps"]:
        assert set(step) >= {"id", "status", "reason", "seconds"}
        assert step["status"] in ("done", "skipped", "failed")


def test_the_values_are_those_of_the_diagnosis() -> None:
    report = data()
    assert report["tool"] == {"name": "goneaway-wizard", "version": "0.1.0"}
    assert report["target"]["flavor"] == "mariadb"
    assert report["target"]["port"] == 3306
    assert report["target"]["socket"] is None
    assert report["target"]["reachable"] is True
    assert report["failures"]["total"] == 37
    assert report["failures"]["observer"] == "application"
    first = report["diagnosis"][0]
    assert (first["cause"], first["verdict"], first["explains"]) == (
        "idle-timeout",
        "confirmed",
        31,
    )
    assert first["confidence"] == 0.97
    assert first["for"][0]["source"] == "/var/log/mysql/error.log, line 812"
    assert first["missing"][0]["text"] == "error 4031: connect"
    assert first["remedies"] == ["shorten-pool-lifetime", "raise-wait-timeout"]
    assert [f["cause"] for f in report["diagnosis"]] == [f.cause for f in full_diagnosis().findings]
    assert report["steps"][2]["reason"] == "needs the server's machine: give --ssh"
    assert report["changes"][0]["id"] == "c1"


def test_times_carry_their_offset() -> None:
    report = data()
    for at in (*report["window"].values(), report["diagnosis"][0]["for"][0]["first"]):
        assert datetime.fromisoformat(at).utcoffset() is not None
    assert report["window"]["since"] == "2026-08-05T13:00:00+02:00"


def test_the_output_is_ascii_and_strict_json() -> None:
    out = render(poisoned(full_case(), "ü漢🙂"), full_diagnosis(), "json")
    assert out.isascii()
    odd = replace(full_diagnosis().findings[0], confidence=float("nan"))
    json.loads(
        render(full_case(), replace(full_diagnosis(), findings=(odd,)), "json"),
        parse_constant=pytest.fail,
    )
