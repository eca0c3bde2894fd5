"""Every variable says what it is in every series that has it."""

from decimal import Decimal

import pytest

from knowledge import load as loading
from knowledge.load import KnowledgeError, load
from knowledge.model import Variable

VARIABLES = load().variables
MYSQL = ("mysql-5.7", "mysql-8.0", "mysql-8.4", "mysql-9.7")
MARIADB = ("mariadb-10.5", "mariadb-10.6", "mariadb-10.11", "mariadb-11.4", "mariadb-11.8")

NOT_EVERYWHERE: dict[str, tuple[str, ...]] = {
    "log_warnings": (*MYSQL[:1], *MARIADB),
    "admin_address": MYSQL[1:],
    "admin_port": MYSQL[1:],
    "authentication_policy": MYSQL[1:],
    "connection_memory_limit": MYSQL[1:],
    "global_connection_memory_limit": MYSQL[1:],
    "global_connection_memory_tracking": MYSQL[1:],
    "innodb_redo_log_capacity": MYSQL[1:],
    "log_error_services": MYSQL[1:],
    "replica_max_allowed_packet": MYSQL[1:],
    "replica_net_timeout": MYSQL[1:],
    "default_authentication_plugin": MYSQL[:2],
    "innodb_log_file_size": (*MYSQL[:3], *MARIADB),
    "innodb_log_files_in_group": (*MYSQL[:3], *MARIADB[:1]),
    "log_slow_query": MARIADB[2:],
    "max_tmp_session_space_usage": MARIADB[4:],
}
"""Those that came or went between two series; all others are in every series of a flavour."""


@pytest.mark.parametrize("name", [n for n, v in VARIABLES.items() if not v.machine])
def test_no_series_is_left_out(name: str) -> None:
    told = set(VARIABLES[name].defaults)
    if name in NOT_EVERYWHERE:
        assert told == set(NOT_EVERYWHERE[name])
    else:
        assert told in (set(MYSQL), set(MARIADB), {*MYSQL, *MARIADB})


@pytest.mark.parametrize("series", [*MYSQL, *MARIADB])
def test_every_series_hangs_together(series: str) -> None:
    for name, general in VARIABLES.items():
        if series not in general.defaults:
            continue
        variable = general.on(series)
        assert variable.dynamic == (variable.applies != "restart"), name
        assert variable.outside in ("clamped", "refused", "whole-chunks", "resizes"), name
        if not variable.dynamic:
            assert not variable.session, name
        default = variable.defaults[series]
        if variable.unit == "bool":
            assert default in ("ON", "OFF"), name
        elif variable.unit != "text":
            number = Decimal(default)
            assert variable.minimum is not None, name
            assert variable.minimum <= number, name
            assert variable.maximum is None or number <= variable.maximum, name
            assert number % variable.block == 0, name


def test_a_series_goes_before_its_flavour() -> None:
    log_file = VARIABLES["innodb_log_file_size"]
    assert log_file.on("mariadb-10.11").dynamic
    assert not log_file.on("mariadb-10.5").dynamic
    assert not log_file.on("mysql-8.0").dynamic
    waits = VARIABLES["innodb_lock_wait_timeout"]
    assert [waits.on(s).maximum for s in ("mariadb-10.5", "mariadb-11.8", "mysql-8.4")] == [
        1073741824,
        100000000,
        1073741824,
    ]
    assert VARIABLES["max_connections"].on("mariadb-11.4").minimum == 10


def test_differences_of_what_does_not_exist_are_refused() -> None:
    def variable(place: str, field: str) -> Variable:
        return Variable(
            "x", "s", "", {"mysql-8.4": "1"}, 1, 2, True, True, True, "new",
            differs={place: {field: 0}},
        )  # fmt: skip

    loading._check_differs(variable("mysql", "minimum"))
    with pytest.raises(KnowledgeError, match="differs on mariadb"):
        loading._check_differs(variable("mariadb", "minimum"))
    with pytest.raises(KnowledgeError, match="unknown keys"):
        loading._check_differs(variable("mysql-8.4", "defaults"))
