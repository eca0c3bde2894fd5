"""Defaults by series, and what a step makes of the values that it reads."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from knowledge.load import load
from tests.unit.remedies.fakes import MARIADB, MYSQL
from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import StepResult
from wizard.server.connection_end import ConnectionEnd
from wizard.server.session import QueryDenied, Row, ServerInfo
from wizard.server.variables import default_for, read_session_settings, read_settings
from wizard.steps.settings import IMPORTANT, run
from wizard.steps.step import Context
from wizard.target.model import Sources, Target

VARIABLES = load().variables


@pytest.mark.parametrize(
    ("flavor", "numbers", "name", "value"),
    [
        ("mysql", (5, 7, 44), "max_allowed_packet", "4194304"),
        ("mysql", (8, 0, 46), "max_allowed_packet", "67108864"),
        ("percona", (8, 0, 46), "log_error_verbosity", "2"),
        ("mysql", (8, 3, 0), "back_log", "151"),
        ("mysql", (9, 1, 0), "back_log", "151"),
        ("mysql", (9, 7, 4), "back_log", "10000"),
        ("mariadb", (10, 11, 19), "max_allowed_packet", "16777216"),
        ("mariadb", (12, 0, 1), "log_warnings", "2"),
        ("mariadb", (10, 3, 1), "wait_timeout", None),
        ("mysql", (9, 7, 4), "log_warnings", None),
        ("mysql", (5, 6, 51), "wait_timeout", None),
    ],
)
def test_the_default_is_that_of_the_series(
    flavor: str, numbers: tuple[int, int, int], name: str, value: str | None
) -> None:
    info = replace(MYSQL, flavor=flavor, numbers=numbers)
    assert default_for(VARIABLES[name], info) == value


def test_every_important_variable_is_known() -> None:
    assert set(IMPORTANT) <= set(VARIABLES)
    for name in ("wait_timeout", "max_allowed_packet", "max_connections"):
        assert len(VARIABLES[name].defaults) == 9
    for variable in VARIABLES.values():
        assert variable.applies in ("new", "now", "restart"), variable.name
        assert variable.dynamic == (variable.applies != "restart"), variable.name
        assert variable.unit in ("s", "ms", "bytes", "count", "bool", "text"), variable.name


class Answers:
    """A session with fixed answers by a part of the statement."""

    ending: ConnectionEnd | None = None

    def __init__(self, info: ServerInfo, answers: dict[str, list[Row] | Exception]) -> None:
        self.info = info
        self._answers = answers
        self.asked: list[str] = []
        self.raised: dict[int, int] = {}

    def rows(self, sql: str, args: Sequence[object] = ()) -> list[Row]:
        self.asked.append(sql % tuple(args) if args else sql)
        for part, answer in self._answers.items():
            if part in sql:
                if isinstance(answer, Exception):
                    raise answer
                return answer
        return []

    def value(self, sql: str, args: Sequence[object] = ()) -> Any:
        found = self.rows(sql, args)
        return next(iter(found[0].values())) if found else None

    def execute(self, sql: str, args: Sequence[object] = ()) -> list[Row]:
        raise AssertionError(f"a step changes nothing: {sql} {args}")

    def close(self) -> None: ...


def variables(**values: str) -> list[Row]:
    return [{"Variable_name": n, "Value": v} for n, v in values.items()]


def session_row(number: int, value: str, program: str = "php", user: str = "app") -> Row:
    return {
        "id": number,
        "user": user,
        "host": "web1",
        "program": program,
        "name": "wait_timeout",
        "value": value,
    }


class NoConnector:
    def connect(self, **_how: object) -> Any:
        raise AssertionError("a step opens no session of its own")


def step_on(session: Answers) -> StepResult:
    now = datetime.now(UTC)
    case = Case(now, Window(now, now), TargetFacts("x"))
    return run(Context(Target(), Sources(), case, NoConnector(), server=session))


def mysql_answers(sessions: list[Row], **values: str) -> Answers:
    base = {"wait_timeout": "28800", "interactive_timeout": "28800", "init_connect": ""}
    return Answers(
        MYSQL,
        {
            "SHOW GLOBAL VARIABLES": variables(**{**base, **values}),
            "THREAD_ID AS thread": [{"thread": row["id"]} for row in sessions],
            "variables_by_thread": sessions,
            "@@global.performance_schema": [{"x": 1}],
        },
    )


def signals(result: StepResult) -> list[str]:
    return [e.signal for e in result.evidence]


def test_nothing_special_is_no_evidence() -> None:
    result = step_on(mysql_answers([session_row(1, "28800")]))
    assert signals(result) == []
    assert "setting.session-timeout" in result.looked_for
    assert "setting.idle-transaction" in result.looked_for
    assert result.facts["wait_timeout"] == 28800
    assert result.facts["session_wait_timeout_min"] == 28800
    assert result.facts["init_connect"] == ""


def test_sessions_with_a_shorter_limit_are_evidence() -> None:
    rows = [session_row(1, "28800"), session_row(2, "30"), session_row(3, "30", user="job")]
    result = step_on(mysql_answers(rows))
    (evidence,) = result.evidence
    assert evidence.signal == "setting.session-timeout"
    assert (evidence.count, evidence.value) == (2, 30.0)
    assert {o.connection_id for o in evidence.occurrences} == {2, 3}
    assert "app, job" in evidence.text
    assert result.facts["session_wait_timeout_min"] == 30


def test_command_lines_and_the_wizard_are_not_the_application() -> None:
    rows = [
        session_row(1, "60", "mysql"),
        session_row(2, "5", "goneaway-wizard"),
        session_row(3, "28800"),
    ]
    result = step_on(mysql_answers(rows, interactive_timeout="60"))
    assert signals(result) == []
    assert any("command-line clients interactive_timeout (60 s)" in n for n in result.notes)
    assert "5" not in [row[3] for row in result.tables[1].rows]


def test_our_own_session_is_left_out_by_the_server() -> None:
    session = mysql_answers([])
    read_session_settings(session, ("wait_timeout",))
    asked = next(sql for sql in session.asked if "THREAD_ID AS thread" in sql)
    assert "<> CONNECTION_ID()" in asked
    assert not any("@@session" in sql or "SHOW VARIABLES" in sql for sql in session.asked)


@pytest.mark.parametrize(
    ("values", "signal"),
    [
        ({"idle_write_transaction_timeout": "5"}, "setting.idle-transaction"),
        ({"offline_mode": "ON"}, "setting.offline-mode"),
        ({"init_connect": "SET NAMES x"}, "setting.init-connect"),
    ],
)
def test_global_settings_that_cut_sessions(values: dict[str, str], signal: str) -> None:
    assert signals(step_on(mysql_answers([], **values))) == [signal]


def test_mariadb_says_that_sessions_cannot_be_seen() -> None:
    session = Answers(
        MARIADB, {"SHOW GLOBAL VARIABLES": variables(wait_timeout="600", log_warnings="2")}
    )
    result = step_on(session)
    assert "setting.session-timeout" not in result.looked_for
    assert any("MariaDB does not tell" in note for note in result.notes)
    row = next(r for r in result.tables[0].rows if r[0] == "wait_timeout")
    assert row[1:3] == ("10 min (600 s)", "8 h (28800 s)")
    assert "changed" in row[4]


def test_a_missing_privilege_is_said_with_its_grant() -> None:
    denied = QueryDenied("SELECT denied", 1142, "GRANT SELECT ON performance_schema.* TO x;")
    session = Answers(
        MYSQL,
        {
            "SHOW GLOBAL VARIABLES": variables(wait_timeout="600", interactive_timeout="600"),
            "persisted_variables": denied,
            "THREAD_ID AS thread": denied,
        },
    )
    result = step_on(session)
    assert "setting.session-timeout" not in result.looked_for
    assert sum("GRANT SELECT ON performance_schema" in n for n in result.notes) >= 2


def test_hostile_values_are_made_safe() -> None:
    session = mysql_answers([session_row(1, "1\x1b[2J")], init_connect="SET\x1b[31m x\u202e")
    settings = read_settings(session)
    assert settings.value("init_connect") == "SET[31m x"
    assert read_session_settings(session, ("wait_timeout",)).rows[0].value == "1[2J"


def test_persisted_values_that_differ_are_shown() -> None:
    session = Answers(
        MYSQL,
        {
            "SHOW GLOBAL VARIABLES": variables(wait_timeout="600", interactive_timeout="600"),
            "persisted_variables": [{"name": "wait_timeout", "value": "30"}],
            "variables_info": [
                {
                    "name": "wait_timeout",
                    "source": "DYNAMIC",
                    "path": "",
                    "user": "root",
                    "host": "localhost",
                    "at": datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
                }
            ],
        },
    )
    row = next(r for r in step_on(session).tables[0].rows if r[0] == "wait_timeout")
    assert "becomes 30 at the next start" in row[4]
    assert row[3] == "set while running by root@localhost at 2026-11-23 12:00:00 UTC"
