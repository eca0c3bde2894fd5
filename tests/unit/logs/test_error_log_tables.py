"""The tables of the Error log screen hold each line that was counted."""

from datetime import UTC
from pathlib import Path

from tests.benches.planted import error_log
from wizard.logs.engine.block import cut
from wizard.logs.error.scan import scan
from wizard.logs.error.scan_model import Picked
from wizard.logs.error.tables import MOST_CELLS, MOST_ROWS, tables


def test_by_account_by_host_and_by_time(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    planted = error_log(path, 400_000)
    account, host, time = tables(scan(cut(path.read_bytes(), "error.log"), UTC))
    assert account.columns == ("COUNT", "ACCOUNT", "WHAT")
    assert len(account.rows) == len(host.rows) == MOST_ROWS
    assert "more" in account.note
    most = max(
        sum(n for (a, _), n in planted.accounts.items() if a == row[1]) for row in account.rows
    )
    assert account.rows[0][0] == str(most)
    assert len(time.rows) <= MOST_CELLS + 1
    assert sum(int(row[1]) for row in time.rows) == sum(planted.signatures.values())


def test_a_quiet_log_and_one_that_was_only_sampled_have_none() -> None:
    assert list(tables(scan([], UTC))) == []
    line = b"2026-11-23 10:00:00 1 [Note] Version of nothing\n"
    assert list(tables(scan(cut(line, "x"), UTC))) == []
    assert list(tables(scan([Picked((), "x", True, 0, 0, {"r1": 7})], UTC))) == []
