"""MariaDB's statistics by user are shown where they are on."""

from pathlib import Path

import pytest

from tests.servers.check_run import check
from tests.servers.conftest import StartServer
from wizard.case.case_file import load

pytestmark = pytest.mark.servers


def test_userstat_is_shown_where_it_is_on(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server("mariadb", userstat="ON")
    server.client("app").close()
    saved = tmp_path / "one.case.json"
    run = check(server, "--save-case", str(saved))
    step = load(saved).step("counters")
    assert step is not None, run.told()
    (found,) = (t for t in step.tables if t.title == "Users since userstat is on")
    assert "app" in {row[0] for row in found.rows}
