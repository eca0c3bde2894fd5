"""What MySQL's host cache tells of another machine's logins."""

from pathlib import Path

import pymysql
import pytest

from tests.network.conftest import StartLab
from wizard.case.case_file import load


def test_a_host_whose_logins_fail_is_listed(start_lab: StartLab, tmp_path: Path) -> None:
    """Names are looked up there, so the host cache knows the client's machine."""
    lab = start_lab("mysql", skip_name_resolve="OFF")
    saved = tmp_path / "one.case.json"
    with lab.client.entered():
        for _ in range(3):
            with pytest.raises(pymysql.err.OperationalError, match="1045"):
                lab.database.client("app", password="wrong")
    run = lab.check("client", "--save-case", str(saved))
    step = load(saved).step("counters")
    assert step is not None, run.told()
    (found,) = (t for t in step.tables if t.title == "Hosts that met errors at login")
    (row,) = found.rows
    assert row[0].startswith("10.77.1.2")
    assert "3 denied" in row[1]
