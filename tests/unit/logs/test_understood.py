"""A file of another kind than it is named as is said to be none, and is never a quiet log."""

import bz2
import gzip
import io
import json
import lzma
import os
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.benches.planted import END, application_log, error_log, general_log, slow_log
from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import StepResult, StepStatus
from wizard.cli import main
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import HostError
from wizard.steps import error_log as error_step
from wizard.steps import general_log as general_step
from wizard.steps import slow_log as slow_step
from wizard.steps import symptom
from wizard.steps.step import Context, Skip, Step
from wizard.target.model import Sources, Target

Write = Callable[[Path], object]


def quiet(path: Path) -> None:
    """An application's log that tells of no failure."""
    application_log(path, 60_000)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if b" INFO " in line))


def picture(path: Path) -> None:
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 60, 60, 8, 2, 0, 0, 0))]
    parts.append((b"IDAT", zlib.compress(bytes(range(256)) * 40 + os.urandom(9000))))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(struct.pack(">I", len(data)) + name + data + b"crc " for name, data in parts)
    )


def database(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a INTEGER, b TEXT)")
    connection.close()


LOGS: dict[str, Write] = {
    "error": lambda path: error_log(path, 40_000),
    "error, MySQL": lambda path: error_log(path, 40_000, mysql=True),
    "general": lambda path: general_log(path, 40_000),
    "general, MySQL": lambda path: general_log(path, 40_000, mysql=True),
    "slow": lambda path: slow_log(path, 40_000),
    "slow, MySQL": lambda path: slow_log(path, 40_000, mysql=True),
    "app": quiet,
}
OTHERS: dict[str, Write] = {
    "table": lambda path: path.write_text("id,name\n" + "7,shoes\n" * 900),
    "page": lambda path: path.write_text("<html>\n" + "<p>hello</p>\n" * 300),
    "picture": picture,
    "database": database,
    "empty": lambda path: path.write_bytes(b""),
}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".bz2": bz2.compress,
}
STEPS = {
    "error": error_step.STEP,
    "general": general_step.STEP,
    "slow": slow_step.STEP,
    "app": symptom.STEP,
}
KINDS = pytest.mark.parametrize("kind", STEPS)
WINDOW = Window(END - timedelta(days=90), END + timedelta(days=1))


def step(kind: str, path: Path) -> StepResult:
    sources = {
        "error": Sources(error_log=path),
        "general": Sources(general_log=path),
        "slow": Sources(slow_log=path),
        "app": Sources(app_logs=(path,)),
    }[kind]
    case = Case(END, WINDOW, TargetFacts("db"))
    connector = None
    asked: Step = STEPS[kind]
    return asked.run(
        Context(Target(host="127.0.0.1"), sources, case, connector, LocalHost())  # type: ignore[arg-type]
    )


def says_nothing(result: StepResult) -> bool:
    """Whether it neither accuses nor clears anything, and says why."""
    silent = not result.evidence and not result.looked_for
    return silent and result.reason is not None and result.reason in result.headline


