"""`goneaway-wizard report CASE` and the file that it writes."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.report.samples import full_case, quiet_case
from wizard import cli
from wizard.case.case_file import save
from wizard.report.write import write_report
from wizard.safety.private_file import CannotWriteError


def run(*words: str) -> int:
    return cli.main(["report", *words])


@pytest.fixture
def case_file(tmp_path: Path) -> Path:
    return save(full_case(), tmp_path / "c.case.json")


def test_stdout_is_the_answer_alone(case_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(case_file), "--format", "json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["schema_version"] == 1
    assert err == ""
    assert run(str(case_file)) == 0
    assert "WHAT WAS LOOKED AT" in capsys.readouterr().out


def test_a_file_is_private_and_its_path_is_told(
    case_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "r.md"
    assert run(str(case_file), "--format", "md", "--output", str(target)) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert str(target) in err
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert run(str(case_file), "--output", str(target)) == 2
    assert "exists already" in capsys.readouterr().err
    assert run(str(case_file), "--output", str(target), "--overwrite") == 0


def test_a_bad_file_is_one_line_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad"
    bad.write_text("x")
    for path in (bad, tmp_path / "missing"):
        assert run(str(path)) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("goneaway-wizard: ")
        assert err.count("\n") == 1


def test_a_terminal_without_unicode_gets_its_report(tmp_path: Path) -> None:
    case = full_case()
    path = save(case, tmp_path / "c.case.json")
    text = path.read_text().replace("web3", "w\\u00fcb\\u6f22")
    path.write_text(text.replace("wait_timeout is 600 s", "gr\\u00fc\\u00dfe \\u6f22"))
    code = (
        "import argparse, sys; from wizard.commands import report; p = argparse.ArgumentParser();"
        " report.register(p.add_subparsers());"
        f" sys.exit(report.run(p.parse_args(['report', {str(path)!r}])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"gr??e ?" in done.stdout


def test_a_report_without_a_path_gets_a_dated_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_report("x\n", None, ".md")
    assert path.parent == tmp_path
    assert path.name.startswith("goneaway-report-")
    assert path.suffix == ".md"
    with pytest.raises(CannotWriteError, match="exists already"):
        write_report("y", path, ".md")
    assert path.read_text() == "x\n"
    assert write_report("\ud800 y", path, ".md", overwrite=True).read_text() == "? y"


def test_a_saved_quiet_case_accuses_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = quiet_case()
    assert run(str(save(case, tmp_path / "q.case.json")), "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["failures"]["total"] >= 0
