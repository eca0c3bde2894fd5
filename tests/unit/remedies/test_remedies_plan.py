"""Plans: which value, which statements, what is said, and what is refused."""

import pytest

from knowledge.load import load
from knowledge.model import Remedy
from tests.unit.remedies.fakes import MARIADB, MYSQL, situation
from wizard.remedies.figures import ObservedFigures
from wizard.remedies.keeping import Keeping
from wizard.remedies.plan import NothingToDo, Plan, PlanError, plan
from wizard.remedies.preview import lines
from wizard.remedies.situation import Situation

REMEDIES = load().remedies
MiB = 1 << 20


def made(remedy: str, where: Situation, persist: bool = False, **wanted: str) -> Plan:
    return plan(REMEDIES[remedy], where, wanted, persist)


def test_every_variable_remedy_can_be_planned_or_says_why() -> None:
    for remedy in REMEDIES.values():
        if remedy.kind != "variable":
            continue
        assert load().variables[remedy.variable].dynamic, remedy.id
        for info in (MYSQL, MARIADB):
            assert _statements_or_reason(remedy, situation(info)), remedy.id


def _statements_or_reason(remedy: Remedy, where: Situation) -> tuple[str, ...] | str:
    try:
        return plan(remedy, where, {}).statements
    except PlanError as error:
        return str(error)


@pytest.mark.parametrize(
    ("largest", "current", "proposed"),
    [
        (5 * MiB, 4 * MiB, 8 * MiB),
        (4 * MiB, 4 * MiB, 8 * MiB),
        (200 * MiB, 64 * MiB, 256 * MiB),
        (900 * MiB, 64 * MiB, 1024 * MiB),
        (1024 * MiB, 64 * MiB, 1024 * MiB),
        (None, 16 * MiB, 32 * MiB),
        (None, 5 * MiB, 8 * MiB),
    ],
)
def test_a_packet_is_the_next_power_of_two(
    largest: int | None, current: int, proposed: int
) -> None:
    where = situation(measured=ObservedFigures(largest), max_allowed_packet=str(current))
    planned = made("raise-max-allowed-packet", where)
    assert planned.statements == (f"SET GLOBAL max_allowed_packet = {proposed}",)
    assert planned.undo_statements == (f"SET GLOBAL max_allowed_packet = {current}",)


def test_a_packet_is_never_proposed_below_the_current_value() -> None:
    where = situation(measured=ObservedFigures(largest_statement=5 * MiB))
    with pytest.raises(PlanError, match="already takes that"):
        made("raise-max-allowed-packet", where)
    with pytest.raises(PlanError, match="limit of 1 GiB"):
        made("raise-max-allowed-packet", situation(max_allowed_packet=str(1 << 30)))


def test_a_packet_tells_its_worst_case() -> None:
    planned = made("raise-max-allowed-packet", situation(), max_allowed_packet="1G")
    assert "151 GiB" in " ".join(planned.costs)
    assert "recycle" in " ".join(planned.notes)


@pytest.mark.parametrize(
    ("gap", "current", "proposed"),
    [(30.0, 20, 60), (700.0, 600, 900), (27000.0, 600, 28800), (100000.0, 600, 28800)],
)
def test_an_idle_limit_is_above_the_longest_pause(gap: float, current: int, proposed: int) -> None:
    where = situation(measured=ObservedFigures(longest_idle=gap), wait_timeout=str(current))
    planned = made("raise-wait-timeout", where)
    assert planned.statements == (f"SET GLOBAL wait_timeout = {proposed}",)


def test_no_idle_limit_is_proposed_where_it_would_not_help() -> None:
    with pytest.raises(PlanError, match="will not help"):
        made("raise-wait-timeout", situation(measured=ObservedFigures(longest_idle=350)))
    with pytest.raises(PlanError, match="client's pool"):
        made("raise-wait-timeout", situation(measured=ObservedFigures(longest_idle=40000)))
    with pytest.raises(PlanError) as unknown:
        made("raise-wait-timeout", situation())
    assert unknown.value.wants == "wait_timeout=VALUE"
    assert made("raise-wait-timeout", situation(), wait_timeout="12h").changes[0].new == "43200"


def test_zero_seconds_becomes_one_with_a_warning() -> None:
    planned = made("raise-wait-timeout", situation(), wait_timeout="0")
    assert planned.statements == ("SET GLOBAL wait_timeout = 1",)
    said = " ".join(planned.notes)
    assert "0 does not switch wait_timeout off" in said
    assert "lowers wait_timeout" in said


def test_what_is_there_already_is_refused() -> None:
    with pytest.raises(NothingToDo, match="already 8 h"):
        made("raise-wait-timeout", situation(), wait_timeout="8h")
    with pytest.raises(NothingToDo):
        made(
            "raise-wait-timeout",
            situation(persisted={"wait_timeout": "28800"}),
            persist=True,
            wait_timeout="8h",
        )


