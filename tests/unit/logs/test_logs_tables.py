"""`logs --by ...` as text, JSON and CSV."""

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.benches.planted import Planted, error_log, general_log, slow_log
from wizard.cli import main


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Planted]:
    path = tmp_path_factory.mktemp("log") / "error.log"
    return path, error_log(path, 300_000, mysql=True)


def answered(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["logs", *words]) == 0
    return capsys.readouterr().out


def test_by_account(log: tuple[Path, Planted], capsys: pytest.CaptureFixture[str]) -> None:
    path, planted = log
    out = answered(capsys, str(path), "--by", "account", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {(r["account"], r["signature"]): int(r["count"]) for r in rows} == planted.accounts


def test_by_host(log: tuple[Path, Planted], capsys: pytest.CaptureFixture[str]) -> None:
    path, planted = log
    answer = json.loads(answered(capsys, str(path), "--by", "host", "--format", "json"))
    hosts: Counter[str] = Counter()
    for (account, _), n in planted.accounts.items():
        hosts[account.split("'@'")[1].rstrip("'")] += n
    seen: Counter[str] = Counter()
    for row in answer["rows"]:
        seen[row["host"]] += row["count"]
    assert seen == hosts
    assert [n for _, n in seen.most_common()] == sorted(seen.values(), reverse=True)


def test_by_minute(log: tuple[Path, Planted], capsys: pytest.CaptureFixture[str]) -> None:
    path, planted = log
    answer = json.loads(answered(capsys, str(path), "--by", "minute", "--format", "json"))
    assert answer["cell_seconds"] == 60
    rows = {
        (r["minute"].removesuffix("+00:00"), r["signature"]): r["count"] for r in answer["rows"]
    }
    assert rows == planted.minutes


def test_by_reason_as_text(log: tuple[Path, Planted], capsys: pytest.CaptureFixture[str]) -> None:
    path, planted = log
    out = answered(capsys, str(path), "--by", "reason")
    for name, count in planted.signatures.items():
        assert f"{count:>9}  {name}" in out


def test_an_example_names_its_file_and_line(
    log: tuple[Path, Planted], capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = log
    lines = path.read_text().split("\n")
    out = answered(capsys, str(path))
    shown = [line.strip() for line in out.split("\n") if f"{path}, line " in line]
    assert shown
    for line in shown:
        number, _, text = line.removeprefix(f"{path}, line ").partition(": ")
        assert lines[int(number) - 1] == text


def test_a_hostile_account_is_no_formula(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "error.log"
    path.write_text(
        "2026-11-23 10:45:51 71 [Warning] Access denied for user 'a'@'=cmd|x'"
        " (using password: YES)\n"
    )
    out = answered(capsys, str(path), "--by", "host", "--format", "csv")
    assert out == "host,signature,count\n'=cmd|x,access-denied,1\n"


def test_the_accounts_of_a_general_and_a_slow_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of all that connected, and of the patterns' sessions and statements, with their minutes."""
    general = tmp_path / "general.log"
    general_log(general, 200_000, mysql=True)
    text = general.read_text()
    connects = Counter(
        "'{}'@'{}'".format(*told.split(" on ")[0].split("@"))
        for told in re.findall(r" Connect\t([^\n]*)", text)
    )
    path = tmp_path / "slow.log"
    slow_log(path, 200_000)
    rows = _rows(capsys, "account", general)
    assert {r["account"]: int(r["count"]) for r in rows if r["signature"] == "connect"} == connects
    assert {r["signature"] for r in rows} >= {"connect", "never-quit"}
    for by in ("account", "host", "minute"):
        longs = [r for r in _rows(capsys, by, path) if r["signature"] == "slow.long-statement"]
        taken = re.findall(r"Query_time: ([0-9.]+)", path.read_text())
        assert sum(int(r["count"]) for r in longs) == sum(float(t) >= 30 for t in taken)
        assert len(longs) > 3


def test_a_pattern_of_several_accounts_is_counted_for_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "general.log"
    lines = [
        f"2026-03-01T10:00:0{n % 9}.000000Z\t{n + 1000 * (user == 'b'):>5} Connect\t"
        f"{user}@web on shop using TCP/IP"
        for n in range(40) for user in "ab"
    ]  # fmt: skip
    path.write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")
    answer = json.loads(answered(capsys, str(path), "--kind", "general", "--format", "json"))
    (storm,) = (s for s in answer["signatures"] if s["id"] == "general.reconnect-storm")
    assert storm["count"] == 80
    assert len(storm["examples"]) == 2


def _rows(capsys: pytest.CaptureFixture[str], by: str, path: Path) -> list[dict[str, str]]:
    out = answered(capsys, str(path), "--by", by, "--format", "csv")
    return list(csv.DictReader(io.StringIO(out)))