@KINDS
@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("given", LOGS)
def test_each_kind_of_log_in_each_place(
    tmp_path: Path, kind: str, given: str, packer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    LOGS[given](plain := tmp_path / "plain.log")
    (path := tmp_path / f"some.log{packer}").write_bytes(PACKERS[packer](plain.read_bytes()))
    fits = given.split(",")[0] == kind
    result = step(kind, path)
    assert main(["logs", "--kind", kind, str(path)]) == (0 if fits else 2)
    told = capsys.readouterr().err
    if fits:
        assert result.status is StepStatus.DONE
        assert result.reason is None
        assert result.looked_for
        return
    assert says_nothing(result)
    assert (result.status is StepStatus.FAILED) == (kind != "error")
    for text in (told, result.headline):
        assert "not understood as" in text
        looks = given.split(",")[0]
        assert (f"--kind {looks}" in text) == (looks != "app")


@KINDS
@pytest.mark.parametrize("given", OTHERS)
def test_what_is_no_log_at_all(
    tmp_path: Path, kind: str, given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    OTHERS[given](path := tmp_path / "some.log")
    assert says_nothing(step(kind, path))
    for more in (["--kind", kind], []):
        assert main(["logs", str(path), *more]) == 2
        captured = capsys.readouterr()
        assert not captured.out
        assert str(path) in captured.err


@KINDS
def test_a_wide_text_is_recoded_or_says_what_recodes_it(tmp_path: Path, kind: str) -> None:
    for given in ("error", "general", "slow", "app"):
        LOGS[given](path := tmp_path / f"{given}.log")
        path.write_bytes(path.read_text("utf-8").encode("utf-16"))
        if kind == "app":
            assert (step(kind, path).status is StepStatus.DONE) == (given == "app")
            continue
        with pytest.raises((HostError, Skip), match="iconv -f UTF-16"):
            step(kind, path)


@KINDS
def test_a_directory_is_no_quiet_log(tmp_path: Path, kind: str) -> None:
    assert main(["logs", "--kind", kind, str(tmp_path)]) == 2


@pytest.mark.parametrize("kind", ["general", "slow"])
def test_a_log_of_another_time_and_one_that_was_just_begun_are_of_their_kind(
    tmp_path: Path, kind: str
) -> None:
    LOGS[kind](path := tmp_path / "some.log")
    assert main(["logs", "--kind", kind, "--until", "2020-01-01", str(path)]) == 0
    banner = path.read_bytes().split(b"Argument\n")[0] + b"Argument\n"
    path.write_bytes(banner)
    result = step(kind, path)
    assert result.status is StepStatus.DONE
    assert "nothing of the window" in result.headline


def test_the_other_files_are_told_beside_one_that_is_not_understood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    LOGS["slow"](good := tmp_path / "slow.log")
    OTHERS["table"](bad := tmp_path / "table.csv")
    assert main(["logs", str(bad), str(good), "--format", "json"]) == 1
    captured = capsys.readouterr()
    assert [f["path"] for f in json.loads(captured.out)["files"]] == [str(good)]
    assert f"{bad} is not understood" in captured.err


def test_an_application_s_log_with_failures_and_no_times_is_understood(tmp_path: Path) -> None:
    (path := tmp_path / "app.log").write_text("ERROR: (2006, 'MySQL server has gone away')\n" * 3)
    result = step("app", path)
    assert result.status is StepStatus.DONE
    assert [e.count for e in result.evidence] == [3]


def zipped(data: bytes) -> bytes:
    with zipfile.ZipFile(packed := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("some.log", data)
    return packed.getvalue()


NOT_UNPACKED: dict[str, Callable[[bytes], bytes]] = {
    "zip (unzip)": zipped,
    "lzma (xz -d)": lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
    "lz4 (lz4 -d)": lambda data: b"\x04\x22\x4d\x18" + os.urandom(len(data)),
    "gzip (gzip -d)": lambda data: gzip.compress(gzip.compress(data)),
    "zstd (zstd -d)": lambda data: bz2.compress(b"\x28\xb5\x2f\xfd" + os.urandom(len(data))),
}


@KINDS
@pytest.mark.parametrize("packed", NOT_UNPACKED)
def test_what_is_not_unpacked_here_says_what_unpacks_it(
    tmp_path: Path, kind: str, packed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    LOGS[kind](plain := tmp_path / "plain.log")
    (path := tmp_path / "some.log").write_bytes(NOT_UNPACKED[packed](plain.read_bytes()))
    result = step(kind, path)
    assert says_nothing(result)
    assert main(["logs", "--kind", kind, str(path)]) == 2
    assert main(["logs", str(path)]) == 2
    program = packed.split("(")[1].rstrip(")")
    for text in (result.headline, *capsys.readouterr().err.splitlines()):
        assert f"compressed with {packed.split()[0]}: unpack it first ({program})" in text


@KINDS
@pytest.mark.parametrize("packer", [name for name in PACKERS if name])
def test_a_packed_log_that_is_cut_before_its_first_line_is_damaged_and_not_empty(
    tmp_path: Path, kind: str, packer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    LOGS[kind](plain := tmp_path / "plain.log")
    packed = PACKERS[packer](plain.read_bytes())
    (path := tmp_path / f"some.log{packer}").write_bytes(packed[:26])
    result = step(kind, path)
    assert says_nothing(result)
    assert main(["logs", "--kind", kind, str(path)]) == 2
    assert main(["logs", str(path)]) == 2
    for text in (result.headline, *capsys.readouterr().err.splitlines()):
        assert "is empty" not in text
        assert text.count("end-of-stream marker") == 1