def test_a_running_value_can_be_made_to_last() -> None:
    planned = made("raise-wait-timeout", situation(), persist=True, wait_timeout="8h")
    assert planned.statements == ("SET PERSIST wait_timeout = 28800",)


def test_set_persist_and_its_undo() -> None:
    planned = made("raise-wait-timeout", situation(), persist=True, wait_timeout="10h")
    assert planned.statements == ("SET PERSIST wait_timeout = 36000",)
    assert planned.undo_statements == (
        "SET PERSIST wait_timeout = 28800",
        "RESET PERSIST IF EXISTS wait_timeout",
        "SET GLOBAL wait_timeout = 28800",
    )
    before = situation(persisted={"wait_timeout": "100"})
    assert made("raise-wait-timeout", before, persist=True, wait_timeout="10h").undo_statements == (
        "SET PERSIST wait_timeout = 100",
        "SET GLOBAL wait_timeout = 28800",
    )


def test_what_mysqld_auto_cnf_holds_is_told_where_it_beats_the_change() -> None:
    before = situation(persisted={"wait_timeout": "100"})
    said = " ".join(made("raise-wait-timeout", before, wait_timeout="10h").notes)
    assert "SET PERSIST has stored wait_timeout = 100" in said
    kept = " ".join(made("raise-wait-timeout", before, persist=True, wait_timeout="10h").notes)
    assert "has stored" not in kept


def test_the_log_remedy_fits_either_flavour() -> None:
    assert made("log-verbosity", situation()).statements == ("SET GLOBAL log_error_verbosity = 3",)
    assert made("log-verbosity", situation(MARIADB, log_warnings="1")).statements == (
        "SET GLOBAL log_warnings = 2",
    )
    with pytest.raises(NothingToDo, match="already 2"):
        made("log-verbosity", situation(MARIADB))
    with pytest.raises(NothingToDo, match="already 4"):
        made("log-verbosity", situation(MARIADB, log_warnings="4"))
    lasting = made("log-verbosity", situation(log_error_verbosity="3"), persist=True)
    assert lasting.statements == ("SET PERSIST log_error_verbosity = 3",)


def test_other_variables_can_be_named_with_the_remedy() -> None:
    wanted = {"wait_timeout": "9h", "Interactive-Timeout": "9h"}
    planned = plan(REMEDIES["raise-wait-timeout"], situation(), wanted)
    assert planned.statements == (
        "SET GLOBAL wait_timeout = 32400",
        "SET GLOBAL interactive_timeout = 32400",
    )
    assert planned.undo_statements == (
        "SET GLOBAL interactive_timeout = 28800",
        "SET GLOBAL wait_timeout = 28800",
    )


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("no_such", "1", "not a variable"),
        ("skip_name_resolve", "ON", "without a restart"),
        ("init_connect", "x", "text"),
        ("idle_transaction_timeout", "5", "this server has no"),
        ("wait_timeout", "soon", "whole number"),
    ],
)
def test_what_cannot_be_set_is_wrong_usage(name: str, value: str, word: str) -> None:
    with pytest.raises(PlanError, match=word) as caught:
        plan(REMEDIES["raise-net-read-timeout"], situation(), {name: value})
    assert caught.value.usage


def test_advice_is_not_applied() -> None:
    with pytest.raises(PlanError, match="for you to do"):
        made("shorten-pool-lifetime", situation())


def test_what_cannot_last_is_refused_before_anything_changes() -> None:
    refused = situation(MARIADB, keeping=Keeping(refusal="--no-defaults"))
    with pytest.raises(PlanError, match="--no-defaults"):
        made("raise-wait-timeout", refused, persist=True, wait_timeout="9h")
    beaten = situation(MARIADB, keeping=Keeping(command_line=frozenset({"wait_timeout"})))
    with pytest.raises(PlanError, match="started with --wait-timeout"):
        made("raise-wait-timeout", beaten, persist=True, wait_timeout="9h")


def test_more_connections_need_files() -> None:
    planned = made("raise-max-connections", situation(open_files_limit="1024"))
    assert planned.statements == ("SET GLOBAL max_connections = 230",)
    assert "open_files_limit" in " ".join(planned.costs)
    assert "In force at once" in " ".join(planned.notes)


def test_the_preview_says_everything() -> None:
    text = "\n".join(lines(made("raise-max-allowed-packet", situation(), max_allowed_packet="1G")))
    for part in (
        "SET GLOBAL max_allowed_packet = 1073741824;",
        "SET GLOBAL max_allowed_packet = 67108864;",
        "64 MiB (67108864) -> 1 GiB (1073741824)",
        "unless the change is kept across it",
        "151 GiB",
        "127.0.0.1:3306",
    ):
        assert part in text
