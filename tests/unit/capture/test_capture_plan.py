"""What a capture sets and how it goes back, for each way that a server may log already."""

import pytest

from wizard.capture.logging_state import CaptureKind, LoggingState
from wizard.capture.plan import (
    CannotCapture,
    CapturePlan,
    Reach,
    Where,
    plan_capture,
    quoted,
)

NEAR, FAR = Reach("/srv/data"), Reach(why_no_file="it is far away")
GENERAL, SLOW = CaptureKind.GENERAL, CaptureKind.SLOW


def state(rows: int | None = 0, **values: str) -> LoggingState:
    usual = {
        "general_log": "OFF", "general_log_file": "host.log", "slow_query_log": "OFF",
        "slow_query_log_file": "host-slow.log", "log_output": "FILE",
        "long_query_time": "10.000000", "datadir": "/var/lib/mysql/",
    }  # fmt: skip
    return LoggingState({**usual, **values}, 0, 0, 0, rows)


def plan(
    there: LoggingState, kind: CaptureKind = GENERAL, reach: Reach = NEAR, long: float | None = None
) -> CapturePlan:
    return plan_capture(there, kind, reach, 30, 1 << 20, "token", long)


def test_a_file_of_our_own_and_nothing_else_is_set() -> None:
    made = plan(state())
    assert made.where is Where.FILE
    assert made.own_name == "/var/lib/mysql/goneaway-wizard-general-token.log"
    assert made.own_file == "/srv/data/goneaway-wizard-general-token.log"
    assert made.setup == (
        f"SET GLOBAL general_log_file = '{made.own_name}'",
        "SET GLOBAL general_log = 1",
    )
    assert made.restore[0].startswith("SET GLOBAL general_log = IF(")
    assert "'host.log'" in made.restore[1]
    assert made.cleanup == ()


def test_the_switch_comes_last_and_goes_first() -> None:
    made = plan(state(log_output="TABLE"))
    assert made.setup[-1] == "SET GLOBAL general_log = 1"
    assert "general_log =" in made.restore[0]
    assert made.packet == (*made.setup, "DO SLEEP(35)", *made.restore)


def test_the_other_log_goes_on_to_where_it_went() -> None:
    made = plan(state(log_output="TABLE", slow_query_log="ON"))
    assert "SET GLOBAL log_output = 'FILE,TABLE'" in made.setup
    assert any("'TABLE', @@GLOBAL.log_output" in statement for statement in made.restore)
    kept = plan(state(slow_query_log="ON"))
    assert not any("log_output" in statement for statement in (*kept.setup, *kept.restore))


def test_out_of_reach_the_table_is_taken_and_emptied_if_it_was_empty() -> None:
    made = plan(state(), reach=FAR)
    assert made.where is Where.TABLE
    assert made.cleanup == ("TRUNCATE TABLE mysql.general_log",)
    assert made.packet[-2:] == ("DO SLEEP(120)", "TRUNCATE TABLE mysql.general_log")
    full = plan(state(rows=1), reach=FAR)
    assert full.cleanup == ()
    assert any("rows of before" in remark for remark in full.remarks)


def test_where_neither_can_be_read_it_says_what_would_help() -> None:
    with pytest.raises(CannotCapture, match=r"far away.*GRANT SELECT, DROP ON mysql.general_log"):
        plan(state(rows=None), reach=FAR)


def test_the_slow_logs_limit_goes_back_unless_somebody_else_set_it() -> None:
    made = plan(state(log_slow_extra="OFF"), SLOW, long=0.5)
    assert "SET GLOBAL long_query_time = 0.500000" in made.setup
    assert "SET GLOBAL log_slow_extra = 1" in made.setup
    assert any("10.000000, @@GLOBAL.long_query_time)" in statement for statement in made.restore)
    assert "SET GLOBAL log_slow_extra = 0" in made.restore
    assert any("open keep theirs" in remark for remark in made.remarks)


@pytest.mark.parametrize("name", ["it's.log", "a\\b.log", "a\nb.log", "ä.log"])
def test_a_name_is_quoted_whatever_the_sql_mode(name: str) -> None:
    literal = quoted(name)
    if literal.startswith("'"):
        assert literal[1:-1].replace("''", "'") == name
    else:
        assert bytes.fromhex(literal[len("CONVERT(0x") : literal.index(" USING")]).decode() == name
