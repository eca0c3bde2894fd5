"""Rows of mysql.general_log and mysql.slow_log are told as such, in whatever form they come."""

from pathlib import Path

import pytest

from tests.unit.logs.test_understood import KINDS, LOGS, says_nothing, step
from wizard.cli import main
from wizard.logs.log_tables import LogTable, table_of

COLUMNS = {
    "general": ["event_time", "user_host", "thread_id", "server_id", "command_type", "argument"],
    "slow": [
        "start_time", "user_host", "query_time", "lock_time", "rows_sent", "rows_examined", "db",
        "last_insert_id", "insert_id", "server_id", "sql_text", "thread_id",
    ],
}  # fmt: skip
WHO = "app[app] @ web1 [10.0.0.7]"
GONE = "INSERT INTO notes VALUES ('2006 MySQL server has gone away')"
ROWS = {
    "general": [
        ["2026-11-29 20:58:09.236829", "[root] @ localhost []", "10", "1", "Connect", "root@web1"],
        ["2026-11-29 20:58:09.249200", WHO, "10", "1", "Query", GONE],
    ],
    "slow": [
        ["2026-11-29 20:58:09.249277", WHO, "00:00:00.000111", "00:00:00.000003",
         "0", "0", "", "0", "0", "1", GONE, "10"],
    ] * 2,
}  # fmt: skip


def csv(table: str, header: bool = False) -> str:
    names = [",".join(COLUMNS[table])] if header else []
    rows = (",".join(v if v.isdecimal() else f'"{v}"' for v in row) for row in ROWS[table])
    return "\n".join([*names, *rows, ""])


def batch(table: str, header: bool = True) -> str:
    lines = [COLUMNS[table]] if header else []
    return "".join("\t".join(row) + "\n" for row in [*lines, *ROWS[table]])


def printed(table: str) -> str:
    border = "+-----" * len(COLUMNS[table]) + "+\n"
    head, *rows = (f"| {' | '.join(row)} |\n" for row in (COLUMNS[table], *ROWS[table]))
    return border + head + border + "".join(rows) + border


def vertical(table: str) -> str:
    return "".join(
        f"*************************** {number}. row ***************************\n"
        + "".join(f"{n:>14}: {v}\n" for n, v in zip(COLUMNS[table], row, strict=True))
        for number, row in enumerate(ROWS[table], 1)
    )


def xml(table: str) -> str:
    rows = (
        "".join(
            f'\t<field name="{n}">{v}</field>\n' for n, v in zip(COLUMNS[table], row, strict=True)
        )
        for row in ROWS[table]
    )
    return '<?xml version="1.0"?>\n' + "".join(f"  <row>\n{row}  </row>\n" for row in rows)


def html(table: str) -> str:
    rows = ("".join(f"<TD>{v}</TD>" for v in row) for row in ROWS[table])
    names = "".join(f"<TH>{n}</TH>" for n in COLUMNS[table])
    return f"<TABLE BORDER=1><TR>{names}</TR>" + "".join(f"<TR>{r}</TR>" for r in rows) + "</TABLE>"


def dump(table: str) -> str:
    rows = ",\n".join(
        "(" + ",".join(v if v.isdecimal() else f"'{v}'" for v in row) + ")" for row in ROWS[table]
    )
    return f"-- MySQL dump 10.13\nINSERT INTO `{table}_log` VALUES {rows};\n"


FORMS = {
    "CSV": csv,
    "CSV with names": lambda table: csv(table, header=True),
    "batch": batch,
    "batch without names": lambda table: batch(table, header=False),
    "printed": printed,
    "vertical": vertical,
    "xml": xml,
    "html": html,
    "dump": dump,
}


@KINDS
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("table", COLUMNS)
def test_it_is_told_what_they_are_and_what_reads_them(
    tmp_path: Path, kind: str, form: str, table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (path := tmp_path / f"{table}_log.CSV").write_text(FORMS[form](table))
    result = step(kind, path)
    assert says_nothing(result)
    assert not result.failures, "the text of an error in a statement is no failure"
    for more in (["--kind", kind], []):
        assert main(["logs", str(path), *more]) == 2
        for told in (result.headline, capsys.readouterr().err):
            assert f"mysql.{table}_log" in told
            assert f"capture {table}" in told


def test_some_columns_do() -> None:
    assert table_of(b"event_time\targument\n2026-11-29 20:58:09\tSELECT 1\n") is LogTable.GENERAL
    assert table_of(b"| start_time | sql_text |\n") is LogTable.SLOW


@pytest.mark.parametrize("given", LOGS)
def test_a_log_is_none_of_them(tmp_path: Path, given: str) -> None:
    LOGS[given](path := tmp_path / "some.log")
    assert table_of(path.read_bytes()[: 1 << 16]) is None


def test_a_log_that_quotes_a_row_or_the_columns_is_none_of_them() -> None:
    for table in COLUMNS:
        quoted = f"2026-11-29 21:00:00 INFO moved: {csv(table)}"
        assert table_of(quoted.encode()) is None
        names = ", ".join(COLUMNS[table])
        asked = f"2026-11-29 21:00:00 DEBUG SELECT {names} FROM mysql.{table}_log\n"
        assert table_of(asked.encode()) is None
    assert table_of(b"event_time, start_time, user_host\n") is LogTable.GENERAL
    assert table_of(b"id,name,start_time\n7,shoes,2026-11-29 20:58:09\n") is None


def test_looking_for_a_row_takes_time_in_proportion_to_the_text() -> None:
    for noise in (b"2026-11-29 20:58:09 " * 3000, b"a[" * 30_000, b"\t \n" * 20_000):
        assert table_of(noise) is None
