"""What has no end is told in one line wherever a file is named, and neither read nor waited for."""

import os
from pathlib import Path

import pytest

from tests.unit.safety.test_hostile_files import in_time
from wizard.case.own_traces import OwnTraces
from wizard.cli import main
from wizard.fleet.results import ResultDirectory
from wizard.hosts.ssh.errors import SshError
from wizard.hosts.ssh.known_hosts import read_entries
from wizard.recorder.recording import RecordingError, recorded_lines
from wizard.safety.plain_file import read_plain
from wizard.target.login_path import LoginPathError, read_login_path

ENDLESS = ("pipe", "/dev/zero", "/proc/self/pagemap")
"""The last one is a regular file by its mode, and as large as the address space."""

COMMANDS = (
    ["open"],
    ["report"],
    ["logs"],
    ["fleet", "-i"],
    ["fleet", "-i", "nobody,", "--vault-password-file"],
    *(["check", "-h", "127.0.0.1", "-P", "1", flag]
      for flag in ("--error-log", "--general-log", "--slow-log", "--app-log")),
)  # fmt: skip


def named(kind: str, folder: Path) -> Path:
    if kind.startswith("/"):
        return Path(kind)
    os.mkfifo(folder / kind)
    return folder / kind


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.parametrize("kind", ENDLESS)
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_command_waits_for_what_never_ends(
    words: list[str], kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(named(kind, tmp_path))
    ended: list[int] = []
    in_time(lambda: ended.append(main([*words, path])))
    assert ended == [2]
    told = capsys.readouterr()
    assert "regular file" in told.err
    assert path in told.err
    assert (told.out, told.err.count("\n")) == ("", 1)


@pytest.mark.parametrize("kind", ["/dev/zero", "/proc/self/pagemap"])
@pytest.mark.parametrize("flag", ["--defaults-file", "--defaults-extra-file"])
def test_an_option_file_that_is_named_and_never_ends_is_wrong_usage(
    flag: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "-h", "127.0.0.1", "-P", "1", flag, kind]) == 2
    assert f"{kind} is no regular file" in capsys.readouterr().err


def test_no_option_file_is_asked_for_by_the_name_of_the_null_device(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["check", "-h", "127.0.0.1", "-P", "1", "--defaults-file", os.devnull])
    assert os.devnull not in capsys.readouterr().err


def test_a_pipe_in_the_folder_of_an_inventory_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inside = tmp_path / "inventory" / "group_vars"
    inside.mkdir(parents=True)
    os.mkfifo(inside / "all.yml")
    assert main(["fleet", "-i", str(inside.parent)]) == 2
    assert "all.yml is no regular file" in capsys.readouterr().err


def _traces(pipe: Path) -> None:
    assert OwnTraces(pipe).of("db1:3306") == ()


def _fleet(pipe: Path) -> None:
    assert list(ResultDirectory(pipe.parent).results()) == []


def _recording(pipe: Path) -> None:
    pipe.rename(pipe.with_name("events.jsonl"))
    with pytest.raises(RecordingError, match="regular file"):
        list(recorded_lines(pipe.parent))


def _known_hosts(pipe: Path) -> None:
    with pytest.raises(SshError, match="regular file"):
        read_entries((pipe,))


def _login_path(pipe: Path) -> None:
    with pytest.raises(LoginPathError, match="regular file"):
        read_login_path(pipe)


@pytest.mark.parametrize("read", [_traces, _fleet, _recording, _known_hosts, _login_path])
def test_a_pipe_that_lies_where_a_file_is_looked_for_is_not_waited_for(
    read: object, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe.result.json"
    os.mkfifo(pipe, 0o600)
    failed: list[BaseException] = []

    def look() -> None:
        try:
            read(pipe)  # type: ignore[operator]
        except BaseException as error:  # noqa: BLE001 - told in the test's own thread
            failed.append(error)

    in_time(look)
    assert failed == []


def test_the_null_device_is_an_empty_file() -> None:
    assert read_plain(os.devnull, 100) == b""
