"""The defaults in the knowledge base are those of real servers, and so are ranges and kinds."""

from collections.abc import Mapping

import pytest

from knowledge.load import load
from tests.servers.conftest import StartServer
from tests.servers.harness.server import ServerUnderTest
from wizard.demo import private_server

pytestmark = pytest.mark.servers

SERIES = {"mariadb": "mariadb-10.11", "mysql": "mysql-9.7"}

NOT_CONSTANT = {"open_files_limit", "log_error"}
"""They depend on the machine and on how the server is started."""


@pytest.fixture
def plain(
    product: str, start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> ServerUnderTest:
    """A server with nothing set but where its files are."""
    small: Mapping[str, object] = {"mysqlx": "OFF"} if product == "mysql" else {}
    monkeypatch.setattr(private_server, "_SMALL", {"mysql": small, "mariadb": small})
    return start_server(product, skip_name_resolve="OFF")


def test_defaults_are_those_of_the_server(plain: ServerUnderTest, product: str) -> None:
    have = {r["Variable_name"]: r["Value"] for r in plain.sql("SHOW GLOBAL VARIABLES")}
    series = SERIES[product]
    told = {
        name: variable.defaults.get(series)
        for name, variable in load().variables.items()
        if name not in NOT_CONSTANT
    }
    assert told == {name: have.get(name) for name in told}
    assert len([v for v in told.values() if v is not None]) > 35


def test_what_is_dynamic_can_be_set_and_the_rest_cannot(
    plain: ServerUnderTest, product: str
) -> None:
    wrong = []
    for name, variable in load().variables.items():
        if variable.defaults.get(SERIES[product]) is None:
            continue
        try:
            plain.sql(f"SET GLOBAL {name} = @@global.{name}")
        except Exception as error:  # noqa: BLE001 - the number is what counts
            number = error.args[0]
            # 1290 is MariaDB's max_user_connections when started with 0.
            if variable.dynamic and number != 1290:
                wrong.append(f"{name} is not dynamic: {error.args}")
        else:
            # innodb_log_file_size can be changed while running since MariaDB 10.9 only.
            if not variable.dynamic and name != "innodb_log_file_size":
                wrong.append(f"{name} is dynamic")
    assert wrong == []


def test_the_server_clamps_where_the_knowledge_says(
    plain: ServerUnderTest, product: str
) -> None:
    """One below the smallest, and one above the largest value, for what remedies touch."""
    wrong = []
    touched = {r.variable for r in load().remedies.values() if r.variable}
    for name in sorted(touched):
        variable = load().variables[name]
        if variable.defaults.get(SERIES[product]) is None or variable.unit == "bool":
            continue
        for edge, beyond in ((variable.minimum, -1), (variable.maximum, 1)):
            if edge is None or edge + beyond * variable.block < 0 or name == "max_connections":
                continue
            plain.sql(f"SET GLOBAL {name} = {edge + beyond * variable.block}")
            (row,) = plain.sql(f"SELECT @@global.{name} AS now")
            if row["now"] != edge:
                wrong.append(f"{name}: {edge + beyond * variable.block} became {row['now']}")
    assert wrong == []
