"""Who connected and never quit: as planted, and in what servers wrote."""

from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from tests.benches.planted import general_log
from wizard.cli import main
from wizard.hosts.local.held_file import HeldFile
from wizard.hosts.local.host import LocalHost
from wizard.logs.engine import fast
from wizard.logs.engine.open_log import open_log
from wizard.logs.engine.stamps import general_clock
from wizard.logs.general import never_quit
from wizard.logs.general.never_quit import QuitTally, Sessions, account_of


def read(path: Path, length: int = 1 << 18) -> Sessions:
    clock = general_clock(UTC)
    log = open_log(LocalHost(), str(path), clock)
    tally = QuitTally(clock)
    for block in log.blocks(0, log.size, 1, length):
        tally.take(block)
    return tally.finish()


@pytest.mark.parametrize("mysql", [False, True], ids=["mariadb", "mysql"])
def test_the_sessions_are_those_that_were_planted(tmp_path: Path, mysql: bool) -> None:
    path = tmp_path / "general.log"
    planted = general_log(path, 3 << 20, mysql)
    for length in (1 << 12, 1 << 18):
        told = read(path, length)
        assert set(told.open) == planted.never_quit
        assert told.connected - told.quits == len(planted.never_quit)
        assert told.size == planted.size


@pytest.mark.parametrize("mysql", [False, True], ids=["mariadb", "mysql"])
def test_the_extra_finds_what_is_found_without_it(
    tmp_path: Path, mysql: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fast.matcher([b"x"]) is None:
        pytest.skip("Hyperscan is not installed")
    path = tmp_path / "general.log"
    general_log(path, 1 << 20, mysql)
    with_it = read(path)
    monkeypatch.setattr(never_quit, "_finder", lambda: None)
    assert read(path) == with_it
    assert with_it.connected


@pytest.mark.parametrize("extra", [True, False], ids=["extra", "plain"])
def test_a_start_ends_all_before_it_and_a_refusal_is_no_session(
    tmp_path: Path, extra: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not extra:
        monkeypatch.setattr(never_quit, "_finder", lambda: None)
    path = tmp_path / "general.log"
    path.write_text(
        "261126  9:05:01\t     1 Connect\tapp@10.0.0.7 on shop using TCP/IP\n"
        "/usr/sbin/mariadbd, Version: 10.11.19-MariaDB-log (x). started with:\n"
        "Tcp port: 3306  Unix socket: /s\n"
        "Time\t\t    Id Command\tArgument\n"
        "261126  9:06:01\t     1 Connect\tweb@localhost as anonymous on  using Socket\n"
        "\t\t     2 Connect\tAccess denied for user 'x'@'h' (using password: YES)\n"
        "\t\t     1 Query\tSELECT '\t\t     1 Quit\t'\n"
        "\t\t     3 Connect\tapp@10.0.0.8 on shop using TCP/IP\n"
        "261126  9:06:02\t     3 Quit\t\n"
    )
    told = read(path)
    assert {number: account_of(text.decode()) for number, text in told.open.items()} == {
        1: "'web'@'localhost'"
    }
    assert (told.connected, told.quits, told.refused) == (3, 1, 1)


def test_the_logs_command_says_who(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "general.log"
    planted = general_log(path, 300_000)
    assert main(["logs", str(path), "--by", "account"]) == 0
    out = capsys.readouterr().out
    assert "general log" in out
    assert main(["logs", str(path)]) == 0
    assert f"{len(planted.never_quit):>7} × never-quit" in capsys.readouterr().out


def test_the_logs_command_reads_the_file_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = general_log(path := tmp_path / "general.log", 2 << 20)
    taken, read_held = [0], HeldFile.read

    def counted(held: HeldFile, *place: Any) -> bytes:
        data = read_held(held, *place)
        taken[0] += len(data)
        return data

    monkeypatch.setattr(HeldFile, "read", counted)
    assert main(["logs", str(path)]) == 0
    assert f"{planted.size} bytes read" in capsys.readouterr().out
    assert planted.size <= taken[0] < 1.2 * planted.size
