"""Real answers of each command, held against the schema that `schema` prints."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.unit.schema.strict import assert_fits, published
from wizard.case.case import BeforeAfter, Change
from wizard.case.case_file import load, save
from wizard.cli import main, whole_parser
from wizard.demo.faults import Fault
from wizard.demo.recorded import recorded_case
from wizard.diagnosis.model import Verdict
from wizard.logs.file_report import By
from wizard.recorder.event import EventKind, RecorderEvent, as_json
from wizard.recorder.sample import SessionSeen
from wizard.schema.find import SCHEMAS

DATA = Path(__file__).parents[2] / "data"
CASES = sorted((DATA / "cases").glob("*.json"))
LOGS = sorted([*(DATA / "error-log").glob("*.log"), *(DATA / "app-log").glob("*.log")])


def commands() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in whole_parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


def speaks_json(parser: argparse.ArgumentParser) -> bool:
    formats = (a.choices or () for a in parser._actions if "--format" in a.option_strings)
    return any("json" in choices for choices in formats)


def test_every_command_that_prints_json_has_a_schema() -> None:
    assert {name for name, parser in commands() if speaks_json(parser)} == set(SCHEMAS)


@pytest.mark.parametrize("command", sorted(SCHEMAS))
def test_each_schema_is_one(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", command]) == 0
    printed = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(printed)
    assert printed["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_word_that_is_no_command_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as left:
        main(["schema", "nonsense"])
    assert left.value.code == 2


def test_a_key_that_no_schema_tells_is_noticed() -> None:
    with pytest.raises(AssertionError, match="files"):
        assert_fits("logs", {"schema_version": 1, "files": [{"path": "x"}], "signatures": []})
    with pytest.raises(AssertionError, match="novel"):
        assert_fits("logs", {"schema_version": 1, "files": [], "signatures": [], "novel": 1})
    lost = {"id": "x", "count": 1, "first": "2026-11-28T02:00:00", "last": None, "examples": []}
    with pytest.raises(AssertionError, match="date-time"):
        assert_fits("logs", {"schema_version": 1, "files": [], "signatures": [lost]})


def test_a_later_version_may_add_keys() -> None:
    answer = {"schema_version": 1, "files": [], "signatures": [], "novel": 1}
    assert Draft202012Validator(published("logs")).is_valid(answer)


@pytest.mark.parametrize("fault", list(Fault))
def test_a_report_of_each_recorded_case_fits(
    fault: Fault, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save(recorded_case(fault), tmp_path / "case.json")
    assert main(["report", str(path), "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["diagnosis"]
    for command in ("report", "check", "demo"):
        assert_fits(command, answer)


def test_a_report_of_a_changed_server_fits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = recorded_case(Fault.IDLE)
    proof = (BeforeAfter("idle for 3 s", "cut", "lives"),)
    made = Change("1", "raise-wait-timeout", case.created, "2 -> 60", "verified", "proven", proof)
    path = save(replace(case, changes=(replace(made, lasting=False),)), tmp_path / "case.json")
    assert main(["report", str(path), "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [change["lasting"] for change in answer["changes"]] == [False]
    assert_fits("report", answer)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_a_report_of_an_older_case_fits(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load(path)
    assert main(["report", str(path), "--format", "json"]) == 0
    assert_fits("report", json.loads(capsys.readouterr().out))


@pytest.mark.parametrize("by", [None, *By])
def test_what_logs_say_fits(by: By | None, capsys: pytest.CaptureFixture[str]) -> None:
    paths = map(str, LOGS)
    words = ["logs", *paths, "--format", "json", *(["--by", by.value] if by else [])]
    assert main(words) == 0
    answer = json.loads(capsys.readouterr().out)
    assert_fits("logs", answer)
    assert ("rows" in answer) == (by is not None)


@pytest.mark.parametrize("kind", list(EventKind))
@pytest.mark.parametrize("verdict", [None, *Verdict])
def test_each_event_of_watch_fits(kind: EventKind, verdict: Verdict | None) -> None:
    seen = SessionSeen(7, "app", "web1", "", "Sleep", 40)
    at = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
    for session in (None, seen):
        event = RecorderEvent(at, kind, "what happened", session, "idle-timeout", verdict)
        assert_fits("watch", json.loads(as_json(event)))


def test_a_server_that_is_not_there_is_an_answer_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "-h", "127.0.0.1", "-P", "1", "--format", "json"]) == 3
    assert_fits("check", json.loads(capsys.readouterr().out))
