"""`logs --by ...` as text, JSON and CSV."""

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest

from tests.benches.planted import Planted, error_log
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
